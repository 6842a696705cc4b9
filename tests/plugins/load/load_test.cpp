// Engines under load: lengths, queues of prompts, closed and open loops, benchmarks, pools apart, against cases worked by hand.
#include <gtest/gtest.h>

#include <array>

#include "estimates/load/benchmark.hpp"
#include "estimates/load/pools_answer.hpp"
#include "estimates/load/pools_replay.hpp"
#include "estimates/load/replay.hpp"
#include "llama_engine.hpp"

namespace ironlaw::load_test {
namespace {

/// 10 ms, 0.1 ms a decoding sequence, 0.02 ms a prompt token.
class LinearIteration final : public IterationTime {
 public:
  Time operator()(const Batch& b) const override { return seconds(10e-3 + 0.1e-3 * b.decoding + 0.02e-3 * b.prompt_tokens); }
};
const LinearIteration linear;

/// A scheduler's two rules.
struct Rules {
  PromptOrder order = PromptOrder::mixed;
  Admission admission = Admission::held;
};
constexpr Rules reserving{PromptOrder::mixed, Admission::reserved};
constexpr std::array<Rules, 4> all_rules{
    {{}, reserving, {PromptOrder::whole_first, Admission::held}, {PromptOrder::first, Admission::ratio}}};

LoadedEngine engine_of(double cache_tokens, double token_budget, const Rules& rules = {}) {
  return {&linear, cache_tokens, 1, token_budget, 256, rules.order, rules.admission, 0};
}
LoadedEngine linear_engine(const Rules& rules = {}) { return engine_of(1e6, 2048, rules); }
const Traffic fixed_lengths{Lengths::fixed(1000), Lengths::fixed(101)};
const Traffic spread_lengths{Lengths::lognormal(1000, 1, 32768), Lengths::lognormal(200, 0.8, 32768)};

TEST(LoadLengths, QuantilesOfTheNormalDistribution) {
  using equations::normal_quantile;
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-15);
  EXPECT_NEAR(normal_quantile(1e-9), -5.997807015007687, 1e-9);
}

TEST(LoadLengths, AtomsKeepTheMoments) {
  const LengthAtoms even(Lengths::uniform(900, 1.0 / 9));  // 800 to 1000
  EXPECT_NEAR(even.mean(), 900, 0.5);
  EXPECT_NEAR(even.variance(), 200.0 * 200 / 12, 0.01 * 200 * 200 / 12);
  const LengthAtoms skewed(Lengths::lognormal(1000, 0.5, 1e9));
  EXPECT_NEAR(skewed.mean(), 1000, 5);
  EXPECT_NEAR(skewed.squared_variation(), 0.25, 0.02);
  const std::array<double, 2> tokens{400, 3400}, shares{8, 2};
  const Lengths bars = Lengths::histogram(tokens, shares);
  EXPECT_EQ(bars.mean(), 1000);
  EXPECT_EQ(bars.quantile(0.79), 400);
  EXPECT_EQ(bars.quantile(0.81), 3400);
}

TEST(LoadHistogram, QuantilesWithinABin) {
  TimeHistogram h;
  for (int i = 1; i <= 1000; ++i) h.add(seconds(i * 1e-3), 1);
  const Spread s = h.spread();
  EXPECT_NEAR(s.mean.value(), 0.5005, 1e-9);
  EXPECT_NEAR(s.p50.value(), 0.5, 0.5 / 64);
  EXPECT_NEAR(s.p99.value(), 0.99, 0.99 / 64);
}

TEST(LoadHistogram, ALevelBetweenTwoTimesLiesHalfWay) {
  TimeHistogram h;
  h.add(seconds(1), 0.5);
  h.add(seconds(3), 0.5);
  EXPECT_NEAR(h.spread().p50.value(), 2, 2.0 / 64);
}

double slots_of(const LoadedEngine& e) { return Work(e, fixed_lengths).slots; }

TEST(LoadWork, SlotsByRuleOfAdmission) {
  // 1000 tokens of prompt; an output is met at half its length, and reserved whole.
  EXPECT_NEAR(slots_of(engine_of(105'050, 2048)), 105'050 / 1050.5, 1e-9);
  EXPECT_NEAR(slots_of(engine_of(110'100, 2048, reserving)), 100 - 0.5, 1e-9);
  EXPECT_EQ(slots_of(engine_of(1e9, 2048)), 256);
}

TEST(LoadWork, ACachedPrefixIsContextAndNoWork) {
  Traffic half = fixed_lengths;
  half.cached_prefix = 0.5;
  const LoadedEngine e = linear_engine();
  const Work w(e, half);
  EXPECT_EQ(w.prompt.mean(), 500);
  EXPECT_EQ(w.context, Work(e, fixed_lengths).context);
  // 500 tokens after 500: each sees 750 in the mean, and the kernel's offset of 0.
  EXPECT_NEAR(pairs(e, 500, 500) / 500, 750, 1e-9);
}

TEST(LoadWork, BacklogByPollaczekKhinchine) {
  const LoadedEngine one_prompt = engine_of(1e6, 1000);
  const Work w(one_prompt, fixed_lengths);  // one prompt fills an iteration
  EXPECT_NEAR(backlog(w, 0.5, 1).iterations, 0.5 / (2 * 0.5), 1e-12);
  EXPECT_EQ(backlog(w, 0, 1).iterations, 0);
}

TEST(LoadClosed, OneUserMeetsNobody) {
  const Answer a = closed_answer(Work(linear_engine(), fixed_lengths), 1, Client{});
  EXPECT_NEAR(a.ttft.mean.value(), 10e-3 + 20e-3, 1e-12);
  EXPECT_NEAR(a.tpot.mean.value(), 10.1e-3, 1e-12);
  EXPECT_NEAR(a.throughput.value(), 1 / (30e-3 + 100 * 10.1e-3), 2e-4);  // as near as the bisection goes
}

TEST(LoadClosed, LittlesLaw) {
  for (const Rules& rules : all_rules)
    for (const double users : {2.0, 17.0, 64.0, 300.0}) {
      const Time think = seconds(0.02);
      const Answer a = closed_answer(Work(linear_engine(rules), spread_lengths), users, {think});
      EXPECT_NEAR(static_cast<double>(a.throughput * (a.request.mean + think)), users, 0.01 * users);
    }
}

TEST(LoadClosed, PromptsBound) {
  // An iteration takes two prompts of 1000, 51 ms at least: with 101 tokens each the loop ends at most 2 in 51 ms.
  const Traffic short_answers{Lengths::fixed(1000), Lengths::lognormal(4, 0.5, 100)};
  const Answer a = closed_answer(Work(linear_engine(), short_answers), 200, Client{});
  EXPECT_LE(a.throughput.value(), 2.048 / 50.96e-3);
  EXPECT_GE(a.throughput.value(), 0.8 * 2.048 / 50.96e-3);
}

TEST(LoadClosed, GapsWhereEveryIterationHoldsPrompts) {
  // 256 slots of 40 tokens end six or seven a step, each followed by a prompt of 50 tokens: a sixth of the budget, not all of it.
  const Traffic chat{Lengths::fixed(50), Lengths::lognormal(40, 0.3, 1000)};
  const Answer a = closed_answer(Work(linear_engine(), chat), 256, Client{});
  EXPECT_GT(a.prompt_share, 0.99);
  EXPECT_NEAR(a.itl.mean.value(), a.tpot.mean.value(), 0.03 * a.tpot.mean.value());
  EXPECT_LT(a.itl.p99.value(), 10e-3 + 0.1e-3 * 256 + 0.02e-3 * 2048);
}

TEST(LoadClosed, UsersOfFixedLengthsGoRoundInGroups) {
  // Eight users whose prompts go two to an iteration (2048 tokens, less one for each of six who decode): four groups, each of
  // which is held up by the three others once.
  const Answer a = closed_answer(Work(linear_engine(), fixed_lengths), 8, Client{});
  const double with = 10e-3 + 0.1e-3 * 6 + 0.02e-3 * 2000;
  EXPECT_NEAR(a.ttft.mean.value(), with, 1e-9);
  EXPECT_NEAR(a.tpot.mean.value(), 10.8e-3 + 3.0 / 100 * (with - 10.8e-3), 1e-9);
  EXPECT_NEAR(a.throughput.value(), 8 / (with + 97 * 10.8e-3 + 3 * with), 1e-9);
}

TEST(LoadClosed, UsersWhosePromptsGoFirstStayInStep) {
  // All prompts of eight, two at a time, then all answers: the first pair is held up by three iterations, the last by none.
  const Rules whole{PromptOrder::whole_first, Admission::held};
  const Answer a = closed_answer(Work(linear_engine(whole), fixed_lengths), 8, Client{});
  const double pass = 10e-3 + 0.02e-3 * 2000, step = 10.8e-3;
  EXPECT_NEAR(a.ttft.mean.value(), 2.5 * pass, 1e-9);
  EXPECT_NEAR(a.tpot.mean.value(), step + 1.5 * pass / 100, 1e-9);
  EXPECT_NEAR(a.throughput.value(), 8 / (4 * pass + 100 * step), 1e-9);
}

TEST(LoadClosed, UsersInStepWaitForSlotsToo) {
  // Ten users and four slots: what two prompts and what the answers of four take, again and again (Little's law gives the wait).
  LoadedEngine e = linear_engine({PromptOrder::whole_first, Admission::held});
  e.most_sequences = 4;
  const Answer a = closed_answer(Work(e, fixed_lengths), 10, Client{});
  const double round = 2 * (10e-3 + 0.02e-3 * 2000) + 100 * 10.4e-3;
  EXPECT_NEAR(a.throughput.value(), 4 / round, 1e-9);
  EXPECT_NEAR(a.request.mean.value(), 10 * round / 4, 1e-9);
}

TEST(LoadClosed, FewUsersMeetOneAnother) {
  // One's own prompt holds up no token of one's own: with two users half of what prompts take is met, no more and no less.
  const Traffic traffic{Lengths::uniform(1000, 0.5), Lengths::uniform(100, 0.5)};
  const Time think = seconds(0.02);
  for (const Rules& rules : all_rules) {
    const LoadedEngine e = linear_engine(rules);
    ClosedSource users(traffic, 2, think, false, 3);
    const Answer replayed = replay(e, users, {6'000, 500});
    const Answer a = closed_answer(Work(e, traffic), 2, {think});
    EXPECT_NEAR(a.throughput.value(), replayed.throughput.value(), 0.01 * replayed.throughput.value());
    EXPECT_NEAR(a.tpot.mean.value(), replayed.tpot.mean.value(), 0.01 * replayed.tpot.mean.value());
    EXPECT_NEAR(a.prompt_share, replayed.prompt_share, 0.1 * replayed.prompt_share);
  }
}

TEST(LoadTokens, AGammaMovedToItsSkewness) {
  // An exponential distribution of mean 1 has skewness 2.
  const auto exponential = load::detail::MovedGamma::from_zero(seconds(1), 1);
  EXPECT_NEAR(exponential.at(1.2816).value(), std::log(10.0), 0.03);  // the cube root is within 1 % there
  EXPECT_NEAR(exponential.at(2.3263).value(), std::log(100.0), 0.06);
  EXPECT_NEAR(exponential.deviate_of(exponential.at(1.5)), 1.5, 1e-9);
  // The same moved by 3.
  const load::detail::MovedGamma moved{seconds(4), seconds(1), 2};
  EXPECT_NEAR(moved.at(1.2816).value(), 3 + std::log(10.0), 0.03);
}

TEST(LoadTokens, WhoArrivesDecodesBeside) {
  // In a window as long as their stay half of those who arrive are there in the mean, in a long one all; exponential stays: 1/e.
  EXPECT_NEAR(load::detail::arrived_beside(1, 0), 0.5, 1e-12);
  EXPECT_NEAR(load::detail::arrived_beside(1, 1), std::exp(-1), 1e-12);
  EXPECT_NEAR(load::detail::arrived_beside(1e6, 0), 1, 1e-5);
  EXPECT_NEAR(load::detail::arrived_beside(1e-3, 1), 0.5e-3, 1e-6);
}

TEST(LoadOpen, AnEmptyEngineAnswersAsForOneUser) {
  const Answer open = open_answer(Work(linear_engine(), spread_lengths), {Rate::from_value(1e-4)});
  const Answer one = closed_answer(Work(linear_engine(), spread_lengths), 1, Client{});
  EXPECT_NEAR(open.tpot.mean.value(), one.tpot.mean.value(), 1e-3 * one.tpot.mean.value());
  EXPECT_NEAR(open.ttft.mean.value(), one.ttft.mean.value(), 1e-3 * one.ttft.mean.value());
}

TEST(LoadOpen, UnstableFromTheCapacityOn) {
  const LoadedEngine e = linear_engine();
  const Answer beyond = open_answer(Work(e, spread_lengths), {Rate::from_value(1e3)});
  EXPECT_FALSE(beyond.stable);
  EXPECT_TRUE(open_answer(Work(e, spread_lengths), {0.95 * beyond.throughput}).stable);
}

TEST(LoadOpen, LatencyGrowsWithTheLoad) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    Setting s = random_setting(seed);
    s.engine.iteration = &s.iteration;
    const Rate capacity = open_answer(Work(s.engine, s.traffic), {Rate::from_value(1e6)}).throughput;
    Time before{};
    bool stable = true;
    for (int i = 1; i <= 24; ++i) {
      const Answer a = open_answer(Work(s.engine, s.traffic), {capacity * (i / 24.0)});
      EXPECT_TRUE(stable || !a.stable) << "stable again, seed " << seed;
      stable = a.stable;
      if (!stable) continue;
      EXPECT_GE(a.request.mean, 0.98 * before) << "seed " << seed << ", load " << i << "/24";
      before = a.request.mean;
      EXPECT_LE(a.ttft.p50, a.ttft.p90);
      EXPECT_LE(a.tpot.p90, a.tpot.p99);
      EXPECT_LE(a.itl_low.p99, a.itl_high.p99);
    }
  }
}

TEST(LoadBenchmark, TheFirstWaveWaitsForItsBurst) {
  // One wave only: prompts of all users queue at once. 32 prompts of 1000 are 15.6 iterations of two.
  const LoadedEngine e = linear_engine();
  const Work w(e, spread_lengths);
  const Time first = benchmark_answer(w, 32, Client{}, 1).ttft.mean;
  EXPECT_GT(first, 2.0 * closed_answer(w, 32, Client{}).ttft.mean);
  EXPECT_GT(first, benchmark_answer(w, 32, Client{}, 10).ttft.mean);
}

TEST(LoadPools, CapacityIsThatOfTheScarcestPart) {
  const Pools pools{linear_engine(), linear_engine(), 2, 3, 1e9 * units::byte_per_second, seconds(1e-3), 1e5 * units::byte};
  const LoadedEngine p = linear_engine(), d = linear_engine(reserving);
  const PoolCapacity c = pool_capacity(pools, Work(p, fixed_lengths), Work(d, fixed_lengths));
  EXPECT_NEAR(c.prompts.value(), 2 * 2.048 / (10e-3 + 2048 * 0.02e-3), 1e-9);
  EXPECT_NEAR(c.decoding.value(), 3 * 256 / (100 * 35.6e-3), 1e-9);
  EXPECT_NEAR(c.transfer.value(), 2 * 1e9 / (1000 * 1e5), 1e-9);
  EXPECT_FALSE(open_pools_answer(pools, fixed_lengths, {1.01 * c.least()}).stable);
}

TEST(LoadPools, AnIdlePoolHandsOverOnce) {
  const Pools pools{linear_engine(), linear_engine(), 1, 1, 1e9 * units::byte_per_second, seconds(1e-3), 1e4 * units::byte};
  const Answer a = open_pools_answer(pools, fixed_lengths, {Rate::from_value(1e-4)});
  EXPECT_NEAR(a.ttft.mean.value(), 30e-3, 1e-6);
  // Latency, 10 MB at 1 GB/s, half an iteration until it joins: over 100 gaps.
  EXPECT_NEAR(a.tpot.mean.value(), 10.1e-3 + (1e-3 + 10e-3 + 5.05e-3) / 100, 0.01e-3);
}

TEST(LoadPools, OneUserMeetsNobody) {
  const Pools pools{linear_engine(), linear_engine(), 1, 1, 1e9 * units::byte_per_second, seconds(1e-3), 1e4 * units::byte};
  const Answer a = closed_pools_answer(pools, fixed_lengths, 1, Time{}, absent);
  EXPECT_NEAR(a.ttft.mean.value(), 30e-3, 2e-3);
  EXPECT_NEAR(a.tpot.mean.value(), 10.1e-3 + (1e-3 + 10e-3 + 5.05e-3) / 100, 0.05e-3);
}

TEST(LoadPools, AClosedLoopIsNearItsReplay) {
  const Pools pools{linear_engine(), linear_engine(reserving), 2, 1, 1e9 * units::byte_per_second,
                    seconds(1e-3),   1e4 * units::byte};
  ClosedSource users(spread_lengths, 40, Time{}, true, 5);
  const Answer replayed = PoolsReplay(pools, users, {6000, 1500}).run();
  const Answer form = closed_pools_answer(pools, spread_lengths, 40, Time{}, absent);
  EXPECT_NEAR(form.throughput.value(), replayed.throughput.value(), 0.05 * replayed.throughput.value());
  EXPECT_NEAR(form.tpot.mean.value(), replayed.tpot.mean.value(), 0.06 * replayed.tpot.mean.value());
}

TEST(LoadPools, UsersBeyondTheSlotsWaitAndABurstQueues) {
  const Pools pools{linear_engine(), linear_engine(reserving), 1, 1, 1e9 * units::byte_per_second,
                    seconds(1e-3),   1e4 * units::byte};
  const Answer fewer = closed_pools_answer(pools, fixed_lengths, 200, Time{}, absent);
  const Answer more = closed_pools_answer(pools, fixed_lengths, 600, Time{}, absent);
  EXPECT_GT(more.ttft.mean, 2.0 * fewer.ttft.mean);
  EXPECT_LE(more.throughput, 1.01 * more.capacity);
  const Answer cold = closed_pools_answer(pools, fixed_lengths, 100, Time{}, Maybe<double>(1));
  EXPECT_GT(cold.ttft.mean, closed_pools_answer(pools, fixed_lengths, 100, Time{}, Maybe<double>(10)).ttft.mean);
}

TEST(LoadReplay, OneUser) {
  ClosedSource users(fixed_lengths, 1, seconds(0.5), false, 1);
  const Answer a = replay(linear_engine(), users, {200, 50});
  EXPECT_NEAR(a.ttft.p99.value(), 30e-3, 1e-9);
  EXPECT_NEAR(a.tpot.mean.value(), 10.1e-3, 1e-9);
  EXPECT_NEAR(a.throughput.value(), 1 / (0.03 + 1.01 + 0.5), 1e-6);
}

TEST(LoadReplay, LittlesLaw) {
  for (const Rules& rules : all_rules) {
    ClosedSource users(spread_lengths, 24, seconds(0.05), true, 7);
    const Answer a = replay(linear_engine(rules), users, {4000, 1000});
    EXPECT_NEAR(static_cast<double>(a.throughput * (a.request.mean + seconds(0.05))), 24, 0.5);
  }
}

TEST(LoadReplay, EvictsWhereMemoryIsShort) {
  const LoadedEngine small = engine_of(4150, 2048);
  ClosedSource optimistic(fixed_lengths, 8, Time{}, false, 1);
  EXPECT_GT(replay(small, optimistic, {400, 100}).evicted, 0);
  const LoadedEngine careful = engine_of(4150, 2048, reserving);
  ClosedSource reserved(fixed_lengths, 8, Time{}, false, 1);
  EXPECT_EQ(replay(careful, reserved, {400, 100}).evicted, 0);
}

TEST(LoadReplay, ATraceIsServedInItsOrderAndEnds) {
  const std::array<ArrivingRequest, 3> trace{{{Time{}, 1000, 11, 0}, {seconds(10), 1000, 11, 500}, {seconds(20), 500, 1, 0}}};
  TraceSource source(trace);
  const Answer a = replay(linear_engine(), source, {10, 0});
  // 30 ms, 20 ms with half of the prompt in the cache, 20 ms.
  EXPECT_NEAR(a.ttft.mean.value(), 70e-3 / 3, 1e-9);
  EXPECT_NEAR(a.ttft.p99.value(), 30e-3, 1e-9);
}

TEST(LoadReplay, PoolsApart) {
  const Pools pools{linear_engine(), linear_engine(), 1, 1, 1e9 * units::byte_per_second, seconds(1e-3), 1e4 * units::byte};
  OpenSource source(fixed_lengths, {Rate::from_value(0.05)}, 3);
  const Answer a = PoolsReplay(pools, source, {300, 50}).run();
  EXPECT_NEAR(a.ttft.p50.value(), 30e-3, 1e-6);
  EXPECT_NEAR(a.tpot.p50.value(), 10.1e-3 + 11e-3 / 100, 1e-6);
}

}  // namespace
}  // namespace ironlaw::load_test
