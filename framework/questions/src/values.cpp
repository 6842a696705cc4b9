#include "values.hpp"

#include "plan/environment.hpp"
#include "template_text.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// By its label, else by what it is made of.
std::string called(const Json& object, const std::string& input) {
  const auto text = [&](const char* key) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
  };
  if (const std::string label = text("label"); !label.empty()) return label;
  const std::string base = text("based_on");
  return base.empty() ? input + " of yours" : base + " as given";
}

/// What people call those of the asked that are objects which the design writes out: the plan has their fields, and no expression
/// can name them.
std::map<std::string, std::string> written_out(const Config& design, const std::vector<AskedValue>& asked) {
  std::map<std::string, std::string> names;
  const Json none = Json::object();
  const Json& inputs = design.impl().section("inputs", none);
  for (const AskedValue& value : asked) {
    const auto input = inputs.find(value.expression);
    if (input == inputs.end() || !input->is_object()) continue;
    names.emplace(value.expression, called(*input, value.expression));
  }
  return names;
}

/// The design with every expression among the columns of its report, once.
Config with_columns(const Config& design, const std::vector<AskedValue>& asked,
                    const std::map<std::string, std::string>& written) {
  Config config = Config::copy_of(design.impl());
  Config::Impl impl = config.impl();
  Json columns = Json::array();
  for (const AskedValue& value : asked) {
    if (written.contains(value.expression)) continue;
    if (std::find(columns.begin(), columns.end(), Json(value.expression)) != columns.end()) continue;
    impl.flags[pointer("/report/columns", columns.size())] = value.where;
    columns.push_back(value.expression);
  }
  if (!columns.empty()) impl.root["report"] = Json{{"columns", std::move(columns)}};
  return Config::copy_of(impl);
}

}  // namespace

DesignValues::DesignValues(const Config& design, const std::vector<AskedValue>& asked, Session& session,
                           const std::string& profile)
    : written_(written_out(design, asked)),
      pipeline_(std::make_shared<const Pipeline>(session.compile(with_columns(design, asked, written_), profile))),
      answer_(host::answer(*pipeline_)) {
  for (std::size_t c = 0; c < pipeline_->columns().size(); ++c) columns_.emplace(pipeline_->columns()[c].name, c);
}

ShownValue DesignValues::shown(const std::string& expression) const {
  static const PortInfo object = [] {
    PortInfo port;
    port.type = PortType::object;
    return port;
  }();
  if (const auto written = written_.find(expression); written != written_.end())
    return {expression, &object, {}, written->second};
  const ResultColumn& column = pipeline_->columns()[columns_.at(expression)];
  const Cell& cell = answer_.cell(column);
  return {column.name, &column.port, cell, object_name(pipeline_->environment().zoo(), column.port, cell)};
}

std::string DesignValues::text(const std::string& value, const std::string& where) const {
  const UnitExpression asked(value);
  return text_in_unit(shown(asked.expression), asked.unit, where);
}

Json DesignValues::json() const {
  Json all = Json::object();
  for (const auto& [input, name] : written_) all[input] = name;
  for (const auto& [expression, column] : columns_) all[expression] = value_json(shown(expression));
  return all;
}

std::string text_in_unit(ShownValue value, const std::string& unit, const std::string& where) {
  if (unit.empty()) return value_text(value);
  PortInfo port = *value.port;
  try {
    if (parse_unit(unit, port.dimension).dimension != port.dimension)
      throw InputError(where, "'" + unit + "' is no unit of " + value.name);
  } catch (const UnitError& e) {
    throw InputError(where, e.what());
  }
  port.display = unit;
  if (port.type == PortType::integer) port.type = PortType::number;
  value.port = &port;
  return value_text(value);
}

}  // namespace ironlaw::host
