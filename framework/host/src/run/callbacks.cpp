#include "run/callbacks.hpp"

#include "doors/door.hpp"
#include "run/dying_words.hpp"
#include "value/check.hpp"
#include "value/value.hpp"

#include <ironlaw/catalog/plugin_at_work.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// Calls a callback; what it throws becomes a PluginError that names it.
template <class F>
auto guarded_call(const CallbackSpec& spec, F&& call) {
  const Door door(spec.observer != nullptr ? static_cast<const void*>(spec.observer) : spec.guard);
  const NamedBeforehand named;
  const auto error = [&](std::string_view what) {
    const char* whose = plugin_at_work();
    return whose != nullptr ? error_of(whose, what) : PluginError({}, spec.name, what);
  };
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    throw error(e.what());
  } catch (...) {
    throw error("threw something that is not a std::exception");
  }
}

}  // namespace

/// The plan as callbacks see it: stages that run a solver, in the order in which they run.
class CallbackRun::View final : public PlanView {
 public:
  View(const Plan& plan, std::uint64_t rows) : rows_(rows) {
    for (const auto& stage : plan.stages())
      if (stage.solver != nullptr) stages_.push_back(&stage);
  }

 private:
  std::size_t do_stages() const override { return stages_.size(); }
  std::string_view do_stage_name(std::size_t stage) const override { return stages_.at(stage)->name; }
  const Solver& do_stage_solver(std::size_t stage) const override { return *stages_.at(stage)->solver; }
  std::uint64_t do_rows() const override { return rows_; }
  std::vector<const PlanStage*> stages_;
  std::uint64_t rows_;
};

/// Takes what a callback declares at run_begin.
class CallbackRun::Declared final : public Wants, public Amendments {
 public:
  Declared(CallbackRun& run, const std::string& name) : run_(run), name_(name) {}
  std::vector<Amendment> amendments;

 private:
  void do_output(std::string_view stage, std::string_view port) override {
    const std::size_t s = run_.find_stage(stage);
    run_.wanted_.insert(run_.plan_.stages()[s].first_output + find(run_.plan_.stages()[s].solver->outputs(), stage, port));
  }
  std::size_t do_declare(std::string_view stage, std::string_view port) override {
    const std::size_t s = run_.find_stage(stage);
    const auto ports = run_.plan_.stages()[s].solver->inputs();
    const std::size_t input = find(ports, stage, port);
    if (ports[input].type == PortType::object || is_kept(ports[input]))
      throw InputError(name_, std::string(stage) + "." + std::string(port) + " is no number, and a guard replaces numbers alone");
    amendments.push_back({s, input});
    return amendments.size() - 1;
  }
  std::size_t find(std::span<const PortInfo> ports, std::string_view stage, std::string_view port) const {
    for (std::size_t i = 0; i < ports.size(); ++i)
      if (ports[i].name == port) return i;
    throw InputError(name_,
                     std::string(stage) + " has no port '" + std::string(port) + "'" + did_you_mean(port, names_of(ports)));
  }
  static std::vector<std::string_view> names_of(std::span<const PortInfo> ports) {
    std::vector<std::string_view> names;
    for (const auto& p : ports) names.push_back(p.name);
    return names;
  }
  CallbackRun& run_;
  const std::string& name_;
};

std::size_t CallbackRun::find_stage(std::string_view name) const {
  const auto& stages = plan_.stages();
  std::vector<std::string_view> names;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (stages[s].solver == nullptr) continue;
    if (stages[s].name == name) return s;
    names.push_back(stages[s].name);
  }
  throw InputError("callbacks", "no stage is named '" + std::string(name) + "'" + did_you_mean(name, names));
}

