#include "run/isolated_answer.hpp"

#include "plan/clauses.hpp"
#include "plan/plan.hpp"
#include "process/confined_task.hpp"
#include "run/band_rows.hpp"
#include "run/origin.hpp"
#include "run/outcome.hpp"
#include "run/shared_block.hpp"
#include "value/series_bytes.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>

#include <optional>

namespace ironlaw::host {
namespace {

std::vector<Cell> inputs_of(const Pipeline& pipeline, std::span<const Cell> inputs) {
  return inputs.empty() ? pipeline.base() : std::vector<Cell>(inputs.begin(), inputs.end());
}

/// Cells of the expressions of an answer; behind them the binding wall and its margin, and whether the bands hold every result.
std::size_t answer_widths(const Pipeline& pipeline) {
  return pipeline.clauses().derived.size() + (pipeline.clauses().walls ? 2 : 0) + (pipeline.clauses().bands ? 1 : 0);
}

void put_texts(std::string& bytes, const std::vector<std::string>& texts) {
  put(bytes, static_cast<std::uint64_t>(texts.size()));
  for (const auto& text : texts) put(bytes, std::string_view(text));
}
std::vector<std::string> take_texts(std::string_view& bytes) {
  std::vector<std::string> texts;
  for (auto n = take<std::uint64_t>(bytes); n > 0; --n) texts.push_back(take_text(bytes));
  return texts;
}

/// Evaluates at once all that the row depends on, so it may take as long as a row. Where the plugins are open in this process it
/// needs no pipeline of its own.
std::string write_answer(const Pipeline& pipeline, std::span<const Cell> inputs, std::atomic<std::uint32_t>& stage) {
  return outcome_of([&](std::string& bytes) {
    const PipelineOrigin& origin = *pipeline.origin();
    std::optional<CompiledHere> here;
    if (!origin.session.isolate->opens_here) here.emplace(origin);
    limit_processor_time(origin.session.isolate->row_timeout);
    const Answer a = answer_here(here ? here->pipeline : pipeline, inputs, &stage);
    put(bytes, a.status);
    put_texts(bytes, a.errors);
    put_texts(bytes, a.violated);
    put(bytes, static_cast<std::uint64_t>(a.amended.size()));
    put(bytes, a.amended);
    put(bytes, static_cast<std::uint64_t>(a.outputs.size()));
    put(bytes, a.outputs);
    const auto ports = pipeline.solver().outputs();
    for (std::size_t o = 0; o < ports.size(); ++o)
      if (ports[o].type == PortType::series) put_series(bytes, a.outputs[o]);
    put(bytes, static_cast<std::uint64_t>(a.derived.size()));
    put(bytes, a.derived);
    put_texts(bytes, a.band_faults);
    for (const Answer::End& answered : a.ends) {
      put(bytes, answered.outputs);
      put(bytes, answered.derived);
    }
  });
}

Answer read_answer(const Pipeline& pipeline, std::span<const Cell> inputs, std::string_view bytes) {
  check_outcome(bytes);
  Answer a;
  a.status = take<RowStatus>(bytes);
  a.errors = take_texts(bytes);
  a.violated = take_texts(bytes);
  take_all(bytes, a.amended, take<std::uint64_t>(bytes));
  take_all(bytes, a.outputs, take<std::uint64_t>(bytes));
  const auto ports = pipeline.solver().outputs();
  auto kept = std::make_shared<KeptValues>();
  for (std::size_t o = 0; o < ports.size() && o < a.outputs.size(); ++o)
    if (ports[o].type == PortType::series) a.outputs[o] = take_series(bytes, *kept);
  a.kept = std::move(kept);
  take_all(bytes, a.derived, take<std::uint64_t>(bytes));
  a.band_faults = take_texts(bytes);
  if (pipeline.clauses().bands) a.ends = no_ends(pipeline);
  for (Answer::End& answered : a.ends) {
    take_all(bytes, answered.outputs, answered.outputs.size());
    take_all(bytes, answered.derived, answered.derived.size());
  }
  a.inputs = inputs_of(pipeline, inputs);  // what points to an object is of this process
  const bool as_declared = a.amended.size() == pipeline.amendable().size() && a.status <= RowStatus::skipped &&
                           a.outputs.size() == pipeline.solver().outputs().size() && a.derived.size() == answer_widths(pipeline);
  if (!as_declared) throw PluginError({}, "--isolate", "a plugin declares something else each time that it is opened");
  show_amended(pipeline, a);
  return a;
}

/// Of a row that has no answer since its process ended.
Answer failed_answer(const Pipeline& pipeline, std::span<const Cell> inputs, const std::string& reason, std::uint32_t stage) {
  const auto& stages = pipeline.plan().stages();
  Answer a;
  a.status = RowStatus::failed;
  a.errors = {error_line(stage < stages.size() ? stages[stage].name : std::string(), reason)};
  a.inputs = inputs_of(pipeline, inputs);
  a.outputs.assign(pipeline.solver().outputs().size(), Cell{absent_value});
  a.derived.assign(answer_widths(pipeline), Cell{absent_value});
  for (const AmendableInput& one : pipeline.amendable()) {
    const Cell asked = one.source < a.inputs.size() ? a.inputs[one.source] : Cell{absent_value};
    a.amended.push_back({asked, asked});
  }
  if (pipeline.clauses().bands) a.ends = no_ends(pipeline);
  return a;
}

}  // namespace

Answer isolated_answer(const Pipeline& pipeline, std::span<const Cell> inputs) {
  const IsolationOptions& isolate = *pipeline.origin()->session.isolate;
  const SharedReport report;
  const auto end = run_confined([&] { return write_answer(pipeline, inputs, report.stage()); },
                                {.seconds = most_seconds_to_compile + isolate.row_timeout}, {.memory = isolate.row_memory});
  return end.done ? read_answer(pipeline, inputs, end.bytes) : failed_answer(pipeline, inputs, end.failure, report.stage());
}

}  // namespace ironlaw::host
