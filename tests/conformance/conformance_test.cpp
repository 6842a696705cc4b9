#include <gtest/gtest.h>

#include <ironlaw/conformance/conformance.hpp>
#include <ironlaw/error.hpp>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace {

using namespace ironlaw;
using namespace ironlaw::host;
namespace fs = std::filesystem;

fs::path bad(const std::string& name) { return fs::path(IRONLAW_BAD_PLUGIN_DIR) / (name + ".so"); }

const Finding& finding(const std::vector<CheckResult>& results, std::string_view check) {
  const auto found = std::find_if(results.begin(), results.end(), [&](const CheckResult& r) { return r.name == check; });
  if (found == results.end()) throw Error("no check " + std::string(check));
  return found->finding;
}

TEST(Conformance, EveryFamilyPasses) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(IRONLAW_FAMILY_DIR)) {
    if (entry.path().extension() != ".so") continue;
    ConformanceOptions options;
    options.rows = 40;
    for (const CheckResult& r : check_plugin(entry.path(), options))
      EXPECT_NE(r.finding.status, CheckStatus::failed) << entry.path() << " " << r.name << ": " << r.finding.detail;
    ++count;
  }
  EXPECT_GE(count, 4u);
}

struct Breach {
  const char* plugin;
  const char* check;
  const char* detail;
};

class Unsound : public testing::TestWithParam<Breach> {};

TEST_P(Unsound, FailsTheCheckOfWhatItBreaks) {
  ConformanceOptions options;
  const std::string_view plugin = GetParam().plugin;
  options.timeout = plugin == "never_ends" || plugin == "loading_hangs" ? 0.3 : plugin == "never_ends_a_study" ? 9 : 30;
  options.rows = 50;
  const auto results = check_plugin(bad(GetParam().plugin), options);
  const Finding& found = finding(results, GetParam().check);
  EXPECT_EQ(found.status, CheckStatus::failed) << found.detail;
  EXPECT_NE(found.detail.find(GetParam().detail), std::string::npos) << found.detail;
  EXPECT_EQ(found.detail.find('\n'), std::string::npos);
  EXPECT_FALSE(conforms(results));
}

INSTANTIATE_TEST_SUITE_P(
    All, Unsound,
    testing::Values(Breach{"exports_more", "exports", "it exports "}, Breach{"no_manifest", "manifest", "not a plugin"},
                    Breach{"wrong_sdk", "manifest", "SDK 0.99"},
                    Breach{"undefined_symbol", "load", "expected a library that opens"},
                    Breach{"registers_unlisted", "load", "registers_unlisted"},
                    Breach{"writes_to_standard_output", "standard_output", "'thinking'"},
                    Breach{"fast_math", "process", "-ffast-math"}, Breach{"rounds_down", "process", "rounding mode"},
                    Breach{"starts_threads", "process", ""} /* found running, or crashed as its code went away */,
                    Breach{"says_little", "declarations", "has no source (and 1 more)"},
                    Breach{"misbehaving_solvers", "in_range", "out of patience"},
                    Breach{"counts_its_calls", "pure", "answers otherwise when asked again"},
                    Breach{"shares_buffers", "threads", "answers otherwise on several threads"},
                    Breach{"breaks_its_promise", "monotone", "twice rises where once grows"},
                    Breach{"mends_its_limit", "monotone", "limit 'time' is mended where once grows"},
                    Breach{"keeps_memory", "leaks", "stay allocated"}, Breach{"crashes", "in_range", "it crashed"},
                    Breach{"never_ends", "in_range", "it took longer than 0.3 s"},
                    Breach{"changes_the_locale", "process", "changed the locale"},
                    Breach{"takes_signals", "process", "changed what happens at a signal (User defined signal 1)"},
                    Breach{"changes_the_mask", "process", "umask"}, Breach{"closes_descriptors", "process", "closed descriptor"},
                    Breach{"writes_everywhere", "process", "wrote to descriptor"},
                    Breach{"forges_its_verdict", "in_range", "it crashed (Segmentation fault)"},
                    Breach{"forks", "in_range", "it started a process"},
                    Breach{"overruns", "memory", "reads or writes where it has no memory"},
                    Breach{"overruns_little", "memory", "reads or writes where it has no memory"},
                    Breach{"remembers_its_first_row", "apart", "answers otherwise in another process"},
                    Breach{"reads_afile", "files", "asks for /etc/hostname"},
                    Breach{"has_amember_without_port", "declarations", "Inputs has 8 bytes behind 'once'"},
                    Breach{"never_ends_a_study", "studies", "study 'never_ends_a_study' had not ended after"},
                    Breach{"answers_not_a_number", "studies", "is not finite"},
                    Breach{"counts_its_runs", "studies", "answers otherwise when it is run again"},
                    Breach{"prints_its_table", "studies", "to standard output"},
                    Breach{"bad_guards", "callbacks", "guard amends_out_of_range: node.batch_size = -1 is not allowed"},
                    Breach{"throws_on_afile", "importers", "of a file of 0 bytes: "},
                    Breach{"reads_everything", "importers", "says that it reads it"},
                    Breach{"remembers_files", "importers", "answers otherwise when asked again"},
                    Breach{"crashes_on_afile", "importers", "it crashed"},
                    Breach{"calls_nobody", "load", "calls solver 'solver_that_is_not_there'"},
                    Breach{"loading_hangs", "load", "it took longer than 0.3 s"},
                    Breach{"loading_exits", "load", "it ended the process (exit status 0)"}),
    [](const auto& breach) { return std::string(breach.param.plugin); });

