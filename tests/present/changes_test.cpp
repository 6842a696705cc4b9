// What moved an answer: inputs, facts of the zoo, records, and what only several move together.
#include <ironlaw/error.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/present/changes.hpp>
#include <ironlaw/present/study_report.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

#include "../host/sessions.hpp"

namespace ironlaw::host {
namespace {

using Json = nlohmann::ordered_json;

ReportOptions json_options() {
  ReportOptions options;
  options.format = OutputFormat::json;
  options.program = "test 1";
  return options;
}

/// An answer as `--output json` writes it.
std::string written(Session& session, const Config& config) {
  const Pipeline pipeline = session.compile(config);
  auto options = json_options();
  options.question = config.bundle();
  std::ostringstream out;
  report_answer(pipeline, answer(pipeline), true, options, out);
  return out.str();
}

Config pass(std::string_view device, int batch) {
  Config config = Config::of_solver("single_node");
  config.set("single_node.workload", "Llama3_8B", "test");
  config.set("single_node.hardware", device, "test");
  config.set("single_node.batch_size", std::to_string(batch), "test");
  return config;
}

Json changes(Session& session, const AnswerSource& before, const AnswerSource& after) {
  std::ostringstream out;
  report_changes(session, before, after, {{"latency"}, 1e-3, {}}, json_options(), out);
  return Json::parse(out.str());
}
AnswerSource answer_named(const std::string& text) { return {"answer.json", text, {}}; }

Json row(const Json& table, const std::string& what, const std::string& name) {
  for (const Json& r : table)
    if (r["what"] == what && r["name"] == name) return r;
  ADD_FAILURE() << "no " << what << " " << name << " in " << table;
  return Json::object();
}

TEST(Changes, EachInputAloneAndWhatTheyDoTogether) {
  Session session;
  const Json found = changes(session, answer_named(written(session, pass("H100", 1))), {"new.json", {}, pass("H200", 256)});
  const double total = row(found["moved"], "output", "")["effect"];
  const Json device = row(found["moved"], "input", "single_node.hardware");
  const Json batch = row(found["moved"], "input", "single_node.batch_size");
  const Json rest = row(found["moved"], "together", "what several move only together");
  EXPECT_LT(device["effect"], 0);
  EXPECT_GT(batch["effect"], 0);
  EXPECT_NEAR(device["effect"].get<double>() + batch["effect"].get<double>() + rest["effect"].get<double>(), total,
              1e-12 * std::abs(total));
  EXPECT_EQ(found["moved"][1]["name"], batch["name"]);  // the largest first
  EXPECT_EQ(row(found["changed"], "input", "single_node.hardware")["before"], "H100");
}

TEST(Changes, AFactThatTheZooSaidOtherwise) {
  const OwnFolder folder;
  folder.write("zoo/own.json", R"({"sources": {"s": {"title": "measured"}},
      "entries": {"H100": {"based_on": "H100", "memory_bandwidth": "3 TB/s", "source": "s"}}})");
  Session then({.plugins = {}, .zoo = {folder.path() / "zoo"}});
  const std::string old = written(then, pass("H100", 1));
  Session now;
  const Json found = changes(now, answer_named(old), answer_named(written(now, pass("H100", 1))));
  const Json fact = row(found["moved"], "fact", "single_node.hardware.memory_bandwidth");
  EXPECT_NEAR(fact["share"].get<double>(), 1, 1e-9);
  EXPECT_EQ(found["moved"].size(), 2u);  // the output, and the one fact
  EXPECT_EQ(row(found["changed"], "fact", "single_node.hardware.memory_bandwidth")["before"], "3000 GB/s");
}

TEST(Changes, WhatOnlyTheRecordsExplain) {
  Session session;
  Config config = Config::of_solver("iteration");
  config.set("iteration.workload", "Llama3_8B", "test");
  config.set("iteration.hardware", "H100", "test");
  config.set("iteration.decoding_sequences", "8", "test");
  Json old = Json::parse(written(session, config));
  const double was = old["outputs"]["iteration_time"]["value"];
  old["outputs"]["iteration_time"]["value"] = 1.25 * was;
  std::string record;
  for (auto& [path, object] : old["facts"].items())
    if (object.contains("tables") && record.empty()) {
      record = object["name"];
      for (auto& [field, sum] : object["tables"].items()) sum = std::string(64, '0');
    }
  ASSERT_FALSE(record.empty());
  std::ostringstream out;
  report_changes(session, answer_named(old.dump()), {"now.json", {}, config}, {{"iteration_time"}, 1e-3, {}}, json_options(),
                 out);
  const Json found = Json::parse(out.str());
  const Json behind = row(found["moved"], "record", "the records " + record);
  EXPECT_NEAR(behind["effect"].get<double>(), -0.25 * was, 1e-12 * was);
  EXPECT_EQ(row(found["changed"], "record", record)["before"], std::string(12, '0'));
}

/// A table, a study or an answer as `-o FILE.json` writes it.
std::string kept(Session& session, const Config& config) {
  const Pipeline pipeline = session.compile(config);
  auto options = json_options();
  options.question = config.bundle();
  options.kept = true;
  std::ostringstream out;
  if (pipeline.study() != nullptr) {
    StudyReport report(pipeline, options, out);
    (void)run_study(pipeline, report);
  } else if (!pipeline.axes().empty()) {
    TableReport table(pipeline, options, out);
    table.finish(run(pipeline, table));
  } else {
    report_answer(pipeline, answer(pipeline), true, options, out);
  }
  return out.str();
}

TEST(Changes, ARecordWhoseRowsWereKeptIsPutBack) {
  Session session;
  Config config = Config::of_solver("iteration");
  config.set("iteration.workload", "Llama3_8B", "test");
  config.set("iteration.hardware", "H100", "test");
  config.set("iteration.decoding_sequences", "8", "test");
  const std::string now = kept(session, config);
  Json old = Json::parse(now);
  // Kernels were believed to reach half of the bandwidth that they are now said to reach.
  std::size_t halved = 0;
  for (auto& [path, object] : old["facts"].items())
    if (object.contains("rows"))
      for (Json& record : object["rows"]["rates"])
        if (record.contains("memory_share")) {
          record["memory_share"] = 0.5 * record["memory_share"].get<double>();
          ++halved;
        }
  ASSERT_GT(halved, 0u);
  old["outputs"].erase("iteration_time");  // what it came to then is asked again
  std::ostringstream out;
  report_changes(session, answer_named(old.dump()), answer_named(now), {{"iteration_time"}, 1e-3, {}}, json_options(), out);
  const Json found = Json::parse(out.str());
  const Json record = found["moved"][1];  // the largest first
  EXPECT_EQ(record["what"], "record") << found;
  EXPECT_LT(record["effect"].get<double>(), 0) << "it was slower with the old record";
  double share = 0;
  for (const Json& r : found["moved"])
    if (r["what"] == "record" || r["what"] == "together") share += r["share"].get<double>();
  EXPECT_NEAR(share, 1, 1e-6) << found;
  EXPECT_NE(row(found["changed"], "record", record["name"])["before"].get<std::string>().find(" rows"), std::string::npos);
}

Config sweep(std::string_view device, const std::string& efficiency) {
  Config config = pass("H100", 1);
  config.add_axis("single_node.hardware", {"A100", std::string(device)}, "test");
  config.add_axis("single_node.batch_size", {"1", "512"}, "test");
  config.set("single_node.efficiency", efficiency, "test");
  return config;
}

TEST(Changes, RowsOfATableAreHeldAgainstThoseOfTheSameAxes) {
  Session session;
  const Json found =
      changes(session, answer_named(kept(session, sweep("H100", "0.5"))), answer_named(kept(session, sweep("H200", "0.25"))));
  EXPECT_EQ(found["rows"], "2 in both; 2 only before, 2 only after");
  const Json column = row(found["moved"], "column", "most at hardware A100, batch_size 512");
  // At batch 1 memory binds, and at 512 half the arithmetic takes nearly twice the time.
  EXPECT_EQ(column["rows"], 1);
  EXPECT_GT(column["largest"].get<double>(), 0.9);
  EXPECT_NEAR(column["mean"].get<double>(), column["largest"].get<double>() / 2, 1e-9);
  EXPECT_NEAR(row(found["moved"], "input", "single_node.efficiency")["share"].get<double>(), 1, 1e-9);
}

TEST(Changes, RowsOfAStudyAreHeldAgainstThoseOfTheSameTexts) {
  Session session;
  const auto study = [](std::string_view device) {
    Config config = pass(device, 1);
    config.use_study("sensitivity");
    config.set_study_option("outputs", {"latency"}, "test");
    config.set_study_option("inputs", {"framework_overhead", "memory_efficiency"}, "test");
    return config;
  };
  std::ostringstream out;
  report_changes(session, answer_named(kept(session, study("H100"))), {"new.json", {}, study("H200")}, {{"step_up"}, 1e-3, {}},
                 json_options(), out);
  const Json found = Json::parse(out.str());
  EXPECT_EQ(found["rows"], "2 in both; 0 only before, 0 only after");
  EXPECT_NEAR(row(found["moved"], "input", "single_node.hardware")["share"].get<double>(), 1, 1e-9);
}

TEST(Changes, AFileSaysWhatItWasMadeOf) {
  Session session;
  const auto last_line = [&](const Config& config, OutputFormat format) {
    const Pipeline pipeline = session.compile(config);
    ReportOptions options;
    options.format = format;
    options.program = "test 1";
    options.kept = true;
    std::ostringstream out;
    if (pipeline.axes().empty()) {
      report_answer(pipeline, answer(pipeline), true, options, out);
    } else {
      TableReport table(pipeline, options, out);
      table.finish(run(pipeline, table));
    }
    std::string text = out.str();
    text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  };
  for (const OutputFormat format : {OutputFormat::text, OutputFormat::markdown})
    for (const Config& config : {pass("H100", 1), sweep("H200", "0.5")}) {
      const std::string line = last_line(config, format);
      EXPECT_TRUE(line.starts_with("Made by test 1 of the zoo ")) << line;
      EXPECT_NE(line.find(", records "), std::string::npos) << line;
    }
  std::ostringstream arrow;
  ReportOptions options;
  options.format = OutputFormat::arrows;
  const Pipeline pipeline = session.compile(sweep("H200", "0.5"));
  TableReport(pipeline, options, arrow).finish({});
  EXPECT_NE(arrow.str().find("records_sha256"), std::string::npos) << "in the metadata of the schema";
}

TEST(Changes, TheSameAnswerDidNotMove) {
  Session session;
  const auto text = written(session, pass("H100", 4));
  std::ostringstream out;
  report_changes(session, answer_named(text), answer_named(text), {}, json_options(), out);
  const Json found = Json::parse(out.str());
  EXPECT_TRUE(found["changed"].empty());
  EXPECT_TRUE(found["moved"].empty());
}

TEST(Changes, Refusals) {
  Session session;
  const auto why = [&](const AnswerSource& before, const AnswerSource& after) -> std::string {
    try {
      (void)changes(session, before, after);
    } catch (const InputError& e) {
      return e.what();
    }
    return "nothing was refused";
  };
  const auto text = written(session, pass("H100", 1));
  EXPECT_NE(why(answer_named(R"({"outputs": {}, "provenance": {}})"), answer_named(text)).find("does not say what was asked"),
            std::string::npos);
  Json broken = Json::parse(text);
  broken.erase("facts");
  EXPECT_NE(why(answer_named(broken.dump()), answer_named(text)).find("is not as it was written"), std::string::npos);
  for (const char* part : {"/provenance/zoo", "/provenance/plugins", "/provenance/profile", "/facts", "/outputs"})
    for (const Json& wrong : {Json(7), Json::array({1}), Json{{"a", 1}}, Json::array({Json{{"folder", 3}}})}) {
      Json damaged = Json::parse(text);
      damaged[Json::json_pointer(part)] = wrong;
      try {
        (void)changes(session, answer_named(damaged.dump()), answer_named(text));
      } catch (const InputError&) {
      }  // any other exception is a fault
    }
  Config table = pass("H100", 1);
  table.add_axis("single_node.batch_size", {"1", "2"}, "test");
  EXPECT_NE(why(answer_named(text), {"table.json", {}, table}).find("table.json: is a table, and the other is one answer"),
            std::string::npos);
  EXPECT_FALSE(is_recorded_answer(R"({"version": 1, "stages": {}})"));
  EXPECT_FALSE(is_recorded_answer("version: 1"));
  EXPECT_TRUE(is_recorded_answer(text));
}

}  // namespace
}  // namespace ironlaw::host
