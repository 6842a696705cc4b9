// A report says what the answer is, what binds, and where every number comes from.
#include <ironlaw/error.hpp>
#include <ironlaw/pages/document.hpp>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

/// The report of a config, in the format of the name's extension.
std::string report_of(const std::string& config, const std::string& name) {
  const OwnFolder folder;
  const auto file = folder.write("my.json", config);
  const auto pipeline = session().compile(Config::read(file));
  return document_file(
      pipeline, {"A <title>", file.string(), "ironlaw test", [](const Config& row) { return session().compile(row); }}, name);
}

const std::string does_not_fit =
    R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_70B", "hardware": "A100"}},
  "assert": ["s.latency <= 1 ms"]})";
const std::string table = R"({"version": 1, "inputs": {"device": "A100"}, "stages": {"s": {"solver": "single_node",
  "workload": "ResNet50", "hardware": "$device"}}, "axes": [{"device": ["A100", "H100"]}, {"s.batch_size": [1, 8, 64]}],
  "assert": ["s.latency <= 3 ms", "s.energy <= 5 J"], "report": {"columns": ["device", "s.batch_size", "s.latency", "s.energy"],
  "best": {"by": "max s.throughput", "keep": 2}}})";

TEST(Document, AnswersTheScorecard) {
  const std::string text = report_of(does_not_fit, "r.md");
  EXPECT_NE(text.find("# A &lt;title>"), std::string::npos);
  EXPECT_NE(text.find("| Feasible | no |"), std::string::npos) << text.substr(0, 600);
  EXPECT_NE(text.find("| Fast enough | no | s.latency &lt;= 1 ms: no"), std::string::npos) << text.substr(0, 600);
  EXPECT_NE(text.find("| Affordable | open |"), std::string::npos);
}

TEST(Document, ShowsTheFirstRowOfATable) {
  const std::string text = report_of(table, "r.md");
  EXPECT_NE(text.find("The first row of the result, which the rest is of, is device H100, s.batch_size 64."), std::string::npos)
      << text.substr(0, 600);
  EXPECT_NE(text.find("6 rows: 5 ok, 0 infeasible, "), std::string::npos) << text.substr(0, 600);
  EXPECT_NE(text.find("It is feasible and meets all 2 targets. s.latency is 1.571 ms, s.energy 590 mJ."), std::string::npos)
      << text.substr(0, 600);
  EXPECT_NE(text.find("rejected by s.latency &lt;= 3 ms"), std::string::npos);
  EXPECT_NE(text.find("| Clean | yes | s.energy &lt;= 5 J: yes"), std::string::npos) << text.substr(0, 900);
  EXPECT_NE(text.find("```mermaid\nflowchart LR"), std::string::npos);
  EXPECT_NE(text.find("compute_time = "), std::string::npos);
}

TEST(Document, OfAStudyHoldsItsTable) {
  const std::string text = report_of(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50",
    "hardware": "H100"}}, "axes": [{"s.efficiency": {"from": 0.3, "to": 0.7}}],
    "study": {"use": "uncertainty", "outputs": "latency", "samples": 64}})",
                                     "r.md");
  EXPECT_NE(text.find("What the study uncertainty found"), std::string::npos) << text.substr(0, 900);
  EXPECT_NE(text.find("| standard_deviation | "), std::string::npos);
  EXPECT_NE(text.find("What follows is of one design of those that the study looks at: s.efficiency 0.5."), std::string::npos)
      << text.substr(0, 900);
}

TEST(Document, SaysInASentenceWhatTheAnswerIs) {
  const auto lead = [](const std::string& config) {
    const std::string text = report_of(config, "r.md");
    const auto begin = text.find("\n\n") + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_TRUE(lead(does_not_fit).starts_with("It is infeasible: memory takes 141.1 GB of 80 GiB (")) << lead(does_not_fit);
  const std::string misses = lead(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50",
    "hardware": "A100", "batch_size": 64}}, "assert": ["s.latency <= 1 ms"], "report": {"columns": ["s.latency"]}})");
  EXPECT_TRUE(misses.starts_with(
      "It is feasible, but misses s.latency &lt;= 1 ms (3.879 ms). s.latency is 3.879 ms. What binds first is "))
      << misses;
  const std::string refused = lead(R"({"version": 1, "stages": {"a": {"solver": "availability"}}})");
  EXPECT_TRUE(refused.starts_with("There is no answer: a: give replica_availability")) << refused;
}

