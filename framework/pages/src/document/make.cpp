// What a report says, in which order.
#include "answer/operator_table.hpp"
#include "answer/working_text.hpp"
#include "chart/chart_rows.hpp"
#include "document/document.hpp"
#include "document/facts.hpp"
#include "document/near_measurements.hpp"
#include "document/plan_section.hpp"
#include "document/scorecard.hpp"
#include "document/summary.hpp"
#include "plan/clauses.hpp"
#include "plan/study_plan.hpp"
#include "table/collected_table.hpp"
#include "text/json.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <optional>
#include <sstream>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_table_rows = 200;

/// The first rows of the result as text, and how many there are.
class ResultTable final : public CollectedTable {
 public:
  using CollectedTable::CollectedTable;
  void finish(const RunSummary&) override { end(); }
  [[nodiscard]] const Grid& first() const { return first_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  void begin(const Grid& grid, bool) override {
    first_ = grid;
    count_ = grid.rows.size();
  }
  void more(const GridRow&) override { ++count_; }
  Grid first_;
  std::size_t count_ = 0;
};

class FirstRow final : public RowSink {
 public:
  explicit FirstRow(TableWriter& table) : table_(table) {}
  void rows(const ResultRows& rows) override {
    if (!number && !rows.status.empty()) number = rows.number(0);
    table_.rows(rows);
  }
  std::optional<std::uint64_t> number;

 private:
  TableWriter& table_;
};

/// What a study finds, as text.
class FoundTable final : public StudySink {
 public:
  explicit FoundTable(const Pipeline& pipeline) : pipeline_(pipeline) {}
  RowSink& table(const std::vector<ResultColumn>& columns) override {
    return rows_.emplace(table_.emplace(TableSource{pipeline_, columns, ReportOptions{}, nowhere_}));
  }
  void finish(const RunSummary& summary) override {
    if (table_) table_->finish(summary);
  }
  [[nodiscard]] const ResultTable* found() const { return table_ ? &*table_ : nullptr; }

