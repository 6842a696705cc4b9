#include <ironlaw/host/run.hpp>

#include "doors/door.hpp"
#include "plan/clauses.hpp"
#include "run/callbacks.hpp"
#include "run/isolated_answer.hpp"
#include "run/origin.hpp"

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

/// Asks guards and tells observers of the one row.
void evaluate_watched(const Pipeline& pipeline, const Block& block, std::span<const Column> outputs, AllErrors& errors,
                      std::atomic<std::uint32_t>* stage) {
  CallbackRun callbacks(pipeline.plan(), 1, pipeline.clauses().callbacks);
  GuardHooks hooks(callbacks);
  if (stage != nullptr) hooks.show_stage(*stage);
  hooks.begin_block(0);
  pipeline.plan().evaluate_hooked(block, hooks);
  for (const auto& [row, reason] : hooks.vetoes()) errors.lines.push_back(reason);
  if (!hooks.stop_reason().empty()) errors.lines.push_back(hooks.stop_reason());
  std::vector<StageError> parts;
  for (const auto& line : errors.lines) parts.push_back({0, block.status[0], line.substr(0, line.find_first_of(".: ")), line});
  callbacks.observe(0, block.in, outputs, block.status, hooks.seconds(), parts);
  callbacks.end();
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

}  // namespace

Answer answer(const Pipeline& pipeline, std::span<const Cell> inputs) {
  if (pipeline.origin() == nullptr) return answer_here(pipeline, inputs, nullptr);
  if (!inputs.empty()) throw InputError("--isolate", "an isolated pipeline is answered at its base");
  return isolated_answer(pipeline);
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
  AllErrors errors;
  const Block block{in, out, {&a.status, 1}, &errors};
  if (pipeline.clauses().callbacks.empty() && stage == nullptr) {
    pipeline.plan().evaluate(block);
  } else {
    evaluate_watched(pipeline, block, outputs, errors, stage);
  }
  a.errors = std::move(errors.lines);
  apply_clauses(pipeline, a);
  return a;
}

void explain(const Pipeline& pipeline, const Answer& answer, std::string_view stage, Working& working) {
  if (pipeline.origin() != nullptr)
    throw InputError("--explain", "asks a plugin that is open in another process; leave out --isolate");
  pipeline.plan().explain_stage(answer.inputs, answer.outputs, stage, working);
}

}  // namespace ironlaw::host
