// What the service answers, without a socket.
#include "present/report_fixture.hpp"

#include <gtest/gtest.h>
#include <ironlaw/present/result_table.hpp>
#include <ironlaw/web/mcp.hpp>
#include <ironlaw/web/service.hpp>

#include <atomic>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

namespace ironlaw::host {
namespace {

Service& service() {
  static Service& one = *new Service(session(), {.profile = {}, .limits = RequestLimits::of_service(), .program = "test 1"});
  return one;
}

WebReply get(const std::string& target, const std::string& accept = {}) {
  return service().answer({"GET", target, accept, {}, nullptr});
}
WebReply post(const std::string& target, const Json& body, const std::string& accept = {}) {
  return service().answer({"POST", target, accept, body.dump(), nullptr});
}
Json json_of(const WebReply& reply) { return Json::parse(reply.body); }
std::string error_of(const WebReply& reply) { return json_of(reply)["error"].get<std::string>(); }

Json node(int batch_size = 8) {
  return {{"solver", "single_node"}, {"inputs", {{"workload", "ResNet50"}, {"hardware", "H100"}, {"batch_size", batch_size}}}};
}
Json config() {
  return {
      {"version", 1},
      {"inputs", {{"device", "H100"}}},
      {"stages", {{"node", {{"solver", "single_node"}, {"workload", "ResNet50"}, {"hardware", "$device"}, {"batch_size", 8}}}}}};
}
constexpr const char* latency = "/outputs/latency/value";
double number_at(const Json& json, const char* pointer) { return json.at(Json::json_pointer(pointer)).get<double>(); }

TEST(Service, AnswersASolveAsARunDoes) {
  const auto fast = post("/v1/solve", node());
  ASSERT_EQ(fast.status, 200u) << fast.body;
  EXPECT_EQ(json_of(fast)["status"], "ok");
  Json explained = node();
  explained["explain"] = true;
  explained["texts"] = true;
  const Json whole = json_of(post("/v1/solve", explained));
  EXPECT_EQ(number_at(json_of(fast), latency), number_at(whole, latency));
  EXPECT_FALSE(whole["explain"].empty());
  EXPECT_TRUE(whole["explain"][0].contains("text"));
  EXPECT_TRUE(whole["outputs"]["latency"].contains("text")) << whole["outputs"]["latency"];
  EXPECT_EQ(whole["provenance"]["program"], "test 1");
  const Json run = json_of(post("/v1/run", {{"config", config()}}));
  EXPECT_EQ(number_at(run["stages"]["node"], latency), number_at(whole, latency));
  const Json set = json_of(post("/v1/run", {{"config", config()}, {"set", {{"device", "A100"}}}}));
  EXPECT_GT(number_at(set["stages"]["node"], latency), number_at(whole, latency));
}

TEST(Service, ListsAreAxes) {
  Json body = node();
  body["inputs"]["batch_size"] = {1, 4, 16};
  body["inputs"]["hardware"] = {"A100", "H100"};
  const auto reply = post("/v1/solve", body);
  ASSERT_EQ(reply.status, 200u) << reply.body;
  EXPECT_EQ(json_of(reply)["rows"].size(), 6u);
  EXPECT_EQ(reply.rows, 6u);
  const Json swept = json_of(post("/v1/run", {{"config", config()}, {"set", {{"node.batch_size", Json::array({"1..8"})}}}}));
  EXPECT_EQ(swept["rows"].size(), 8u) << swept;
  // A series takes the list itself, a list of lists is an axis.
  const Json load{{"solver", "tariff"},
                  {"inputs", {{"load", {"6 MW", "8 MW", "9.5 MW"}}, {"limit", "9 MW"}, {"battery", "1 MWh"}}}};
  const auto day = post("/v1/solve", load);
  EXPECT_TRUE(json_of(day).contains("outputs")) << day.body;
}

TEST(Service, SpeaksTheFormatsOfTables) {
  Json body = node();
  body["inputs"]["batch_size"] = {1, 4};
  for (const auto& [accept, begin] :
       std::map<std::string, std::string>{{"text/csv", "batch_size"},
                                          {"application/x-ndjson", "{"},
                                          {"application/vnd.apache.arrow.stream", "\xff\xff\xff\xff"},
                                          {"application/vnd.apache.arrow.file", "ARROW1"},
                                          {"text/markdown", "|"}}) {
    const auto reply = post("/v1/solve", body, accept);
    EXPECT_EQ(reply.status, 200u) << reply.body;
    EXPECT_EQ(reply.type, accept);
    EXPECT_NE(reply.body.find(begin), std::string::npos) << accept << ": " << reply.body.substr(0, 200);
  }
  EXPECT_EQ(post("/v1/solve", body, "application/json;q=0.5, text/csv").type, "text/csv");
  EXPECT_EQ(post("/v1/solve", body, "text/*").type, "text/csv");
  EXPECT_EQ(post("/v1/solve", body, "*/*").type, "application/json");
  EXPECT_EQ(post("/v1/solve", body, "image/png").status, 400u);
}

TEST(Service, RunsAStudy) {
  const auto reply = post("/v1/study", {{"solver", "single_node"},
                                        {"inputs", {{"workload", "ResNet50"}, {"hardware", "H100"}, {"batch_size", {1, 2, 4}}}},
                                        {"study", "optimize"},
                                        {"options", {{"goal", "max single_node.throughput"}, {"keep", 1}}}});
  ASSERT_EQ(reply.status, 200u) << reply.body;
  const Json table = json_of(reply);
  ASSERT_EQ(table["rows"].size(), 1u) << reply.body;
  EXPECT_EQ(table["rows"][0][0], 4) << reply.body;
  EXPECT_EQ(post("/v1/study", {{"config", config()}, {"study", "optimise"}}).status, 400u);
}

TEST(Service, AnswersABatchLineByLine) {
  const WebRequest request{"POST", "/v1/batch", "",
                           R"({"id": 1, "solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100"}})"
                           "\n\n{\"id\": 2}\n[1\n",
                           nullptr};
  const auto reply = service().answer(request);
  const auto lines = lines_of(reply.body);
  ASSERT_EQ(lines.size(), 3u) << reply.body;
  EXPECT_EQ(Json::parse(lines[0])["status"], "ok");
  EXPECT_EQ(Json::parse(lines[1])["id"], 2);
  EXPECT_TRUE(Json::parse(lines[1]).contains("error"));
  EXPECT_TRUE(Json::parse(lines[2]).contains("error"));
}

TEST(Service, WhatDoesNotFitIsAnAnswerAndBadInputIsNot) {
  const auto infeasible =
      post("/v1/solve", {{"solver", "single_node"}, {"inputs", {{"workload", "Llama3_70B"}, {"hardware", "A100"}}}});
  EXPECT_EQ(infeasible.status, 200u);
  EXPECT_EQ(json_of(infeasible)["status"], "infeasible");
  for (const auto& [body, what] : std::vector<std::pair<Json, std::string>>{
           {{{"solver", "single_nod"}, {"inputs", Json::object()}}, "single_node"},
           {{{"solver", "single_node"}, {"inputs", {{"workload", "AlexNt"}, {"hardware", "H100"}}}}, "did you mean 'AlexNet'?"},
           {{{"solver", "single_node"}, {"inputz", Json::object()}}, "did you mean 'inputs'?"},
           {{{"inputs", Json::object()}}, "solver"},
           {{{"solver", "single_node"}, {"inputs", {{"workload", "ResNet50"}, {"hardware", "H100"}, {"batch_size", 0}}}},
            "batch_size"},
           {Json::array(), "object"}}) {
    const auto reply = post("/v1/solve", body);
    EXPECT_EQ(reply.status, 400u) << reply.body;
    EXPECT_NE(error_of(reply).find(what), std::string::npos) << reply.body;
  }
  EXPECT_EQ(service().answer({"POST", "/v1/solve", {}, "{\"solver\": ", nullptr}).status, 400u);
  EXPECT_EQ(service().answer({"POST", "/v1/run", {}, std::string(100'000, '['), nullptr}).status, 400u);
  EXPECT_EQ(get("/v1/nothing").status, 404u);
  EXPECT_EQ(get("/v1/solve").status, 405u);
  EXPECT_EQ(service().answer({"DELETE", "/v1/zoo", {}, {}, nullptr}).status, 405u);
  EXPECT_EQ(get("/v1/zoo?kinds=hardware").status, 400u);
  EXPECT_EQ(get("/v1/zoo/%zz").status, 400u);
  EXPECT_EQ(get("/v1/solvers/nothing").status, 404u);
}

/// The page's files alone are read for a path, and a request names none.
TEST(Service, TouchesNoFile) {
  EXPECT_EQ(get("/../../../etc/passwd").status, 404u);
  EXPECT_EQ(get("/%2e%2e/%2e%2e/etc/passwd").status, 404u);
  const auto file = std::filesystem::temp_directory_path() / "ironlaw_service_test.json";
  std::ofstream(file) << config().dump();
  const Json by_path{{"version", 1}, {"stages", {{"a", {{"config", file.string()}}}}}};
  const auto reply = post("/v1/run", {{"config", by_path}});
  EXPECT_EQ(reply.status, 400u);
  EXPECT_NE(error_of(reply).find("touches no file"), std::string::npos) << reply.body;
  EXPECT_EQ(post("/v1/ask", {{"question", file.string()}}).status, 400u);
  EXPECT_NE(error_of(post("/v1/solve", {{"solver", "tariff"}, {"inputs", {{"load", "/etc/passwd"}, {"limit", "9 MW"}}}})).size(),
            0u);
  EXPECT_EQ(
      error_of(post("/v1/solve", {{"solver", "tariff"}, {"inputs", {{"load", "/etc/passwd"}, {"limit", "9 MW"}}}})).find("root"),
      std::string::npos);
  std::filesystem::remove(file);
}

TEST(Service, KeepsToTheLimits) {
  auto limits = RequestLimits::of_service();
  limits.rows = 100;
  limits.bytes = 2000;
  Service small(session(), {.profile = {}, .limits = limits, .program = "test 1"});
  Json body = node();
  body["inputs"]["batch_size"] = Json::array({"1..1000"});
  const auto reply = small.answer({"POST", "/v1/solve", {}, body.dump(), nullptr});
  EXPECT_EQ(reply.status, 400u);
  EXPECT_NE(error_of(reply).find("--max-rows"), std::string::npos) << reply.body;
  EXPECT_NE(error_of(small.answer({"POST", "/v1/run", {}, std::string(3000, ' '), nullptr})).find("--max-bytes"),
            std::string::npos);
}

/// Whatever evaluates rows keeps to the limit of time: tables, studies, charts, reports.
TEST(Service, KeepsToTheTime) {
  auto limits = RequestLimits::of_service();
  limits.seconds = 0.02;
  Service hurried(session(), {.profile = {}, .limits = limits, .program = "test 1"});
  const Json set = Json::parse(R"({"node.batch_size": ["1..300"], "node.efficiency": [{"from": 0.1, "to": 1, "steps": 300}]})");
  const Json swept{{"config", config()}, {"set", set}};
  Json chart = swept;
  chart.update(Json::parse(R"({"chart": "pareto", "goals": ["min latency", "min energy"]})"));
  Json study{{"config", config()}, {"study", "uncertainty"}, {"options", {{"samples", 1'000'000}}}};
  study["config"]["axes"] = Json::parse(R"([{"node.efficiency": {"triangular": [0.3, 0.5, 0.7]}}])");
  for (const auto& [target, body] :
       std::map<std::string, Json>{{"/v1/run", swept}, {"/v1/chart", chart}, {"/v1/report", swept}, {"/v1/study", study}}) {
    const std::clock_t begin = std::clock();  // of the processor: other tests run beside this one
    const auto reply = hurried.answer({"POST", target, {}, body.dump(), nullptr});
    EXPECT_EQ(reply.status, 400u) << target;
    EXPECT_NE(error_of(reply).find("--max-seconds"), std::string::npos) << target << " " << reply.body.substr(0, 300);
    EXPECT_LT(std::clock() - begin, 5 * CLOCKS_PER_SEC) << target;
  }
}

/// A client that left costs a block of rows at most.
TEST(Service, EndsARunThatNobodyWaitsFor) {
  const std::atomic<bool> left{true};
  Json body{{"config", config()}, {"set", {{"node.batch_size", Json::array({"1..500000"})}}}};
  const auto reply = service().answer({"POST", "/v1/run", {}, body.dump(), &left});
  EXPECT_EQ(reply.status, 499u);
  EXPECT_LT(reply.rows, 500'000u);
}

TEST(Service, SaysWhatThereIs) {
  EXPECT_GT(json_of(get("/v1/solvers"))["solvers"].size(), 20u);
  const Json page = json_of(get("/v1/solvers/single_node"));
  EXPECT_EQ(page["inputs"]["workload"]["required"], true);
  const Json zoo = json_of(get("/v1/zoo?kind=hardware&where=vendor+%3D%3D+%27NVIDIA%27"));
  EXPECT_GT(zoo["entries"].size(), 5u);
  for (const auto& entry : zoo["entries"]) EXPECT_EQ(entry["vendor"], "NVIDIA");
  EXPECT_EQ(json_of(get("/v1/zoo/H100"))["key"], "H100");
  EXPECT_FALSE(json_of(get("/v1/studies"))["studies"].empty());
  EXPECT_FALSE(json_of(get("/v1/questions"))["questions"].empty());
  EXPECT_TRUE(json_of(get("/v1/questions/serve"))["inputs"].contains("model"));
  EXPECT_EQ(json_of(get("/v1/schema"))["title"], "Ironlaw config");
  const Json schema = json_of(get("/v1/schema/single_node"));
  EXPECT_EQ(schema["required"], Json({"workload", "hardware"}));
  EXPECT_LT(get("/v1/schema/single_node").body.size(), 20'000u);
  const Json ports = json_of(post("/v1/ports", {{"config", config()}}));
  EXPECT_EQ(ports["values"]["device"]["value"], "H100") << ports["values"];
  EXPECT_EQ(get("/v1/solvers", "text/csv").type, "text/csv");
}

TEST(Service, AnswersAQuestion) {
  const auto told =
      post("/v1/ask", {{"question", "fit"}, {"inputs", {{"model", "Llama3_8B"}, {"device", "H100"}}}, {"texts", true}});
  ASSERT_EQ(told.status, 200u) << told.body;
  EXPECT_FALSE(json_of(told)["answer"].empty());
  EXPECT_NE(error_of(post("/v1/ask", {{"question", "fit"}})).find("needs"), std::string::npos);
  EXPECT_NE(error_of(post("/v1/ask", {{"question", "fitt"}})).find("did you mean 'fit'?"), std::string::npos);
  EXPECT_NE(error_of(post("/v1/ask", {{"question", "fit"}, {"inputs", {{"modell", "x"}}}})).find("did you mean 'model'?"),
            std::string::npos);
}

TEST(Service, DrawsAndReports) {
  const Json swept{
      {"config", config()}, {"set", {{"node.batch_size", {1, 2, 4, 8}}}}, {"chart", "sweep"}, {"y", {"node.latency"}}};
  const Json chart = json_of(post("/v1/chart", swept));
  EXPECT_EQ(chart["panels"][0]["series"][0]["points"].size(), 4u) << chart;
  const auto report = post("/v1/report", node(), "text/html");
  EXPECT_EQ(report.status, 200u) << report.body.substr(0, 300);
  EXPECT_NE(report.body.find("<!DOCTYPE html>"), std::string::npos);
  EXPECT_EQ(post("/v1/plan", {{"config", config()}, {"format", "mermaid"}}).body.find("flowchart"), 0u);
}

/// What is drawn is bounded, whatever the table: a report of many rows costs seconds, and says what it shows of them.
TEST(Service, ReportsALargeTableInSeconds) {
  const Json set = Json::parse(R"({"node.batch_size": ["1..300"], "node.efficiency": [{"from": 0.1, "to": 1, "steps": 300}]})");
  const std::clock_t begin = std::clock();
  const auto report = post("/v1/report", {{"config", config()}, {"set", set}}, "text/html");
  EXPECT_LT(std::clock() - begin, 60 * CLOCKS_PER_SEC);
  ASSERT_EQ(report.status, 200u) << report.body.substr(0, 300);
  EXPECT_LT(report.body.size(), 8'000'000u);
  EXPECT_NE(report.body.find(" of 300 lines of a table of 90000 rows"), std::string::npos);
  EXPECT_NE(report.body.find("The first 200 are in this report; ironlaw run --format csv gives all."), std::string::npos);
}

/// Every reference within the description has something to point to, and every route is in it.
TEST(Service, DescribesItself) {
  const Json api = json_of(get("/v1/openapi.json"));
  EXPECT_EQ(api["openapi"], "3.1.0");
  EXPECT_TRUE(api["paths"]["/v1/solve"].contains("post"));
  EXPECT_EQ(api["components"]["schemas"].size(), json_of(get("/v1/solvers"))["solvers"].size());
  std::size_t references = 0;
  const auto check = [&](const auto& self, const Json& part) -> void {
    if (part.is_object() && part.contains("$ref") && part["$ref"].is_string()) {
      const auto to = part["$ref"].template get<std::string>();
      ++references;
      EXPECT_TRUE(!to.starts_with("#") || api.contains(Json::json_pointer(to.substr(1)))) << to;
    }
    for (const auto& inner : part)
      if (inner.is_structured()) self(self, inner);
  };
  check(check, api);
  EXPECT_GT(references, 20u);
}

TEST(Service, CountsWhatItDoes) {
  (void)post("/v1/solve", node());
  EXPECT_EQ(json_of(get("/healthz"))["status"], "ok");
  const std::string text = get("/metrics").body;
  for (const char* line : {"# TYPE ironlaw_requests_total counter", "ironlaw_requests_total{path=\"/v1/solve\",status=\"200\"} ",
                           "ironlaw_request_seconds_bucket{path=\"/v1/solve\",le=\"+Inf\"} ", "process_resident_memory_bytes "})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  (void)get("/v1/solvers/" + std::string(50, 'x'));
  EXPECT_EQ(get("/metrics").body.find("xxx"), std::string::npos) << "a client must not make metrics";
}

TEST(Service, IsAskedOnManyThreads) {
  const std::string alone = post("/v1/solve", node(3)).body;
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          if (post("/v1/solve", node(3)).body != alone) ++wrong;
          const auto other =
              post(i % 2 == 0 ? "/v1/run" : "/v1/plan", {{"config", config()}, {"set", {{"node.batch_size", t + i + 1}}}});
          if (other.status != 200) ++wrong;
        }
      });
  }
  EXPECT_EQ(wrong, 0);
}

/// Messages in, messages out.
std::vector<Json> conversation(const std::vector<Json>& messages) {
  std::string text;
  for (const Json& message : messages) text += message.dump() + "\n";
  std::istringstream in(text);
  std::ostringstream out;
  serve_mcp(service(), "1.2.3", in, out);
  std::vector<Json> replies;
  for (const auto& line : lines_of(out.str())) replies.push_back(Json::parse(line));
  return replies;
}
Json call(int id, const std::string& tool, const Json& arguments) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", "tools/call"}, {"params", {{"name", tool}, {"arguments", arguments}}}};
}
const Json& reply_to(const std::vector<Json>& replies, int id) {
  for (const Json& reply : replies)
    if (reply["id"] == id) return reply;
  throw std::runtime_error("no reply to " + std::to_string(id));
}

TEST(Mcp, ShakesHandsAndListsTools) {
  const auto replies =
      conversation({{{"jsonrpc", "2.0"}, {"id", 0}, {"method", "initialize"}, {"params", {{"protocolVersion", "2025-06-18"}}}},
                    {{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}},
                    {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/list"}},
                    {{"jsonrpc", "2.0"}, {"id", 2}, {"method", "ping"}},
                    {{"jsonrpc", "2.0"}, {"id", 3}, {"method", "initialize"}, {"params", {{"protocolVersion", "1999"}}}}});
  ASSERT_EQ(replies.size(), 4u);
  EXPECT_EQ(replies[0]["result"]["protocolVersion"], "2025-06-18");
  EXPECT_EQ(replies[0]["result"]["serverInfo"]["version"], "1.2.3");
  EXPECT_EQ(reply_to(replies, 3)["result"]["protocolVersion"], "2025-11-25");
  std::set<std::string> names;
  for (const auto& tool : replies[1]["result"]["tools"]) {
    names.insert(tool["name"].get<std::string>());
    EXPECT_EQ(tool["inputSchema"]["type"], "object");
  }
  EXPECT_EQ(names, (std::set<std::string>{"ask", "solvers", "solve", "run", "zoo", "explain"}));
  EXPECT_LT(replies[1].dump().size(), 8'000u) << "what every model is told";
}

TEST(Mcp, ItsToolsAreTheServicesAnswers) {
  const auto replies =
      conversation({call(1, "solve", node()), call(2, "run", {{"config", config()}, {"set", {{"node.batch_size", {1, 2}}}}}),
                    call(3, "zoo", {{"kind", "hardware"}, {"where", "vendor == 'NVIDIA'"}}), call(4, "zoo", {{"key", "H100"}}),
                    call(5, "explain", node()), call(6, "solvers", Json::object()), call(7, "solvers", {{"name", "single_node"}}),
                    call(8, "ask", Json::object()),
                    call(9, "ask", {{"question", "fit"}, {"inputs", {{"model", "Llama3_8B"}, {"device", "H100"}}}})});
  ASSERT_EQ(replies.size(), 9u);
  for (const auto& reply : replies) EXPECT_EQ(reply["result"]["isError"], false) << reply;
  const auto structured = [&](int id) { return reply_to(replies, id)["result"]["structuredContent"]; };
  EXPECT_EQ(number_at(structured(1), latency), number_at(json_of(post("/v1/solve", node())), latency));
  EXPECT_EQ(structured(2)["rows"].size(), 2u);
  EXPECT_TRUE(structured(3)["entries"].contains("H100"));
  EXPECT_EQ(structured(4)["key"], "H100");
  EXPECT_NE(reply_to(replies, 5)["result"]["content"][0]["text"].get<std::string>().find("compute_time ="), std::string::npos);
  EXPECT_TRUE(structured(7)["inputs"]["properties"].contains("batch_size"));
  EXPECT_TRUE(structured(7)["outputs"].contains("latency"));
  EXPECT_EQ(Json::parse(reply_to(replies, 1)["result"]["content"][0]["text"].get<std::string>()), structured(1));
  EXPECT_FALSE(structured(9)["answer"].empty());
}

TEST(Mcp, SaysWhatIsWrong) {
  const auto replies = conversation({call(1, "solve", {{"solver", "single_nod"}}),
                                     call(2, "nothing", Json::object()),
                                     call(3, "solve", {{"solver", "single_node"}, {"input", Json::object()}}),
                                     {{"jsonrpc", "2.0"}, {"id", 4}, {"method", "resources/list"}},
                                     {{"jsonrpc", "2.0"}, {"id", 5}, {"method", "tools/call"}, {"params", {{"name", 7}}}},
                                     Json::array({1})});
  EXPECT_EQ(reply_to(replies, 1)["result"]["isError"], true);
  EXPECT_NE(reply_to(replies, 1).dump().find("single_node"), std::string::npos);
  EXPECT_EQ(reply_to(replies, 2)["result"]["isError"], true);
  EXPECT_NE(reply_to(replies, 3).dump().find("did you mean 'inputs'?"), std::string::npos);
  EXPECT_EQ(reply_to(replies, 4)["error"]["code"], -32601);
  EXPECT_EQ(reply_to(replies, 5)["error"]["code"], -32602);
  std::istringstream broken("{\n" + std::string(300, '[') + "\n");
  std::ostringstream out;
  serve_mcp(service(), "1", broken, out);
  for (const auto& line : lines_of(out.str())) EXPECT_EQ(Json::parse(line)["error"]["code"], -32700) << line;
  EXPECT_EQ(lines_of(out.str()).size(), 2u);
}

}  // namespace
}  // namespace ironlaw::host
