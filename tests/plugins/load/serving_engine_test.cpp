// serving_engine, its replay and autoscaling as solvers: memory by each engine's rule, users that engines share, tiers of cache.
#include <ironlaw/working.hpp>

#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <random>

#include "../../property/question.hpp"

namespace ironlaw::host {
namespace {

constexpr double mebibyte = 1048576, gibibyte = 1073741824;

std::string engine(const std::string& more = {}, const std::string& solver = "serving_engine") {
  return R"("solver": ")" + solver +
         R"(", "workload": "Llama3_70B", "hardware": "H100", "tensor_parallel": 4, "prompt_tokens": 4000,
    "output_tokens": 500)" +
         more;
}
/// What a result reads from outlives it.
Question::Result one(const std::string& stage) {
  static std::deque<Question> kept;
  return kept.emplace_back(stage).ask();
}

/// 80 GiB, 1 GB of runtime; weights and activations as the answer says them.
TEST(ServingMemory, IsDividedByEachEnginesRule) {
  const double device = 80 * gibibyte;
  const auto of = [&](const std::string& stack) { return one(engine(R"(, "users": 40)" + stack)); };
  const auto law = of("");
  const double weights = law["weights_per_device"], activations = law["activation_memory"];
  const auto expect_cache = [&](const Question::Result& r, double cache, double block) {
    EXPECT_NEAR(r["cache_memory"], cache, 1e-9 * cache);
    EXPECT_NEAR(r["usable_memory"], weights + cache, 1e-9 * cache);
    EXPECT_NEAR(r["weights_per_device"] + r["cache_memory"] + r["activation_memory"] + r["reserved_memory"], device, 1);
    // 80 layers, keys and values of two heads of 128 in 16 bits; a sequence that is met half-way of its answer.
    const double token = 80 * 2 * 2 * 128 * 2.0;
    EXPECT_NEAR(r["cache_per_sequence"], (4250 + (block - 1) / 2) * token, 1);
  };
  expect_cache(law, 0.9 * device - weights - activations - 1e9, 16);
  expect_cache(of(R"(, "software_stack": "vllm")"), 0.92 * device - weights - activations - 0.5 * gibibyte - 1e9, 16);
  expect_cache(of(R"(, "software_stack": "trtllm")"), 0.9 * (device - weights - activations - 1e9), 32);
  // 512 MiB, 1.5 a token of the budget, 2 a sequence of the largest graph, 128 a device.
  const double aside = (512 + 8192 * 1.5 + 512 * 2 + 4 * 128) * mebibyte;
  expect_cache(of(R"(, "software_stack": "sglang")"), device - aside - weights, 1);
  expect_cache(of(R"(, "software_stack": "sglang", "memory_share": 0.8)"), 0.8 * device - weights, 1);
  // A budget of 2048 sets less than 10 GiB aside, which is the least on a device of 80.
  EXPECT_NEAR(of(R"(, "software_stack": "sglang", "token_budget": 1024)")["usable_memory"], device - 10 * gibibyte, 1);
  expect_cache(of(R"(, "software_stack": "vllm", "graph_memory": "2 GB", "cache_block_tokens": 64)"),
               0.92 * device - weights - activations - 2e9 - 1e9, 64);
}

/// An index bounds what is read, not what is kept; of a compressed layer an entry stays for every few tokens, and its window.
TEST(ServingMemory, WhatAnIndexPicksFromIsKeptWhole) {
  const auto of = [](const std::string& model) {
    return one(R"("solver": "serving_engine", "hardware": "H200", "tensor_parallel": 8, "format": "fp8", "users": 8,
      "prompt_tokens": 100000, "output_tokens": 2000, "workload": ")" +
               model + R"(")");
  };
  const double tokens = 101000 + 15 / 2.0, window = 128 + 15;
  EXPECT_NEAR(of("DeepSeek_V3_2")["cache_per_sequence"], 61 * (576 * 2 + 128) * tokens, 1);  // the index keeps a byte a number
  EXPECT_NEAR(of("DeepSeek_V4_Flash")["cache_per_sequence"],
              43 * 1024 * window + (21 * (1024 + 128) / 4.0 + 20 * 1024 / 128.0) * tokens, 1);
}

