#include <ironlaw/present/changes.hpp>

#include "changes/changed_parts.hpp"
#include "changes/table_moves.hpp"
#include "plan/study_plan.hpp"
#include "text/json.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

bool is_number(const PortInfo& port) { return port.type == PortType::number || port.type == PortType::integer; }

/// What moved one answer.
class AnswerMoves {
 public:
  AnswerMoves(const ChangedParts& parts, const ChangesOptions& options)
      : options_(options),
        parts_(parts),
        before_(parts.before()),
        after_(parts.after()),
        was_(answered(before_, parts.old_answer())),
        is_(answered(after_, parts.new_answer())) {}

  void add_to(Page& page) {
    page.facts.emplace_back(
        "status", status_name(was_.status) == status_name(is_.status)
                      ? PageCell(status_name(is_.status))
                      : PageCell(std::string(status_name(was_.status)) + " -> " + std::string(status_name(is_.status))));
    page.tables.push_back(parts_.table());
    page.tables.push_back(moved());
  }

 private:
  struct Effect {
    std::string what;
    std::string name;
    std::optional<double> alone;  ///< the output with this alone; none: it has no answer
    double effect = 0;
  };

  static Answer answered(const Pipeline& pipeline, const RecordedAnswer& side) {
    Answer a = answer(pipeline);
    if (!has_outputs(a.status))
      throw InputError(side.name(),
                       "has no answer: " + (a.errors.empty() ? std::string(status_name(a.status)) : a.errors.front()));
    return a;
  }

  [[nodiscard]] std::vector<std::size_t> outputs() const {
    const auto ports = before_.solver().outputs();
    std::vector<std::size_t> all;
    if (options_.outputs.empty()) {
      const auto& told = parts_.old_answer().told();
      for (std::size_t o = 0; o < ports.size(); ++o)
        if (is_number(ports[o]) && (told.empty() || told.contains(std::string(ports[o].name)))) all.push_back(o);
      return all;
    }
    for (const auto& name : options_.outputs) {
      const auto found = std::find_if(ports.begin(), ports.end(), [&](const PortInfo& p) {
        return p.name == name || std::string_view(p.name).ends_with("." + name);
      });
      if (found == ports.end()) {
        std::vector<std::string_view> names;
        for (const auto& p : ports) names.push_back(p.name);
        throw InputError("--outputs", "no output '" + name + "'" + did_you_mean(name, names));
      }
      all.push_back(static_cast<std::size_t>(found - ports.begin()));
    }
    return all;
  }

  /// A number as it was written down, or as it is answered now.
  [[nodiscard]] static double value_of(const RecordedAnswer& side, const Answer& now, std::size_t output, const PortInfo& port) {
    const auto written = side.outputs().find(std::string(port.name));
    return written != side.outputs().end() ? written->second : now.outputs[output].number;
  }

  /// The answer before with each change alone.
  void evaluate_alone() {
    for (const ChangedParts::Part& part : parts_.parts()) {
      auto cells = before_.base();
      cells[part.input] = part.after;
      alone_.push_back(answer(before_, cells));
    }
  }

  [[nodiscard]] PageTable moved() {
    using For = PageColumn::For;
    PageTable table{"moved",
                    {{"output"}, {"what"}, {"name"}, {"before"}, {"after"}, {"effect"}, {"share"}, {"unit", For::programs}},
                    {},
                    InJson::list};
    evaluate_alone();
    const auto ports = before_.solver().outputs();
    for (const std::size_t o : outputs()) {
      const auto other = find_port(after_.solver().outputs(), ports[o]);
      if (!other) continue;
      const double from = value_of(parts_.old_answer(), was_, o, ports[o]);
      const double to = value_of(parts_.new_answer(), is_, *other, ports[o]);
      if (!std::isfinite(from) || !std::isfinite(to)) continue;
      const bool still = from == to || std::abs(to - from) < options_.least * std::max(std::abs(from), std::abs(to));
      if (still && options_.outputs.empty()) continue;
      add_output(table, ports[o], from, to, effects(o, *other, from, to));
    }
    return table;
  }

