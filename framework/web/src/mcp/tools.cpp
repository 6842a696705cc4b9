#include "mcp/tools.hpp"

#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace ironlaw::host {
namespace {

constexpr const char* as_json = "application/json";

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string whole;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    if (plain) {
      whole += c;
    } else {
      whole += '%';
      whole += digits[byte >> 4U];
      whole += digits[byte & 15U];
    }
  }
  return whole;
}

/// The service is asked as over HTTP.
class Ask {
 public:
  Ask(Service& service, const std::atomic<bool>& left) : service_(service), left_(left) {}
  [[nodiscard]] ToolReply get(std::string target) const {
    return told(service_.answer({"GET", std::move(target), as_json, {}, &left_}));
  }
  [[nodiscard]] ToolReply post(const char* path, const Json& body, const char* accept = as_json) const {
    return told(service_.answer({"POST", path, accept, body.dump(), &left_}));
  }

 private:
  static ToolReply told(WebReply reply) {
    ToolReply said{std::move(reply.body), nullptr, reply.status >= 400};
    if (reply.type.ends_with("json")) said.structured = Json::parse(said.text, nullptr, false);
    if (!said.structured.is_object()) return said;
    said.text = dump(said.structured);  // without what only people need
    return said;
  }
  Service& service_;
  const std::atomic<bool>& left_;
};

std::string text_of(const Json& arguments, const char* key) {
  if (!arguments.contains(key)) return {};
  if (!arguments[key].is_string()) throw InputError(key, "takes a text");
  return arguments[key].get<std::string>();
}

ToolReply solvers(const Ask& ask, const Json& arguments) {
  const std::string name = text_of(arguments, "name");
  if (name.empty()) return ask.get("/v1/solvers");
  ToolReply inputs = ask.get("/v1/schema/" + encoded(name));
  if (inputs.failed) return inputs;
  const ToolReply page = ask.get("/v1/solvers/" + encoded(name));
  Json outputs = Json::object();
  for (const auto& [output, port] : page.structured["outputs"].items()) {
    const std::string unit = port["unit"].get<std::string>();
    outputs[output] = port["doc"].get<std::string>() + (unit.empty() ? "" : " [" + unit + "]");
  }
  const Json whole{{"solver", name}, {"inputs", inputs.structured}, {"outputs", outputs}, {"limits", page.structured["limits"]}};
  return {dump(whole), whole, false};
}

/// Keys with labels: what to choose by.
ToolReply zoo(const Ask& ask, const Json& arguments) {
  const std::string key = text_of(arguments, "key");
  if (!key.empty()) return ask.get("/v1/zoo/" + encoded(key));
  ToolReply list =
      ask.get("/v1/zoo?kind=" + encoded(text_of(arguments, "kind")) + "&where=" + encoded(text_of(arguments, "where")));
  if (list.failed) return list;
  Json entries = Json::object();
  for (const Json& entry : list.structured["entries"]) entries[entry["key"].get<std::string>()] = entry["label"];
  const Json whole{{"entries", entries}};
  return {dump(whole), whole, false};
}

ToolReply questions(const Ask& ask, const Json& arguments) {
  const std::string name = text_of(arguments, "question");
  if (name.empty()) return ask.get("/v1/questions");
  if (!arguments.contains("inputs")) return ask.get("/v1/questions/" + encoded(name));
  return ask.post("/v1/ask", arguments);
}

ToolReply explain(const Ask& ask, const Json& arguments) {
  Json body = arguments;
  body["explain"] = true;
  return ask.post("/v1/run", body, "text/markdown");
}

Json text_schema(const char* doc) { return {{"type", "string"}, {"description", doc}}; }

/// What a config and a solver's inputs are given by.
Json question_schema() {
  return {{"solver", text_schema("name of a solver (tool solvers)")},
          {"inputs",
           {{"type", "object"},
            {"description",
             "of the solver: numbers, texts with units (\"80 GB\"), names of the zoo; a list runs over its values; "
             "\"hardware.memory_bandwidth\": \"2 TB/s\" changes a field of an object"}}},
          {"profile", text_schema("whose physics: native, or a profile of the zoo")}};
}

Json schema_of(Json properties, std::initializer_list<const char*> required = {}) {
  Json schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (required.size() > 0) schema["required"] = required;
  return schema;
}

