#include "plan/clauses.hpp"

#include "text/problems.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

bool has_one_solver(const Plan& plan) {
  return std::count_if(plan.stages().begin(), plan.stages().end(), [](const PlanStage& s) { return s.solver != nullptr; }) == 1;
}
std::string_view bare_name(std::string_view name) { return name.substr(name.find('.') + 1); }

const std::string& text_at(const Json& value, const std::string& where) {
  if (!value.is_string()) throw InputError(where, "takes a text, not " + shown_json(value));
  return value.get_ref<const std::string&>();
}

/// An input, an output, or an expression over them.
ResultColumn read_column(const std::string& name, const Plan& plan, const Symbols& symbols, const std::string& where,
                         std::deque<Expression>& derived) {
  const bool one = has_one_solver(plan);
  const std::string bare = name.starts_with('$') ? name.substr(1) : name;
  const auto named = [&](std::string_view port) { return port == bare || (one && bare_name(port) == bare); };
  for (std::size_t i = 0; i < plan.outputs().size(); ++i)
    if (named(plan.outputs()[i].name)) return {bare, ResultColumn::From::output, i, plan.outputs()[i]};
  for (std::size_t i = 0; i < plan.inputs().size(); ++i)
    if (named(plan.inputs()[i].name)) return {bare, ResultColumn::From::input, i, plan.inputs()[i]};
  derived.push_back(Expression::parse(name, symbols, where));
  PortInfo port;
  port.name = derived.back().text();
  port.type = derived.back().type() == ValueType::boolean ? PortType::boolean : PortType::number;
  port.dimension = derived.back().dimension();
  return {name, ResultColumn::From::expression, derived.size() - 1, port};
}

/// What every table calls how a row ended, and why.
bool is_reserved(std::string_view column) { return column == "status" || column == "reason"; }

bool has_column(const std::vector<ResultColumn>& columns, std::string_view name) {
  return std::any_of(columns.begin(), columns.end(), [&](const ResultColumn& c) { return c.name == name; });
}

/// The axes, then every output: under bare names where one stage leaves no doubt.
std::vector<ResultColumn> default_columns(const Plan& plan, const std::vector<Axis>& axes) {
  std::vector<ResultColumn> columns;
  const bool one = has_one_solver(plan);
  const auto shown = [&](std::string_view name) {
    const std::string_view bare = bare_name(name);
    return std::string(one && !is_reserved(bare) && !has_column(columns, bare) ? bare : name);
  };
  for (const auto& axis : axes)
    for (const std::size_t i : axis.inputs)
      columns.push_back({shown(plan.inputs()[i].name), ResultColumn::From::input, i, plan.inputs()[i]});
  for (std::size_t o = 0; o < plan.outputs().size(); ++o)
    columns.push_back({shown(plan.outputs()[o].name), ResultColumn::From::output, o, plan.outputs()[o]});
  return columns;
}

Constraint read_constraint(const Json& value, const std::string& where, bool before, const Plan& plan, const Symbols& symbols) {
  Constraint c{parse_condition(text_at(value, where), symbols, where), before};
  for (const std::size_t slot : c.condition.slots())
    if (c.before && slot >= plan.inputs().size())
      throw InputError(where, "\"where\" is asked before anything runs, so it cannot read " +
                                  std::string(plan.outputs()[slot - plan.inputs().size()].name) + "; use \"assert\"");
  return c;
}

void read_constraints(const Config::Impl& config, const char* key, const Plan& plan, const Symbols& symbols, Clauses& clauses,
                      Problems& problems) {
  const Json none = Json::array();
  const Json& list = config.section(key, none);
  for (std::size_t i = 0; i < list.size(); ++i)
    problems.during([&] {
      const std::string where = config.where(pointer(pointer("", std::string_view(key)), i));
      clauses.constraints.push_back(read_constraint(list[i], where, std::string_view(key) == "where", plan, symbols));
    });
}

std::vector<Goal> read_goals(const Json& value, const std::string& json_pointer, const Config::Impl& config,
                             const Symbols& symbols) {
  const std::string where = config.where(json_pointer);
  if (!value.is_array() || value.empty()) throw InputError(where, "takes a list of goals such as \"min serve.tpot\"");
  std::vector<Goal> goals;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string here = config.where(pointer(json_pointer, i));
    goals.push_back(parse_goal(text_at(value[i], here), symbols, here));
  }
  return goals;
}

