// The plan of a config, without running it: stages in the order in which they run, their wires with units, and which axes reach
// them.
#include "layout/layout.hpp"
#include "plan/clauses.hpp"
#include "plan/study_plan.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/visible_text.hpp>

#include <algorithm>
#include <ostream>
#include <set>
#include <sstream>

namespace ironlaw::host {
namespace {

/// Stages beyond these stand below one another: side by side they are too wide to read.
constexpr std::size_t most_in_a_line = 4;

struct Wire {
  std::string from;  ///< "node.latency", "batch" or a literal
  std::string to;    ///< port of the stage
  std::string unit;
  const PlanStage* stage = nullptr;  ///< it comes from, null for an input of the plan
  bool fixed = false;                ///< an input that no axis reaches
};

struct Stage {
  std::string name;
  std::string what;
  std::vector<Wire> wires;
  std::set<std::size_t> axes;
};

std::string axis_name(const Pipeline& pipeline, std::size_t a) {
  std::string name;
  for (const std::size_t i : pipeline.axes()[a].inputs)
    name += (name.empty() ? "" : " + ") + std::string(pipeline.solver().inputs()[i].name);
  return name;
}

/// "3 values", or of a continuous axis what lies where: "any from 1 TB/s to 8 TB/s".
std::string axis_values(const Pipeline& pipeline, std::size_t a) {
  const Axis& axis = pipeline.axes()[a];
  if (!axis.distribution) return std::to_string(axis.size()) + " values";
  const PortInfo& port = pipeline.solver().inputs()[axis.inputs.front()];
  const auto text = [&](double v) { return value_text({"", &port, Cell{v}, ""}); };
  const PortInfo plain;
  const Distribution& d = *axis.distribution;
  switch (d.shape) {
    case Distribution::Shape::uniform:
      return "any from " + text(d.first) + " to " + text(d.second);
    case Distribution::Shape::log_uniform:
      return "any from " + text(d.first) + " to " + text(d.second) + ", logarithmic";
    case Distribution::Shape::normal:
      return "normal, mean " + text(d.first) + ", deviation " + text(d.second);
    case Distribution::Shape::lognormal:
      return "lognormal, median " + text(d.first) + ", times or over " + value_text({"", &plain, Cell{d.second}, ""});
    case Distribution::Shape::triangular:
      return "triangular, " + text(d.first) + ", " + text(d.second) + ", " + text(d.third);
  }
  return {};
}

std::string unit_of(const PortInfo& port) {
  const ValueForm form = values_of(port.type).form();
  if (form == ValueForm::truth) return "yes or no";
  if (form != ValueForm::number && form != ValueForm::list) return values_of(port.type).name(port);
  return port.dimension.dimensionless() ? "1" : si_unit(port.dimension);
}

/// What the input is without an axis, in words.
std::string literal_of(const Pipeline& pipeline, const PlanInput& input) {
  const ShownValue value{"", &input.port, input.base, object_name(pipeline.environment().zoo(), input.port, input.base)};
  const std::string text = value_text(value);
  return text.empty() ? "absent" : text;
}

/// Whether the config says the input, rather than the port's own default.
bool said(const PlanInput& input, const PortInfo& port) {
  return port.type == PortType::object || is_kept(port)
             ? !absent_cell(input.base)
             : !(input.base.number == port.fallback || (input.base.number != input.base.number));
}

std::string what_it_does(const PlanStage& stage) {
  if (stage.maker) return "makes a " + std::string(stage.maker->interface());
  return stage.arithmetic ? stage.arithmetic->text() : std::string(stage.solver->about().name);
}

std::vector<Stage> stages_of(const Pipeline& pipeline) {
  const auto& plan = pipeline.plan();
  std::vector<Stage> stages;
  for (const auto& s : plan.stages()) {
    Stage stage{s.name, what_it_does(s), {}, {}};
    for (std::size_t k = 0; k < s.in.size(); ++k) {
      const PortInfo& port = s.inputs()[k];
      const PlanSource& source = s.in[k];
      if (source.from == PlanSource::From::stage) {
        const auto& from = plan.stages()[source.index];
        stage.axes.insert(stages[source.index].axes.begin(), stages[source.index].axes.end());
        stage.wires.push_back(
            {from.name + (from.solver != nullptr ? "." + std::string(from.solver->outputs()[source.port].name) : ""),
             std::string(port.name), unit_of(port), &from, false});
        continue;
      }
      bool varies = false;
      for (std::size_t a = 0; a < pipeline.axes().size(); ++a) {
        const auto& inputs = pipeline.axes()[a].inputs;
        if (std::find(inputs.begin(), inputs.end(), source.index) == inputs.end()) continue;
        stage.axes.insert(a);
        varies = true;
      }
      const PlanInput& input = plan.plan_inputs()[source.index];
      if (varies) {
        stage.wires.push_back({std::string(input.port.name), std::string(port.name), unit_of(port), nullptr, false});
      } else if (said(input, port)) {
        stage.wires.push_back({literal_of(pipeline, input), std::string(port.name), unit_of(port), nullptr, true});
      }
    }
    stages.push_back(std::move(stage));
  }
  return stages;
}

std::string axes_text(const Pipeline& pipeline, const std::set<std::size_t>& axes) {
  std::string text;
  for (const std::size_t a : axes) text += (text.empty() ? "" : ", ") + axis_name(pipeline, a);
  return text.empty() ? "no axis: runs once" : "varies with " + text;
}

std::string plan_text(const Pipeline& pipeline, const std::vector<Stage>& stages) {
  std::ostringstream out;
  const std::string rows = std::to_string(pipeline.rows()) + (pipeline.rows() == 1 ? " row" : " rows");
  out << "plan " << visible_text(pipeline.solver().about().name) << (pipeline.study() != nullptr ? "" : ": " + rows)
      << ", profile " << pipeline.environment().profile.name << "\n";
  for (std::size_t a = 0; a < pipeline.axes().size(); ++a)
    out << "  axis " << axis_name(pipeline, a) << ": " << axis_values(pipeline, a) << "\n";
  for (std::size_t s = 0; s < stages.size(); ++s) {
    out << s + 1 << ". " << stages[s].name << " = " << stages[s].what << "  (" << axes_text(pipeline, stages[s].axes) << ")\n";
    std::size_t width = 0;
    for (const auto& w : stages[s].wires) width = std::max(width, w.to.size());
    for (const auto& w : stages[s].wires)
      out << "     " << w.to << std::string(width - w.to.size(), ' ') << "  <- " << visible_text(w.from)
          << (w.fixed ? "" : "  [" + w.unit + "]") << "\n";
  }
  const Clauses& clauses = pipeline.clauses();
  for (const auto& c : clauses.constraints) out << (c.before ? "where " : "assert ") << c.condition.text() << "\n";
  if (clauses.best)
    out << "keeps the best " << clauses.keep << " by " << (clauses.best->maximise ? "max " : "min ")
        << clauses.best->expression.text() << "\n";
  for (const auto& g : clauses.front) out << "front: " << (g.maximise ? "max " : "min ") << g.expression.text() << "\n";
  if (pipeline.study() != nullptr) out << "study " << pipeline.study()->name << "\n";
  for (const auto& c : clauses.callbacks) out << (c.guard != nullptr ? "guard " : "observer ") << c.name << "\n";
  return std::move(out).str();
}

/// Text in either language of graphs, where '<' and '&' begin markup and a backslash an escape.
std::string escaped(std::string_view text, PlanFormat format) {
  std::string safe;
  for (const char c : visible_text(text)) {
    if (c == '\\' && format == PlanFormat::dot) safe += '\\';
    if (c == '<' && format == PlanFormat::mermaid) {
      safe += "#lt;";
    } else if (c == '&' && format == PlanFormat::mermaid) {
      safe += "#amp;";
    } else {
      safe += c == '"' ? '\'' : c;
    }
  }
  return safe;
}

/// A label of lines.
std::string quoted(const std::vector<std::string>& lines, PlanFormat format) {
  std::string label;
  for (const auto& line : lines)
    label += (label.empty() ? "" : format == PlanFormat::dot ? "\\n" : "<br>") + escaped(line, format);
  return "\"" + label + "\"";
}

/// Nodes and arrows of a graph, in a syntax that `node` and `arrow` write. One arrow holds whatever goes from one to another.
template <class Node, class Arrow>
void print_graph(const Pipeline& pipeline, const std::vector<Stage>& stages, Node node, Arrow arrow) {
  constexpr std::size_t most_lines = 3;
  std::map<std::string, std::string> ids;  // what an arrow comes from -> its node
  for (std::size_t a = 0; a < pipeline.axes().size(); ++a) {
    node("a" + std::to_string(a), std::vector<std::string>{axis_name(pipeline, a), axis_values(pipeline, a)}, true);
    for (const std::size_t i : pipeline.axes()[a].inputs)
      ids[std::string(pipeline.solver().inputs()[i].name)] = "a" + std::to_string(a);
  }
  const auto& plan_stages = pipeline.plan().stages();
  for (std::size_t s = 0; s < stages.size(); ++s)
    node("s" + std::to_string(s), std::vector<std::string>{stages[s].name, stages[s].what}, false);
  for (std::size_t s = 0; s < stages.size(); ++s) {
    std::vector<std::pair<std::string, std::vector<std::string>>> from;  // each once, in the order of the inputs
    for (const auto& w : stages[s].wires) {
      if (w.fixed) continue;
      const std::string id = w.stage != nullptr ? "s" + std::to_string(w.stage - plan_stages.data()) : ids[w.from];
      auto known = std::find_if(from.begin(), from.end(), [&](const auto& f) { return f.first == id; });
      if (known == from.end()) known = from.insert(from.end(), {id, {}});
      known->second.push_back(w.to + " [" + w.unit + "]");
    }
    for (auto& [id, ports] : from) {
      if (ports.size() > most_lines) {
        const std::size_t more = ports.size() - most_lines + 1;
        ports.resize(most_lines - 1);
        ports.push_back("and " + std::to_string(more) + " more");
      }
      arrow(id, "s" + std::to_string(s), ports);
    }
  }
}

}  // namespace

void report_plan(const Pipeline& pipeline, PlanFormat format, std::ostream& out, std::size_t width) {
  const auto stages = stages_of(pipeline);
  switch (format) {
    case PlanFormat::text: {
      std::istringstream lines(plan_text(pipeline, stages));
      for (std::string line; std::getline(lines, line);) print_wrapped(line, width, "    ", out);
      return;
    }
    case PlanFormat::mermaid:
      out << "flowchart LR\n";
      print_graph(
          pipeline, stages,
          [&](const std::string& id, const std::vector<std::string>& label, bool axis) {
            out << "  " << id << (axis ? "([" : "[") << quoted(label, format) << (axis ? "])" : "]") << "\n";
          },
          [&](const std::string& from, const std::string& to, const std::vector<std::string>& label) {
            out << "  " << from << " -->|" << quoted(label, format) << "| " << to << "\n";
          });
      return;
    case PlanFormat::dot:
      out << "digraph plan {\n  rankdir=" << (stages.size() > most_in_a_line ? "TB" : "LR") << ";\n";
      print_graph(
          pipeline, stages,
          [&](const std::string& id, const std::vector<std::string>& label, bool axis) {
            out << "  " << id << " [shape=" << (axis ? "ellipse" : "box") << ", label=" << quoted(label, format) << "];\n";
          },
          [&](const std::string& from, const std::string& to, const std::vector<std::string>& label) {
            out << "  " << from << " -> " << to << " [label=" << quoted(label, format) << "];\n";
          });
      out << "}\n";
      return;
  }
}

}  // namespace ironlaw::host
