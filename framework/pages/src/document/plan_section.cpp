#include "document/plan_section.hpp"

#include "chart/outside_program.hpp"
#include "plan/plan.hpp"

#include <ironlaw/present/report.hpp>

#include <algorithm>
#include <sstream>

namespace ironlaw::host {
namespace {

/// The plan as Graphviz draws it, in letters that are read at its own size; empty where it is not installed.
std::string drawn(const std::string& dot) {
  const std::string svg = run_outside({"dot", "-Tsvg", "-Gbgcolor=transparent", "-Nfontname=Helvetica", "-Efontname=Helvetica",
                                       "-Nfontsize=10", "-Efontsize=8.5", "-Nheight=0.35", "-Granksep=0.35", "-Gnodesep=0.3"},
                                      dot)
                              .value_or("");
  return svg.substr(std::min(svg.find("<svg"), svg.size()));
}

std::string name_of(const Pipeline& pipeline, const PlanSource& source) {
  if (source.from == PlanSource::From::input) return std::string(pipeline.solver().inputs()[source.index].name);
  const PlanStage& stage = pipeline.plan().stages()[source.index];
  return stage.name + (stage.maker ? "" : "." + std::string(stage.evaluated().outputs()[source.port].name));
}

bool varies(const Pipeline& pipeline, std::size_t input) {
  return std::any_of(pipeline.axes().begin(), pipeline.axes().end(), [&](const Axis& axis) {
    return std::find(axis.inputs.begin(), axis.inputs.end(), input) != axis.inputs.end();
  });
}

/// "throughput of serve.throughput, accelerator of device": what axes and other stages give a stage.
std::string taken_by(const Pipeline& pipeline, const PlanStage& stage) {
  std::string text;
  for (std::size_t k = 0; k < stage.in.size(); ++k) {
    const PlanSource& source = stage.in[k];
    if (source.from == PlanSource::From::input && !varies(pipeline, source.index)) continue;
    const std::string from = name_of(pipeline, source);
    const std::string port(stage.inputs()[k].name);
    const bool same = from == port || from == stage.name + "." + port;
    text += (text.empty() ? "" : ", ") + (same ? port : port + " of " + from);
  }
  return text;
}

std::string what_it_is(const PlanStage& stage) {
  if (stage.maker) return "makes a " + std::string(stage.maker->interface());
  return stage.arithmetic ? stage.arithmetic->text() : std::string(stage.solver->about().name);
}

}  // namespace

DocumentSection plan_section(const Pipeline& pipeline) {
  std::ostringstream mermaid;
  std::ostringstream dot;
  report_plan(pipeline, PlanFormat::mermaid, mermaid);
  report_plan(pipeline, PlanFormat::dot, dot);
  Diagram diagram{mermaid.str(), drawn(dot.str())};
  const bool bare = diagram.svg.empty();
  DocumentSection section{"Plan", {std::move(diagram)}};
  if (bare) section.blocks.emplace_back(Paragraph{"Graphviz would draw this (Debian: graphviz); here is its text."});
  Grid grid{{"", "stage", "what it is", "what axes and other stages give it"}, {true, false, false, false}, {}};
  for (const PlanStage& stage : pipeline.plan().stages())
    grid.rows.push_back(
        {{std::to_string(grid.rows.size() + 1), stage.name, what_it_is(stage), taken_by(pipeline, stage)}, false});
  if (grid.rows.size() > 1) section.blocks.emplace_back(std::move(grid));
  return section;
}

}  // namespace ironlaw::host
