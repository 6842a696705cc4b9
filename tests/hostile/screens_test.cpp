// What a screen, a pipe or another language's habits may do to what the program prints.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <locale>
#include <regex>
#include <sstream>

#include <nlohmann/json.hpp>

#include "command_line.hpp"
#include "hostile/requirements.hpp"
#include "hostile/trials.hpp"

namespace ironlaw::hostile {
namespace {

using Words = std::vector<std::string>;
const std::string configs = IRONLAW_SOURCE "/examples/configs/";
const std::string studies = IRONLAW_SOURCE "/examples/studies/";
const std::string node = R"("stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}})";

/// Columns that a line takes, a character each.
std::size_t width_of(const std::string& line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Outcome checked(const Words& words, const std::string& input = {}) {
  auto outcome = run_command(words, input);
  require_outcome(words, outcome);
  return outcome;
}

TEST(Screens, NoPageIsWiderThanTheTerminal) {
  const std::vector<Words> pages{
      {"solvers"},
      {"solvers", "single_node"},
      {"solvers", "distributed"},
      {"zoo", "list"},
      {"zoo", "show", "H100"},
      {"zoo", "show", "Llama3_8B"},
      {"studies"},
      {"studies", "optimize"},
      {"plugin", "list"},
      {"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100", "--explain"},
      {"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100", "--walls"},
      {"run", configs + "serve_within_budget.json", "--walls"},
      {"explain", configs + "serve_within_budget.json"},
      {"run", configs + "serve_within_budget.json"},
      {"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100,H100,H200,B200", "--batch-size", "1,2,4,8,16"},
      {"run", studies + "serving/sensitivity.json"},
      {"run", studies + "serving/compare.json"}};
  for (const char* columns : {"70", "80", "100", "132"}) {
    setenv("COLUMNS", columns, 1);
    for (const auto& page : pages) {
      const auto outcome = checked(page);
      EXPECT_FALSE(outcome.out.empty()) << page[0];
      std::istringstream lines(outcome.out);
      for (std::string line; std::getline(lines, line);)
        EXPECT_LE(width_of(line), std::stoul(columns)) << page[0] << " " << page.back() << "\n" << line;
    }
  }
  unsetenv("COLUMNS");
}

TEST(Screens, ADumbTerminalIsNotColoured) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal), 0);
  ASSERT_EQ(unlockpt(terminal), 0);
  const int screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  ASSERT_GE(screen, 0);
  cli::GlobalFlags flags;
  flags.result = screen;
  unsetenv("NO_COLOR");
  for (const auto& [name, obeys] : {std::pair("xterm", true), std::pair("dumb", false)}) {
    setenv("TERM", name, 1);
    EXPECT_EQ(cli::obeys(screen), obeys) << name;
    EXPECT_EQ(flags.report().colour, obeys) << name;
  }
  setenv("TERM", "xterm", 1);
  setenv("NO_COLOR", "", 1);  // empty counts as not set
  EXPECT_TRUE(flags.report().colour);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(flags.report().colour);
  unsetenv("NO_COLOR");
  close(screen);
  close(terminal);
}

TEST(Screens, ListsDoNotTellWhereTheyAreInstalled) {
  for (const Words& words :
       {Words{"plugin", "list", "--output", "json"}, Words{"zoo", "list", "--output", "csv"},
        Words{"zoo", "show", "H100", "--output", "json"}, Words{"solvers", "single_node", "--output", "json"},
        Words{"studies", "optimize"}, Words{"run", configs + "serve_within_budget.json", "--output", "json"},
        Words{"report", configs + "serve_within_budget.json"}}) {
    std::string text = checked(words).out;
    for (auto at = text.find(configs); at != text.npos; at = text.find(configs))
      text.erase(at, configs.size());  // the user's own
    EXPECT_EQ(text.find(IRONLAW_BINARY_DIR), text.npos) << words[0] << " " << words[1];
    EXPECT_EQ(text.find(IRONLAW_SOURCE), text.npos) << words[0] << " " << words[1];
  }
  EXPECT_NE(checked({"zoo", "list", "--output", "csv"}).out.find("share/ironlaw/zoo/"), std::string::npos);
}

TEST(Screens, StandardInputIsAFileToo) {
  const std::string json = R"({"version": 1, )" + node + "}";
  const std::string yaml = "version: 1\nstages:\n  node: {solver: single_node, workload: ResNet50, hardware: H100}\n";
  const auto from_json = checked({"run", "-", "--output", "csv"}, json);
  EXPECT_EQ(from_json.status, 0) << from_json.err;
  EXPECT_EQ(checked({"run", "-", "--output", "csv"}, yaml).out, from_json.out);
  EXPECT_EQ(checked({"explain", "-"}, json).status, 0);
  EXPECT_EQ(checked({"report", "-"}, json).status, 0);
  EXPECT_EQ(checked({"study", "sensitivity", "-", "--outputs", "latency"}, json).status, 0);
  EXPECT_EQ(checked({"run", "-"}, "").status, 1);
  EXPECT_NE(checked({"run", "-"}, "{").err.find("standard input:1:"), std::string::npos);
}

