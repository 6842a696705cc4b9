// The service over HTTP and the tools over MCP, without a socket.
#include "request_grammar.hpp"
#include "requirements.hpp"
#include "trials.hpp"

#include <ironlaw/host/session.hpp>
#include <ironlaw/web/mcp.hpp>
#include <ironlaw/web/service.hpp>

#include <array>
#include <sstream>

namespace ironlaw::hostile {
namespace {

using namespace std::string_view_literals;

host::Service& service() {
  static host::Session session;
  static host::Service one(session, [] {
    host::ServiceOptions options;
    options.limits.rows = 20'000;
    options.limits.seconds = 10;
    options.program = "ironlaw";
    return options;
  }());
  return one;
}

/// What fits in a line of HTTP: the server itself refuses the others.
std::string in_one_line(std::string text) {
  std::erase_if(text, [](char c) { return c == '\0' || c == '\r' || c == '\n'; });
  return text;
}

std::string percent_encoded(std::string_view text) {
  std::string whole;
  for (const char c : text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    (whole += '%') += digits[byte >> 4U];
    whole += digits[byte & 15U];
  }
  return whole;
}

std::string target(Choices& choices, bool post) {
  static constexpr std::array posts{"/v1/solve"sv, "/v1/run"sv,   "/v1/study"sv, "/v1/batch"sv, "/v1/ask"sv,
                                    "/v1/plan"sv,  "/v1/ports"sv, "/v1/solve"sv, "/v1/run"sv,   "/v1/report"sv};
  static constexpr std::array gets{"/v1/solvers"sv,
                                   "/v1/solvers/"sv,
                                   "/v1/studies/"sv,
                                   "/v1/questions/"sv,
                                   "/v1/zoo"sv,
                                   "/v1/zoo/"sv,
                                   "/v1/schema"sv,
                                   "/v1/schema/"sv,
                                   "/v1/profiles"sv,
                                   "/v1/shown"sv,
                                   "/metrics"sv,
                                   "/healthz"sv,
                                   "/"sv,
                                   "/../etc/passwd"sv,
                                   "/charts/"sv,
                                   ""sv};
  std::string path(post ? choices.of(posts) : choices.of(gets));
  if (!post && path.ends_with('/')) path += choices.of({"single_node", "H100", "optimize", "fit", "a/b", "%2e%2e%2f", "x%00y"});
  if (choices.one_in(6)) path += choices.one_in(2) ? percent_encoded(choices.text()) : in_one_line(choices.text());
  if (choices.one_in(post ? 12 : 2))
    path += "?" + std::string(choices.of({"kind", "where", "profile", "of", "all", "x"})) + "=" +
            (choices.one_in(2) ? std::string(choices.of({"hardware", "vendor=='NVIDIA'", "tutorials", "zoo", "true", "%zz"}))
                               : percent_encoded(choices.text()));
  return path;
}

/// What a chart, a study or a question takes beside a config.
void add_members(Choices& choices, const std::string& path, Json& body) {
  const auto name = [&](std::initializer_list<std::string_view> names) { return std::string(choices.of(names)); };
  const auto said = [&](const std::string& right) { return choices.below(4) > 0 ? Json(right) : json_value(choices, 1); };
  if (path.starts_with("/v1/study")) {
    body["study"] = said(name({"sensitivity", "uncertainty", "compare", "optimize", "synthesis", "sweep"}));
    if (choices.one_in(2))
      body["options"] = {{name({"outputs", "inputs", "with", "samples", "goal", "seed"}), json_value(choices)}};
  }
  if (path.starts_with("/v1/ask")) {
    body = {{"question", said(name({"fit", "decode", "chip", "where"}))}};
    body["inputs"] = {{"model", said("Llama3_8B")}, {"device", said("H100")}};
    if (choices.one_in(3)) body["inputs"][name({"format", "context", "latency", "budget", "x"})] = json_value(choices);
    if (choices.one_in(6)) body["write"] = said(name({"config", "vllm"}));
  }
  if (choices.one_in(4))
    body["set"] = {{name({"node.batch_size", "node.hardware", "node.efficiency", "x"}), json_value(choices)}};
  if (choices.one_in(8))
    body[name({"profile", "walls", "bands", "explain", "all", "texts", "title", "format"})] = json_value(choices, 0);
  if (choices.one_in(16)) body[choices.text()] = json_value(choices);
}

std::string body_of(Choices& choices, const std::string& path) {
  Json body = Json::object();
  if (choices.one_in(2)) {
    body["config"] = config(choices);
  } else {
    const std::string solver = solver_name(choices);
    body["solver"] = solver;
    body["inputs"] = inputs(choices, solver);
  }
  add_members(choices, path, body);
  std::string text = body.dump(-1, ' ', false, Json::error_handler_t::ignore);
  if (choices.one_in(10)) text.erase(choices.below(text.size()));
  if (path.starts_with("/v1/batch")) text += "\n{\"id\": 2, \"solver\": 3}\n" + text;
  return text;
}

void require_reply(const host::WebReply& reply) {
  require(reply.status == 200 || (reply.status >= 400 && reply.status < 500) || reply.status == 503,
          "the status " + std::to_string(reply.status) + ": " + reply.body.substr(0, 300));
  const bool json = reply.type == "application/json" || reply.type == "application/schema+json";
  if (reply.status != 200) {
    require(json, "a refusal that is no JSON");
    const Json said = Json::parse(reply.body);
    if (said.contains("error")) require_message(said["error"].get<std::string>());
  }
  if (json) return require_json(reply.body);
  if (reply.type == "text/csv") return require_csv(reply.body);
  if (reply.type == "text/markdown") return require_markdown(reply.body);
  if (reply.type == "text/plain") return require_visible(reply.body);
  if (reply.type != "application/x-ndjson") return;
  std::istringstream lines(reply.body);
  for (std::string line; std::getline(lines, line);) require_json(line);
}

bool try_http(Choices& choices) {
  const bool post = choices.below(3) > 0;
  host::WebRequest request;
  request.target = target(choices, post);
  request.method = choices.one_in(12) ? choices.of({"GET", "PUT", "DELETE", "", "get", "HEAD"}) : post ? "POST" : "GET";
  request.accept = in_one_line(
      choices.one_in(10)
          ? choices.text()
          : std::string(choices.of({"", "*/*", "application/json", "text/csv", "text/markdown", "text/plain;q=0.5, text/csv;q=x",
                                    "application/x-ndjson", "text/*", "application/vnd.apache.arrow.file"})));
  if (post) request.body = body_of(choices, request.target);
  const host::WebReply reply = service().answer(request);
  try {
    require_reply(reply);
    return reply.status == 200;
  } catch (const Fault& fault) {
    throw Fault(request.method + " " + request.target + " (" + request.accept + ") " + request.body.substr(0, 2000) + ": " +
                fault.what());
  }
}

Json message(Choices& choices) {
  Json message{{"jsonrpc", "2.0"}};
  if (!choices.one_in(8)) message["id"] = choices.one_in(6) ? json_value(choices) : Json(1 + choices.below(9));
  message["method"] = choices.one_in(10) ? json_value(choices)
                                         : Json(std::string(choices.of({"tools/call", "tools/call", "tools/call", "initialize",
                                                                        "tools/list", "ping", "notifications/cancelled", "x"})));
  const std::string solver = solver_name(choices);
  Json arguments = choices.one_in(8) ? json_value(choices) : Json{{"solver", solver}, {"inputs", inputs(choices, solver)}};
  const std::string tool(choices.of({"solve", "run", "explain", "zoo", "solvers", "ask", "x"}));
  if (tool == "run") arguments = {{"config", config(choices)}};
  if (tool == "zoo")
    arguments = {{std::string(choices.of({"kind", "where", "key"})), choices.one_in(2) ? "H100" : choices.text()}};
  if (tool == "solvers") arguments = {{"name", choices.one_in(2) ? solver : choices.text()}};
  if (tool == "ask") arguments = {{"question", choices.one_in(2) ? "fit" : choices.text()}};
  message["params"] = choices.one_in(10) ? json_value(choices) : Json{{"name", tool}, {"arguments", arguments}};
  return message;
}

bool try_messages(Choices& choices) {
  std::string said;
  for (std::size_t n = 1 + choices.below(3); n > 0; --n) {
    std::string line = message(choices).dump(-1, ' ', false, Json::error_handler_t::ignore);
    if (choices.one_in(10)) line.erase(choices.below(line.size()));
    said += line + "\n";
  }
  std::istringstream in(said);
  std::ostringstream out;
  host::serve_mcp(service(), "1", in, out);
  try {
    bool answered = false;
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) {
      require_json(line);
      const Json reply = Json::parse(line);
      require(reply.contains("id") && reply.contains("result") != reply.contains("error"), "no reply: " + line.substr(0, 300));
      if (reply.contains("error")) require_message(reply["error"]["message"].get<std::string>());
      answered = answered || reply.contains("result");
    }
    return answered;
  } catch (const Fault& fault) {
    throw Fault(said.substr(0, 2000) + ": " + fault.what());
  }
}

}  // namespace

bool try_service(Choices choices) { return choices.one_in(4) ? try_messages(choices) : try_http(choices); }

}  // namespace ironlaw::hostile
