// Branch and bound against a look at every design: the same best ones, in the same order, over generated spaces and many solvers.
#include "../property/generator.hpp"
#include "study_fixture.hpp"

namespace ironlaw::studies_test {
namespace {

std::string list(const std::vector<double>& values) {
  std::string text = "[";
  for (const double v : values) text += (text.size() > 1 ? ", " : "") + in_full(v);
  return text + "]";
}
/// Some values between the ends, as often falling as rising.
std::string some(host::Generator& any, double low, double high, std::size_t most, bool whole) {
  std::vector<double> values;
  for (std::size_t i = 0; i < 2 + any.below(most - 1); ++i)
    values.push_back(whole ? std::round(any.logarithmic(low, high)) : any.between(low, high));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (any.one_in(2)) std::reverse(values.begin(), values.end());
  return list(values);
}

/// A solver, what is asked of it and what may be chosen: a name, its range, whether it is counted.
struct Asked {
  std::string stage;
  std::vector<std::string> goals;
  std::vector<std::string> conditions;
  struct Choice {
    std::string name;
    double low;
    double high;
    bool whole;
    std::size_t most = 12;  ///< values of it
  };
  std::vector<Choice> choices;
  std::string fixed_axes;
};

std::string question(const Asked& asked, host::Generator& any, const std::string& method) {
  std::string axes = asked.fixed_axes;
  for (const auto& c : asked.choices)
    axes += (axes.empty() ? "{\"s." : ", {\"s.") + c.name + "\": " + some(any, c.low, c.high, c.most, c.whole) + "}";
  const std::string goal = asked.goals[any.below(asked.goals.size())];
  const std::string condition = any.one_in(3) || asked.conditions.empty()
                                    ? ""
                                    : R"(, "subject_to": ")" + asked.conditions[any.below(asked.conditions.size())] + "\"";
  const std::size_t keep = any.one_in(2) ? 1 : 5;
  return R"({"version": 1, "stages": {"s": {)" + asked.stage + R"(}}, "axes": [)" + axes +
         R"(], "study": {"use": "optimize", "goal": ")" + goal + "\"" + condition + R"(, "keep": )" + std::to_string(keep) +
         R"(, "method": ")" + method + "\"}}";
}

/// The number before `part` in the note that has it; 0 where none has.
std::uint64_t counted(const Found& f, const std::string& part) {
  for (const auto& note : f.summary.notes)
    if (note.find(part) != note.npos) return std::stoull(note.substr(note.rfind(' ', note.find(part) - 2) + 1));
  return 0;
}

/// Gives the share of designs that were passed over.
double check_against_all(const Asked& asked, std::uint64_t seed, std::size_t spaces) {
  double passed = 0;
  double all = 0;
  for (std::size_t i = 0; i < spaces; ++i) {
    host::Generator one(seed + i);
    host::Generator same(seed + i);
    const std::string text = question(asked, one, "exhaustive");
    const Found every = found(text);
    const Found bounded = found(question(asked, same, "branch_and_bound"));
    EXPECT_EQ(every.cells.size(), bounded.cells.size()) << text;
    if (every.cells.size() != bounded.cells.size()) continue;
    for (std::size_t r = 0; r < every.cells.size(); ++r)
      EXPECT_EQ(std::memcmp(every.cells[r].data(), bounded.cells[r].data(), every.cells[r].size() * sizeof(Cell)), 0)
          << text << " row " << r;
    EXPECT_EQ(every.status, bounded.status) << text;
    // Every design is passed over for one reason, or looked at.
    const auto said = std::find_if(bounded.summary.notes.begin(), bounded.summary.notes.end(),
                                   [](const std::string& n) { return n.find("were passed over by bounds") != n.npos; });
    if (said == bounded.summary.notes.end()) {
      ADD_FAILURE() << text;
      continue;
    }
    const std::uint64_t skipped = std::stoull(*said);
    const std::uint64_t rows = std::stoull(said->substr(said->find(" of ") + 4));
    const std::uint64_t looked_at = std::stoull(said->substr(said->find("; ") + 2));
    EXPECT_EQ(skipped + looked_at, rows) << *said;
    std::uint64_t by_reason = 0;
    for (const auto& note : bounded.summary.notes)
      if (note.find(" passed over: ") != note.npos) by_reason += std::stoull(note);
    EXPECT_EQ(by_reason, skipped) << text;
    EXPECT_FALSE(bounded.notes("were not decided on")) << text;
    passed += static_cast<double>(skipped);
    all += static_cast<double>(rows);
  }
  return passed / all;
}

