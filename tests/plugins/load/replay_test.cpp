// The closed forms against the replay, over random settings that neither was made for: 40, or as many as IRONLAW_REPLAYS says.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "estimates/load/pools_answer.hpp"
#include "estimates/load/pools_replay.hpp"
#include "estimates/load/replay.hpp"
#include "estimates/load/steady_state.hpp"
#include "llama_engine.hpp"

namespace ironlaw::load_test {
namespace {

int settings() {
  const char* asked = std::getenv("IRONLAW_REPLAYS");
  return asked != nullptr ? std::atoi(asked) : 40;
}

/// Absolute errors of one answer, in percent.
class Errors {
 public:
  void add(Time form, Time replayed) { add(form.value(), replayed.value()); }
  void add(double form, double replayed) { values_.push_back(std::min(1000.0, 100 * std::abs(form / replayed - 1))); }
  [[nodiscard]] double mean() const {
    double sum = 0;
    for (const double v : values_) sum += v;
    return sum / static_cast<double>(values_.size());
  }
  [[nodiscard]] double median() {
    std::sort(values_.begin(), values_.end());
    return values_[values_.size() / 2];
  }

 private:
  std::vector<double> values_;
};

using Table = std::map<std::string, Errors>;

/// A replay that ran out of iterations before its warm-up ended has measured nothing.
void compare(Table& table, const Answer& form, const Answer& replayed) {
  if (!form.stable || !replayed.stable || replayed.throughput == Rate{}) return;
  table["throughput"].add(form.throughput.value(), replayed.throughput.value());
  table["tpot"].add(form.tpot.mean, replayed.tpot.mean);
  table["tpot_p99"].add(form.tpot.p99, replayed.tpot.p99);
  table["ttft"].add(form.ttft.mean, replayed.ttft.mean);
  table["ttft_p99"].add(form.ttft.p99, replayed.ttft.p99);
  table["request"].add(form.request.mean, replayed.request.mean);
  table["request_p99"].add(form.request.p99, replayed.request.p99);
}

/// Mean and median error in percent as they were found, of 500 settings and of the first 40. A form that gets worse is seen.
struct Found {
  const char* what;
  double mean, median;
  double sample_mean, sample_median;
};

void expect_as_found(Table& table, std::initializer_list<Found> found, const char* loop) {
  const bool all = settings() >= 500;
  for (const Found& f : found) {
    const double mean = table[f.what].mean();
    const double median = table[f.what].median();
    std::printf("%-7s %-12s mean %5.1f %%  median %5.1f %%\n", loop, f.what, mean, median);
    constexpr double rounding = 0.05;
    EXPECT_LE(mean, (all ? f.mean : f.sample_mean) + rounding) << loop << ' ' << f.what;
    EXPECT_LE(median, (all ? f.median : f.sample_median) + rounding) << loop << ' ' << f.what;
  }
}

TEST(LoadReplay, ClosedFormsAreAsNearAsTheyWereFound) {
  Table closed, open;
  for (int i = 0; i < settings(); ++i) {
    Setting s = random_setting(20'000 + static_cast<unsigned>(i));
    s.engine.iteration = &s.iteration;
    const auto seed = static_cast<std::uint64_t>(i);
    if (s.closed) {
      const auto warm = std::max<std::int64_t>(3000, static_cast<std::int64_t>(6 * s.users));
      ClosedSource users(s.traffic, static_cast<int>(s.users), s.think, false, seed);
      const Answer replayed =
          replay(s.engine, users, {warm + std::max<std::int64_t>(5000, 6 * static_cast<std::int64_t>(s.users)), warm});
      compare(closed, closed_answer(Work(s.engine, s.traffic), s.users, {s.think}), replayed);
      continue;
    }
    // A share of what the replay itself carries, measured over some dozen times what it holds, and from a start that is as long
    // ago: near the capacity a shorter look takes luck for throughput.
    const double slots = Work(s.engine, s.traffic).slots;
    const auto filled = static_cast<std::int64_t>(std::max(2000.0, 8 * slots));
    ClosedSource many(s.traffic, static_cast<int>(std::ceil(1.5 * slots) + 4), Time{}, false, seed);
    const Arrivals arrivals{s.load * replay(s.engine, many, {4 * filled, filled}).throughput};
    const Answer form = open_answer(Work(s.engine, s.traffic), arrivals);
    OpenSource source(s.traffic, arrivals, seed);
    const Answer replayed = replay(s.engine, source, {(settings() >= 500 ? 20'000 : 10'000) + filled, filled});
    compare(open, form, replayed);
  }
  expect_as_found(closed,
                  {{"throughput", 0.6, 0.1, 0.7, 0.2},
                   {"tpot", 1.6, 0.1, 6.7, 0.1},
                   {"tpot_p99", 4.1, 0.9, 4.4, 1.2},
                   {"ttft", 6.8, 1.2, 12.9, 2.6},
                   {"ttft_p99", 15.7, 5.4, 16.8, 8.3},
                   {"request", 0.7, 0.1, 0.7, 0.1},
                   {"request_p99", 4.5, 1.1, 6.0, 1.4}},
                  "closed");
  expect_as_found(open,
                  {{"tpot", 2.5, 0.7, 3.1, 0.9},
                   {"tpot_p99", 10.6, 3.9, 11.8, 2.6},
                   {"ttft", 3.9, 1.5, 3.9, 1.7},
                   {"ttft_p99", 15.4, 10.7, 12.9, 9.9},
                   {"request", 2.2, 0.8, 2.9, 0.9},
                   {"request_p99", 7.3, 4.0, 10.4, 2.1}},
                  "open");
}

/// Two pools drawn at random, as many engines in each as match the other's rate, under 5 to 95 % of what they carry.
struct PoolSetting {
  LlamaIteration prompt_iteration, decode_iteration;
  Pools pools;
  Traffic traffic;
  Arrivals arrivals;
};

PoolSetting random_pools(unsigned seed) {
  std::mt19937_64 random(seed);
  const auto even = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
  const auto log_even = [&](double low, double high) { return std::exp(even(std::log(low), std::log(high))); };
  const auto one_of = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (;;) {
    const bool small = one_of(2) == 0;
    const Llama& model = small ? llama_8b : llama_70b;
    const Device& device = one_of(2) == 0 ? h100 : h200;
    const double bytes = 1 + one_of(2);
    const LlamaIteration prompt(model, device, std::exp2(one_of(small ? 2 : 4)), bytes, 1.3e-3, 44e-6);
    const LlamaIteration decode(model, device, std::exp2(one_of(small ? 2 : 4)), bytes, 1.3e-3, 44e-6);
    if (prompt.cache_tokens() < 30'000 || decode.cache_tokens() < 60'000) continue;
    const int kind = one_of(3);
    const double variation = even(0.4, 1.2);
    const auto spread = [&](double mean) {
      return kind == 0   ? Lengths::fixed(mean)
             : kind == 1 ? Lengths::uniform(mean, 1.0 / 9)
                         : Lengths::lognormal(mean, variation, 32768);
    };
    const Traffic traffic{spread(std::round(log_even(128, 16384))), spread(std::round(log_even(16, 2048)))};
    const double budget = one_of(2) == 0 ? 2048 : 8192;
    const double most = one_of(2) == 0 ? 256 : 1024;
    PoolSetting s{prompt, decode, {}, traffic, {}};
    s.pools = {{&prompt, prompt.cache_tokens(), 1, budget, most, PromptOrder::mixed, Admission::held},
               {&decode, decode.cache_tokens(), 1, budget, most, PromptOrder::mixed, Admission::reserved},
               1,
               1,
               (one_of(2) == 0 ? 50e9 : 200e9) * units::byte_per_second,
               seconds(even(0.5e-3, 5e-3)),
               model.layers * 2 * model.kv_heads * head_size * bytes * units::byte};
    const PoolCapacity one = PoolWork(s.pools, traffic).capacity;
    const double ratio = static_cast<double>(one.decoding / one.prompts);
    double& more = ratio > 1 ? s.pools.prompt_engines : s.pools.decode_engines;
    double& fewer = ratio > 1 ? s.pools.decode_engines : s.pools.prompt_engines;
    fewer = 1 + one_of(2);
    more = fewer * std::clamp(std::round(ratio > 1 ? ratio : 1 / ratio), 1.0, 8.0);
    s.arrivals.rate = even(0.05, 0.95) * PoolWork(s.pools, traffic).capacity.least();
    return s;
  }
}

TEST(LoadReplay, PoolsApartAreAsNearAsTheyWereFound) {
  Table open;
  for (int i = 0; i < settings(); ++i) {
    PoolSetting s = random_pools(60'000 + static_cast<unsigned>(i));
    s.pools.prompt.iteration = &s.prompt_iteration;
    s.pools.decode.iteration = &s.decode_iteration;
    OpenSource source(s.traffic, s.arrivals, static_cast<std::uint64_t>(i));
    // The pool must have filled before anything is measured.
    const double in_flight = s.pools.decode_engines * PoolWork(s.pools, s.traffic).decoding.slots;
    const auto warm_up = std::max<std::int64_t>(4'000, static_cast<std::int64_t>(3 * in_flight));
    const ReplayOptions options{warm_up + (settings() >= 500 ? 20'000 : 10'000), warm_up};
    compare(open, open_pools_answer(s.pools, s.traffic, s.arrivals), PoolsReplay(s.pools, source, options).run());
  }
  expect_as_found(open, {{"tpot", 0.7, 0.3, 1.0, 0.4}, {"ttft", 7.9, 3.6, 8.1, 5.0}, {"request", 1.8, 0.8, 2.2, 1.0}}, "pools");
}

}  // namespace
}  // namespace ironlaw::load_test
