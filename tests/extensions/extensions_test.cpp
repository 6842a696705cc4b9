// Research extensions in a chain: guards that amend are told of everywhere, solvers call others, devices wrap others.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <sqlite3.h>

namespace ironlaw::test {
namespace {

using Json = nlohmann::json;

class Extensions : public Program {
 protected:
  Extensions() {
    sqlite3* base = nullptr;
    sqlite3_open((folder() / "policy.sqlite").c_str(), &base);
    sqlite3_exec(base,
                 "CREATE TABLE policy(stage TEXT, input TEXT, at_most REAL); INSERT INTO policy VALUES('dit', 'batch_size', 64)",
                 nullptr, nullptr, nullptr);
    sqlite3_close(base);
    write("chain.json", R"({"version": 1, "inputs": {"device": "H100-PIM", "batch": 1}, "stages": {
      "dit": {"solver": "single_node", "workload": "DiT-XL-2", "hardware": "$device", "batch_size": "$batch"},
      "prompt": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "$device", "tokens_per_sample": 512},
      "step": {"solver": "pim_decode", "workload": "Llama3_8B", "hardware": "$device"},
      "queue": {"solver": "disaggregated_queue", "request_rate": "10 request/s", "prefill_time": "$prompt.latency",
                "decode_time": "$step.latency", "acceptance": 0.8, "draft_tokens": 4, "draft_cost": 0.05}},
      "axes": [{"batch": [1, 64, 256]}],
      "report": {"columns": ["batch", "dit.latency", "batch / dit.latency", "queue.ttft", "queue.tpot"]},
      "callbacks": [{"use": "policy_guard", "file": "policy.sqlite"}]})");
    write("one.json", R"({"version": 1, "stages": {"dit": {"solver": "single_node", "workload": "DiT-XL-2", "hardware": "H100",
      "batch_size": 256}}, "callbacks": [{"use": "policy_guard", "file": "policy.sqlite"}]})");
  }
  [[nodiscard]] Json json_of(const std::string& line) const {
    const Outcome outcome = shell(line);
    EXPECT_EQ(outcome.status, 0) << outcome.text;
    return Json::parse(outcome.text, nullptr, false);
  }
};

TEST_F(Extensions, ATableShowsWhatWasUsedBesideWhatWasAsked) {
  const Json table = json_of("ironlaw run chain.json --output json");
  ASSERT_EQ(table["columns"][0]["name"], "batch");
  ASSERT_EQ(table["columns"][1]["name"], "batch_asked");
  const Json& rows = table["rows"];
  EXPECT_EQ(rows[2][0], 64);
  EXPECT_EQ(rows[2][1], 256);
  EXPECT_EQ(rows[1][0], 64);
  EXPECT_EQ(rows[1][1], 64);
  EXPECT_EQ(rows[2][2], rows[1][2]);  // the latency of 64
  EXPECT_EQ(rows[2][3], rows[1][3]);  // expressions read what was used
  EXPECT_EQ(table["provenance"]["amends"], Json::parse(R"([{"input": "dit.batch_size", "guards": ["policy_guard"]}])"));
}

TEST_F(Extensions, EveryWayToRunShowsTheSameTable) {
  const std::string expected = shell("ironlaw run chain.json --output csv").text;
  EXPECT_NE(expected.find("batch,batch_asked,"), std::string::npos) << expected;
  EXPECT_EQ(shell("ironlaw run chain.json --output csv --threads 2").text, expected);
  EXPECT_EQ(shell("ironlaw run chain.json --output csv --isolate").text, expected);
}

TEST_F(Extensions, AnAnswerShowsWhatWasUsedBesideWhatWasAsked) {
  const Json answer = json_of("ironlaw run one.json --output json");
  EXPECT_EQ(answer["stages"]["dit"]["inputs"]["batch_size"], 64);
  EXPECT_EQ(answer["amended"],
            Json::parse(R"([{"input": "dit.batch_size", "asked": 256, "used": 64, "guards": "policy_guard"}])"));
  EXPECT_EQ(json_of("ironlaw run one.json --output json --isolate")["amended"], answer["amended"]);
  const std::string text = shell("ironlaw run one.json --explain").text;
  EXPECT_NE(text.find("\n  batch_size                64\n"), std::string::npos) << text;
  EXPECT_NE(text.find("dit.batch_size is 64 in place of 256, which was asked for: amended by the guard policy_guard"), text.npos)
      << text;
}