TEST(BranchAndBound, FindsWhatALookAtEveryDesignFindsOfSingleNode) {
  const Asked asked{R"("solver": "single_node", "workload": "Llama3_8B")",
                    {"min latency", "max throughput", "min s.latency * s.latency"},
                    {"s.latency <= 20 ms", "s.batch_size >= 4 and s.latency < 1 s"},
                    {{"batch_size", 1, 4096, true}, {"efficiency", 0.1, 1, false, 2000}},
                    R"({"s.hardware": ["T4", "A100", "H100"]})"};
  EXPECT_GT(check_against_all(asked, 100, 25), 0.1);
}

TEST(BranchAndBound, OfMemoryFit) {
  const Asked asked{R"("solver": "memory_fit", "workload": "Llama3_8B", "hardware": "H100")",
                    {"max free_memory", "min memory_footprint", "max s.tokens * s.requests"},
                    {"s.memory_utilization <= 60 %", "s.tokens >= 1000", "s.free_memory >= 20 GB and s.requests > 2"},
                    {{"tokens", 1, 200000, true}, {"requests", 1, 2000, true}, {"memory_reserve", 0, 0.9, false}},
                    ""};
  EXPECT_GT(check_against_all(asked, 200, 40), 0.5);
}

TEST(BranchAndBound, OfDistributed) {
  const Asked asked{
      R"("solver": "distributed", "workload": "GPT3", "fleet": "Training_1K_A100", "microbatches": 12, "overlap": true,
      "activation_recomputation": true, "uneven": "round")",
      {"min step_time", "max throughput"},
      {"s.step_time <= 60 s", "s.throughput >= 5 / 1 s"},
      {{"batch_size", 128, 8192, true},
       {"efficiency", 0.2, 0.9, false},
       {"straggler", 1, 1.5, false},
       {"overlap_efficiency", 0, 1, false}},
      R"({"s.tensor_parallel": [1, 2, 3, 4, 8]}, {"s.pipeline_parallel": [1, 4, 8, 12]}, {"s.zero_stage": [0, 1, 2, 3]})"};
  EXPECT_GT(check_against_all(asked, 300, 8), 0.3);
}

TEST(BranchAndBound, OfTrainingStep) {
  const Asked asked{R"("solver": "training_step", "workload": "Llama3_70B", "fleet": "Training_1K", "uneven": "mean")",
                    {"min step_time", "max token_rate", "max mfu"},
                    {"s.step_time <= 20 s", "s.token_rate >= 1 Mtoken/s"},
                    {{"batch_size", 256, 16384, true}, {"data_overlap", 0, 1, false}, {"sequence_length", 512, 32768, true}},
                    R"({"s.tensor_parallel": [1, 3, 8]}, {"s.pipeline_parallel": [1, 4]}, {"s.micro_batch": [1, 2, 4]},
      {"s.zero_stage": [3, 2, 1, 0]}, {"s.recomputation": ["none", "full"]})"};
  EXPECT_GT(check_against_all(asked, 400, 8), 0.3);
}

TEST(BranchAndBound, OfServingEngine) {
  const Asked asked{R"("solver": "serving_engine", "workload": "Llama3_70B")",
                    {"min tpot", "max output_throughput", "max longest_request"},
                    {"s.tpot <= 40 ms", "s.ttft <= 3 s and s.tpot <= 60 ms"},
                    {{"users", 1, 600, true}, {"prompt_tokens", 128, 400000, true}, {"output_tokens", 16, 1024, true}},
                    R"({"s.hardware": ["A100", "H100"]}, {"s.tensor_parallel": [2, 8]})"};
  EXPECT_GT(check_against_all(asked, 500, 8), 0.05);
}

