#include "run/study_solver.hpp"

#include "plan/clauses.hpp"
#include "plan/plan_trends.hpp"
#include "run/sieve.hpp"
#include "value/kept_values.hpp"

#include <ironlaw/host/run.hpp>
#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// Passes the errors of a part of a block on.
class PartSink final : public ErrorSink {
 public:
  PartSink(std::size_t first, ErrorSink& to) : first_(first), to_(to) {}
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    to_.row(first_ + row, status, port, what);
  }

 private:
  std::size_t first_;
  ErrorSink& to_;
};

/// Where the values of each input lie: those of its axis, or the one of the config.
std::vector<InputSign> signs_of_inputs(const Pipeline& pipeline) {
  std::vector<InputSign> signs;
  for (const PlanInput& input : pipeline.plan().plan_inputs()) {
    const bool number = input.port.type == PortType::number || input.port.type == PortType::integer;
    signs.push_back(number && input.base.number >= 0 ? InputSign{true, input.base.number > 0} : InputSign{});
  }
  for (const Axis& axis : pipeline.axes()) {
    for (std::size_t k = 0; k < axis.inputs.size(); ++k) {
      InputSign& sign = signs[axis.inputs[k]];
      sign = sign_of(pipeline.plan().inputs()[axis.inputs[k]].range);
      if (axis.distribution || pipeline.plan().inputs()[axis.inputs[k]].type == PortType::object) continue;
      const auto all = [&](auto holds) {
        return std::all_of(axis.values[k].begin(), axis.values[k].end(), [&](const Cell& c) { return holds(c.number); });
      };
      sign.non_negative |= all([](double v) { return v >= 0; });
      sign.positive |= all([](double v) { return v > 0; });
    }
  }
  return signs;
}

}  // namespace

/// Keeps the errors of a part of a block for observers, and passes them on.
class StudySolver::Watch final : public ErrorSink {
 public:
  Watch(std::uint64_t first, ErrorSink* to) : first_(first), to_(to) {}
  std::vector<StageError> errors;

 private:
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    errors.push_back({first_ + row, status, std::string(port.substr(0, port.find('.'))), error_line(port, what)});
    if (to_ != nullptr) to_->row(row, status, port, what);
  }
  std::uint64_t first_;
  ErrorSink* to_;
};

struct StudySolver::Scratch {
  Scratch(const std::vector<Constraint>& constraints, CallbackRun* callbacks) : sieve(constraints) {
    if (callbacks != nullptr) hooks.emplace(*callbacks);
  }
  Sieve sieve;
  std::optional<GuardHooks> hooks;
  std::vector<std::vector<Cell>> stored;  ///< by output of the plan; empty where nobody reads it
  std::vector<Column> in;
  std::vector<Cell*> out;
  SeriesArenas series;  ///< of what is stored
  std::vector<Column> slots;
  std::vector<double> values = std::vector<double>(Plan::block_rows);
  Expression::Workspace workspace;
  BlockMemory memory;
};

StudySolver::StudySolver(const Pipeline& pipeline, const std::deque<Expression>& derived, std::span<const PortInfo> derived_ports)
    : pipeline_(pipeline),
      derived_(derived),
      outputs_(pipeline.solver().outputs().begin(), pipeline.solver().outputs().end()),
      read_(outputs_.size()),
      rejected_(pipeline.clauses().constraints.size()) {
  const std::size_t inputs = pipeline.solver().inputs().size();
  const auto reads = [&](const Expression& expression) {
    for (const std::size_t slot : expression.slots())
      if (slot >= inputs) read_[slot - inputs] = 1;
  };
  for (const auto& constraint : pipeline.clauses().constraints) reads(constraint.condition);
  for (const auto& expression : derived) reads(expression);
  outputs_.insert(outputs_.end(), derived_ports.begin(), derived_ports.end());
  const auto ports = pipeline.solver().inputs();
  remembers_ = std::none_of(ports.begin(), ports.end(), [](const PortInfo& p) { return is_kept(p); });
  promise();
}