TEST(ServingMemory, WeightsThatLeaveNoRoomAreInfeasible) {
  for (const char* stack :
       {"", R"(, "software_stack": "vllm")", R"(, "software_stack": "sglang")", R"(, "software_stack": "trtllm")"}) {
    const auto r =
        one(R"("solver": "serving_engine", "workload": "Llama3_70B", "hardware": "H100", "users": 4, "prompt_tokens": 100,
      "output_tokens": 100)" +
            std::string(stack));
    EXPECT_FALSE(r.ok()) << stack;
    EXPECT_LT(r["cache_memory"], 0) << stack;
  }
}

/// What is cheap has the same bits whatever else is asked, and a row the same status.
TEST(ServingCheapOutputs, HaveTheBitsOfAFullAnswer) {
  constexpr std::size_t rows = 48;
  const Solver& solver = session().plugins().solver("serving_engine");
  std::mt19937 random(20261130);
  const auto log_even = [&](double low, double high) {
    return std::exp(std::uniform_real_distribution<>(std::log(low), std::log(high))(random));
  };
  const auto object = [&](std::string_view interface, const char* name) {
    return Cell{.object = session().zoo().find(interface, name, "cheap").object};
  };
  std::vector<std::vector<Cell>> cells;
  std::vector<Column> in;
  for (const PortInfo& port : solver.inputs()) {
    auto& column = cells.emplace_back(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      const bool open = r % 3 == 0, fixed = r % 4 == 0;
      Cell& cell = column[r];
      if (port.type == PortType::object)
        cell.object = nullptr;
      else
        cell.number = port.fallback;
      if (port.name == "workload") cell = object(port.interface, r < 24 ? "Llama3_70B" : "Qwen3_30B_A3B");
      if (port.name == "hardware") cell = object(port.interface, r % 2 == 0 ? "H100" : "H200");
      if (port.name == "tensor_parallel") cell.number = 4;
      if (port.name == "prompt_tokens") cell.number = std::round(log_even(64, 8192));
      if (port.name == "output_tokens") cell.number = std::round(log_even(8, 1024));
      if (port.name == "prompt_variation" || port.name == "output_variation") cell.number = fixed ? 0 : 0.8;
      if (port.name == "prompt_order") cell.number = static_cast<double>(r % 5 % 3);
      if (port.name == "request_rate" && open) cell.number = log_even(0.05, 20);
      if (port.name == "users" && !open) cell.number = std::round(log_even(1, 600));
      if (port.name == "waves" && r % 3 == 1) cell.number = 5;
      if (port.name == "host_hit_rate" && r % 7 == 0) cell.number = 0.2;
      if (port.name == "host_bandwidth" && r % 7 == 0) cell.number = 50e9;
    }
    in.push_back({column.data(), 1});
  }
  const auto answer = [&](const std::function<bool(std::size_t)>& wanted) {
    std::pair a{std::vector<std::vector<Cell>>(solver.outputs().size(), std::vector<Cell>(rows)),
                std::vector<RowStatus>(rows, RowStatus::ok)};
    std::vector<Cell*> out;
    for (std::size_t k = 0; k < a.first.size(); ++k) out.push_back(wanted(k) ? a.first[k].data() : nullptr);
    solver.evaluate({in, out, a.second, nullptr});
    return a;
  };
  const auto cheap = [&](std::size_t k) { return solver.outputs()[k].cheap_set != 0; };
  const auto whole = answer([](std::size_t) { return true; });
  const auto expect_same = [&](const auto& few, std::size_t k) {
    EXPECT_EQ(few.second, whole.second);
    for (std::size_t r = 0; r < rows; ++r) {
      if (!has_outputs(whole.second[r])) continue;
      const double one = few.first[k][r].number, other = whole.first[k][r].number;
      EXPECT_TRUE(one == other || (std::isnan(one) && std::isnan(other)))
          << solver.outputs()[k].name << " of row " << r << ": " << one << ", with all others " << other;
    }
  };
  const auto all_cheap = answer(cheap);
  std::size_t marked = 0;
  for (std::size_t k = 0; k < solver.outputs().size(); ++k) {
    if (!cheap(k)) continue;
    ++marked;
    expect_same(all_cheap, k);
    expect_same(answer([&](std::size_t other) { return other == k; }), k);
    expect_same(answer([&](std::size_t other) { return other == k || solver.outputs()[other].name == "ttft_p99"; }), k);
  }
  EXPECT_EQ(marked, solver.outputs().size() - 1 - 13 - 8) << "all but feasible, gaps and percentiles, bands";
  EXPECT_GT(std::count(whole.second.begin(), whole.second.end(), RowStatus::ok), 24);
  EXPECT_GT(std::count(whole.second.begin(), whole.second.end(), RowStatus::infeasible), 2) << "loads that are not carried";
}

