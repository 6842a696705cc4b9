// JSON Schema (draft 7) of configs and of zoo files, from the ports of what is loaded.
#include "reference/schema.hpp"

#include "value/shown_value.hpp"

#include <ironlaw/notation/port_order.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/record_table.hpp>
#include <ironlaw/study.hpp>

#include <ostream>

namespace ironlaw::host {
namespace {

/// What a port takes, as a value or as a reference where `references` is set.
Json port_schema(const PortInfo& port, bool references) {
  Json schema = Json::object();
  schema["description"] = port.doc;
  Json any = values_of(port.type).schemas(port);
  if (references) any.push_back({{"type", "string"}, {"pattern", "^\\$"}});
  if (port.optional) any.push_back({{"type", "null"}});
  schema["anyOf"] = std::move(any);
  if (!port.required && !port.optional && port.type == PortType::number && port.dimension.dimensionless())
    schema["default"] = port.fallback;
  return schema;
}

/// Sets a dotted name ("peak_rate.fp16") as nested properties.
void set_property(Json& properties, std::string_view name, Json schema) {
  const auto dot = name.find('.');
  if (dot == name.npos) {
    properties[std::string(name)] = std::move(schema);
    return;
  }
  Json& outer = properties[std::string(name.substr(0, dot))];
  if (outer.is_null()) outer = Json{{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  set_property(outer["properties"], name.substr(dot + 1), std::move(schema));
}

Json text_schema(const char* doc) { return {{"type", "string"}, {"description", doc}}; }

/// What holds for an object whose `key` says `name`: editors then complain of the one field that is wrong, not of every branch.
Json where_it_says(const char* key, std::string_view name, Json then) {
  return {{"if", {{"properties", {{key, {{"const", name}}}}}, {"required", {key}}}}, {"then", std::move(then)}};
}

/// Settings of parity as a pattern: right where somebody writes them, and nothing that an editor offers.
void allow_parity(std::span<const PortInfo> ports, Json& patterns) {
  std::string names;
  for (const std::size_t i : ports_of_need(ports, PortNeed::parity)) names.append(names.empty() ? "" : "|").append(ports[i].name);
  if (!names.empty()) patterns["^(" + names + ")$"] = Json::object();
}

/// Ports are not required here: an axis or a profile may give them. A dotted key replaces a field of an object.
Json stage_schema(const Solver& solver, bool all) {
  Json properties{{"solver", Json::object()}};
  for (const std::size_t i : port_order(solver.inputs(), all))
    properties[std::string(solver.inputs()[i].name)] = port_schema(solver.inputs()[i], true);
  Json patterns{{"\\.", Json::object()}};
  if (!all) allow_parity(solver.inputs(), patterns);
  return {{"description", solver.about().doc},
          {"properties", properties},
          {"patternProperties", patterns},
          {"additionalProperties", false}};
}

/// A stage of any solver, or of another config.
Json any_stage_schema(Plugins& plugins, bool all) {
  Json names = Json::array();
  Json by_solver = Json::array();
  for (const auto& name : plugins.names("solver")) {
    names.push_back(name);
    by_solver.push_back(where_it_says("solver", name, stage_schema(plugins.solver(name), all)));
  }
  return {{"type", "object"},
          {"properties", {{"solver", {{"enum", names}}}, {"config", text_schema("another config, as a stage")}}},
          {"oneOf", {{{"required", {"solver"}}}, {{"required", {"config"}}}}},
          {"allOf", by_solver}};
}

/// What an option of a study takes.
Json option_schema(const OptionInfo& option) {
  const Json text{{"type", "string"}};
  Json schema = Json::object();
  switch (option.type) {
    case OptionType::quantity:
      schema = option.dimension.dimensionless() ? Json{{"type", {"number", "string"}}, {"default", option.number_fallback}}
                                                : Json{{"type", "string"}};
      break;
    case OptionType::boolean:
      schema = {{"type", "boolean"}, {"default", option.number_fallback != 0}};
      break;
    case OptionType::text:
      schema = text;
      if (!option.required) schema["default"] = option.text_fallback;
      break;
    case OptionType::texts:
      schema = {{"type", "array"}, {"items", text}};
      break;
    default:
      schema["anyOf"] = Json::array({text, {{"type", "array"}, {"items", text}}});
  }
  schema["description"] = option.doc;
  return schema;
}

Json study_schema(const Study& study, const std::string& name) {
  Json properties{{"use", {{"const", name}}},
                  {"seed", {{"type", "integer"}, {"minimum", 0}, {"description", "of random numbers"}}},
                  {"with", {{"description", "another design: a file, other values, or a list of these"}}}};
  Json required = Json::array({"use"});
  for (const auto& option : study.options()) {
    properties[std::string(option.name)] = option_schema(option);
    if (option.required) required.push_back(option.name);
  }
  return {{"type", "object"},
          {"description", study.about().doc},
          {"properties", properties},
          {"required", required},
          {"additionalProperties", false}};
}

/// A sweep, or any study.
Json any_study_schema(Plugins& plugins) {
  Json names = Json::array({"sweep"});
  Json by_name = Json::array();
  for (const auto& name : plugins.names("study")) {
    names.push_back(name);
    by_name.push_back(where_it_says("use", name, study_schema(plugins.study(name), name)));
  }
  return {{"type", "object"}, {"required", {"use"}}, {"properties", {{"use", {{"enum", names}}}}}, {"allOf", by_name}};
}

Json entry_schema(const Kind& kind, bool all) {
  Json properties = Json::object();
  for (const char* key : {"kind", "based_on", "label", "vendor", "category", "source", "note"})
    properties[key] = {{"type", "string"}};
  properties["year"] = {{"type", "integer"}};
  properties["aliases"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  properties["memory_sizes"] = {{"type", "array"}, {"items", {{"type", "number"}}}};
  properties["sources"] = {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
  for (const std::size_t i : port_order(kind.fields(), all))
    set_property(properties, kind.fields()[i].name, port_schema(kind.fields()[i], false));
  Json patterns = Json::object();
  if (!all) allow_parity(kind.fields(), patterns);
  return {{"description", kind.about().doc},
          {"properties", properties},
          {"patternProperties", patterns},
          {"additionalProperties", false}};
}

/// An entry of any kind, or one that has the kind of what it is based on.
Json any_entry_schema(Plugins& plugins, bool all) {
  Json names = Json::array();
  Json by_kind = Json::array();
  for (const auto& name : plugins.names("kind")) {
    names.push_back(name);
    by_kind.push_back(where_it_says("kind", name, entry_schema(plugins.kind(name), all)));
  }
  return {{"type", "object"},
          {"properties", {{"kind", {{"enum", names}}}, {"based_on", {{"type", "string"}}}}},
          {"anyOf", {{{"required", {"kind"}}}, {{"required", {"based_on"}}}}},
          {"allOf", by_kind}};
}

}  // namespace

Json config_schema(Plugins& plugins, bool all) {
  const Json texts{{"type", "array"}, {"items", {{"type", "string"}}}};
  Json schema{
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "Ironlaw config"},
      {"type", "object"},
      {"required", {"version", "stages"}},
      {"additionalProperties", false},
      {"properties",
       {{"version", {{"const", 1}}},
        {"name", text_schema("what the pipeline is for")},
        {"profile", text_schema("whose physics: native, or a profile of the zoo")},
        {"inputs", {{"type", "object"}, {"description", "named values, read by $name"}}},
        {"stages", {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", any_stage_schema(plugins, all)}}},
        {"axes", {{"type", "array"}, {"items", {{"type", "object"}, {"minProperties", 1}}}}},
        {"where", texts},
        {"assert", texts},
        {"study", any_study_schema(plugins)},
        {"report",
         {{"type", "object"},
          {"additionalProperties", false},
          {"properties",
           {{"columns", texts},
            {"sort", texts},
            {"pareto", texts},
            {"best",
             {{"type", "object"},
              {"required", {"by"}},
              {"properties", {{"by", {{"type", "string"}}}, {"keep", {{"type", "integer"}, {"minimum", 1}}}}}}},
            {"rejected", {{"type", "boolean"}, {"description", "show the rows that a constraint takes out"}}},
            {"walls", {{"type", "boolean"}, {"description", "show which limits bind, and by how much"}}},
            {"bands", {{"type", "boolean"}, {"description", "show the ends of every result that has a band"}}}}}}},
        {"callbacks", {{"type", "array"}, {"items", {{"type", "object"}, {"required", {"use"}}}}}},
        {"plugins",
         {{"type", "object"},
          {"description", "versions and SHA-256 of plugins that this config is locked to; ironlaw plugin lock writes them"},
          {"additionalProperties",
           {{"type", "object"},
            {"additionalProperties", false},
            {"properties", {{"version", {{"type", "string"}}}, {"sha256", {{"type", "string"}}}}}}}}},
        {"question",
         {{"type", "object"},
          {"description", "how ironlaw ask asks it, and tells the answer"},
          {"required", {"asks", "answer"}}}}}}};
  return schema;
}

Json solver_schema(const Solver& solver, bool all) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const std::size_t i : port_order(solver.inputs(), all)) {
    const PortInfo& port = solver.inputs()[i];
    properties[std::string(port.name)] = port_schema(port, false);
    if (port.required) required.push_back(port.name);
  }
  Json schema{{"type", "object"},
              {"description", solver.about().doc},
              {"properties", std::move(properties)},
              {"patternProperties", {{"\\.", Json::object()}}},  // a field of an object: "hardware.memory_bandwidth"
              {"additionalProperties", false}};
  if (!all) allow_parity(solver.inputs(), schema["patternProperties"]);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json zoo_schema(Plugins& plugins, bool all) {
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "Ironlaw zoo file"},
              {"type", "object"},
              {"required", {"entries"}},
              {"additionalProperties", false},
              {"properties",
               {{"sources", {{"type", "object"}, {"additionalProperties", {{"type", "object"}, {"required", {"title"}}}}}},
                {"entries", {{"type", "object"}, {"additionalProperties", any_entry_schema(plugins, all)}}}}}};
  return schema;
}

void report_config_schema(Plugins& plugins, bool all, std::ostream& out) { out << dump(config_schema(plugins, all), 1) << '\n'; }
void report_zoo_schema(Plugins& plugins, bool all, std::ostream& out) { out << dump(zoo_schema(plugins, all), 1) << '\n'; }

}  // namespace ironlaw::host