TEST(Screens, WordsThatAreNoFlagsCrashNothing) {
  for (const Words& words : {Words{"solve", "-1"}, Words{"solve", "-"}, Words{"solve", "--walls", "single_node"},
                             Words{"solve", "-.5"}, Words{"study", "-1", "x"}, Words{"study", "sensitivity", "-1"},
                             Words{"study", "sensitivity", "--seed", "1", "single_node"}, Words{"-1"}, Words{"-"}, Words{"--"},
                             Words{""}, Words{"run", "-1"}, Words{"zoo", "-1"}, Words{"plugin", "-"}, Words{"plot", "-1"}}) {
    const auto outcome = checked(words);
    EXPECT_EQ(outcome.status, 1) << words[0];
  }
}

TEST(Screens, WhatIsNoNumberIsAbsent) {
  const std::string config = R"({"version": 1, )" + node + R"(, "report": {"columns": ["1/0", "-1/0", "0/0", "node.latency"]}})";
  EXPECT_NE(checked({"run", "-", "--output", "csv"}, config).out.find("\n,,,0."), std::string::npos);
  for (const char* format : {"text", "markdown", "jsonl", "json"}) {
    const auto outcome = checked({"run", "-", "--output", format}, config);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_FALSE(std::regex_search(outcome.out, std::regex(R"(\b(inf|nan|infinity)\b)"))) << outcome.out;
  }
}

TEST(Screens, AColumnIsShownOnce) {
  const std::string twice = R"({"version": 1, )" + node + R"(, "report": {"columns": ["node.latency", "node.latency"]}})";
  EXPECT_EQ(checked({"run", "-"}, twice).err, "ironlaw: standard input#/report/columns/1: 'node.latency' is shown already\n");
  const std::string status =
      R"({"version": 1, "inputs": {"status": 1}, "stages": {"node": {"solver": "single_node", "workload": "ResNet50",
    "hardware": "H100", "batch_size": "$status"}}, "report": {"columns": ["status"]}})";
  EXPECT_EQ(checked({"run", "-"}, status).err,
            "ironlaw: standard input#/report/columns/0: 'status' is what tables call how a row ended\n");
}

TEST(Screens, AnEmptyListIsOfNothing) {
  const auto study = [](const std::string& options) { return R"({"version": 1, )" + node + R"(, "study": {)" + options + "}}"; };
  EXPECT_EQ(checked({"run", "-"}, study(R"("use": "sensitivity", "outputs": [], "inputs": [])")).status, 0);
  EXPECT_EQ(checked({"run", "-"}, study(R"("use": "compare", "with": {"node.batch_size": 2}, "outputs": [])")).status, 0);
  EXPECT_NE(checked({"run", "-"}, study(R"("use": "synthesis", "targets": [])")).err.find("/study/targets: takes at least one"),
            std::string::npos);
  EXPECT_NE(checked({"run", "-"}, study(R"("use": "sensitivity", "outputs": ["latency", "latency"])"))
                .err.find("/study/outputs/1: is named twice"),
            std::string::npos);
}

/// A language that writes 1.234,5.
class DecimalComma final : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Screens, NumbersAreTheSameInEveryLanguage) {
  const std::vector<Words> questions{
      {"run", configs + "serve_within_budget.json", "--output", "csv"},
      {"run", configs + "serve_within_budget.json", "--output", "json"},
      {"run", configs + "serve_within_budget.json"},
      {"explain", configs + "serve_within_budget.json"},
      {"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100", "--batch-size", "1000", "--explain"},
      {"zoo", "show", "H100"},
      {"report", configs + "serve_within_budget.json"},
      {"plot", "sweep", configs + "device_to_be.json"},
      {"schema"}};
  std::vector<std::string> before;
  for (const auto& words : questions) before.push_back(run_command(words).out);
  const std::locale plain = std::locale::global(std::locale(std::locale::classic(), new DecimalComma));
  const char* const was = setlocale(LC_ALL, nullptr);
  const std::string classic = was == nullptr ? "C" : was;
  setlocale(LC_ALL, "de_DE.UTF-8");  // where it is installed
  for (std::size_t q = 0; q < questions.size(); ++q) EXPECT_EQ(run_command(questions[q]).out, before[q]) << questions[q][0];
  setlocale(LC_ALL, classic.c_str());
  std::locale::global(plain);
}

TEST(Screens, FilesMayBeCalledAnything) {
  const Desk desk;
  for (const std::string name :
       {"two\nlines", "\x1b[31m", "\xFF\xFE", "-rf", "a b", "'", "\"", "$(id)", "\xE2\x80\xAE", "%s", "=1", "<b>"}) {
    const std::string file = "./" + name + ".json";
    std::ofstream(file) << R"({"version": 1, )" << node << "}";
    for (const char* format : {"text", "json", "csv", "markdown"}) {
      const auto outcome = checked({"run", file, "--output", format});
      EXPECT_EQ(outcome.status, 0) << outcome.err;
    }
    EXPECT_EQ(checked({"explain", file}).status, 0);
    const auto report = run_command({"report", file});
    EXPECT_EQ(report.status, 0) << report.err;
    require_markdown(report.out);
    EXPECT_EQ(checked({"run", "./no " + name}).status, 1);
    EXPECT_EQ(checked({"zoo", "list", "--zoo", name}).status, 1);
  }
}

}  // namespace
}  // namespace ironlaw::hostile