TEST(BranchAndBound, PassesOverWhatCannotFit) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "memory_fit", "workload": "Llama3_70B", "hardware": "H100"}},
      "axes": [{"s.tokens": {"from": 1000, "to": 1999, "steps": 1000}}, {"s.requests": {"from": 1, "to": 1000, "steps": 1000}}],
      "study": {"use": "optimize", "goal": "min memory_utilization", "method": "branch_and_bound"}})");
  EXPECT_EQ(f.status.front(), RowStatus::infeasible);  // 140 GB of weights
  EXPECT_TRUE(f.notes("1000000 of 1000000 designs passed over: infeasible: s.memory"));
  EXPECT_EQ(counted(f, "rows at corners"), 4097u);
}

/// What a condition says of values that are not there rules nothing out.
TEST(BranchAndBound, AnAbsentValueProvesNothing) {
  const std::string text =
      R"({"version": 1, "stages": {"s": {"solver": "serving_engine", "workload": "Llama3_8B", "hardware": "H100",
      "prompt_tokens": 1000, "output_tokens": 100}},
      "axes": [{"s.request_rate": {"from": "1 request/s", "to": "400 request/s", "steps": 400}}],
      "study": {"use": "optimize", "goal": "max s.request_rate", "subject_to": "s.tpot <= 1 s or s.request_rate > 0 request/s",
                "keep": 1, "method": ")";
  const Found every = found(text + "exhaustive\"}}");
  const Found bounded = found(text + "branch_and_bound\"}}");
  ASSERT_EQ(every.cells.size(), bounded.cells.size());
  EXPECT_EQ(every.cells[0][0].number, bounded.cells[0][0].number);
}

TEST(BranchAndBound, TakesAxesWithValues) {
  const std::string why = refused([] {
    (void)found(analytic("hump", "", R"("use": "optimize", "goal": "max y", "method": "branch_and_bound")",
                         R"([{"s.a": {"from": -10, "to": 20}}])"));
  });
  EXPECT_NE(why.find("branch_and_bound takes axes with values"), std::string::npos) << why;
}

/// A search says how much it saw, and what no design can be better than.
TEST(Optimize, ASearchSaysHowGoodItsAnswerIs) {
  const std::string axes = R"([{"s.batch_size": [1, 2, 4, 8]}, {"s.efficiency": {"from": 0.1, "to": 0.9}}])";
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}},
      "axes": [{"s.efficiency": {"from": 0.1, "to": 0.9}}], "study": {"use": "optimize", "goal": "min latency"}})");
  EXPECT_TRUE(f.notes("a search, not a proof: of all designs none of them is better than ")) << f.summary.notes.back();
  const Found unknown =
      found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}},
      "axes": )" +
            axes + R"(, "study": {"use": "optimize", "goal": "min s.batch_size * s.latency", "evaluations": 64}})");
  EXPECT_TRUE(unknown.notes("ports promise no bound on what is left")) << unknown.summary.notes.back();
}

TEST(Optimize, EqualsAreRankedByTheirPlaceInTheSpace) {
  const std::string text =
      R"({"version": 1, "stages": {"s": {"solver": "memory_fit", "workload": "Llama3_8B", "hardware": "H100"}},
      "axes": [{"s.memory_reserve": [0.3, 0.2, 0.1]}, {"s.tokens": [4096, 2048, 1024]}],
      "study": {"use": "optimize", "goal": "min memory_footprint", "keep": 2, "method": ")";
  const Found f = found(text + "branch_and_bound\"}}");
  ASSERT_EQ(f.cells.size(), 2u);
  EXPECT_EQ(f.number(0, "memory_reserve"), 0.3);
  EXPECT_EQ(f.number(1, "memory_reserve"), 0.2);
  EXPECT_EQ(f.number(0, "tokens"), 1024);
}

}  // namespace
}  // namespace ironlaw::studies_test
