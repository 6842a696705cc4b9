// What a request may take, and which files it may touch: of a batch, and of any config.
#include "report_fixture.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/present/batch.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

std::string refusal_of(const std::string& text, const RequestLimits& limits) {
  try {
    const auto pipeline = session().compile(Config::parse(text, "my.json", limits));
    struct Nowhere final : RowSink {
      void rows(const ResultRows&) override {}
    } nowhere;
    (void)run(pipeline, nowhere);
  } catch (const InputError& e) {
    EXPECT_EQ(std::string_view(e.what()).find('\n'), std::string_view::npos);
    return e.what();
  }
  return {};
}

const std::string law = R"("stages": {"s": {"solver": "iron_law", "memory_time": "1 s", "compute_time": "1 s"}})";

std::string swept(std::uint64_t values, const std::string& report = "{}") {
  return R"({"version": 1, )" + law + R"(, "axes": [{"s.memory_time": {"from": "1 s", "to": "2 s", "steps": )" +
         std::to_string(values) + R"(}}, {"s.compute_time": {"from": "1 s", "to": "2 s", "steps": )" + std::to_string(values) +
         R"(}}], "report": )" + report + "}";
}

TEST(RequestLimits, EachIsKeptAndNamed) {
  const std::string good = swept(10);
  EXPECT_EQ(refusal_of(good, {}), "");
  EXPECT_EQ(refusal_of(good, {.bytes = good.size(), .rows = 100}), "");
  EXPECT_NE(refusal_of(good, {.bytes = good.size() - 1}).find("(--max-bytes)"), std::string::npos);
  EXPECT_NE(refusal_of(good, {.rows = 99}).find("my.json#/axes/1: the axes span more than 99 rows (--max-rows)"),
            std::string::npos);
  EXPECT_NE(refusal_of(good, {.depth = 3}).find("nested deeper than 3 levels"), std::string::npos);
  EXPECT_NE(refusal_of(swept(100000), {.memory = 1 << 20}).find("(--max-memory)"), std::string::npos);
  EXPECT_NE(refusal_of(swept(300, R"({"sort": ["min s.overlapped"]})"), {.memory = 1 << 20}).find("(--max-memory)"),
            std::string::npos);
  EXPECT_NE(refusal_of(swept(5000), {.seconds = 0.05}).find("takes longer than 0.05 s (--max-seconds)"), std::string::npos);
}

TEST(RequestLimits, ATreeIsCountedAsItGrows) {
  std::string list = "[1";
  for (int i = 0; i < 2'000'000; ++i) list += ",1";
  const std::string text = R"({"version": 1, )" + law + R"(, "axes": [{"s.memory_time": )" + list + "]}]}";
  EXPECT_NE(refusal_of(text, {.memory = 4 << 20}).find("(--max-memory)"), std::string::npos);
}

/// Each of n configs takes the next one twice, so that the first has 2^n of the last in it.
TEST(RequestLimits, IncludesCountAsOftenAsTheyAreThere) {
  const fs::path folder = fs::temp_directory_path() / ("ironlaw_includes_" + std::to_string(getpid()));
  fs::create_directories(folder);
  constexpr int levels = 12;
  for (int i = 0; i < levels; ++i) {
    const std::string next = i + 1 == levels ? R"({"solver": "iron_law", "memory_time": "1 s", "compute_time": "1 s"})"
                                             : R"({"config": "c)" + std::to_string(i + 1) + R"(.json"})";
    std::ofstream(folder / ("c" + std::to_string(i) + ".json"))
        << R"({"version": 1, "stages": {"a": )" << next << R"(, "b": )" << next << "}}";
  }
  const auto begin = std::chrono::steady_clock::now();
  try {
    (void)session().compile(Config::read(folder / "c0.json"));
    ADD_FAILURE() << "4,094 includes were taken";
  } catch (const InputError& e) {
    EXPECT_NE(std::string_view(e.what()).find("(--max-includes)"), std::string_view::npos) << e.what();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_NO_THROW((void)session().compile(Config::read(folder / "c8.json")));
  fs::remove_all(folder);
}

std::string answer(const std::string& request, const RequestLimits& limits = RequestLimits::of_service()) {
  Batch batch(session(), {}, limits);
  return batch.answer(request).text;
}

TEST(BatchRequest, TouchesNoFileUnlessAllowed) {
  const fs::path folder = fs::temp_directory_path() / ("ironlaw_batch_" + std::to_string(getpid()));
  fs::create_directories(folder);
  const std::string log = (folder / "log.jsonl").string();
  std::ofstream(folder / "inner.json") << R"({"version": 1, )" << law << "}";
  const std::vector<std::string> requests{
      R"({"config": {"version": 1, )" + law + R"(, "callbacks": [{"use": "jsonl_log", "file": ")" + log + R"("}]}})",
      R"({"config": {"version": 1, "stages": {"a": {"config": ")" + (folder / "inner.json").string() + R"("}}}})",
      R"({"config": {"version": 1, )" + law + R"(, "study": {"use": "compare", "with": ")" + (folder / "inner.json").string() +
          R"("}}})",
  };
  auto allowed = RequestLimits::of_service();
  allowed.files = true;
  for (const auto& request : requests) {
    const std::string refused = answer(request);
    EXPECT_NE(refused.find("\"error\":"), std::string::npos) << refused;
    EXPECT_NE(refused.find("--allow-files"), std::string::npos) << refused;
    EXPECT_FALSE(fs::exists(log));
  }
  for (const auto& request : requests) {
    const std::string answered = answer(request, allowed);
    EXPECT_EQ(answered.find("\"error\":"), std::string::npos) << answered;
  }
  EXPECT_TRUE(fs::exists(log));
  const std::string outside =
      answer(R"({"solver": "iron_law", "profile": "../../etc/x", "inputs": {"memory_time": "1 s", "compute_time": "1 s"}})");
  EXPECT_NE(outside.find("unknown profile"), std::string::npos) << outside;
  fs::remove_all(folder);
}