TEST_F(Extensions, ADiffusionTransformerHasTheMultiplicationsOfItsPaper) {
  // Peebles and Xie 2023, table 1: DiT-XL/2 takes 118.64 Gflop, counted as multiply-accumulates, and has 675 million parameters.
  const Json answer = json_of(R"(ironlaw solve single_node --workload DiT-XL-2 --hardware H100 --efficiency 1 --output json)");
  const double peak = answer["outputs"]["achieved_peak_rate"]["value"];
  const double operations = static_cast<double>(answer["outputs"]["compute_time"]["value"]) * peak;
  EXPECT_NEAR(operations / 2 / 1e9, 118.64, 0.005 * 118.64);
}

TEST_F(Extensions, MorrisFindsTheAxisThatMatters) {
  write("screen.json", R"({"version": 1, "inputs": {"device": "H100-PIM"}, "stages": {
    "dit": {"solver": "single_node", "workload": "DiT-XL-2", "hardware": "$device", "batch_size": 8}},
    "axes": [{"dit.batch_size": [1, 8, 64, 256]}, {"device.bank_bandwidth": {"from": "1 TB/s", "to": "9 TB/s"}}],
    "study": {"use": "morris", "output": "dit.latency"}})");
  const Json table = json_of("ironlaw run screen.json --output json");
  EXPECT_EQ(table["rows"][0][0], "dit.batch_size");
  EXPECT_GT(table["rows"][0][1], 0);
  EXPECT_EQ(table["rows"][1][1], 0);
}

TEST_F(Extensions, GuardsWorkInStudies) {
  write("screen.json", R"({"version": 1, "stages": {
    "dit": {"solver": "single_node", "workload": "DiT-XL-2", "hardware": "H100", "batch_size": 8}},
    "axes": [{"dit.batch_size": [65, 128, 256, 512]}], "study": {"use": "morris", "output": "dit.latency"},
    "callbacks": [{"use": "policy_guard", "file": "policy.sqlite"}]})");
  const Outcome outcome = shell("ironlaw run screen.json --output csv 2>notes");
  EXPECT_EQ(outcome.status, 0) << read("notes");
  EXPECT_NE(outcome.text.find("\ndit.batch_size,0,0,10,ok"), std::string::npos) << outcome.text;  // every batch is 64
  const Outcome text = shell("ironlaw run screen.json");
  EXPECT_NE(text.text.find("guards amended inputs of 20 of 20 rows"), std::string::npos) << text.text;
  EXPECT_EQ(shell("ironlaw run screen.json --output csv --isolate 2>notes").text, outcome.text);
}

TEST_F(Extensions, ObserversAreToldOfVetoesAndAmendmentsIsolatedOrNot) {
  write("log.json", R"({"version": 1, "stages": {
    "dit": {"solver": "single_node", "workload": "DiT-XL-2", "hardware": "H100"}}, "axes": [{"dit.batch_size": [1, 128, 2048]}],
    "callbacks": [{"use": "budget", "stage": "dit", "input": "batch_size", "at_most": 1000},
                  {"use": "policy_guard", "file": "policy.sqlite"}, {"use": "trace"}, {"use": "jsonl_log", "file": "log.jsonl"}]})");
  const Outcome here = shell("ironlaw run log.json -o here.csv");
  EXPECT_EQ(here.status, 0) << here.text;
  EXPECT_NE(here.text.find("trace: row 2, dit: budget: dit.batch_size exceeds the budget\n"), std::string::npos) << here.text;
  const std::string log = read("log.jsonl");
  EXPECT_NE(log.find(R"({"row":2,"stage":"dit","status":"skipped")"), std::string::npos) << log;
  const Outcome isolated = shell("rm log.jsonl; ironlaw run log.json --isolate -o there.csv");
  EXPECT_EQ(isolated.status, 0) << isolated.text;
  EXPECT_NE(isolated.text.find("trace: row 2, dit: budget: dit.batch_size exceeds the budget\n"), std::string::npos)
      << isolated.text;
  EXPECT_EQ(read("log.jsonl"), log);
  EXPECT_EQ(read("there.csv"), read("here.csv"));
}

