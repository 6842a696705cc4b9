#include "document/summary.hpp"

#include "chart/chart_rows.hpp"
#include "document/scorecard.hpp"
#include "plan/clauses.hpp"
#include "plan/environment.hpp"
#include "plan/plan.hpp"

#include <ironlaw/notation/port_order.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_headlines = 4;

WallBars bars_of(const std::vector<AnsweredStage>& stages) {
  WallBars bars;
  for (const auto& stage : stages)
    for (const auto& wall : stage.walls)
      bars.push_back({std::string(stage.name), std::string(wall.limit->name), std::string(wall.limit->doc), value_text(wall.used),
                      value_text(wall.bound), wall.used.cell.number / wall.bound.cell.number, wall.limit->hard,
                      wall.is_target()});
  std::erase_if(bars, [](const WallBar& bar) { return std::isnan(bar.share); });
  std::stable_sort(bars.begin(), bars.end(), [](const WallBar& a, const WallBar& b) { return a.share > b.share; });
  return bars;
}

std::string share_text(double share) {
  return std::isfinite(share) ? format_quantity(share, {}, "%", 3) : std::string("more than it has");
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

/// Whether it holds up: fits, and meets what was asked of it.
std::string verdict_of(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages,
                       const WallBars& bars) {
  if (!has_outputs(answer.status))
    return "There is no answer: " + (answer.errors.empty() ? std::string(status_name(answer.status)) : answer.errors.front()) +
           ".";
  if (answer.status == RowStatus::infeasible) {
    for (const WallBar& bar : bars)
      if (bar.hard && bar.share > 1)
        return "It is infeasible: " + wall_name(stages, bar.stage, bar.wall) + " takes " + bar.used + " of " + bar.bound + " (" +
               share_text(bar.share) + ").";
    return "It is infeasible.";
  }
  const auto& constraints = pipeline.clauses().constraints;
  const auto asked = static_cast<std::size_t>(
      std::count_if(constraints.begin(), constraints.end(), [](const Constraint& c) { return !c.before; }));
  std::vector<std::string> missed;
  for (const Constraint& constraint : constraints) {
    const std::string& text = constraint.condition.text();
    if (std::find(answer.violated.begin(), answer.violated.end(), text) == answer.violated.end()) continue;
    const std::string is = values_in(pipeline, answer, constraint);
    missed.push_back(text + (is.empty() ? "" : " (" + is + ")"));
  }
  for (const WallBar& bar : bars)
    if (bar.target && !bar.hard && bar.share > 1)
      missed.push_back(wall_name(stages, bar.stage, bar.wall) + " (" + bar.used + " of " + bar.bound + ")");
  if (missed.empty())
    return asked == 0 ? "It is feasible."
                      : "It is feasible and meets " + (asked == 1 ? "its target." : "all " + std::to_string(asked) + " targets.");
  std::string text = "It is feasible, but misses ";
  for (std::size_t i = 0; i < missed.size(); ++i) text += (i == 0 ? "" : i + 1 == missed.size() ? " and " : ", ") + missed[i];
  return text + ".";
}

/// Whether a column is an end of an estimate, and stands beside it.
bool is_end_of_another(const Pipeline& pipeline, const std::string& name) {
  return std::any_of(pipeline.columns().begin(), pipeline.columns().end(),
                     [&](const ResultColumn& other) { return other.port.banded && is_end_of(name, other.name); });
}

/// The first number of each stage whose numbers no other reads.
std::vector<std::size_t> ends_of_the_plan(const Plan& plan) {
  std::vector<bool> read(plan.stages().size(), false);
  for (const PlanStage& stage : plan.stages())
    for (const PlanSource& source : stage.in)
      if (source.from == PlanSource::From::stage) read[source.index] = true;
  std::vector<std::size_t> outputs;
  for (std::size_t s = 0; s < plan.stages().size(); ++s) {
    const PlanStage& stage = plan.stages()[s];
    if (read[s] || stage.solver == nullptr) continue;
    const auto ports = stage.solver->outputs();
    const auto first = std::find_if(ports.begin(), ports.end(), [](const PortInfo& p) { return p.type == PortType::number; });
    if (first != ports.end()) outputs.push_back(stage.first_output + static_cast<std::size_t>(first - ports.begin()));
  }
  return outputs;
}

/// The columns of a report; where nobody chose them, those that targets compare come first, then what the plan ends in.
std::vector<const ResultColumn*> columns_by_weight(const Pipeline& pipeline) {
  std::vector<const ResultColumn*> columns;
  for (const ResultColumn& column : pipeline.columns()) columns.push_back(&column);
  const Plan& plan = pipeline.plan();
  if (columns.size() < plan.outputs().size()) return columns;
  const auto ends = ends_of_the_plan(plan);
  const auto rank = [&](const ResultColumn* column) {
    if (column->from != ResultColumn::From::output) return 2;
    for (const Constraint& constraint : pipeline.clauses().constraints)
      for (const std::size_t slot : constraint.condition.slots())
        if (slot == plan.inputs().size() + column->index) return 0;
    return ends.size() > 1 && std::find(ends.begin(), ends.end(), column->index) != ends.end() ? 1 : 2;
  };
  std::stable_sort(columns.begin(), columns.end(),
                   [&](const ResultColumn* a, const ResultColumn* b) { return rank(a) < rank(b); });
  return columns;
}

/// The first numbers of the report: "serve.ttft is 163.7 ms, serve.tpot 8.673 ms".
std::string headlines_of(const Pipeline& pipeline, const Answer& answer) {
  std::string text;
  std::size_t count = 0;
  for (const ResultColumn* column : columns_by_weight(pipeline)) {
    if (says_what_was_asked(*column) || column->from == ResultColumn::From::used || column->end != ResultColumn::End::none)
      continue;
    if (is_end_of_another(pipeline, column->name)) continue;
    if (column->port.type != PortType::number && column->port.type != PortType::integer) continue;
    const ShownValue value{column->name, &column->port, answer.cell(*column), {}};
    if (is_absent(value)) continue;
    text += (count == 0 ? " " : ", ") + column->name + (count == 0 ? " is " : " ") + value_text(value);
    if (++count == most_headlines) break;
  }
  return text.empty() ? text : text + ".";
}

std::string binding_of(const std::vector<AnsweredStage>& stages, const WallBars& bars) {
  const auto near = std::find_if(bars.begin(), bars.end(), [](const WallBar& bar) { return bar.share <= 1; });
  if (near == bars.end() || near->share <= 0) return {};
  return " What binds first is " + wall_name(stages, near->stage, near->wall) + ": " + near->used + " of " + near->bound + " (" +
         share_text(near->share) + ").";
}

/// Whether an input of a stage stands at the default of its port, which nobody wired or varied.
bool at_default(const Pipeline& pipeline, const Answer& answer, const PlanStage& stage, std::size_t k) {
  const PortInfo& port = stage.inputs()[k];
  const PlanSource& source = stage.in[k];
  if (port.need == PortNeed::parity || port.required || port.type == PortType::object || is_kept(port)) return false;
  if (source.from != PlanSource::From::input) return false;
  for (const Axis& axis : pipeline.axes())
    if (std::find(axis.inputs.begin(), axis.inputs.end(), source.index) != axis.inputs.end()) return false;
  return answer.inputs[source.index].number == port.fallback;  // absent is no assumption
}

}  // namespace