CallbackRun::CallbackRun(const Plan& plan, std::uint64_t rows, const CallbackSpecs& specs, Which which) : plan_(plan) {
  const View view(plan, rows);
  for (const auto& spec : specs) {
    if (which == Which::none || which == (spec.observer != nullptr ? Which::guards : Which::observers)) continue;
    Declared declared(*this, spec.name);
    if (spec.observer != nullptr) {
      observers_.emplace_back(&spec, guarded_call(spec, [&] { return spec.observer->create(*spec.options); }));
      guarded_call(spec, [&] { observers_.back().second->run_begin(view, declared); });
    } else {
      guards_.emplace_back(&spec, guarded_call(spec, [&] { return spec.guard->create(*spec.options); }));
      guarded_call(spec, [&] { guards_.back().second->run_begin(view, declared); });
      amendments_.push_back(std::move(declared.amendments));
    }
  }
  list_amendable();
}

void CallbackRun::list_amendable() {
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::string>> guards;  // by stage and port
  for (std::size_t g = 0; g < guards_.size(); ++g)
    for (const Amendment& one : amendments_[g]) {
      auto& names = guards[{one.stage, one.port}];
      if (names.empty() || names.back() != guards_[g].first->name) names.push_back(guards_[g].first->name);
    }
  const auto& stages = plan_.stages();
  for (auto& [place, names] : guards) {
    const PlanSource& source = stages[place.first].in[place.second];
    std::size_t readers = 0;
    for (const PlanStage& stage : stages)
      for (const PlanSource& other : stage.in)
        readers += other.from == source.from && other.index == source.index && other.port == source.port ? 1 : 0;
    const bool of_plan = source.from == PlanSource::From::input;
    const bool arithmetic = !of_plan && stages[source.index].arithmetic != nullptr;
    amendable_.push_back({stages[place.first].name + "." + std::string(stages[place.first].inputs()[place.second].name),
                          place.first, place.second, std::move(names),
                          of_plan ? source.index : plan_.inputs().size() + stages[source.index].first_output + source.port,
                          readers == 1 && (of_plan || arithmetic)});
  }
}

CallbackRun::~CallbackRun() {
  for (auto& [spec, observer] : observers_) spec->observer->destroy(observer);
  for (auto& [spec, guard] : guards_) spec->guard->destroy(guard);
}

void CallbackRun::observe(const Seen& seen) {
  const auto& stages = plan_.stages();
  std::vector<Column> asked;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (stages[s].solver == nullptr) continue;
    asked.clear();
    for (const auto& source : stages[s].in) {
      const bool made = source.from == PlanSource::From::stage && stages[source.index].maker;
      asked.push_back(source.from == PlanSource::From::input ? seen.in[source.index]
                      : made                                 ? Column{}
                                                             : seen.out[stages[source.index].first_output + source.port]);
    }
    std::vector<Column> used = asked;
    for (std::size_t a = 0; a < seen.amendable.size(); ++a)
      if (seen.amendable[a].stage == s) used[seen.amendable[a].port] = seen.used[a];
    const StageView view(stages[s].name, *stages[s].solver, used,
                         seen.out.subspan(stages[s].first_output, stages[s].solver->outputs().size()), seen.status, seen.first,
                         seen.seconds[s], asked);
    for (auto& [spec, observer] : observers_) guarded_call(*spec, [&, o = observer] { o->stage_end(view); });
  }
  std::vector<const StageError*> errors;
  for (const auto& e : seen.errors) errors.push_back(&e);
  std::stable_sort(errors.begin(), errors.end(), [](const StageError* a, const StageError* b) { return a->row < b->row; });
  for (const StageError* e : errors)
    for (auto& [spec, observer] : observers_)
      guarded_call(*spec, [&, o = observer] { o->stage_error(e->stage, e->row, e->status, e->what); });
}

void CallbackRun::end() {
  for (auto& [spec, observer] : observers_) guarded_call(*spec, [o = observer] { o->run_end(); });
}

/// A guard's answers about one stage of one block.
class GuardHooks::Answer final : public Verdict {
 public:
  Answer(GuardHooks& hooks, std::size_t guard, std::size_t stage, std::span<Column> in, std::span<RowStatus> status)
      : hooks_(hooks),
        guard_(hooks.run_.guards_[guard].first->name),
        amendments_(hooks.run_.amendments_[guard]),
        stage_(stage),
        in_(in),
        status_(status) {}

