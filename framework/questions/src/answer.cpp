// From a question to what is told.
#include "answer/answer_view.hpp"
#include "design.hpp"
#include "plan/environment.hpp"
#include "table.hpp"
#include "targets.hpp"
#include "template_text.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/questions/answered.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_walls = 5;

class Asker {
 public:
  Asker(const Question& question, Session& session, const std::string& profile, const RunOptions& options)
      : spec_(question.spec()), session_(session), profile_(profile), options_(options), targets_(targets_of(spec_)) {}

  Told told() {
    check_bounds();
    if (spec_.config.impl().root.contains("study"))
      search();
    else
      designs_.push_back({{}, copy_of(spec_.config), 0, false, false, 1, {}, {}});
    const auto best =
        std::min_element(designs_.begin(), designs_.end(), [](const Design& a, const Design& b) { return a.better_than(b); });
    if (!best->config) return nothing_found();
    return answered(*best);
  }

 private:
  /// A bound in a wrong unit, or one that no answer can keep, is said by the flag that gave it.
  void check_bounds() const {
    if (targets_.empty()) return;
    Config::Impl impl = spec_.config.impl();
    impl.root.erase("study");
    Json columns = Json::array();
    for (const Target& target : targets_) columns.push_back(target.spec->value);
    impl.root["report"] = Json{{"columns", std::move(columns)}};
    const Pipeline pipeline = session_.compile(Config::copy_of(impl), profile_);
    std::vector<double> bounds;
    for (std::size_t t = 0; t < targets_.size(); ++t)
      bounds.push_back(bound_of(targets_[t], pipeline.columns()[t].port.dimension));
    refuse_contradictions(targets_, bounds);
  }

  /// The best design, or the best of each value of an axis. Where that has no goal to be best by, of another.
  void search() {
    const Config config = with_targets(spec_.config, targets_);
    for (const auto& [name, value] : each(config)) {
      Design design = best_design(value, session_, profile_, options_);
      if (!design.config && spec_.otherwise) design = otherwise_design(name, std::move(design));
      designs_.push_back(std::move(design));
      designs_.back().name = name;
    }
  }

  [[nodiscard]] Design otherwise_design(const std::string& name, Design none) const {
    for (const auto& [other, value] : each(otherwise_config(spec_.config, *spec_.otherwise, targets_))) {
      if (other != name) continue;
      Design design = best_design(value, session_, profile_, options_);
      none.rows += design.rows;
      const std::string goal = goal_of(spec_.config.impl().root["study"]);
      if (!design.config ||
          !is_absent(DesignValues(*design.config, {{goal, spec_.file.string()}}, session_, profile_).shown(goal)))
        break;
      design.otherwise = true;
      design.rows = none.rows;
      return design;
    }
    return none;
  }

  /// The config with each value of the question's axis, named by the value; itself where there is one.
  [[nodiscard]] std::vector<std::pair<std::string, Config>> each(const Config& config) const {
    if (spec_.each.empty()) return {{std::string(), copy_of(config)}};
    const Pipeline pipeline = session_.compile(config, profile_);
    std::vector<std::pair<std::string, Config>> all;
    for (const Json& value : axis_values(config, pipeline, spec_.each)) {
      const std::string name = value.is_string()                              ? value.get<std::string>()
                               : value.is_object() && value.contains("label") ? value["label"].get<std::string>()
                                                                              : "one written out";
      all.emplace_back(name, with_value(config, spec_.each, value));
    }
    if (all.empty()) {
      const std::size_t input = pipeline.input(spec_.each);
      all.emplace_back(object_name(pipeline.environment().zoo(), pipeline.solver().inputs()[input], pipeline.base()[input]),
                       copy_of(config));
    }
    return all;
  }

  /// What a design was found by; empty where nothing was looked for.
  [[nodiscard]] std::string told_goal(const Design& design) const {
    if (design.otherwise) return goal_of(Json{{"goal", spec_.otherwise->goal}});
    return spec_.config.impl().root.contains("study") ? goal_of(spec_.config.impl().root["study"]) : std::string();
  }

  [[nodiscard]] std::vector<AskedValue> asked(const Design& best) const {
    std::vector<AskedValue> all;
    const auto add = [&](const std::string& text, const std::string& where) {
      for (const auto& value : template_values(text, where)) all.push_back({UnitExpression(value).expression, where});
    };
    const std::string file = spec_.file.string() + "#/question";
    for (const auto& sentence : spec_.sentences) add(sentence, file + "/answer");
    for (const auto& numbers : spec_.numbers)
      for (const auto& [name, text] : numbers.lines) add(text, file + "/numbers: " + name);
    for (const auto& [name, text] : spec_.assumptions) add(text, file + "/assumptions: " + name);
    for (const auto& target : spec_.targets) all.push_back({target.value, file + "/targets/" + target.name});
    if (const std::string goal = told_goal(best); !goal.empty()) all.push_back({goal, file});
    for (const auto& table : spec_.tables)
      if (table.of_each)
        for (const auto& column : table.columns) all.push_back({column.expression, table.where});
    return all;
  }