TEST_F(Extensions, ObserversOfAStudySeeWhatWasAskedAndUsedIsolatedOrNot) {
  write("watched.json", R"({"version": 1, "stages": {
    "dit": {"solver": "single_node", "workload": "DiT-XL-2", "hardware": "H100", "batch_size": 8}},
    "axes": [{"dit.batch_size": [32, 128, 256, 512]}], "study": {"use": "morris", "output": "dit.latency"},
    "callbacks": [{"use": "policy_guard", "file": "policy.sqlite"}, {"use": "witness", "file": "log.txt"}]})");
  const std::string run = "rm -f log.txt; ironlaw --plugin '" IRONLAW_BAD_PLUGIN_DIR "/bad_observers.so' run watched.json 2>&1";
  const Outcome here = shell(run);
  EXPECT_EQ(here.status, 0) << here.text;
  const std::string log = read("log.txt");
  EXPECT_NE(log.find(" batch_size=64 "), std::string::npos) << log;   // used
  EXPECT_NE(log.find(" batch_size=512 "), std::string::npos) << log;  // asked
  for (const std::string threads : {"1", "2"}) {
    EXPECT_EQ(shell(run + " --isolate --threads " + threads).text, here.text);
    EXPECT_EQ(read("log.txt"), log) << threads;
  }
}

TEST_F(Extensions, ASolverCallsAnother) {
  const Json refined = json_of("ironlaw solve pim_decode --workload Llama3_8B --hardware H100-PIM --output json");
  const Json plain =
      json_of("ironlaw solve single_node --workload Llama3_8B --hardware H100-PIM --context-length 1024 --output json");
  const double latency = refined["outputs"]["latency"]["value"];
  EXPECT_DOUBLE_EQ(static_cast<double>(refined["outputs"]["speedup"]) * latency, plain["outputs"]["latency"]["value"]);
  std::vector<std::string> plugins;
  for (const Json& plugin : refined["provenance"]["plugins"]) plugins.push_back(plugin["name"]);
  EXPECT_NE(std::find(plugins.begin(), plugins.end(), "roofline"), plugins.end());
  EXPECT_NE(shell("ironlaw plugin show '" IRONLAW_FAULTY_PLUGIN "'").text.find("single_node"), std::string::npos);
  const std::string listed = shell("ironlaw plugin list --no-default-plugins --output csv").text;
  EXPECT_NE(listed.find("\"5 solvers, 2 kinds, 1 guard, 1 study\""), std::string::npos) << listed;
}

TEST_F(Extensions, CallsTakeAndGiveSeries) {
  // 4 MWh at 0.1 and 6 MWh at 0.2 USD/kWh; panels of 2 MW leave 4 and 5: 1 MWh at 0.2 USD/kWh is saved. Panels of 20 MW leave 4
  // and 0.
  write("site.json", R"({"version": 1, "stages": {"site": {"solver": "solar_site", "load": ["4 MW", "6 MW"],
    "price": ["0.1 USD/kWh", "0.2 USD/kWh"], "sun": [0, 0.5]}}, "axes": [{"site.panels": ["0 MW", "2 MW", "20 MW"]}],
    "report": {"columns": ["saved", "drawn", "from_grid"]}})");
  const std::string expected = shell("ironlaw run site.json --output csv").text;
  EXPECT_EQ(expected,
            "saved [USD],drawn [J],from_grid [W],status,reason\n"
            "0,3.6e+10,\"[4e+06,6e+06]\",ok,\n200,3.24e+10,\"[4e+06,5e+06]\",ok,\n1200,1.44e+10,\"[4e+06,0]\",ok,\n");
  EXPECT_EQ(shell("ironlaw run site.json --output csv --isolate").text, expected);
  const Outcome refused = shell("ironlaw run site.json --set site.sun=[0,0.5,1] --set site.panels='2 MW' 2>&1 >/dev/null");
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.text.find("sun has 3 values over step, and load has 2"), std::string::npos) << refused.text;
}