  [[nodiscard]] std::vector<Effect> effects(std::size_t o, std::size_t other, double from, double to) const {
    const double was = was_.outputs[o].number;
    std::vector<Effect> all;
    double explained = 0;
    for (std::size_t c = 0; c < parts_.parts().size(); ++c) {
      Effect e{parts_.parts()[c].what, parts_.parts()[c].name, {}, 0};
      if (has_outputs(alone_[c].status) && std::isfinite(alone_[c].outputs[o].number)) {
        e.alone = alone_[c].outputs[o].number;
        e.effect = *e.alone - was;
        if (e.effect == 0) continue;
      }
      explained += e.effect;
      all.push_back(std::move(e));
    }
    // What today's program and records answer otherwise to the same question and facts.
    const double behind = (was - from) + (to - is_.outputs[other].number);
    if (std::abs(behind) > rounding * std::max(std::abs(from), std::abs(to))) {
      const std::string name = parts_.behind();
      all.push_back({name.empty() ? "other" : "record", name.empty() ? "nothing that was written down says why" : name,
                     from + behind, behind});
      explained += behind;
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Effect& a, const Effect& b) { return std::abs(a.effect) > std::abs(b.effect); });
    const double rest = to - from - explained;
    if (std::abs(rest) > rounding * std::max(std::abs(from), std::abs(to)))
      all.push_back({"together", "what several move only together", {}, rest});
    return all;
  }

  void add_output(PageTable& table, const PortInfo& port, double from, double to, const std::vector<Effect>& effects) const {
    const auto text = [&](double number) { return format_quantity(number, port.dimension, preferred_unit(port), 4); };
    const auto change = [](double share) { return std::isfinite(share) ? format_quantity(share, {}, "%", 3) : std::string(); };
    const std::string unit = si_unit(port.dimension);
    const double moved = to - from;
    table.rows.push_back({std::string(port.name),
                          "output",
                          "",
                          {text(from), Json(from)},
                          {text(to), Json(to)},
                          {change(moved / std::abs(from)), Json(moved)},
                          "",
                          unit});
    for (const Effect& e : effects)
      table.rows.push_back({std::string(port.name),
                            e.what,
                            e.name,
                            {text(from), Json(from)},
                            e.alone ? PageCell{text(*e.alone), Json(*e.alone)} : PageCell{"", Json()},
                            {change(e.effect / std::abs(from)), Json(e.effect)},
                            {change(e.effect / moved), moved != 0 ? Json(e.effect / moved) : Json()},
                            unit});
  }

  static constexpr double rounding = 1e-9;  ///< of an output: what is less is no change

  const ChangesOptions& options_;
  const ChangedParts& parts_;
  const Pipeline& before_;
  const Pipeline& after_;
  Answer was_;
  Answer is_;
  std::vector<Answer> alone_;
};

bool is_table(const Pipeline& pipeline) { return !pipeline.axes().empty() || pipeline.study() != nullptr; }

}  // namespace

bool is_recorded_answer(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos || text[first] != '{') return false;
  const Json json = Json::parse(text, nullptr, false);
  return json.is_object() && json.contains("provenance");
}

void report_changes(Session& session, const AnswerSource& before, const AnswerSource& after, const ChangesOptions& changes,
                    const ReportOptions& options, std::ostream& out) {
  try {
    const ChangedParts parts(session, before, after, changes.profile);
    Page page{"changes", {{"before", before.name}, {"after", after.name}}, {}};
    if (is_table(parts.before()) != is_table(parts.after()))
      throw InputError(is_table(parts.after()) ? after.name : before.name,
                       "is a table, and the other is one answer: give each axis one value (--set NAME=VALUE)");
    if (is_table(parts.before()))
      TableMoves(session, parts, changes).add_to(page);
    else
      AnswerMoves(parts, changes).add_to(page);
    print_page(page, options, out);
  } catch (const Json::exception&) {  // somebody changed what an answer says of itself
    throw InputError(before.name + ", " + after.name, "one of these is not as it was written; write it anew with --output json");
  }
}

}  // namespace ironlaw::host