 private:
  const Pipeline& pipeline_;
  std::ostringstream nowhere_;
  std::optional<ResultTable> table_;
  std::optional<FirstRow> rows_;
};

/// The inputs of a row; the last axis varies fastest. A range without steps stands at its middle.
std::vector<Cell> inputs_of(const Pipeline& pipeline, std::uint64_t row) {
  auto cells = pipeline.base();
  for (auto axis = pipeline.axes().rbegin(); axis != pipeline.axes().rend(); ++axis) {
    if (axis->distribution) {
      cells[axis->inputs.front()].number = axis->distribution->quantile(0.5);
      continue;
    }
    const auto i = static_cast<std::size_t>(row % axis->size());
    row /= axis->size();
    for (std::size_t k = 0; k < axis->inputs.size(); ++k) cells[axis->inputs[k]] = axis->values[k][i];
  }
  return cells;
}

/// The ends of an estimate: those of --bands, or its own, which stand beside it.
std::string ends_of(const AnsweredStage& stage, const ShownValue& output) {
  if (std::string ends = band_text(output); !ends.empty() || !output.port->banded) return ends;
  ShownValue banded = output;
  for (const auto& other : stage.outputs) {
    if (other.name == output.name + "_low") banded.low = other.cell;
    if (other.name == output.name + "_high") banded.high = other.cell;
  }
  return band_text(banded);
}

/// Whether an output is an end of another, and stands beside that.
bool is_end(const AnsweredStage& stage, const ShownValue& output) {
  return std::any_of(stage.outputs.begin(), stage.outputs.end(),
                     [&](const ShownValue& other) { return other.port->banded && is_end_of(output.name, other.name); });
}

Grid outputs_grid(const AnsweredStage& stage) {
  Grid grid{{"output", "value", "10 to 90 %", "what it is"}, {false, true, true, false}, {}};
  bool banded = false;
  for (const auto& output : stage.outputs) {
    if (is_absent(output) || is_end(stage, output)) continue;
    std::string ends = ends_of(stage, output);
    banded |= !ends.empty();
    grid.rows.push_back({{output.name, value_text(output), std::move(ends), std::string(output.port->doc)}, false});
  }
  if (banded) return grid;
  grid.header.erase(grid.header.begin() + 2);
  grid.right.erase(grid.right.begin() + 2);
  for (auto& row : grid.rows) row.cells.erase(row.cells.begin() + 2);
  return grid;
}

DocumentSection answer_section(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages) {
  DocumentSection section{"Answer", {}};
  if (const auto derived = derived_values(pipeline, answer); !derived.empty()) {
    Grid grid{{"expression", "value", "10 to 90 %"}, {false, true, true}, {}};
    const bool banded = has_ends(derived);
    if (!banded) grid.header.pop_back();
    for (const auto& value : derived) {
      grid.rows.push_back({{value.name, is_absent(value) ? "absent" : value_text(value)}, false});
      if (banded) grid.rows.back().cells.push_back(band_text(value));
    }
    if (!banded) grid.right.pop_back();
    section.blocks.emplace_back(std::move(grid));
  }
  for (const auto& stage : stages) {
    section.blocks.emplace_back(Paragraph{heading_of(stage)});
    section.blocks.emplace_back(outputs_grid(stage));
  }
  for (const auto& line : lines_below(pipeline, answer)) section.blocks.emplace_back(Paragraph{line});
  return section;
}

DocumentSection working_section(const std::vector<AnsweredStage>& stages) {
  DocumentSection section{"Working", {}, true};
  for (const auto& stage : stages) {
    if (stage.working.empty()) continue;
    section.blocks.emplace_back(Paragraph{heading_of(stage)});
    Steps steps;
    for (const auto& line : stage.working) steps.pieces.push_back(working_pieces(line));
    section.blocks.emplace_back(std::move(steps));
    if (!stage.operators.empty()) section.blocks.emplace_back(operator_grid(stage.operators));
  }
  return section;
}

/// The charts that a table suggests; a sentence where there is nothing to draw.
DocumentSection charts_section(const Pipeline& pipeline) {
  DocumentSection section{"Charts", {}};
  const auto add = [&](const std::string& title, auto make) {
    try {
      Chart chart = make();
      chart.title = title;
      section.blocks.emplace_back(std::move(chart));
    } catch (const InputError& e) {
      section.blocks.emplace_back(Paragraph{title + ": " + e.what() + "."});
    }
  };
  if (pipeline.clauses().front.size() == 2) add("Pareto front", [&] { return pareto_chart(pipeline, {}); });
  add("Over the axes", [&] { return sweep_chart(pipeline, {}); });
  return section;
}

/// Row, stated by its inputs: "device H100, batch 16".
std::string row_text(const Pipeline& pipeline, const std::vector<Cell>& inputs) {
  std::string text;
  for (const Axis& axis : pipeline.axes())
    for (const std::size_t i : axis.inputs) {
      const PortInfo& port = pipeline.solver().inputs()[i];
      const ShownValue value{std::string(port.name), &port, inputs[i],
                             object_name(pipeline.environment().zoo(), port, inputs[i])};
      text += (text.empty() ? "" : ", ") + value.name + " " + value_text(value);
    }
  return text;
}

/// A table, as long as a page takes it, behind what there is to say of it.
DocumentSection result_section(std::string about, const ResultTable* table) {
  Grid grid = table != nullptr ? table->first() : Grid{};
  const std::size_t rows = table != nullptr ? table->count() : 0;
  if (rows > most_table_rows) {
    grid.rows.resize(most_table_rows);
    about += " The first " + std::to_string(most_table_rows) + " are in this report; ironlaw run --format csv gives all.";
  }
  DocumentSection section{"Result", {Paragraph{std::move(about)}}};
  if (rows > 0) section.blocks.emplace_back(std::move(grid));
  return section;
}

/// What a table or a study gave, and which of its rows the rest of the report is of. Empty for a config that is one answer.
struct Results {
  std::vector<DocumentSection> sections;
  std::vector<Cell> inputs;
  std::string counts;  ///< "Of 21 rows 17 are ok."
  std::string row;     ///< whose answer follows
};

Results sweep_results(const Pipeline& pipeline) {
  std::ostringstream nowhere;
  ResultTable table({pipeline, pipeline.columns(), ReportOptions{}, nowhere});
  FirstRow first(table);
  const auto summary = run(pipeline, first);
  table.finish(summary);
  std::string about = std::to_string(summary.rows) + " rows: " + std::to_string(summary.ok) + " ok, " +
                      std::to_string(summary.infeasible) + " infeasible";
  for (const auto& [count, what] :
       {std::pair(summary.refused, " refused"), std::pair(summary.failed, " failed"), std::pair(summary.skipped, " skipped")})
    if (count > 0) about += ", " + std::to_string(count) + what;
  for (const auto& [condition, count] : summary.rejected)
    if (count > 0) about += ", " + std::to_string(count) + " rejected by " + condition;
  Results results;
  results.counts = about + ".";
  results.sections = {charts_section(pipeline),
                      result_section("The rows of the result, the best first where it says what is best.", &table)};
  results.inputs = inputs_of(pipeline, first.number.value_or(0));
  const std::string row = row_text(pipeline, results.inputs);
  results.row = table.count() == 0 ? "No row is left; what follows is the first of all: " + row + "."
                                   : "The first row of the result, which the rest is of, is " + row + ".";
  return results;
}

Results study_results(const Pipeline& pipeline) {
  FoundTable found(pipeline);
  const auto summary = run_study(pipeline, found);
  Results results;
  results.sections = {result_section(
      "What the study " + pipeline.study()->name + " found, over " + std::to_string(summary.rows) + " rows of the pipeline.",
      found.found())};
  for (const auto& note : summary.notes) results.sections.front().blocks.emplace_back(Paragraph{note});
  results.inputs = inputs_of(pipeline, 0);
  if (!pipeline.axes().empty())
    results.row = "What follows is of one design of those that the study looks at: " + row_text(pipeline, results.inputs) + ".";
  return results;
}

}  // namespace