Json tool(const char* name, const char* title, const char* doc, Json schema) {
  return {{"name", name},
          {"title", title},
          {"description", doc},
          {"inputSchema", std::move(schema)},
          {"annotations", {{"readOnlyHint", true}, {"openWorldHint", false}}}};
}

Json make_tools() {
  const Json flag{{"type", "boolean"}};
  Json solve = question_schema();
  solve["walls"] = {{"type", "boolean"}, {"description", "say which limits bind, and by how much"}};
  solve["bands"] = {{"type", "boolean"}, {"description", "give the ends of every result that has a band"}};
  Json run = question_schema();
  run.erase("solver");
  run.erase("inputs");
  run["config"] = {
      {"type", "object"},
      {"description",
       "{\"version\": 1, \"inputs\": {name: value}, \"stages\": {name: {\"solver\": ..., input: value or \"$name\" or "
       "\"$stage.output\"}}, \"axes\": [{name: [values]}], \"where\": [conditions], \"study\": {\"use\": name}, "
       "\"report\": {\"columns\": [names], \"best\": {\"by\": \"min stage.output\", \"keep\": 5}}}"}};
  run["set"] = {{"type", "object"},
                {"description", "other values of inputs, by name or stage.port; a list runs over its values"}};
  Json explained = question_schema();
  explained["config"] = {{"type", "object"}, {"description", "instead of solver and inputs: a config of one answer"}};
  explained["set"] = {{"type", "object"}, {"description", "other values of inputs of the config"}};
  return Json::array(
      {tool("ask", "Ask a question",
            "Answers a planner's question in words: which devices serve a load at least cost, how long training takes, does a "
            "model fit. "
            "Without arguments lists the questions; with question alone says what it takes.",
            schema_of(
                {{"question", text_schema("name of a question")},
                 {"inputs",
                  {{"type", "object"}, {"description", "of the question, with units: {\"users\": 200, \"tpot\": \"50 ms\"}"}}},
                 {"set", {{"type", "object"}, {"description", "values of what the question does not ask for"}}},
                 {"profile", text_schema("whose physics")}})),
       tool("solvers", "List or describe solvers",
            "Without a name lists every solver and what it answers; with one gives the JSON Schema of its inputs, its outputs "
            "and limits.",
            schema_of({{"name", text_schema("of a solver")}})),
       tool(
           "solve", "Solve",
           "One answer of one solver, in SI units; or a table where an input is a list. What does not fit has status infeasible.",
           schema_of(std::move(solve), {"solver"})),
       tool("run", "Run a config", "Chains solvers: a pipeline of stages over axes, with conditions, the best rows, or a study.",
            schema_of(std::move(run), {"config"})),
       tool("zoo", "Look up facts",
            "Devices, models, systems, grids and prices with their sources: entries of a kind, or one entry with every field.",
            schema_of({{"kind", text_schema("hardware, workload, node, fleet, fabric, grid ...")},
                       {"where", text_schema("a condition over fields: vendor == 'NVIDIA' and memory_capacity >= 80 GB")},
                       {"key", text_schema("one entry: H100, Llama3_70B")}})),
       tool("explain", "Explain an answer", "The working of every number of one answer: equations with values and their sources.",
            schema_of(std::move(explained)))});
}

}  // namespace

const Json& tool_list() {
  static const Json tools = make_tools();
  return tools;
}

ToolReply call_tool(Service& service, const std::string& name, const Json& arguments, const std::atomic<bool>& left) {
  const Ask ask(service, left);
  std::vector<std::string_view> names;
  for (const Json& one : tool_list()) {
    names.push_back(one["name"].get_ref<const std::string&>());
    if (names.back() != name) continue;
    std::vector<std::string_view> members;
    for (const auto& [member, schema] : one["inputSchema"]["properties"].items()) members.push_back(member);
    for (const auto& [member, value] : arguments.items())
      if (std::find(members.begin(), members.end(), member) == members.end())
        throw InputError(name, "takes no '" + member + "'" + did_you_mean(member, members));
  }
  if (name == "ask") return questions(ask, arguments);
  if (name == "solvers") return solvers(ask, arguments);
  if (name == "solve") return ask.post("/v1/solve", arguments);
  if (name == "run") return ask.post("/v1/run", arguments);
  if (name == "zoo") return zoo(ask, arguments);
  if (name == "explain") return explain(ask, arguments);
  throw InputError("", "no tool is named '" + name + "'" + did_you_mean(name, names));
}

}  // namespace ironlaw::host