/// What guards amend or observers do is in no promise.
void StudySolver::promise() {
  const Plan& plan = pipeline_.plan();
  limits_.assign(plan.limits().begin(), plan.limits().end());
  if (!pipeline_.clauses().callbacks.empty()) return;
  const std::size_t inputs = plan.inputs().size();
  const auto signs = signs_of_inputs(pipeline_);
  std::vector<bool> grows(inputs);
  for (const Axis& axis : pipeline_.axes())
    for (const std::size_t input : axis.inputs) grows[input] = true;
  if (std::find(grows.begin(), grows.end(), true) == grows.end()) return;
  const PlanTrends trends(plan, signs, grows);
  const auto add = [&](std::size_t output, std::size_t input, Trend trend) {
    if (trend == Trend::rises || trend == Trend::constant) monotone_.push_back({input, output, true});
    if (trend == Trend::falls || trend == Trend::constant) monotone_.push_back({input, output, false});
  };
  for (std::size_t input = 0; input < inputs; ++input) {
    if (!grows[input]) continue;
    for (std::size_t o = 0; o < plan.outputs().size(); ++o) add(o, input, trends.output(o, input));
    const auto of_slot = [&](std::size_t slot) -> Trended {
      if (slot >= inputs) return trends.trended(slot - inputs, input);
      return {slot == input ? Trend::rises : Trend::constant, signs[slot].non_negative, signs[slot].positive};
    };
    for (std::size_t d = 0; d < derived_.size(); ++d) add(plan.outputs().size() + d, input, derived_[d].trend(of_slot).trend);
  }
  for (std::size_t l = 0; l < limits_.size(); ++l) {
    auto& tightens = promised_inputs_.emplace_back();
    auto& loosens = promised_inputs_.emplace_back();
    for (std::size_t input = 0; input < inputs; ++input) {
      if (!grows[input]) continue;
      const Trend trend = trends.excess(l, input);
      if (trend == Trend::rises || trend == Trend::constant) tightens.push_back(input);
      if (trend == Trend::falls || trend == Trend::constant) loosens.push_back(input);
    }
    limits_[l].tightens = tightens;
    limits_[l].loosens = loosens;
  }
}

/// A condition of absent values is false, unless it is true without them: then it says nothing of rows that have them.
void StudySolver::blank_unknown(const Expression& condition, std::size_t rows, Scratch& scratch) const {
  for (const std::size_t slot : condition.slots()) {
    const PortInfo& port = slot < pipeline_.plan().inputs().size() ? pipeline_.plan().inputs()[slot]
                                                                   : outputs_[slot - pipeline_.plan().inputs().size()];
    if (port.type != PortType::number && port.type != PortType::integer) continue;
    for (std::size_t r = 0; r < rows; ++r)
      if (scratch.values[r] == 0 && std::isnan(scratch.slots[slot][r].number)) scratch.values[r] = absent_value;
  }
}

StudySolver::~StudySolver() = default;

void StudySolver::watch(CallbackRun& callbacks, Tell tell) {
  callbacks_ = &callbacks;
  tell_ = std::move(tell);
  for (const std::size_t output : callbacks.wanted()) read_[output] = 1;
  for (const AmendableInput& one : callbacks.amendable())
    if (one.source >= pipeline_.plan().inputs().size()) read_[one.source - pipeline_.plan().inputs().size()] = 1;
}

