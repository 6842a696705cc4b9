#include "run/callbacks.hpp"

#include "doors/door.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// Calls a callback; what it throws becomes a PluginError that names it.
template <class F>
auto guarded(const CallbackSpec& spec, F&& call) {
  const Door door(spec.observer != nullptr ? static_cast<const void*>(spec.observer) : spec.guard);
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    throw PluginError({}, spec.name, e.what());
  } catch (...) {
    throw PluginError({}, spec.name, "threw something that is not a std::exception");
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

CallbackRun::CallbackRun(const Plan& plan, std::uint64_t rows, const CallbackSpecs& specs) : plan_(plan) {
  const View view(plan, rows);
  for (const auto& spec : specs) {
    Declared declared(*this, spec.name);
    if (spec.observer != nullptr) {
      observers_.emplace_back(&spec, guarded(spec, [&] { return spec.observer->create(*spec.options); }));
      guarded(spec, [&] { observers_.back().second->run_begin(view, declared); });
    } else {
      guards_.emplace_back(&spec, guarded(spec, [&] { return spec.guard->create(*spec.options); }));
      guarded(spec, [&] { guards_.back().second->run_begin(view, declared); });
      amendments_.push_back(std::move(declared.amendments));
    }
  }
}

CallbackRun::~CallbackRun() {
  for (auto& [spec, observer] : observers_) spec->observer->destroy(observer);
  for (auto& [spec, guard] : guards_) spec->guard->destroy(guard);
}

void CallbackRun::observe(std::uint64_t first, std::span<const Column> in, std::span<const Column> out,
                          std::span<const RowStatus> status, std::span<const double> seconds,
                          std::span<const StageError> errors) {
  const auto& stages = plan_.stages();
  std::vector<Column> stage_in;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (stages[s].solver == nullptr) continue;
    stage_in.clear();
    for (const auto& source : stages[s].in) {
      const bool made = source.from == PlanSource::From::stage && stages[source.index].maker;
      stage_in.push_back(source.from == PlanSource::From::input ? in[source.index]
                         : made                                 ? Column{}
                                                                : out[stages[source.index].first_output + source.port]);
    }
    const StageView view(stages[s].name, *stages[s].solver, stage_in,
                         out.subspan(stages[s].first_output, stages[s].solver->outputs().size()), status, first, seconds[s]);
    for (auto& [spec, observer] : observers_) guarded(*spec, [&, o = observer] { o->stage_end(view); });
  }
  for (const auto& e : errors)
    for (auto& [spec, observer] : observers_)
      guarded(*spec, [&, o = observer] { o->stage_error(e.stage, e.row, e.status, e.what); });
}

void CallbackRun::end() {
  for (auto& [spec, observer] : observers_) guarded(*spec, [o = observer] { o->run_end(); });
}

/// A guard's answers about one stage of one block.
class GuardHooks::Answer final : public Verdict {
 public:
  Answer(GuardHooks& hooks, const std::vector<CallbackRun::Amendment>& amendments, std::size_t stage, std::span<Column> in,
         std::span<RowStatus> status)
      : hooks_(hooks), amendments_(amendments), stage_(stage), in_(in), status_(status) {}

 private:
  void do_veto(std::size_t row, std::string_view reason) override {
    if (row >= status_.size())
      throw Error("a guard vetoes row " + std::to_string(row) + " of a block of " + std::to_string(status_.size()));
    if (!has_outputs(status_[row])) return;
    status_[row] = RowStatus::skipped;
    hooks_.vetoes_.try_emplace(hooks_.first_ + row, reason);
  }
  void do_stop(std::string_view reason) override {
    if (hooks_.stop_.empty()) hooks_.stop_ = reason.empty() ? "a guard said so" : std::string(reason);
  }
  void do_amend(std::size_t amendment, std::size_t row, double value) override {
    if (amendment >= amendments_.size() || amendments_[amendment].stage != stage_ || row >= status_.size())
      throw Error("a guard amends an input that it did not declare for this stage");
    const std::size_t port = amendments_[amendment].port;
    auto& cells = hooks_.amended_[{stage_, port}];
    if (in_[port].data != cells.data() || cells.empty()) {
      cells.resize(Plan::block_rows);
      for (std::size_t r = 0; r < status_.size(); ++r) cells[r] = in_[port][r];
      in_[port] = {cells.data(), 1};
    }
    cells[row].number = value;
  }
  GuardHooks& hooks_;
  const std::vector<CallbackRun::Amendment>& amendments_;
  std::size_t stage_;
  std::span<Column> in_;
  std::span<RowStatus> status_;
};

void GuardHooks::begin_block(std::uint64_t first) {
  first_ = first;
  vetoes_.clear();
  stop_.clear();
}

void GuardHooks::before_stage(std::size_t stage, std::span<Column> in, std::span<RowStatus> status) {
  if (running_ != nullptr) *running_ = static_cast<std::uint32_t>(stage);
  const PlanStage& s = run_.plan_.stages()[stage];
  if (s.solver == nullptr) return;
  for (std::size_t g = 0; g < run_.guards_.size(); ++g) {
    const auto& [spec, guard] = run_.guards_[g];
    Answer answer(*this, run_.amendments_[g], stage, in, status);
    const std::vector<Column> before(in.begin(), in.end());
    const StageView view(s.name, *s.solver, before, {}, status, first_, 0);
    guarded(*spec, [&, one = guard] { one->before(view, answer); });
  }
}

}  // namespace ironlaw::host