/// The column "device" of the nearest measurements of a model decoding on a device.
std::vector<std::string> kinships_of(const std::string& device) {
  const std::string text =
      report_of(R"({"version": 1, "stages": {"e": {"solver": "serving_engine", "workload": "Llama3_8B", "hardware": ")" + device +
                    R"(", "users": 16, "prompt_tokens": 1024, "output_tokens": 1024}}})",
                "r.md");
  std::vector<std::string> all;
  std::istringstream lines(text.substr(std::min(text.find("## Measured near this"), text.size())));
  for (std::string line; std::getline(lines, line) && all.size() < 3;)
    for (const char* kinship : {"the same", "of its generation", "another"})
      if (line.find(std::string(" | ") + kinship + " | ") != line.npos) all.emplace_back(kinship);
  return all;
}

TEST(Document, MeasurementsOfTheDeviceComeBeforeThoseOfOthers) {
  using Kinships = std::vector<std::string>;
  EXPECT_EQ(kinships_of("H100"), (Kinships{"the same", "the same", "the same"}));
  EXPECT_EQ(kinships_of("H800"), (Kinships{"of its generation", "of its generation", "of its generation"}));
  EXPECT_EQ(kinships_of("MI350X").front(), "another");
}

/// The card of a question: "| Affordable | no | ...".
std::string card_of(const std::string& report, const std::string& question) {
  const auto begin = report.find("| " + question + " |");
  return begin == report.npos ? std::string() : report.substr(begin, report.find('\n', begin) - begin);
}

TEST(Document, TheScorecardAgreesWithTargetsAndWalls) {
  const std::string budget = report_of(R"({"version": 1, "stages": {"c": {"solver": "economics", "fleet": {"accelerator": "H100",
    "count": 8}, "duration": "1 year", "budget": "1 kUSD"}}})",
                                       "r.md");
  EXPECT_TRUE(card_of(budget, "Affordable").starts_with("| Affordable | no | capital: no, ")) << budget.substr(0, 900);
  EXPECT_TRUE(card_of(budget, "Feasible").starts_with("| Feasible | yes |")) << budget.substr(0, 900);
  const std::string share = report_of(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50",
    "hardware": "A100"}}, "assert": ["s.mfu >= 0.9"]})",
                                      "r.md");
  EXPECT_TRUE(card_of(share, "Other targets").starts_with("| Other targets | no | s.mfu >= 0.9: no, 0.04631"))
      << share.substr(0, 900);
  EXPECT_TRUE(card_of(share, "Fast enough").starts_with("| Fast enough | open | no target is set")) << share.substr(0, 900);
}

TEST(Document, SaysWhichStageAWallIsOf) {
  const std::string two = report_of(R"({"version": 1, "stages": {
    "a": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"},
    "b": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}}, "assert": ["b.latency <= 1 ms"]})",
                                    "r.md");
  EXPECT_NE(two.find("It is feasible, but misses b.latency &lt;= 1 ms (5.127 ms). b.latency is 5.127 ms, a.latency "), two.npos)
      << two.substr(0, 600);
  EXPECT_NE(two.find(" What binds first is "), two.npos);
  EXPECT_TRUE(card_of(two, "Feasible").starts_with("| Feasible | yes | memory of b: ")) << card_of(two, "Feasible");
  EXPECT_EQ(card_of(two, "Fast enough").find("b.latency: "), std::string::npos) << "its target says it already";
}

TEST(Document, WhatARowSaysInWordsStandsBelowItOnAPhone) {
  const std::string page = report_of(table, "r.html");
  EXPECT_NE(page.find("<table class=\"prose over3\">\n<thead><tr><th>stage</th><th>input</th>"), page.npos);
  EXPECT_NE(page.find("<table class=\"prose over6\">\n<thead><tr><th>stage</th><th>wall</th>"), page.npos);
  EXPECT_NE(page.find("<table>\n<thead><tr><th>device</th>"), page.npos) << "numbers alone scroll";
}

TEST(Document, SaysWhatWasAssumed) {
  const std::string text = report_of(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50",
    "hardware": "A100", "efficiency": 0.6}}})",
                                     "r.md");
  const auto begin = text.find("## Assumptions");
  ASSERT_NE(begin, text.npos);
  const std::string section = text.substr(begin, text.find("\n## ", begin + 1) - begin);
  EXPECT_NE(section.find("| s | memory_efficiency | 1 |"), section.npos) << section;
  EXPECT_NE(section.find("| s | batch_size | 1 |"), section.npos) << section;
  EXPECT_EQ(section.find("| s | efficiency |"), section.npos) << "it was said";
  EXPECT_LT(section.find("memory_efficiency"), section.find("batch_size")) << "what says how well things do comes first";
}