  [[nodiscard]] std::string filled(const std::string& text, const DesignValues& values) const {
    return filled_template(text, [&](const std::string& value) { return values.text(value, spec_.file.string()); });
  }

  Told answered(const Design& best) {
    Told told;
    const DesignValues values(*best.config, asked(best), session_, profile_);
    if (!has_outputs(values.answer().status))
      throw InputError("", values.answer().errors.empty() ? "there is no answer" : values.answer().errors.front());
    told.status = values.answer().status;
    told.way = spec_.way.empty() ? spec_.name : spec_.way;
    told.otherwise = best.otherwise;
    told.goal = best.maximise ? -best.goal : best.goal;
    if (const std::string goal = told_goal(best); !goal.empty()) told.goal_text = values.text(goal, spec_.file.string());
    for (const auto& sentence : spec_.sentences)
      if (auto text = filled(sentence, values); !text.empty()) told.sentences.push_back(std::move(text));
    for (const auto& numbers : spec_.numbers) {
      ToldPart part;
      part.title = numbers.title;
      for (const auto& [name, text] : numbers.lines)
        if (auto line = filled(text, values); !line.empty()) part.values.push_back({name, std::move(line), {}});
      told.parts.push_back(std::move(part));
    }
    if (auto binds = what_binds(values); !binds.values.empty()) told.parts.push_back(std::move(binds));
    const Config asked = without_study();
    for (const auto& table : spec_.tables)
      told.parts.push_back(table.of_each ? table_of_designs(table)
                                         : swept_table(table, {spec_, asked, *best.config, session_, profile_, options_}));
    if (!spec_.assumptions.empty()) {
      ToldPart part;
      part.title = "Assumed";
      for (const auto& [name, text] : spec_.assumptions)
        if (auto line = filled(text, values); !line.empty()) part.values.push_back({name, std::move(line), {}});
      told.parts.push_back(std::move(part));
    }
    told.values = values.json().dump();
    told.plan = best.config;
    Json plan = best.config->impl().root;
    plan.erase("question");
    told.plan_text = dump(plan, 2) + "\n";
    told.pipeline = values.pipeline();
    told.answer = values.answer();
    note_rows(told);
    return told;
  }

  [[nodiscard]] Config without_study() const {
    Config config = copy_of(spec_.config);
    config.without_study();
    return config;
  }