TEST(Conformance, WhatCannotBeLoadedIsAskedNothingElse) {
  const auto results = check_plugin(bad("wrong_abi"), {});
  EXPECT_EQ(finding(results, "in_range").detail, "it could not be loaded");
  EXPECT_EQ(getenv("IRONLAW_WRONG_ABI_RAN"), nullptr);
}

/// A file that is gone with the test.
struct Golden {
  explicit Golden(std::string_view text) { std::ofstream(path) << text; }
  Golden(const Golden&) = delete;
  Golden& operator=(const Golden&) = delete;
  ~Golden() { fs::remove(path); }
  fs::path path = fs::temp_directory_path() / ("ironlaw_golden_" + std::to_string(getpid()) + ".jsonl");
};

Finding golden(std::string_view text) {
  const Golden file(text);
  ConformanceOptions options;
  options.golden = file.path;
  options.rows = 1;
  return finding(check_plugin(bad("well_behaved"), options), "golden");
}

TEST(Conformance, GoldenVectorsMatch) {
  const Finding good = golden(R"({"solver": "doubler", "inputs": {"once": "3 ms"}, "outputs": {"twice": "6 ms"}}
{"solver": "doubler", "inputs": {"once": "-1 s"}, "refused": "once"}

{"config": {"version": 1, "stages": {"d": {"solver": "doubler", "once": "1 s"}}}, "outputs": {"d.twice": "2.001 s"}, "tolerance": 0.01}
{"config": {"version": 1, "stages": {"d": {"solver": "doubler"}}, "axes": [{"d.once": ["1 s", "2 s"]}]}, "rows": 2}
{"import": "/proc/self/comm", "importer": "one_toy", "refused": "line 1"})");
  EXPECT_EQ(good.status, CheckStatus::passed) << good.detail;
  EXPECT_EQ(good.detail, "5 questions answered as expected");
}

TEST(Conformance, GoldenVectorsThatDoNotMatchAreNamed) {
  const auto wrong = [](std::string_view text) {
    const Finding found = golden(text);
    EXPECT_EQ(found.status, CheckStatus::failed);
    return found.detail.substr(found.detail.find(".jsonl:") + 7);
  };
  EXPECT_EQ(wrong(R"({"solver": "doubler", "inputs": {"once": "3 ms"}, "outputs": {"twice": "5 ms"}})"),
            "1: twice: expected 5 ms, found 6 ms");
  EXPECT_EQ(wrong(R"({"solver": "doubler", "inputs": {"once": "3 ms"}, "refused": "once"})"),
            "1: it is answered, where a refusal was expected");
  EXPECT_NE(wrong("\n"
                  R"({"solver": "doubler", "inputs": {"once": "3 GB"}, "outputs": {"twice": "5 ms"}})")
                .find("2: it is refused: "),
            std::string::npos);
  EXPECT_EQ(wrong(R"({"solver": "doubler", "output": {"twice": "5 ms"}})"), "1: unknown key 'output'; did you mean 'outputs'?");
  EXPECT_EQ(wrong(R"({"solver": "doubler"})"), "1: a question takes its answer: \"outputs\", \"entries\", \"refused\" or \"rows\"");
}

TEST(Conformance, TheReportIsForPeopleAndPrograms) {
  const auto results = check_plugin(bad("well_behaved"), {});
  ReportOptions options;
  options.format = OutputFormat::json;
  std::ostringstream out;
  report_conformance(Plugins::inspect(bad("well_behaved")), results, options, out);
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["verdict"], "conforms");
  EXPECT_EQ(json["checks"]["load"]["verdict"], "passed");
  EXPECT_GE(json["checks"].size(), 14u);
}

TEST(Conformance, SaysWhatItCannotFind) {
  EXPECT_THROW(static_cast<void>(check_plugin("nothing.so", {})), InputError);
  ConformanceOptions options;
  options.golden = "nothing.jsonl";
  EXPECT_THROW(static_cast<void>(check_plugin(bad("well_behaved"), options)), InputError);
}

}  // namespace
