#include <ironlaw/present/changes.hpp>

#include "changes/recorded_answer.hpp"
#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "reference/page.hpp"
#include "text/json.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace ironlaw::host {
namespace {

bool is_number(const PortInfo& port) { return port.type == PortType::number || port.type == PortType::integer; }

std::optional<std::size_t> find(std::span<const PortInfo> ports, const PortInfo& like) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == like.name && ports[i].type == like.type && ports[i].dimension == like.dimension) return i;
  return {};
}

bool same(const PortInfo& port, const Cell& a, const Cell& b) {
  if (port.type == PortType::object || is_kept(port)) return a.object == b.object;
  return a.number == b.number || (std::isnan(a.number) && std::isnan(b.number));
}

/// Names of the plugins or folders whose sums differ.
std::string that_differ(const Json& one, const Json& other, const char* name, const char* sum) {
  std::string text;
  for (const Json& a : one) {
    const auto b = std::find_if(other.begin(), other.end(),
                                [&](const Json& entry) { return entry.value(name, Json()) == a.value(name, Json()); });
    if (b == other.end() || b->value(sum, Json()) == a.value(sum, Json())) continue;
    text += (text.empty() ? "" : ", ") + a[name].get<std::string>();
  }
  return text;
}

class Changes {
 public:
  Changes(Session& session, const AnswerSource& before, const AnswerSource& after, const ChangesOptions& options)
      : options_(options),
        old_(session, before, options.profile),
        new_(session, after, options.profile),
        facts_(facts_that_differ()),
        before_(old_.restored(session, values_of(old_))),
        after_(new_.restored(session, values_of(new_))),
        was_(answered(before_, old_)),
        is_(answered(after_, new_)) {
    compare_inputs();
    compare_records();
  }

  [[nodiscard]] Page page() {
    Page page{"changes", {{"before", old_.name()}, {"after", new_.name()}}, {}};
    page.facts.emplace_back(
        "status", status_name(was_.status) == status_name(is_.status)
                      ? PageCell(status_name(is_.status))
                      : PageCell(std::string(status_name(was_.status)) + " -> " + std::string(status_name(is_.status))));
    page.tables.push_back(std::move(changed_));
    page.tables.push_back(moved());
    return page;
  }

 private:
  struct Changed {
    std::size_t input;  ///< of the plan before
    Cell after;
    std::string what;
    std::string name;
  };
  struct Effect {
    std::string what;
    std::string name;
    std::optional<double> alone;  ///< the output with this alone; none: it has no answer
    double effect = 0;
  };

  /// Fields that are not what they were in either of the two.
  std::set<std::string> facts_that_differ() const {
    std::set<std::string> all;
    for (const RecordedAnswer* side : {&old_, &new_})
      for (const auto& [path, value] : side->former_facts()) all.insert(path);
    return all;
  }
  std::map<std::string, Json> values_of(const RecordedAnswer& side) const {
    std::map<std::string, Json> all;
    for (const auto& path : facts_)
      if (Json value = side.fact(path); !value.is_null()) all[path] = std::move(value);
    return all;
  }
  static Answer answered(const Pipeline& pipeline, const RecordedAnswer& side) {
    Answer a = answer(pipeline);
    if (!has_outputs(a.status))
      throw InputError(side.name(),
                       "has no answer: " + (a.errors.empty() ? std::string(status_name(a.status)) : a.errors.front()));
    return a;
  }

  [[nodiscard]] std::string shown(const Pipeline& pipeline, const PortInfo& port, const Cell& cell) const {
    const ShownValue value{std::string(port.name), &port, cell, object_name(pipeline.environment().zoo(), port, cell)};
    return is_absent(value) ? "none" : value_text(value);
  }
  void add_changed(const std::string& what, const std::string& name, const std::string& from, const std::string& to) {
    changed_.rows.push_back({what, name, from, to});
  }