 private:
  void take_out(std::size_t row, RowStatus status, std::string_view what) {
    status_[row] = RowStatus::skipped;
    const std::uint64_t number = hooks_.first_ + row;
    hooks_.vetoes_.try_emplace(number, StageError{number, status, hooks_.run_.plan_.stages()[stage_].name, error_line({}, what)});
  }
  void do_veto(std::size_t row, std::string_view reason) override {
    if (row >= status_.size())
      throw Error("a guard vetoes row " + std::to_string(row) + " of a block of " + std::to_string(status_.size()));
    if (has_outputs(status_[row])) take_out(row, RowStatus::skipped, reason);
  }
  void do_stop(std::string_view reason) override {
    if (hooks_.stop_.empty()) hooks_.stop_ = reason.empty() ? "a guard said so" : std::string(reason);
  }
  void do_amend(std::size_t amendment, std::size_t row, double value) override {
    if (amendment >= amendments_.size() || amendments_[amendment].stage != stage_ || row >= status_.size())
      throw Error("a guard amends an input that it did not declare for this stage");
    if (!has_outputs(status_[row])) return;
    const std::size_t port = amendments_[amendment].port;
    const PortInfo& info = hooks_.run_.plan_.stages()[stage_].inputs()[port];
    if (!accepts(info, Cell{value}))
      return take_out(row, RowStatus::failed,
                      "guard " + guard_ + ": " +
                          error_line(hooks_.run_.plan_.stages()[stage_].name + "." + std::string(info.name),
                                     reason_refused(info, Cell{value})));
    auto& cells = hooks_.amended_[{stage_, port}];
    if (in_[port].data != cells.data() || cells.empty()) {
      cells.resize(Plan::block_rows);
      for (std::size_t r = 0; r < status_.size(); ++r) cells[r] = in_[port][r];
      in_[port] = {cells.data(), 1};
    }
    if (cells[row].number != value) hooks_.touched_.insert(row);
    cells[row].number = value;
  }
  GuardHooks& hooks_;
  const std::string& guard_;
  const std::vector<CallbackRun::Amendment>& amendments_;
  std::size_t stage_;
  std::span<Column> in_;
  std::span<RowStatus> status_;
};

GuardHooks::GuardHooks(CallbackRun& run)
    : run_(run), seconds_(run.plan_.stages().size()), used_(run.amendable_.size(), std::vector<Cell>(Plan::block_rows)) {}

void GuardHooks::begin_block(std::uint64_t first) {
  first_ = first;
  vetoes_.clear();
  touched_.clear();
  stop_.clear();
}

void GuardHooks::before_stage(std::size_t stage, std::span<Column> in, std::span<RowStatus> status) {
  if (running_ != nullptr) *running_ = static_cast<std::uint32_t>(stage);
  const PlanStage& s = run_.plan_.stages()[stage];
  if (s.solver == nullptr) return;
  for (std::size_t g = 0; g < run_.guards_.size(); ++g) {
    const auto& [spec, guard] = run_.guards_[g];
    Answer answer(*this, g, stage, in, status);
    const std::vector<Column> before(in.begin(), in.end());
    const StageView view(s.name, *s.solver, before, {}, status, first_, 0);
    guarded_call(*spec, [&, one = guard] { one->before(view, answer); });
  }
  for (std::size_t a = 0; a < used_.size(); ++a) {
    const AmendableInput& one = run_.amendable_[a];
    if (one.stage != stage) continue;
    for (std::size_t r = 0; r < status.size(); ++r) used_[a][r] = in[one.port][r];
  }
}

void GuardHooks::mark_failed(std::span<RowStatus> status) const {
  for (const auto& [row, veto] : vetoes_)
    if (veto.status == RowStatus::failed) status[row - first_] = RowStatus::failed;
}

}  // namespace ironlaw::host