TEST_F(Extensions, CallsTakeTexts) {
  write("words.json", R"({"version": 1, "stages": {"words": {"solver": "first_word", "text": ""}},
    "axes": [{"words.text": ["memory wall", "iron", ""]}], "report": {"columns": ["first", "all"]}})");
  const std::string expected = shell("ironlaw run words.json --output csv").text;
  EXPECT_EQ(expected, "first,all,status,reason\n6,11,ok,\n4,4,ok,\n0,0,ok,\n");
  EXPECT_EQ(shell("ironlaw run words.json --output csv --isolate").text, expected);
}

TEST_F(Extensions, WhatACalledSolverRefusesIsTheRows) {
  const Outcome refused =
      shell("ironlaw solve pim_decode --workload DiT-XL-2 --hardware H100-PIM --context-length 8 2>&1 >/dev/null");
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(std::count(refused.text.begin(), refused.text.end(), '\n'), 1) << refused.text;
}

TEST_F(Extensions, AWrappingDeviceForwardsFacets) {
  // An A100 has no fp8 units: what it multiplies in is a facet, arithmetic_formats/1, that the wrapping kind does not know.
  const std::string ask =
      "ironlaw solve single_node --workload Llama3_8B --precision fp8 --tokens-per-sample 1 --output csv --hardware ";
  const std::string direct = shell(ask + "A100").text;
  EXPECT_NE(direct.find(",fp16,"), std::string::npos) << direct;
  EXPECT_EQ(shell(ask + "A100-PIM").text, direct);
}

/// What a bad plugin comes to: one line.
void expect_line(const Outcome& outcome, int status, const std::string& part) {
  EXPECT_EQ(outcome.status, status) << outcome.text;
  EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'), 1) << outcome.text;
  EXPECT_NE(outcome.text.find(part), std::string::npos) << outcome.text;
}
const std::string bad = "--plugin '" IRONLAW_BAD_PLUGIN_DIR "/";

TEST_F(Extensions, ACalledSolverThatIsNotThereIsOneLine) {
  const std::string rest = ".so' solve caller";
  expect_line(shell("ironlaw " + bad + "calls_nobody" + rest), 1, "calls solver 'solver_that_is_not_there': unknown");
  expect_line(shell("ironlaw " + bad + "calls_itself" + rest), 1,
              "calls itself, in a circle: calls_itself/caller -> calls_itself/caller");
  expect_line(shell("ironlaw " + bad + "calls_without" + rest), 1, "calls single_node without 'workload', which it needs");
  expect_line(shell("ironlaw " + bad + "calls_nobody" + rest + " --isolate"), 1,
              "calls solver 'solver_that_is_not_there': unknown");
}

TEST_F(Extensions, AGuardThatAmendsOutOfRangeIsOneLine) {
  write("bad.json", R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}},
    "axes": [{"node.batch_size": [4, 16]}], "report": {"columns": ["batch_size", "latency"]},
    "callbacks": [{"use": "amends_out_of_range", "stage": "node"}]})");
  const Outcome outcome = shell("ironlaw " + bad + "bad_guards.so' run bad.json --output csv");
  EXPECT_EQ(outcome.status, 0);  // the other row is there
  EXPECT_NE(outcome.text.find("\n16,16,,failed,guard amends_out_of_range: node.batch_size = -1 is not allowed"),
            std::string::npos)
      << outcome.text;
}

TEST_F(Extensions, AFacetLoopIsOneLine) {
  write("loop.json", R"({"version": 1, "stages": {"asks": {"solver": "asks_for_a_facet",
    "hardware": {"kind": "asks_itself", "base": "H100"}}}})");
  expect_line(shell("ironlaw " + bad + "bad_guards.so' run loop.json 2>&1 >/dev/null"), 4,
              "is asked by itself, in a loop of objects");
}

}  // namespace
}  // namespace ironlaw::test