Document make_document(const Pipeline& pipeline, const DocumentText& text) {
  Document document{text.title, {}};
  Results results = pipeline.study() != nullptr ? study_results(pipeline)
                    : pipeline.axes().empty()   ? Results{}
                                                : sweep_results(pipeline);
  const Answer answer = host::answer(pipeline, results.inputs);
  const auto stages = answered_stages(pipeline, answer, true);
  std::string lead;
  for (const std::string& part : {results.counts, results.row, summary_of(pipeline, answer, stages)})
    if (!part.empty()) lead += (lead.empty() ? "" : " ") + part;
  document.sections.push_back({"", {Paragraph{std::move(lead), true}, scorecard_of(pipeline, answer, stages)}});
  document.sections.push_back(assumptions_of(pipeline, answer));
  for (auto& section : results.sections) document.sections.push_back(std::move(section));
  document.sections.push_back(walls_of(stages));
  if (auto near = near_measurements(pipeline, answer, stages, text)) document.sections.push_back(std::move(*near));
  document.sections.push_back(answer_section(pipeline, answer, stages));
  document.sections.push_back(plan_section(pipeline));
  document.sections.push_back(working_section(stages));
  document.sections.push_back({"Facts and their sources", facts_of(pipeline), true});
  document.sections.push_back({"Provenance", provenance_of(pipeline, text), true});
  return document;
}

std::string document_file(const Pipeline& pipeline, const DocumentText& text, const std::filesystem::path& file) {
  const auto extension = file.extension();
  const bool page = extension == ".html";
  if (!page && extension != ".md" && !file.empty()) throw InputError(file.string(), "a report is a .html or a .md");
  const Document document = make_document(pipeline, text);
  return page ? html_document(document) : markdown_document(document);
}

}  // namespace ironlaw::host
