#include "run/isolated_answer.hpp"

#include "plan/clauses.hpp"
#include "plan/plan.hpp"
#include "process/confined_task.hpp"
#include "run/origin.hpp"
#include "run/shared_block.hpp"
#include "value/bytes.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>

namespace ironlaw::host {
namespace {

constexpr double most_seconds_to_compile = 60;

/// Why there is no answer, as the other process found it.
enum class Outcome : std::uint8_t { answered, input_error, plugin_error };

template <class Write>
std::string outcome_of(const Write& write) {
  std::string bytes;
  try {
    put(bytes, Outcome::answered);
    write(bytes);
  } catch (const InputError& e) {
    bytes.clear();
    put(bytes, Outcome::input_error);
    put(bytes, std::string_view(e.what()));
  } catch (const std::exception& e) {
    bytes.clear();
    put(bytes, Outcome::plugin_error);
    put(bytes, std::string_view(e.what()));
  }
  return bytes;
}

/// Throws what the other process could not do.
void check_outcome(std::string_view& bytes) {
  const auto outcome = take<Outcome>(bytes);
  if (outcome == Outcome::answered) return;
  const std::string what = take_text(bytes);
  if (outcome == Outcome::input_error) throw InputError("", what);
  throw PluginError({}, "--isolate", what);
}

/// Cells of the expressions of an answer; behind them the binding wall and its margin.
std::size_t answer_widths(const Pipeline& pipeline) {
  return pipeline.clauses().derived.size() + (pipeline.clauses().walls ? 2 : 0);
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

TaskEnd run_here(const Pipeline& pipeline, const std::function<std::string()>& task) {
  const IsolationOptions& isolate = *pipeline.origin()->session.isolate;
  return run_confined(task, most_seconds_to_compile + isolate.row_timeout, {.memory = isolate.row_memory});
}

/// Evaluates at once all that the row depends on, so it may take as long as a row.
std::string write_answer(const PipelineOrigin& origin, std::atomic<std::uint32_t>& stage) {
  return outcome_of([&](std::string& bytes) {
    const CompiledHere here(origin);
    limit_processor_time(origin.session.isolate->row_timeout);
    const Answer a = answer_here(here.pipeline, {}, &stage);
    put(bytes, a.status);
    put_texts(bytes, a.errors);
    put_texts(bytes, a.violated);
    put(bytes, static_cast<std::uint64_t>(a.outputs.size()));
    put(bytes, a.outputs);
    put(bytes, static_cast<std::uint64_t>(a.derived.size()));
    put(bytes, a.derived);
  });
}

Answer read_answer(const Pipeline& pipeline, std::string_view bytes) {
  check_outcome(bytes);
  Answer a;
  a.status = take<RowStatus>(bytes);
  a.errors = take_texts(bytes);
  a.violated = take_texts(bytes);
  take_all(bytes, a.outputs, take<std::uint64_t>(bytes));
  take_all(bytes, a.derived, take<std::uint64_t>(bytes));
  a.inputs = pipeline.base();  // what points to an object is of this process
  const bool as_declared = a.status <= RowStatus::skipped && a.outputs.size() == pipeline.solver().outputs().size() &&
                           a.derived.size() == answer_widths(pipeline);
  if (!as_declared) throw PluginError({}, "--isolate", "a plugin declares something else each time that it is opened");
  return a;
}

/// Of a row that has no answer since its process ended.
Answer failed_answer(const Pipeline& pipeline, const std::string& reason, std::uint32_t stage) {
  const auto& stages = pipeline.plan().stages();
  Answer a;
  a.status = RowStatus::failed;
  a.errors = {error_line(stage < stages.size() ? stages[stage].name : std::string(), reason)};
  a.inputs = pipeline.base();
  a.outputs.assign(pipeline.solver().outputs().size(), Cell{absent_value});
  a.derived.assign(answer_widths(pipeline), Cell{absent_value});
  return a;
}

}  // namespace

Answer isolated_answer(const Pipeline& pipeline) {
  const SharedReport report;
  const auto end = run_here(pipeline, [&] { return write_answer(*pipeline.origin(), report.stage()); });
  return end.done ? read_answer(pipeline, end.bytes) : failed_answer(pipeline, end.failure, report.stage());
}

}  // namespace ironlaw::host