/// Fewer users than engines: as many engines work as there are users, each for one; the others idle.
TEST(ServingUsers, FewerThanEnginesLeaveSomeIdle) {
  const auto alone = one(engine(R"(, "users": 1)"));
  const auto spread = one(engine(R"(, "users": 2, "replicas": 8)"));
  for (const char* same : {"ttft", "tpot", "request_latency", "tpot_p99", "throughput_per_user"})
    EXPECT_EQ(spread[same], alone[same]) << same;
  EXPECT_NEAR(spread["request_throughput"], 2 * alone["request_throughput"], 1e-12);
  EXPECT_NEAR(spread["throughput_per_device"], alone["throughput_per_device"] / 4, 1e-9);
  EXPECT_NEAR(spread["request_throughput"] * spread["request_latency"], 2, 1e-3);  // Little 1961; a bisection to 2e-4
  const double idle = 0.12 * 700;
  EXPECT_NEAR(spread["device_power"], idle + (alone["device_power"] - idle) / 4, 1e-6);
  EXPECT_NEAR(one(engine(R"(, "users": 3, "replicas": 2)"))["request_throughput"] *
                  one(engine(R"(, "users": 3, "replicas": 2)"))["request_latency"],
              3, 0.02);
}

TEST(ServingUsers, AReplayTakesAMultipleOfItsReplicas) {
  const Pipeline pipeline = compiled(one_stage(engine(R"(, "users": 3, "replicas": 2)", "serving_replay")));
  const Answer refused = answer(pipeline, pipeline.base());
  EXPECT_EQ(refused.status, RowStatus::refused);
  ASSERT_FALSE(refused.errors.empty());
  EXPECT_NE(refused.errors.front().find("a multiple of replicas"), std::string::npos) << refused.errors.front();
}

/// Half of a prompt's 4000 tokens over a link of 64 GB/s, one request at a time: 2000 x 80 layers x 1024 B.
TEST(ServingTiers, ReadWhatTheHostHolds) {
  const auto without = one(engine(R"(, "users": 1, "think_time": "100 s")"));
  const auto with = one(engine(R"(, "users": 1, "think_time": "100 s", "host_hit_rate": 0.5, "host_bandwidth": "64 GB/s",
    "host_cache": "100 GB")"));
  const double bytes = 2000 * 80 * 1024.0;
  EXPECT_NEAR(with["tier_load_time"], bytes / 64e9, 1e-3 * bytes / 64e9);
  EXPECT_NEAR(with["tier_bandwidth"], 64e9, 1);
  EXPECT_NEAR(with["tier_traffic"], bytes * with["request_throughput"], 1);
  EXPECT_NEAR(with["host_cache_tokens"], 100e9 / (80 * 1024.0), 1);
  EXPECT_LT(with["ttft"], without["ttft"]);  // reading is less than working it out
  const auto hit = one(engine(R"(, "users": 1, "think_time": "100 s", "prefix_hit_rate": 0.5)"));
  EXPECT_NEAR(with["ttft"] - hit["ttft"], with["tier_load_time"], 1e-9);
  const auto slow = one(engine(R"(, "request_rate": "2 request/s", "disk_hit_rate": 0.5, "disk_bandwidth": "0.1 GB/s")"));
  EXPECT_FALSE(slow.ok());
  EXPECT_GT(slow["tier_traffic"], slow["tier_bandwidth"]);
}

/// The table of operators that ends a working.
class OperatorTimes final : public Working {
 public:
  std::map<std::string, double> seconds;
  [[nodiscard]] double sum() const {
    double all = 0;
    for (const auto& [name, time] : seconds) all += time;
    return all;
  }

 private:
  void do_step(std::string_view, std::string_view, std::span<const Term>, const Value&, std::string_view) override {}
  void do_note(std::string_view) override {}
  void do_operation(const OperatorTime& one) override { seconds[std::string(one.name)] += one.time.value(); }
};

OperatorTimes operators_of(const std::string& stage, double& tpot) {
  const Pipeline pipeline = compiled(one_stage(stage));
  const Answer a = answer(pipeline, pipeline.base());
  tpot = output_of(pipeline, a, "s.tpot");
  OperatorTimes times;
  EXPECT_TRUE(pipeline.solver().explain(pipeline.base(), a.outputs, times));
  return times;
}

/// Operators of the mean iteration, with and without prompts in their shares, take what a token does.
TEST(ServingOperators, AddUpToTheMeanIteration) {
  for (const char* load : {R"(, "users": 1)", R"(, "users": 24)", R"(, "users": 64, "software_stack": "vllm")",
                           R"(, "users": 24, "prefix_hit_rate": 0.5)", R"(, "request_rate": "2 request/s")"}) {
    double tpot = 0;
    const OperatorTimes times = operators_of(engine(load), tpot);
    EXPECT_GT(times.seconds.size(), 6u) << load;
    EXPECT_NEAR(times.sum(), tpot, 0.04 * tpot) << load;
  }
  double tpot = 0;
  // A token comes every iteration; 2.0 of them where one is drafted and surely kept.
  const OperatorTimes drafted = operators_of(engine(R"(, "users": 24, "drafted_tokens": 1, "acceptance": 1)"), tpot);
  EXPECT_NEAR(drafted.sum(), 2 * tpot, 0.08 * tpot);
  EXPECT_GT(drafted.seconds.at("drafts"), 0);
}

/// Records of prompts' attention were fitted on up to 16,380 keys.
TEST(ServingOperators, SizesOutsideTheRecordsAreSaid) {
  const auto at = [&](const std::string& prompt) {
    return one(
        R"("solver": "serving_engine", "workload": {"based_on": "Llama3_8B", "context_length": 10000000}, "hardware": "H100",
      "tensor_parallel": 8, "users": 1, "output_tokens": 100, "prompt_tokens": )" +
        prompt)["outside_record"];
  };
  EXPECT_TRUE(std::isnan(at("16000")));
  EXPECT_NEAR(at("100000"), 100000 / 16380.0, 1e-9);
}