TEST(BatchRequest, KeepsToItsLimits) {
  const std::string config = swept(2000);
  EXPECT_NE(answer(R"({"config": )" + config + "}").find("(--max-rows)"), std::string::npos);
  auto small = RequestLimits::of_service();
  small.memory = 2 << 20;
  EXPECT_NE(answer(R"({"config": )" + swept(200) + "}", small).find("(--max-memory)"), std::string::npos);
  EXPECT_NE(answer(std::string(200, '[')).find("nested deeper than 100 levels"), std::string::npos);
  small = RequestLimits::of_service();
  small.bytes = 100;
  Batch batch(session(), {}, small);
  std::istringstream in(std::string(100000, ' ') + "\n" + std::string(100000, 'x') + "\n" + R"({"id": 7, "solver": "amdahl"})" +
                        "\n");
  std::ostringstream out;
  const auto count = batch.run(in, out);
  EXPECT_EQ(count.requests, 2u);
  EXPECT_EQ(count.refused, 2u);
  EXPECT_TRUE(out.str().starts_with(R"({"id":null,"error":"request: the request has more text than)")) << out.str();
}

TEST(BatchRequest, AnswersConfigsInOneLineOfJson) {
  const std::string text = answer(R"({"id": 1, "config": )" + swept(3) + "}");
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(Json::parse(text)["result"]["rows"].size(), 9u);
}

// --- tables that stream ---

std::string table(const std::string& config, OutputFormat format) {
  const auto pipeline = session().compile(Config::parse(config, "my.json"));
  std::ostringstream out;
  auto options = options_of(format);
  options.width = 0;
  TableReport report(pipeline, options, out);
  report.finish(run(pipeline, report));
  return out.str();
}

TEST(StreamedTable, HasTheColumnsOfItsFirstRows) {
  const std::string few = table(swept(32), OutputFormat::text);
  const std::string many = table(swept(40), OutputFormat::text);
  const auto rows = lines_of(many);
  ASSERT_EQ(lines_of(few).size(), 1025u);
  ASSERT_EQ(rows.size(), 1601u);
  EXPECT_EQ(lines_of(few)[0].find("status"), std::string::npos);
  EXPECT_NE(rows[0].find("status"), std::string::npos);
  EXPECT_EQ(rows[1600].size(), rows[0].size() - std::string_view("status").size() + 2);
  const auto page = lines_of(table(swept(40), OutputFormat::markdown));
  ASSERT_EQ(page.size(), 1602u);
  for (const std::size_t line : {0, 1, 2, 1025, 1026, 1601})
    EXPECT_EQ(std::count(page[line].begin(), page[line].end(), '|'), std::count(page[0].begin(), page[0].end(), '|')) << line;
}

/// A number that is wider than those of the first rows moves the rest of its own line.
TEST(StreamedTable, AWiderCellOverflowsItsOwnLine) {
  std::string values = "[\"1 s\"";
  for (int i = 1; i < 1030; ++i) values += i == 1028 ? ", \"123456789 s\"" : ", \"1 s\"";
  const auto rows = lines_of(table(R"({"version": 1, "inputs": {"t": "1 s"}, "stages": {"s": {"solver": "iron_law",
      "memory_time": "$t", "compute_time": "1 s"}}, "axes": [{"t": )" +
                                       values + R"(]}], "report": {"columns": ["t", "s.compute_time"]}})",
                                   OutputFormat::text));
  EXPECT_EQ(rows[1028].size(), rows[1].size());
  EXPECT_GT(rows[1029].size(), rows[1].size());
  EXPECT_EQ(rows[1030].size(), rows[1].size());
}

}  // namespace
}  // namespace ironlaw::host
