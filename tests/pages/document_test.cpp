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
  return document_file(pipeline, {"A <title>", file.string(), "ironlaw test"}, name);
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