  /// Targets and limits, the one that is used most at the top.
  [[nodiscard]] ToldPart what_binds(const DesignValues& values) const {
    struct Line {
      double share;
      ToldValue told;
    };
    std::vector<Line> lines;
    for (const Target& target : targets_) {
      const ShownValue value = values.shown(target.spec->value);
      const double bound = bound_of(target, value.port->dimension);
      const double share = target.spec->at_least ? bound / value.cell.number : value.cell.number / bound;
      if (!std::isfinite(share)) continue;
      lines.push_back({share,
                       {target.spec->name,
                        text_in_unit(value, unit_of(target, value.port->dimension), target.spec->where) + " of " +
                            target.spec->bound + share_text(share),
                        "target"}});
    }
    std::size_t walls = lines.size();
    for (const auto& stage : answered_stages(*values.pipeline(), values.answer(), false))
      for (const auto& wall : stage.walls)
        if (const double share = wall.used.cell.number / wall.bound.cell.number; std::isfinite(share))
          lines.push_back({share, {std::string(wall.limit->name), wall_text(wall), wall.limit->hard ? "limit" : "soft"}});
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.share > b.share; });
    ToldPart part;
    part.title = "What binds";
    walls += most_walls;
    for (std::size_t i = 0; i < std::min(lines.size(), walls); ++i) part.values.push_back(std::move(lines[i].told));
    return part;
  }
  static std::string share_text(double share) { return " (" + format_quantity(share, {}, "%", 3) + ")"; }

  [[nodiscard]] ToldPart table_of_designs(const TableSpec& table) const {
    ToldPart part = empty_table(table);
    std::vector<const Design*> order;
    for (const Design& design : designs_)
      if (design.config) order.push_back(&design);
    std::stable_sort(order.begin(), order.end(), [](const Design* a, const Design* b) { return a->better_than(*b); });
    std::map<std::string, std::string> names;  // by what is to be said of them
    for (const Design* design : order) {
      part.rows.push_back(row_of(table, DesignValues(*design->config, asked(*design), session_, profile_)));
      if (design->otherwise) add_name(names[spec_.otherwise->why], design->name);
    }
    for (const Design& design : designs_)
      if (!design.config) add_name(names[joined(design.why_none, "; ")], design.name);
    for (const auto& [why, who] : names) part.notes.push_back(who + ": " + why);
    return part;
  }
  static void add_name(std::string& names, const std::string& name) { names += (names.empty() ? "" : ", ") + name; }

  void note_rows(Told& told) const {
    std::uint64_t rows = 0;
    for (const Design& design : designs_) rows += design.rows;
    if (rows > 1) told.notes.push_back(std::to_string(rows) + " designs were evaluated");
  }

  Told nothing_found() const {
    Told told;
    told.status = RowStatus::infeasible;
    told.way = spec_.way.empty() ? spec_.name : spec_.way;
    told.values = "{}";
    told.pipeline = std::make_shared<const Pipeline>(session_.compile(without_study(), profile_));
    told.sentences.push_back(targets_.empty() ? "Nothing is feasible." : "Nothing meets all targets.");
    if (ToldPart near = how_near(); !near.rows.empty()) told.parts.push_back(std::move(near));
    ToldPart reasons;
    reasons.title = "What took the designs out";
    for (const Design& design : designs_) reasons.values.push_back({design.name, joined(design.why_none, "; "), {}});
    told.parts.push_back(std::move(reasons));
    note_rows(told);
    return told;
  }

  /// What each design can come to, target by target.
  [[nodiscard]] ToldPart how_near() const {
    constexpr std::string_view alone = " *";
    ToldPart part;
    part.title = "How near each can come";
    part.header.emplace_back(spec_.each);
    for (const Design& design : designs_) part.rows.push_back({{design.name, Json(design.name).dump()}});
    bool any_alone = false;
    for (const Target& target : targets_) {
      part.header.push_back(target.spec->name + (target.spec->at_least ? " >= " : " <= ") + target.spec->bound);
      const auto within = nearest_of(target, targets_);
      const auto free = nearest_of(target, {});
      for (std::size_t d = 0; d < designs_.size(); ++d) {
        const ToldCell& nearest = within[d].text.empty() ? free[d] : within[d];
        const bool lone = within[d].text.empty() && !free[d].text.empty() && targets_.size() > 1;
        any_alone = any_alone || lone;
        part.rows[d].push_back({nearest.text + std::string(lone ? alone : ""), nearest.json});
      }
    }
    std::erase_if(part.rows, [](const auto& row) {
      return std::all_of(row.begin() + 1, row.end(), [](const ToldCell& cell) { return cell.text.empty(); });
    });
    if (any_alone) part.notes.emplace_back("* with no other target; the rest with every other target met");
    return part;
  }

  /// For each design the best value of a target's output among designs that meet the others; empty where there is none.
  [[nodiscard]] std::vector<ToldCell> nearest_of(const Target& target, const std::vector<Target>& others) const {
    std::vector<ToldCell> cells;
    std::vector<Design> best(designs_.size());
    for (const bool far_end : {false, true}) {
      const auto configs = each(nearest_config(spec_.config, target, others, far_end));
      for (std::size_t d = 0; d < configs.size(); ++d)
        if (Design design = best_design(configs[d].second, session_, profile_, options_); design.better_than(best[d]))
          best[d] = std::move(design);
    }
    for (const Design& design : best) {
      cells.push_back({"", "null"});
      if (!design.config) continue;
      const DesignValues values(*design.config, {{target.spec->value, target.spec->where}}, session_, profile_);
      const ShownValue value = values.shown(target.spec->value);
      cells.back() = {shortfall_text(target, value.cell.number, value.port->dimension, preferred_unit(*value.port)),
                      value_json(value).dump()};
    }
    return cells;
  }

  static std::string joined(const std::vector<std::string>& texts, const std::string& between) {
    std::string all;
    for (const auto& text : texts) all += (all.empty() ? "" : between) + text;
    return all;
  }

  const Question::Spec& spec_;
  Session& session_;
  const std::string& profile_;
  const RunOptions& options_;
  std::vector<Target> targets_;
  std::vector<Design> designs_;
};

}  // namespace

Told answer_question(const Question& question, Session& session, const std::string& profile, const RunOptions& options) {
  return Asker(question, session, profile, options).told();
}

std::size_t best_way(std::vector<Told>& ways) {
  const auto better = [](const Told& a, const Told& b) {
    if (a.status != b.status) return a.status == RowStatus::ok;
    if (a.otherwise != b.otherwise) return b.otherwise;
    return a.status == RowStatus::ok && a.goal < b.goal;
  };
  const auto best = std::min_element(ways.begin(), ways.end(), better);
  if (ways.size() > 1) {
    ToldPart part;
    part.title = "Ways";
    for (const Told& way : ways)
      part.values.push_back({way.way, way.status == RowStatus::ok ? way.goal_text : way.sentences.front(), {}});
    best->parts.insert(best->parts.begin(), std::move(part));
  }
  return static_cast<std::size_t>(best - ways.begin());
}

}  // namespace ironlaw::host
