// The OpenAPI description (3.1), made from the routes and from the ports of what is loaded.
#include "reference/schema.hpp"
#include "service/media_type.hpp"
#include "service/service_impl.hpp"
#include "value/shown_value.hpp"

#include <algorithm>
#include <array>

namespace ironlaw::host {
namespace {

Json described(const char* type, const char* doc) { return {{"type", type}, {"description", doc}}; }

/// What requests that say a config may have.
Json config_members_schema() {
  return {{"solver", described("string", "name of a solver; or config")},
          {"inputs", described("object", "of the solver; lists are axes")},
          {"config", {{"$ref", "/v1/schema"}}},
          {"set", described("object", "values of named inputs, ports and fields; lists are axes")},
          {"profile", described("string", "whose physics: native, or a profile of the zoo")},
          {"walls", described("boolean", "show which limits bind")},
          {"bands", described("boolean", "show the ends of every result that has a band")}};
}

Json with(Json properties, const Json& more) {
  properties.update(more);
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

/// One alternative for each solver, so that a client that knows the solver knows its inputs.
Json solve_schema(Plugins& plugins) {
  Json names = Json::array();
  Json by_solver = Json::array();
  for (const auto& name : plugins.names("solver")) {
    names.push_back(name);
    const std::string reference = "#/components/schemas/" + std::string(plugins.solver(name).about().name);
    by_solver.push_back({{"if", {{"properties", {{"solver", {{"const", name}}}}}}},
                         {"then", {{"properties", {{"inputs", {{"$ref", reference}}}}}}}});
  }
  Json schema = with(config_members_schema(), {{"solver", {{"enum", names}}},
                                               {"explain", described("boolean", "show inputs and working")},
                                               {"all", described("boolean", "show settings of parity too")},
                                               {"texts", described("boolean", "say values as people read them, too")}});
  schema["properties"].erase("config");
  schema["required"] = {"solver"};
  schema["allOf"] = std::move(by_solver);
  return schema;
}

Json body_schema(std::string_view path, Plugins& plugins) {
  const Json shown{{"explain", described("boolean", "show inputs and working")},
                   {"all", described("boolean", "show settings of parity too")},
                   {"texts", described("boolean", "say values as people read them, too")}};
  const Json study{{"study", described("string", "name of a study")}, {"options", described("object", "of the study")}};
  const Json text{{"type", "string"}};
  const Json texts{{"type", Json::array({"string", "array"})}, {"items", text}};
  if (path == "/v1/solve") return solve_schema(plugins);
  if (path == "/v1/run") return with(config_members_schema(), shown);
  if (path == "/v1/study") return with(config_members_schema(), study);
  if (path == "/v1/plan") return with(config_members_schema(), {{"format", {{"enum", {"text", "mermaid", "dot"}}}}});
  if (path == "/v1/ports") return with(config_members_schema(), {{"all", {{"type", "boolean"}}}});
  if (path == "/v1/ask")
    return with({{"question", described("string", "name of a question")},
                 {"inputs", described("object", "of the question: GET /v1/questions/{name}")},
                 {"set", described("object", "values of what the question does not ask for")},
                 {"profile", text},
                 {"write", described("string", "reply with the plan in this form")},
                 {"all", {{"type", "boolean"}}}},
                Json::object());
  Json members = config_members_schema();
  members.update(study);
  members["title"] = text;
  if (path == "/v1/report") return with(members, Json::object());
  members["chart"] = {{"enum", {"sweep", "series", "pareto", "breakdown", "operators", "tornado"}}};
  for (const char* name : {"x", "facet", "stage"}) members[name] = text;
  for (const char* name : {"y", "log", "goals", "parts"}) members[name] = texts;
  members["dark"] = {{"type", "boolean"}};
  return with(members, Json::object());
}

Json reply_content(std::string_view path) {
  const auto all = [](std::initializer_list<const char*> types) {
    Json content = Json::object();
    for (const char* type : types) content[type] = Json::object();
    return content;
  };
  if (path == "/v1/batch") return all({"application/x-ndjson"});
  if (path == "/v1/plan" || path == "/metrics") return all({"text/plain"});
  if (path == "/v1/chart") return all({"application/json", "image/svg+xml", "text/html"});
  if (path == "/v1/report") return all({"text/html", "text/markdown"});
  if (path == "/v1/solve" || path == "/v1/run" || path == "/v1/study") {
    Json content = Json::object();
    for (const MediaType& type : result_types()) content[std::string(type.type)] = Json::object();
    return content;
  }
  return all({"application/json"});
}

Json operation(const Route& route, Plugins& plugins) {
  const Json error{
      {"application/json",
       {{"schema", {{"type", "object"}, {"properties", {{"error", described("string", "one line: where and what")}}}}}}}};
  Json one{{"summary", route.summary},
           {"responses",
            {{"200", {{"description", "the answer; what does not fit is one too"}, {"content", reply_content(route.path)}}},
             {"400", {{"description", "bad input"}, {"content", error}}},
             {"413", {{"description", "a body beyond --max-bytes"}, {"content", error}}},
             {"500", {{"description", "a plugin failed"}, {"content", error}}},
             {"503", {{"description", "too much to do; try again"}, {"content", error}}}}}};
  if (route.path.find("{name}") != route.path.npos)
    one["parameters"] = Json::array({{{"name", "name"}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}}});
  const auto add_query = [&](const char* name, const char* doc) {
    one["parameters"].push_back({{"name", name}, {"in", "query"}, {"description", doc}, {"schema", {{"type", "string"}}}});
  };
  if (route.path == "/v1/zoo") {
    add_query("kind", "entries of this kind, or of what serves as it");
    add_query("where", "entries that meet a condition: vendor == 'NVIDIA'");
  }
  if (route.path.starts_with("/v1/zoo")) add_query("profile", "whose physics");
  if (route.path == "/v1/schema") add_query("of", "config or zoo");
  if (route.path.starts_with("/v1/schema") || route.path == "/v1/solvers/{name}")
    add_query("all", "true: settings of parity too");
  if (route.method == "POST")
    one["requestBody"] = {
        {"required", true},
        {"content", route.path == "/v1/batch" ? Json{{"application/x-ndjson", Json::object()}}
                                              : Json{{"application/json", {{"schema", body_schema(route.path, plugins)}}}}}};
  return one;
}

}  // namespace

std::string openapi_text(Service::Impl& service) {
  const auto lock = service.session.lock();
  auto& plugins = service.session.plugins();
  Json paths = Json::object();
  for (const Route& route : routes()) {
    std::string method(route.method);
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
    paths[std::string(route.path)][method] = operation(route, plugins);
  }
  Json schemas = Json::object();
  for (const auto& name : plugins.names("solver")) {
    const Solver& solver = plugins.solver(name);
    schemas[std::string(solver.about().name)] = solver_schema(solver, false);
  }
  const std::string& program = service.options.program;
  return dump(Json{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Ironlaw"},
        {"description", "Predicts speed, cost, carbon and reliability of machine-learning systems from closed-form equations."},
        {"version", program.substr(program.rfind(' ') + 1)}}},
      {"paths", std::move(paths)},
      {"components", {{"schemas", std::move(schemas)}}}});
}

}  // namespace ironlaw::host