std::string StudySolver::stop_reason() const {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void StudySolver::add_guarded(std::uint64_t amended, const std::string& stop) const {
  amended_ += amended;
  const std::lock_guard lock(mutex_);
  if (stop_.empty()) stop_ = stop;
}

std::unique_ptr<StudySolver::Scratch> StudySolver::acquire() const {
  if (auto spare = free_.take()) return spare;
  auto scratch = std::make_unique<Scratch>(pipeline_.clauses().constraints, callbacks_);
  scratch->stored.resize(read_.size());
  for (std::size_t o = 0; o < read_.size(); ++o)
    if (read_[o]) scratch->stored[o].resize(Plan::block_rows);
  return scratch;
}

/// Takes out the rows that break a constraint that reads outputs.
void StudySolver::constrain(const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const {
  const auto& constraints = pipeline_.clauses().constraints;
  for (std::size_t c = 0; c < constraints.size(); ++c) {
    if (constraints[c].before) continue;
    constraints[c].condition.evaluate(scratch.slots, rows, std::span(scratch.values).first(rows), scratch.workspace);
    for (std::size_t r = 0; r < rows; ++r) {
      if (scratch.values[r] != 0 || !has_outputs(block.status[first + r])) continue;
      rejected_[c].fetch_add(1, std::memory_order_relaxed);
      reject_row(block, first + r, RowStatus::skipped, {}, constraints[c].reason());
    }
  }
}

/// Where an output of the plan goes. A study is given no series: it has no room for one, and asks for what an expression makes of
/// it.
Cell* StudySolver::column_of(const Block& block, std::size_t output, std::size_t first, Scratch& scratch) const {
  const bool series = outputs_[output].type == PortType::series;
  if (series && block.out[output] != nullptr)
    for (std::size_t r = first; r < std::min(first + Plan::block_rows, block.rows()); ++r)
      block.out[output][r].number = absent_value;
  if (block.out[output] != nullptr && !series) return block.out[output] + first;
  return read_[output] != 0 ? scratch.stored[output].data() : nullptr;
}

void StudySolver::check_callbacks() const {
  const std::lock_guard lock(mutex_);
  if (thrown_) std::rethrow_exception(thrown_);
}

void StudySolver::evaluate_watched(const Block& part, Scratch& scratch) const {
  try {
    evaluate_hooked(part, scratch);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!thrown_) thrown_ = std::current_exception();
    throw;
  }
}

/// Behind it the slots have what guards made of the inputs, which constraints and expressions read.
void StudySolver::evaluate_hooked(const Block& part, Scratch& scratch) const {
  Watch watch(observed_, part.errors);
  GuardHooks& hooks = *scratch.hooks;
  hooks.begin_block(observed_);
  pipeline_.plan().evaluate_hooked({part.in, part.out, part.status, &watch}, hooks);
  hooks.mark_failed(part.status);
  for (const auto& [row, veto] : hooks.vetoes()) {
    watch.errors.push_back(veto);
    if (part.errors != nullptr) part.errors->row(static_cast<std::size_t>(row - observed_), veto.status, veto.stage, veto.what);
  }
  add_guarded(hooks.amended_rows(), hooks.stop_reason());
  std::vector<Column> used;
  for (std::size_t a = 0; a < callbacks_->amendable().size(); ++a) used.push_back(hooks.used(a));
  if (tell_) {
    const auto slots = std::span<const Column>(scratch.slots);
    tell_({observed_, slots.first(part.in.size()), slots.subspan(part.in.size()), part.status, hooks.seconds(), watch.errors,
           callbacks_->amendable(), used});
    observed_ += part.rows();
  }
  for (std::size_t a = 0; a < used.size(); ++a)
    if (callbacks_->amendable()[a].alone) scratch.slots[callbacks_->amendable()[a].source] = used[a];
}

void StudySolver::evaluate_chunk(const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const {
  const std::size_t plan_outputs = read_.size();
  scratch.in.clear();
  for (const Column& c : block.in) scratch.in.push_back({c.data + first * c.stride, c.stride});
  scratch.out.clear();
  for (std::size_t o = 0; o < plan_outputs; ++o) scratch.out.push_back(column_of(block, o, first, scratch));
  scratch.series.place(pipeline_.plan().outputs(), scratch.out, rows);
  scratch.slots = scratch.in;
  for (const Cell* column : scratch.out) scratch.slots.push_back({column, column != nullptr ? std::size_t{1} : std::size_t{0}});

  std::optional<PartSink> sink;
  if (block.errors != nullptr) sink.emplace(first, *block.errors);
  ErrorSink* errors = sink ? &*sink : nullptr;
  const auto status = block.status.subspan(first, rows);
  const Block part{scratch.in, scratch.out, status, errors, remembers_ ? &scratch.memory : nullptr};
  if (callbacks_ == nullptr) {
    pipeline_.plan().evaluate(part);
  } else {
    evaluate_watched(part, scratch);
  }
  constrain(block, first, rows, scratch);
  for (std::size_t d = 0; d < derived_.size(); ++d) {
    Cell* const out = block.out[plan_outputs + d];
    if (out == nullptr) continue;
    derived_[d].evaluate(scratch.slots, rows, std::span(scratch.values).first(rows), scratch.workspace);
    if (derived_[d].type() == ValueType::boolean) blank_unknown(derived_[d], rows, scratch);
    for (std::size_t r = 0; r < rows; ++r)
      out[first + r].number = has_outputs(block.status[first + r]) ? scratch.values[r] : absent_value;
  }
}

/// Conditions on inputs are asked of all rows before any is evaluated. Guards and observers see rows where they stand.
void StudySolver::do_evaluate(const Block& block) const {
  auto scratch = acquire();
  const auto evaluate = [&](const Block& rows) {
    for (std::size_t first = 0; first < rows.rows(); first += Plan::block_rows)
      evaluate_chunk(rows, first, std::min(Plan::block_rows, rows.rows() - first), *scratch);
  };
  scratch->sieve.sift(block, rejected_);
  if (callbacks_ == nullptr && scratch->sieve.left().size() < block.rows()) {
    scratch->sieve.evaluate_left(block, Plan::block_rows, evaluate);
  } else {
    evaluate(block);
  }
  free_.give(std::move(scratch));
}

}  // namespace ironlaw::host