std::string summary_of(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages) {
  const WallBars bars = bars_of(stages);
  std::string text = verdict_of(pipeline, answer, stages, bars);
  if (!has_outputs(answer.status)) return text;
  return text + headlines_of(pipeline, answer) + binding_of(stages, bars);
}

DocumentSection assumptions_of(const Pipeline& pipeline, const Answer& answer) {
  DocumentSection section{"Assumptions", {}};
  for (const auto& note : pipeline.notes()) section.blocks.emplace_back(Paragraph{note});
  Grid grid{{"stage", "input", "taken as", "what it is"}, {false, false, true, false}, {}};
  for (const PortNeed need : {PortNeed::refinement, PortNeed::question})
    for (const PlanStage& stage : pipeline.plan().stages()) {
      if (stage.solver == nullptr) continue;
      for (std::size_t k = 0; k < stage.in.size(); ++k) {
        const PortInfo& port = stage.inputs()[k];
        if (port.need != need || !at_default(pipeline, answer, stage, k)) continue;
        const ShownValue value{std::string(port.name), &port, answer.inputs[stage.in[k].index], {}};
        grid.rows.push_back({{std::string(stage.name), value.name, value_text(value), std::string(port.doc)}, false});
      }
    }
  const std::string profile = pipeline.environment().profile.name;
  std::string about = profile == "native" ? std::string() : "The profile is " + profile + ". ";
  about += grid.rows.empty() ? "Every input was said."
                             : counted(grid.rows.size(), "input stands", "inputs stand") +
                                   " at the default; those that say how well things do come first.";
  section.blocks.emplace_back(Paragraph{about});
  if (!grid.rows.empty()) section.blocks.emplace_back(std::move(grid));
  return section;
}

Grid wall_grid(const WallBars& bars) {
  Grid grid{{"stage", "wall", "used", "of", "share", "kind", "what it says"}, {false, false, true, true, true, false, false}, {}};
  for (const WallBar& bar : bars)
    grid.rows.push_back(
        {{bar.stage, bar.wall, bar.used, bar.bound,
          std::isfinite(bar.share) ? format_quantity(bar.share, {}, "%", 3) : std::string(), bar.hard ? "hard" : "soft", bar.doc},
         bar.share > 1});
  return grid;
}

DocumentSection walls_of(const std::vector<AnsweredStage>& stages) {
  WallBars bars = bars_of(stages);
  if (bars.empty()) return {"Walls", {Paragraph{"No solver of this plan has a limit."}}};
  return {"Walls, the closest first", {std::move(bars)}};
}

}  // namespace ironlaw::host