std::string scaled(const std::string& more) {
  return R"("solver": "autoscaling", "workload": "Llama3_8B", "hardware": "H100", "ttft": "500 ms")" + more;
}
const std::string day =
    R"(, "request_rate": {"value": [1, 20, 60, 60, 5, 0], "unit": "request/s"}, "prompt_tokens": [1000, 1000, 1000, 1000, 1000, 1000],
  "output_tokens": [200, 200, 200, 200, 200, 200])";

TEST(Autoscaling, TakesTheLeastCountOfEachPeriod) {
  const Pipeline pipeline =
      compiled(one_stage(scaled(day + R"(, "device_cost": "2 USD/hour", "tpot": "15 ms")"),
                         R"json(, "report": {"columns": ["at(s.replicas, 0)", "at(s.replicas, 1)", "at(s.replicas, 2)",
                                                   "at(s.replicas, 3)", "at(s.replicas, 4)", "at(s.replicas, 5)"]})json"));
  const Rows rows = rows_of(pipeline);
  ASSERT_EQ(rows.status.at(0), RowStatus::ok) << (rows.errors.empty() ? "" : rows.errors.begin()->second);
  const std::vector<double> rates{1, 20, 60, 60, 5, 0};
  Question period(R"("solver": "serving_engine", "workload": "Llama3_8B", "hardware": "H100", "request_rate": "1 request/s",
    "prompt_tokens": 1000, "output_tokens": 200)");
  const auto keeps = [&](double rate, double replicas) {
    period.set("request_rate", std::max(rate, 1e-6));
    period.set("replicas", replicas);
    const auto r = period.ask();
    return r.ok() && r["ttft"] <= 0.5 && r["tpot"] <= 0.015 && rate <= 0.9 * r["capacity"];
  };
  double sum = 0, peak = 0, starts = 0, before = 0;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const double count = rows.cells.at(0).at(i).number;
    EXPECT_TRUE(keeps(rates[i], count)) << i;
    EXPECT_TRUE(count == 1 || !keeps(rates[i], count - 1)) << i;
    sum += count;
    peak = std::max(peak, count);
    if (i > 0) starts += std::max(0.0, count - before);
    before = count;
  }
  EXPECT_GT(peak, 1);
  const auto r = one(scaled(day + R"(, "device_cost": "2 USD/hour", "tpot": "15 ms")"));
  EXPECT_EQ(r["peak_replicas"], peak);
  EXPECT_EQ(r["starts"], starts);
  EXPECT_NEAR(r["mean_replicas"], sum / 6, 1e-12);
  // Two dollars an hour and engine, and five minutes of each that is started.
  EXPECT_NEAR(r["cost"], 2 * (sum + starts / 12), 1e-9);
  EXPECT_NEAR(r["fixed_cost"], 2 * 6 * peak, 1e-9);
  EXPECT_NEAR(r["saving"], 1 - r["cost"] / r["fixed_cost"], 1e-12);
}