void read_best(const Json& value, const Config::Impl& config, const Symbols& symbols, Clauses& clauses) {
  constexpr std::array<std::string_view, 2> keys{"by", "keep"};
  const std::string where = config.where("/report/best");
  if (!value.is_object() || !value.contains("by")) throw InputError(where, "takes {\"by\": \"min serve.tpot\", \"keep\": 10}");
  for (const auto& [key, v] : value.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw InputError(where, "unknown key '" + key + "'" + did_you_mean(key, keys));
  clauses.best = parse_goal(text_at(value["by"], where + "/by"), symbols, where + "/by");
  clauses.keep = 1;
  if (!value.contains("keep")) return;
  if (!value["keep"].is_number_unsigned() || value["keep"] < 1 || value["keep"] > 10'000'000)
    throw InputError(where + "/keep", "takes a whole number from 1 to 10000000, not " + shown_json(value["keep"]));
  clauses.keep = value["keep"].get<std::size_t>();
}

bool read_switch(const Json& report, const char* key, const Config::Impl& config) {
  if (!report.contains(key)) return false;
  if (!report[key].is_boolean())
    throw InputError(config.where(std::string("/report/") + key), "takes true or false, not " + shown_json(report[key]));
  return report[key].get<bool>();
}

/// What a table says of its rows, behind the inputs that lead it: a narrow page leaves out the last columns.
void add_row_columns(const Clauses& clauses, std::vector<ResultColumn>& columns) {
  using From = ResultColumn::From;
  auto behind = std::find_if(columns.begin(), columns.end(), [](const ResultColumn& c) { return c.from != From::input; });
  std::size_t index = clauses.derived.size();
  const auto add = [&](const char* name, const PortInfo& port) {
    behind = columns.insert(behind, {name, From::expression, index++, port}) + 1;
  };
  if (clauses.walls) {
    add("binding_wall", binding_wall_port(*clauses.walls));
    add("wall_margin", wall_margin_port());
  }
  if (clauses.bands) add("monotone", monotone_port());
}

void read_report(const Config::Impl& config, const Plan& plan, const std::vector<Axis>& axes, const Symbols& symbols,
                 Clauses& clauses, std::vector<ResultColumn>& columns, Problems& problems) {
  constexpr std::array<std::string_view, 7> keys{"columns", "sort", "best", "pareto", "rejected", "walls", "bands"};
  const Json none = Json::object();
  const Json& report = config.section("report", none);
  for (const auto& [key, value] : report.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw InputError(config.where("/report" + pointer("", std::string_view(key))),
                       "unknown key '" + key + "'" + did_you_mean(key, keys));
  if (report.contains("best") && report.contains("pareto"))
    throw InputError(config.where("/report/pareto"), "a report keeps the best rows or the Pareto front, not both");
  if (report.contains("sort")) clauses.sort = read_goals(report["sort"], "/report/sort", config, symbols);
  if (report.contains("pareto")) clauses.front = read_goals(report["pareto"], "/report/pareto", config, symbols);
  if (report.contains("best")) read_best(report["best"], config, symbols, clauses);
  clauses.show_rejected = read_switch(report, "rejected", config);
  if (read_switch(report, "walls", config)) clauses.walls = std::make_unique<Walls>(plan);
  if (read_switch(report, "bands", config)) clauses.bands = std::make_unique<Bands>(plan, axes, config.where("/report/bands"));
  if (!report.contains("columns")) {
    columns = default_columns(plan, axes);
    return;
  }
  if (!report["columns"].is_array() || report["columns"].empty())
    throw InputError(config.where("/report/columns"), "takes a list of inputs, outputs and expressions");
  for (std::size_t i = 0; i < report["columns"].size(); ++i)
    problems.during([&] {
      const std::string where = config.where(pointer("/report/columns", i));
      ResultColumn column = read_column(text_at(report["columns"][i], where), plan, symbols, where, clauses.derived);
      if (has_column(columns, column.name)) throw InputError(where, "'" + column.name + "' is shown already");
      if (is_reserved(column.name)) throw InputError(where, "'" + column.name + "' is what tables call how a row ended");
      columns.push_back(std::move(column));
    });
}

}  // namespace

Symbols symbols_of(const Plan& plan, Zoo& zoo) {
  Symbols symbols;
  symbols.bare = true;
  const bool one = has_one_solver(plan);
  const auto add = [&](std::string_view name, const PortInfo& port, std::size_t slot) {
    symbols.by_name.try_emplace(std::string(name), Symbol{port, slot, false});
  };
  for (std::size_t o = 0; o < plan.outputs().size(); ++o)
    add(plan.outputs()[o].name, plan.outputs()[o], plan.inputs().size() + o);
  for (std::size_t i = 0; i < plan.inputs().size(); ++i) add(plan.inputs()[i].name, plan.inputs()[i], i);
  if (one) {
    for (std::size_t o = 0; o < plan.outputs().size(); ++o)
      add(bare_name(plan.outputs()[o].name), plan.outputs()[o], plan.inputs().size() + o);
    for (std::size_t i = 0; i < plan.inputs().size(); ++i) add(bare_name(plan.inputs()[i].name), plan.inputs()[i], i);
  }
  symbols.object_named = [&zoo](const PortInfo& port, std::string_view name, const std::string& where) {
    return zoo.find(port.interface, name, where).object;
  };
  return symbols;
}

Clauses read_clauses(const Config::Impl& config, const Plan& plan, const std::vector<Axis>& axes, Environment& environment,
                     std::vector<ResultColumn>& columns) {
  const Symbols symbols = symbols_of(plan, environment.zoo());
  Clauses clauses;
  Problems problems;
  read_constraints(config, "where", plan, symbols, clauses, problems);
  read_constraints(config, "assert", plan, symbols, clauses, problems);
  problems.during([&] { read_report(config, plan, axes, symbols, clauses, columns, problems); });
  problems.raise();
  if (!axes.empty()) add_row_columns(clauses, columns);
  if (clauses.bands) clauses.bands->add_columns(clauses.derived, columns);
  clauses.callbacks = read_callbacks(config, environment.plugins());
  return clauses;
}

}  // namespace ironlaw::host