TEST(Document, HoldsTheNearestMeasurementsBesideTheAnswer) {
  const std::string text = report_of(R"({"version": 1, "stages": {"t": {"solver": "training_step", "workload": "Llama3_8B",
    "fleet": {"node": "DGX_H100", "fabric": "InfiniBand_NDR", "nodes": 8}, "batch_size": 128, "sequence_length": 8192}}})",
                                     "r.md");
  const auto begin = text.find("## Measured near this");
  ASSERT_NE(begin, text.npos);
  const std::string section = text.substr(begin, text.find("\n## ", begin + 1) - begin);
  EXPECT_NE(section.find("The nearest published measurement on this device is of "), section.npos) << section;
  EXPECT_NE(section.find("| step_time | "), section.npos) << section;
  EXPECT_NE(text.find("10 to 90 %"), text.npos) << "an estimate has its band beside it";
  const std::string nothing = report_of(table, "r.md");
  EXPECT_EQ(nothing.find("Measured near this"), nothing.npos) << "nobody measured what bounds";
}

TEST(Document, APlanOfManyStagesIsReadInRows) {
  std::string stages;
  for (int s = 1; s <= 9; ++s)
    stages += std::string(s > 1 ? ", " : "") + "\"s" + std::to_string(s) +
              "\": {\"solver\": \"amdahl\", \"improved_fraction\": 0.5, " +
              "\"stage_speedup\": " + (s > 1 ? "\"$s" + std::to_string(s - 1) + ".speedup\"" : "2") + "}";
  const std::string text = report_of(R"({"version": 1, "stages": {)" + stages + "}}", "r.md");
  const auto begin = text.find("## Plan");
  ASSERT_NE(begin, text.npos);
  EXPECT_NE(text.find("| 9 | s9 | amdahl | stage_speedup of s8.", begin), text.npos) << text.substr(begin, 2500);
}

TEST(Document, LongPartsAreFoldedAndTablesScroll) {
  std::string batches;
  for (int b = 1; b <= 40; ++b) batches += (b > 1 ? ", " : "") + std::to_string(b);
  const std::string page = report_of(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50",
    "hardware": "A100"}}, "axes": [{"s.batch_size": [)" +
                                         batches + R"(]}], "report": {"columns": ["s.batch_size", "s.latency"]}})",
                                     "r.html");
  EXPECT_NE(page.find("<summary>28 more rows</summary>"), page.npos);
  for (const char* title : {"Working", "Facts and their sources", "Provenance"})
    EXPECT_NE(page.find("<details><summary><h2>" + std::string(title) + "</h2></summary>"), page.npos) << title;
  EXPECT_NE(page.find("<div class=\"wide\" tabindex=\"0\"><table>"), page.npos);
  EXPECT_LT(page.size(), 450'000u);
}

TEST(Document, NamesTheSourceOfEveryFactAndTheFileItIsIn) {
  const std::string text = report_of(table, "r.md");
  EXPECT_NE(text.find("| A100 (NVIDIA A100 SXM4 80GB) | peak_rate"), std::string::npos);
  EXPECT_NE(text.find("NVIDIA H100 Tensor Core GPU data sheet"), std::string::npos);
  EXPECT_NE(text.find("| facts | share/ironlaw/zoo/hardware/cloud.json | "), std::string::npos);
  EXPECT_NE(text.find("| plugin | roofline | "), std::string::npos);
}

TEST(Document, APageStandsOnItsOwnAndEscapesWhatItIsGiven) {
  const std::string page = report_of(table, "r.html");
  EXPECT_NE(page.find("<h1>A &lt;title&gt;</h1>"), std::string::npos);
  EXPECT_NE(page.find("<svg "), std::string::npos);
  for (const char* from_afar : {"<script src", "<link", "@import"})
    EXPECT_EQ(page.find(from_afar), std::string::npos) << from_afar;
  const std::string single = report_of(does_not_fit, "r.html");
  EXPECT_LT(single.size(), 200'000u) << "a report without charts needs no library for them";
}

TEST(Document, IsAPageOrMarkdown) {
  EXPECT_NE(refused([] { (void)report_of(table, "r.pdf"); }).find("a report is a .html or a .md"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::host