TEST(Autoscaling, WhatMostReplicasDoNotCarryIsMissed) {
  const auto r = one(scaled(day + R"(, "most_replicas": 2)"));
  EXPECT_FALSE(r.ok());
  EXPECT_GE(r["missed_periods"], 2);
  EXPECT_FALSE(
      one(scaled(R"(, "request_rate": {"value": [1], "unit": "request/s"}, "prompt_tokens": [200000], "output_tokens": [200])"))
          .ok());  // context of 131072
  EXPECT_EQ(refused(one_stage(scaled(
                        R"(, "request_rate": {"value": [], "unit": "request/s"}, "prompt_tokens": [9], "output_tokens": [2])")))
                .find('\n'),
            std::string::npos);
}

/// A request alone takes what the closed form says of one user.
TEST(ServingReplay, ReplaysATraceAsItCame) {
  const auto replayed = one(
      engine(R"(, "arrivals": {"value": [0, 100, 200], "unit": "s"}, "prompts": [4000, 4000, 4000], "answers": [500, 500, 500])",
             "serving_replay"));
  const auto alone = one(engine(R"(, "users": 1)"));
  EXPECT_NEAR(replayed["request_latency"], alone["request_latency"], 0.01 * alone["request_latency"]);
  EXPECT_NEAR(replayed["ttft"], alone["ttft"], 0.02 * alone["ttft"]);
  const auto together =
      one(engine(R"(, "arrivals": {"value": [0, 0, 0], "unit": "s"}, "prompts": [4000, 4000, 4000], "answers": [500, 500, 500])",
                 "serving_replay"));
  EXPECT_GT(together["ttft"], replayed["ttft"]);
  const Pipeline backwards = compiled(one_stage(
      engine(R"(, "arrivals": {"value": [5, 0], "unit": "s"}, "prompts": [9, 9], "answers": [5, 5])", "serving_replay")));
  EXPECT_EQ(answer(backwards, backwards.base()).status, RowStatus::refused);
}

/// One user alone: a prompt's iteration, then 499 that give a token each. What they were spent on is what the closed form says.
TEST(ServingReplay, SaysWhatItsIterationsWereSpentOn) {
  const auto replayed = one(engine(R"(, "users": 1, "requests": 20, "warm_up": 0)", "serving_replay"));
  const double tokens = 500;
  EXPECT_NEAR(replayed["iteration_time"] * tokens, replayed["request_latency"], 0.1 * replayed["request_latency"]);
  double sum = 0;
  for (const char* part : {"compute_time", "memory_time", "overhead", "communication_time"}) {
    EXPECT_GT(replayed[part], 0) << part;
    EXPECT_LE(replayed[part], replayed["iteration_time"] * (1 + 1e-9)) << part;
    sum += replayed[part];
  }
  EXPECT_GE(sum, 0.99 * replayed["iteration_time"]);
  // With every slot but one empty, decoding is memory traffic; many users at once with short answers work on prompts.
  EXPECT_GT(replayed["memory_time"], 0.5 * replayed["iteration_time"]);
  const auto prompts = one(R"("solver": "serving_replay", "workload": "Llama3_70B", "hardware": "H100", "tensor_parallel": 4,
    "prompt_tokens": 4000, "output_tokens": 4, "users": 64, "requests": 300, "warm_up": 64)");
  EXPECT_GT(prompts["compute_time"] / prompts["iteration_time"], 2 * replayed["compute_time"] / replayed["iteration_time"]);
}

TEST(ServingReplay, WhatDoesNotFitIsInfeasible) {
  EXPECT_FALSE(one(R"("solver": "serving_replay", "workload": "Llama3_70B", "hardware": "H100", "users": 1, "requests": 20,
    "warm_up": 0, "prompt_tokens": 100, "output_tokens": 10)")
                   .ok());
  const std::string longer = R"(, "arrivals": {"value": [0], "unit": "s"}, "prompts": [131000], "answers": [500])";
  const auto trace = one(engine(longer, "serving_replay"));
  EXPECT_EQ(trace["longest_request"], 131500);
  EXPECT_FALSE(trace.ok());  // context of 131072
}

}  // namespace
}  // namespace ironlaw::host
