#include <ironlaw/host/run.hpp>

#include "doors/door.hpp"
#include "plan/clauses.hpp"
#include "run/band_rows.hpp"
#include "run/callbacks.hpp"
#include "run/isolated_answer.hpp"
#include "run/origin.hpp"
#include "value/kept_values.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/visible_text.hpp>

namespace ironlaw::host {
namespace {

class AllErrors final : public ErrorSink {
 public:
  void row(std::size_t, RowStatus, std::string_view port, std::string_view what) noexcept override {
    lines.push_back(error_line(port, what));
  }
  std::vector<std::string> lines;
};

}  // namespace

std::string error_line(std::string_view port, std::string_view what) {
  std::string line(port);
  if (!port.empty()) line += what.starts_with('=') || what.starts_with("is ") ? " " : ": ";
  return message_line(line.append(what));
}

int Answer::exit_status() const {
  switch (status) {
    case RowStatus::ok:
      return violated.empty() ? 0 : 3;
    case RowStatus::infeasible:
      return 2;
    case RowStatus::failed:
      return 4;
    default:
      return 1;
  }
}

namespace {

/// Asks guards and tells observers of the one row. Gives what guards made of the amendable inputs.
std::vector<Answer::Amended> evaluate_watched(const Pipeline& pipeline, const Block& block, std::span<const Column> outputs,
                                              AllErrors& errors, std::atomic<std::uint32_t>* stage) {
  CallbackRun callbacks(pipeline.plan(), 1, pipeline.clauses().callbacks);
  GuardHooks hooks(callbacks);
  if (stage != nullptr) hooks.show_stage(*stage);
  hooks.begin_block(0);
  pipeline.plan().evaluate_hooked(block, hooks);
  hooks.mark_failed(block.status);
  std::vector<StageError> parts;
  for (const auto& line : errors.lines) parts.push_back({0, block.status[0], line.substr(0, line.find_first_of(".: ")), line});
  for (const auto& [row, veto] : hooks.vetoes()) {
    errors.lines.push_back(veto.what);
    parts.push_back(veto);
  }
  if (!hooks.stop_reason().empty()) errors.lines.push_back(hooks.stop_reason());
  std::vector<Answer::Amended> amended;
  std::vector<Column> used;
  for (std::size_t a = 0; a < callbacks.amendable().size(); ++a) {
    const std::size_t source = callbacks.amendable()[a].source;
    const Column& asked = source < block.in.size() ? block.in[source] : outputs[source - block.in.size()];
    used.push_back(hooks.used(a));
    amended.push_back({asked[0], used.back()[0]});
  }
  callbacks.observe({0, block.in, outputs, block.status, hooks.seconds(), parts, callbacks.amendable(), used});
  callbacks.end();
  return amended;
}

void append_wall(const Walls& walls, const std::vector<Cell>& cells, Answer& a) {
  std::vector<Column> slots;
  for (const Cell& cell : cells) slots.push_back({&cell, 0});
  const auto first = has_outputs(a.status) ? walls.tightest(slots, 0) : std::nullopt;
  a.derived.push_back(Cell{first ? static_cast<double>(first->wall) : absent_value});
  a.derived.push_back(Cell{first ? first->margin : absent_value});
}

void apply_clauses(const Pipeline& pipeline, Answer& a) {
  std::vector<Cell> cells = a.inputs;
  cells.insert(cells.end(), a.outputs.begin(), a.outputs.end());
  for (const auto& e : pipeline.clauses().derived) a.derived.push_back(Cell{e.value(cells)});
  if (pipeline.clauses().walls) append_wall(*pipeline.clauses().walls, cells, a);
  if (!has_outputs(a.status)) return;
  for (const auto& c : pipeline.clauses().constraints)
    if (c.condition.value(cells) == 0) a.violated.push_back(c.condition.text());
}

/// The plan once more with every band at one end.
Answer::End end_of(const Pipeline& pipeline, Answer& a, double quantile) {
  Answer::End end;
  std::vector<Cell> inputs = a.inputs;
  for (const std::size_t input : pipeline.clauses().bands->inputs()) inputs[input].number = quantile;
  end.outputs.assign(a.outputs.size(), Cell{absent_value});
  std::vector<Column> in;
  for (const Cell& cell : inputs) in.push_back({&cell, 0});
  std::vector<Cell*> out;
  for (std::size_t o = 0; o < end.outputs.size(); ++o)
    out.push_back(is_plain(pipeline.solver().outputs()[o]) ? &end.outputs[o] : nullptr);
  RowStatus status = RowStatus::ok;
  pipeline.plan().evaluate({in, out, {&status, 1}, nullptr});
  inputs.insert(inputs.end(), end.outputs.begin(), end.outputs.end());
  for (const auto& e : pipeline.clauses().derived)
    end.derived.push_back(Cell{has_outputs(status) ? e.value(inputs) : absent_value});
  if (!has_outputs(status)) end.outputs.assign(a.outputs.size(), Cell{absent_value});
  if (status != a.status && status != RowStatus::ok)
    a.band_faults.push_back(std::string("with every band at its ") + (quantile < 0.5 ? "low" : "high") + " end " +
                            (has_outputs(status) ? "the answer is infeasible" : "there is no answer"));
  return end;
}

/// Takes ends away that the bands did not move, and tells of what does not lie between them.
void compare_ends(std::string_view name, const PortInfo& port, double value, Cell& low, Cell& high,
                  std::vector<std::string>& not_between) {
  const bool number = port.type == PortType::number || port.type == PortType::integer;
  if (!number || std::isnan(value) || !moved(low.number, value, high.number)) {
    low.number = high.number = absent_value;
  } else if (!std::isnan(low.number) && !std::isnan(high.number) && !between_ends(low.number, value, high.number)) {
    not_between.emplace_back(name);
  }
}

void add_ends(const Pipeline& pipeline, Answer& a) {
  const Bands& bands = *pipeline.clauses().bands;
  const auto ports = pipeline.solver().outputs();
  for (const double quantile : band_quantiles) a.ends.push_back(end_of(pipeline, a, quantile));
  Answer::End& low = a.ends[0];
  Answer::End& high = a.ends[1];
  bool outside = false;
  for (const Bands::Estimate& e : bands.estimates()) {
    const double value = a.outputs[e.output].number;
    if (std::isnan(a.outputs[e.low].number)) {
      a.band_faults.push_back(std::string(ports[e.output].name) + " has no band; what follows from it counts as exact");
    } else if (!between_ends(a.outputs[e.low].number, value, a.outputs[e.high].number)) {
      a.band_faults.push_back(std::string(ports[e.output].name) + " lies outside its own band: the law is biased on these rows");
      outside = true;
    }
  }
  std::vector<std::string> not_between;
  for (std::size_t o = 0; o < ports.size(); ++o)
    compare_ends(ports[o].name, ports[o], a.outputs[o].number, low.outputs[o], high.outputs[o], not_between);
  for (std::size_t d = 0; d < low.derived.size(); ++d) {
    PortInfo number;
    compare_ends(pipeline.clauses().derived[d].text(), number, a.derived[d].number, low.derived[d], high.derived[d], not_between);
  }
  a.derived.push_back(Cell{outside ? absent_value : not_between.empty() ? 1.0 : 0.0});
  if (outside) return;  // then everything that follows does too
  for (const auto& name : not_between)
    a.band_faults.push_back(name + " is not monotone in the bands: it lies outside its two ends");
}

}  // namespace

void show_amended(const Pipeline& pipeline, Answer& a) {
  for (std::size_t k = 0; k < a.amended.size(); ++k) {
    const AmendableInput& one = pipeline.amendable()[k];
    if (!one.alone) continue;
    const std::size_t source = one.source;
    (source < a.inputs.size() ? a.inputs[source] : a.outputs[source - a.inputs.size()]) = a.amended[k].used;
  }
}

Answer answer(const Pipeline& pipeline, std::span<const Cell> inputs) {
  if (pipeline.origin() == nullptr) return answer_here(pipeline, inputs, nullptr);
  if (!inputs.empty() && !pipeline.origin()->session.isolate->opens_here)
    throw InputError("--isolate", "an isolated pipeline is answered at its base");
  return isolated_answer(pipeline, inputs);
}

Answer answer_here(const Pipeline& pipeline, std::span<const Cell> inputs, std::atomic<std::uint32_t>* stage) {
  reset_floating_point();
  Answer a;
  a.inputs = inputs.empty() ? pipeline.base() : std::vector<Cell>(inputs.begin(), inputs.end());
  a.outputs.assign(pipeline.solver().outputs().size(), Cell{absent_value});
  std::vector<Column> in;
  for (const Cell& cell : a.inputs) in.push_back({&cell, 0});
  std::vector<Cell*> out;
  std::vector<Column> outputs;
  for (Cell& cell : a.outputs) {
    out.push_back(&cell);
    outputs.push_back({&cell, 0});
  }
  const auto series = std::make_shared<SeriesArenas>();
  series->place(pipeline.solver().outputs(), out, 1);
  a.kept = series;
  AllErrors errors;
  const Block block{in, out, {&a.status, 1}, &errors};
  if (pipeline.clauses().callbacks.empty() && stage == nullptr) {
    pipeline.plan().evaluate(block);
  } else {
    a.amended = evaluate_watched(pipeline, block, outputs, errors, stage);
    if (a.amended.size() != pipeline.amendable().size())
      throw PluginError({}, "callbacks", "a guard declares other inputs each time that it is made");
  }
  show_amended(pipeline, a);
  a.errors = std::move(errors.lines);
  apply_clauses(pipeline, a);
  if (pipeline.clauses().bands && has_outputs(a.status)) {
    add_ends(pipeline, a);
  } else if (pipeline.clauses().bands) {
    a.ends = no_ends(pipeline);
    a.derived.push_back(Cell{absent_value});
  }
  return a;
}

void explain(const Pipeline& pipeline, const Answer& answer, std::string_view stage, Working& working) {
  if (pipeline.origin() != nullptr && !pipeline.origin()->session.isolate->opens_here)
    throw InputError("--isolate", "a working is of plugins that are open in another process; see with_open_plugins()");
  std::vector<Plan::Replaced> replaced;
  for (std::size_t k = 0; k < answer.amended.size(); ++k)
    replaced.push_back({pipeline.amendable()[k].stage, pipeline.amendable()[k].port, answer.amended[k].used});
  pipeline.plan().explain_stage(answer.inputs, answer.outputs, stage, working, replaced);
}

}  // namespace ironlaw::host