  void compare_inputs() {
    const auto ports = before_.solver().inputs();
    const auto others = after_.solver().inputs();
    const auto base = before_.base();
    const auto other_base = after_.base();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const std::string name(ports[i].name);
      const std::string what = facts_.contains(name) ? "fact" : "input";
      const auto other = find(others, ports[i]);
      if (!other) {
        add_changed(what, name, shown(before_, ports[i], base[i]), "not there");
      } else if (!same(ports[i], base[i], other_base[*other])) {
        add_changed(what, name, shown(before_, ports[i], base[i]), shown(after_, ports[i], other_base[*other]));
        inputs_.push_back({i, other_base[*other], what, name});
      }
    }
    for (std::size_t i = 0; i < others.size(); ++i)
      if (!find(ports, others[i]))
        add_changed("input", std::string(others[i].name), "not there", shown(after_, others[i], other_base[i]));
  }

  /// What is no number of the question: tables of records, plugins, the program.
  void compare_records() {
    const auto one = old_.records();
    const auto other = new_.records();
    for (const auto& [name, sum] : one) {
      const auto found = other.find(name);
      if (found == other.end() || found->second == sum) continue;
      add_changed("record", name, sum.substr(0, 12), found->second.substr(0, 12));
      behind_.insert("the records " + name);
    }
    const Json& was = old_.provenance();
    const Json& is = new_.provenance();
    if (const auto names = that_differ(was.value("plugins", Json::array()), is.value("plugins", Json::array()), "name", "sha256");
        !names.empty()) {
      add_changed("program", names, "another build", "");
      behind_.insert("the program");
    }
    for (const Json& folder : was.value("zoo", Json::array()))
      for (const Json& now : is.value("zoo", Json::array()))
        if (folder["folder"] == now["folder"] && folder["sha256"] != now["sha256"])
          add_changed("zoo", folder["folder"].get<std::string>(), stamp_of(folder), stamp_of(now));
  }
  static std::string stamp_of(const Json& folder) {
    const std::string version = folder["version"].is_string() ? folder["version"].get<std::string>() + " " : std::string();
    return version + folder["sha256"].get<std::string>().substr(0, 12);
  }

  [[nodiscard]] std::vector<std::size_t> outputs() const {
    const auto ports = before_.solver().outputs();
    std::vector<std::size_t> all;
    if (options_.outputs.empty()) {
      for (std::size_t o = 0; o < ports.size(); ++o)
        if (is_number(ports[o])) all.push_back(o);
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
    for (const Changed& change : inputs_) {
      auto cells = before_.base();
      cells[change.input] = change.after;
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
      const auto other = find(after_.solver().outputs(), ports[o]);
      if (!other) continue;
      const double from = value_of(old_, was_, o, ports[o]);
      const double to = value_of(new_, is_, *other, ports[o]);
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
    for (std::size_t c = 0; c < inputs_.size(); ++c) {
      Effect e{inputs_[c].what, inputs_[c].name, {}, 0};
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
      std::string name;
      for (const auto& one : behind_) name += (name.empty() ? "" : " and ") + one;
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
  RecordedAnswer old_;
  RecordedAnswer new_;
  std::set<std::string> facts_;
  Pipeline before_;
  Pipeline after_;
  Answer was_;
  Answer is_;
  std::vector<Changed> inputs_;
  std::vector<Answer> alone_;
  std::set<std::string> behind_;
  PageTable changed_{"changed", {{"what"}, {"name"}, {"before"}, {"after"}}, {}, InJson::list};
};

}  // namespace

bool is_recorded_answer(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos || text[first] != '{') return false;
  const Json json = Json::parse(text, nullptr, false);
  return json.is_object() && json.contains("provenance");
}

void report_changes(Session& session, const AnswerSource& before, const AnswerSource& after, const ChangesOptions& changes,
                    const ReportOptions& options, std::ostream& out) {
  print_page(Changes(session, before, after, changes).page(), options, out);
}

}  // namespace ironlaw::host
