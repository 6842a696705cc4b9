// Requests that wait, share and queue: tail_latency, continuous_batching, serving_capacity, batching.
#include <random>

#include "serving/batching.hpp"
#include "serving/continuous_batching.hpp"
#include "serving/serving.hpp"
#include "serving/serving_capacity.hpp"
#include "serving/tail_latency.hpp"
#include "serving_fixtures.hpp"

namespace ironlaw::serving_test {

using namespace ironlaw::serving;

const Solvers& queue_solvers() {
  static const Solvers all{{"tail_latency", &solver_adapter<TailLatency>},
                           {"continuous_batching", &solver_adapter<ContinuousBatching>},
                           {"serving_capacity", &solver_adapter<ServingCapacity>},
                           {"batching", &solver_adapter<Batching>}};
  return all;
}

namespace {

constexpr RequestRate per_second = 1.0 * units::request / units::second;

template <class Inputs>
Inputs deployed(const Model& model = llama_8b) {
  Inputs in;
  in.workload = model.get();
  in.hardware = h100.get();
  return in;
}
template <class Inputs>
Inputs plain(Inputs in) {
  in.both_ceilings = false;
  in.prefill_operations = PrefillOperations::all_parameters;
  return in;
}

TailLatency::Inputs arrivals(double rate, double service, double replicas, double cv = 1) {
  return {
      .arrival_rate = rate * per_second, .service_time = service * units::second, .replicas = replicas, .service_time_cv = cv};
}

double p99(const TailLatency::Inputs& in) { return (*TailLatency::solve(in).p99_latency).value(); }

TEST(TailLatency, WorkedExamplesOfWaitAndMeanService) {
  auto in = arrivals(72, 0.1, 8);
  in.quantiles = TailLatency::Quantiles::wait_plus_mean;
  Row row = evaluate<TailLatency>(in);
  expect_close(row.out.at("p50_latency"), 0.14233247850257635);
  expect_close(row.out.at("p99_latency"), 0.6313353541810947);
  expect_close(row.out.at("queue_utilization"), 0.9);
  expect_close(row.out.at("slo_headroom_ratio"), 1.0626707083621894);
  expect_working<TailLatency>(in);
  in.service_time_cv = 0.5;
  row = evaluate<TailLatency>(in);
  expect_close(row.out.at("p50_latency"), 0.12645779906411023);
  expect_close(row.out.at("p99_latency"), 0.4320845963631842);
}

TEST(TailLatency, SojournIsExactForExponentialService) {
  EXPECT_NEAR(p99(arrivals(72, 0.1, 8)), 0.709, 5e-4);
  EXPECT_NEAR(p99(arrivals(40, 0.1, 8)), 0.462, 5e-4);
  EXPECT_NEAR(p99(arrivals(7, 1, 8)), 6.202668, 1e-6);
  // One server: the time in the system is exponential.
  expect_close(p99(arrivals(5, 0.1, 1)), std::log(100.0) / 5);
  // Nobody waits: the quantile is the service's own.
  expect_close((*TailLatency::solve(arrivals(0, 0.1, 1)).p50_latency).value(), 0.1 * std::log(2.0));
  expect_working<TailLatency>(arrivals(72, 0.1, 8));
}

TEST(TailLatency, EqualRatesOfServiceAndDrainHaveALimit) {
  // Five of six servers busy: the wait of those who wait drains at the rate of one service.
  const auto at = p99(arrivals(5, 1, 6));
  EXPECT_NEAR(at, p99(arrivals(5 + 1e-7, 1, 6)), 1e-5);
}

TEST(TailLatency, ConstantServiceAddsItsMean) {
  const auto out = TailLatency::solve(arrivals(72, 0.1, 8, 0));
  expect_close((*out.p99_latency).value(), (*out.p99_wait).value() + 0.1);
}

/// Time in the system of one server in arrival order, service of two exponential branches (Lindley).
double simulated_p99(double rate, double cv) {
  std::mt19937_64 random(11);
  std::exponential_distribution<double> unit(1);
  std::uniform_real_distribution<double> uniform;
  const auto branches = equations::service_branches(units::second, cv);
  std::vector<double> times;
  double wait = 0;
  for (int i = 0; i < 400000; ++i) {
    const auto& b = uniform(random) < branches[0].probability ? branches[0] : branches[1];
    const double service = b.constant.value() + b.exponential.value() * unit(random);
    times.push_back(wait + service);
    wait = std::max(0.0, wait + service - unit(random) / rate);
  }
  std::nth_element(times.begin(), times.begin() + 396000, times.end());
  return times[396000];
}

TEST(TailLatency, ComesCloseForOtherServiceTimes) {
  EXPECT_NEAR(p99(arrivals(0.7, 1, 1, 0.5)) / simulated_p99(0.7, 0.5), 1, 0.06);
  EXPECT_NEAR(p99(arrivals(0.7, 1, 1, 2)) / simulated_p99(0.7, 2), 1, 0.15);
}

TEST(TailLatency, AFullQueueHasNoQuantiles) {
  for (const double rate : {80.0, 100.0}) {
    const Row row = evaluate<TailLatency>(arrivals(rate, 0.1, 8));
    EXPECT_EQ(row.status, RowStatus::infeasible) << rate;
    EXPECT_TRUE(std::isnan(row.out.at("p99_latency")));
    EXPECT_EQ(row.out.at("queue_utilization"), 1);
    EXPECT_EQ(row.out.at("is_stable"), 0);
  }
  expect_working<TailLatency>(arrivals(100, 0.1, 8));
}

TEST(TailLatency, RefusesImpossibleQueues) {
  for (const auto& in :
       {arrivals(-5, 0.1, 1), arrivals(5, 0, 1), arrivals(5, -0.1, 1), arrivals(5, 0.1, 0), arrivals(5, 0.1, 1.5),
        arrivals(5, 0.1, 1, -1), arrivals(absent_value, 0.1, 1), arrivals(HUGE_VAL, 0.1, 1)})
    EXPECT_EQ(evaluate<TailLatency>(in).status, RowStatus::refused);
}

TEST(TailLatency, QuantilesKeepTheirOrder) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> any;
  for (int i = 0; i < 300; ++i) {
    const double replicas = std::floor(1 + 100 * any(random));
    const double cv = i % 4 == 0 ? 0 : 3 * any(random);
    const auto in = arrivals(0.99 * replicas * any(random), 1, replicas, cv);
    const auto out = TailLatency::solve(in);
    EXPECT_LE(*out.p50_latency, *out.p99_latency);
    EXPECT_GE(*out.p99_latency, *out.p99_wait);
    EXPECT_LE(out.queue_utilization, 1);
    auto busier = in;
    busier.arrival_rate *= 1.005;
    EXPECT_GE(*TailLatency::solve(busier).p99_latency * (1 + 1e-12), *out.p99_latency);
  }
}

ContinuousBatching::Inputs paged(double longest, double mean, double most, const Model& model = llama_8b) {
  auto in = deployed<ContinuousBatching::Inputs>(model);
  in.sequence_length = longest;
  in.mean_request_tokens = mean;
  in.max_batch_size = most;
  return in;
}

TEST(ContinuousBatching, WorkedExamples) {
  auto in = plain(paged(2050, 2050, 64));
  in.memory_reserve = 0;
  in.prompt_schedule = PromptSchedule::all_at_once;
  Row row = evaluate<ContinuousBatching>(in);
  expect_close(row.out.at("throughput"), 6446.831632428217);
  expect_close(row.out.at("ttft"), 4.5461869473811936);
  EXPECT_NEAR(row.out.at("paged_internal_fragmentation"), 0.006782945736434121, 1e-15);
  in = plain(paged(8192, 1024, 512));
  in.memory_reserve = 0;
  in.prompt_schedule = PromptSchedule::all_at_once;
  row = evaluate<ContinuousBatching>(in);
  expect_close(row.out.at("throughput"), 20231.31146870682);
  EXPECT_EQ(row.out.at("max_active_requests"), 512);
  EXPECT_EQ(row.out.at("static_max_active_requests"), 65);
  expect_close(row.out.at("paged_kv_cache_size"), 69257564217.84438);
  expect_close(row.out.at("tpot"), 0.025307306488358213);
  expect_close(row.out.at("speedup_vs_static"), 2.302713685757946);
  expect_close(row.out.at("ttft"), 172.64899028206673);
  expect_working<ContinuousBatching>(in);
}

TEST(ContinuousBatching, PromptsTakeTimeFromGeneration) {
  auto in = paged(8192, 1024, 64);
  const auto alone = ContinuousBatching::solve(in);
  EXPECT_LT(alone.ttft, 0.1 * units::second);  // one prompt of the mean length
  in.output_tokens = 256.0;
  const auto shared = ContinuousBatching::solve(in);
  expect_close((*shared.tpot - *alone.tpot).value(), (64.0 * shared.ttft / 256.0).value());
  expect_close((shared.throughput * *shared.tpot).value(), 64);
  expect_working<ContinuousBatching>(in);
  in.output_tokens = 1024.0;
  EXPECT_EQ(evaluate<ContinuousBatching>(in).status, RowStatus::refused);
  in.mean_request_tokens = 8193.0;
  EXPECT_EQ(evaluate<ContinuousBatching>(in).message, "mean_request_tokens must not exceed sequence_length");
}

TEST(ContinuousBatching, WithoutPromptsATokenTakesWhatItTakesInServing) {
  auto in = paged(2048, 2048, 8);
  Serving::Inputs batch;
  static_cast<ServedModel&>(batch) = in;
  batch.sequence_length = 2048;
  batch.batch_size = 8;
  const auto served = Serving::solve(batch);
  const auto paged_ones = ContinuousBatching::solve(in);
  EXPECT_EQ(paged_ones.max_active_requests, 8);
  expect_close((*paged_ones.tpot).value(), served.tpot.value());
  expect_close(paged_ones.token.memory_time.value(), served.token.memory_time.value());
  in.output_tokens = 128.0;
  EXPECT_GT(*ContinuousBatching::solve(in).tpot, served.tpot);  // its share of the prompts
}

TEST(ContinuousBatching, TheCacheCountsAgainstTheMemory) {
  const auto out = ContinuousBatching::solve(paged(2048, 2048, 8));
  expect_close((out.memory_required - out.weights_per_device).value(), 8 * 2048 * 131072.0);  // pages of 16 hold 2,048 whole
  EXPECT_LT(out.memory_required, out.usable_memory);
  const auto full = ContinuousBatching::solve(paged(2048, 2048, 4096));
  EXPECT_GT(full.memory_required / full.usable_memory, 0.99);
  EXPECT_LE(full.memory_required, full.usable_memory);
}

TEST(ContinuousBatching, WeightsThatDoNotFitLeaveNoRoom) {
  auto in = paged(2048, 2048, 8, llama_70b);
  const Row row = evaluate<ContinuousBatching>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_EQ(row.out.at("throughput"), 0);
  EXPECT_TRUE(std::isnan(row.out.at("tpot")));
  expect_working<ContinuousBatching>(in);
  in.tensor_parallel = 4;
  EXPECT_EQ(evaluate<ContinuousBatching>(in).status, RowStatus::ok);
  in.minimum_requests = 9;
  EXPECT_EQ(evaluate<ContinuousBatching>(in).status, RowStatus::infeasible);
}

TEST(ContinuousBatching, PagingNeverHoldsFewer) {
  std::mt19937 random(9);
  std::uniform_real_distribution<double> any;
  for (int i = 0; i < 300; ++i) {
    const double longest = 16 * std::floor(1 + 2000 * any(random));
    auto in = paged(longest, longest * (0.01 + 0.99 * any(random)), 4096);
    const auto out = ContinuousBatching::solve(in);
    EXPECT_GE(out.max_active_requests, out.static_max_active_requests);
    EXPECT_GE(out.paged_internal_fragmentation, 0);
    EXPECT_LE(out.paged_internal_fragmentation, 1);
    EXPECT_LE(out.paged_kv_cache_size, out.usable_memory * (1 + 1e-9));
    in.memory_reserve = 0.3;
    EXPECT_LE(ContinuousBatching::solve(in).max_active_requests, out.max_active_requests);
  }
}

ServingCapacity::Inputs capacity(double target) {
  auto in = deployed<ServingCapacity::Inputs>();
  in.arrival_rate = 40.0 * per_second;
  in.latency_target = target * units::second;
  in.sequence_length = 4096;
  in.mean_request_tokens = 1000.0;
  in.output_tokens = 256;
  in.max_batch_size = 64;
  in.max_replicas = 64;
  return in;
}

TEST(ServingCapacity, WorkedExamples) {
  auto in = plain(capacity(6));
  in.memory_reserve = 0;
  in.prompt_schedule = PromptSchedule::all_at_once;
  Row row = evaluate<ServingCapacity>(in);
  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.out.at("required_replicas"), 2);
  expect_close(row.out.at("per_replica_qps_capacity"), 34.255528985535705);
  expect_close(row.out.at("base_request_latency"), 4.096640792530372);
  expect_close(row.out.at("queue_wait_p99"), 0.13195683694191476);
  expect_close(row.out.at("estimated_p99_latency"), 4.228597629472287);
  expect_close(row.out.at("utilization"), 0.5838473552238805);
  expect_working<ServingCapacity>(in);
  in.latency_target = 4.0 * units::second;
  EXPECT_FALSE(ServingCapacity::solve(in).required_replicas.has_value());  // a request alone takes longer
  in.max_replicas_where_none = true;
  row = evaluate<ServingCapacity>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_EQ(row.out.at("required_replicas"), 64);
  EXPECT_EQ(static_cast<ServingCapacity::Bottleneck>(row.out.at("bottleneck")), ServingCapacity::Bottleneck::Base_Latency);
  in.name_base_latency = false;
  EXPECT_EQ(ServingCapacity::solve(in).bottleneck, ServingCapacity::Bottleneck::Tail_Latency);
}

TEST(ServingCapacity, FindsTheFewestReplicas) {
  auto in = capacity(20);
  in.arrival_rate = 500.0 * per_second;
  const auto out = ServingCapacity::solve(in);
  EXPECT_EQ(out.bottleneck, ServingCapacity::Bottleneck::Feasible);
  EXPECT_GT(*out.required_replicas, 1);
  EXPECT_LT(*out.utilization, 1);
  expect_working<ServingCapacity>(in);
  in.max_replicas = *out.required_replicas - 1;
  const auto too_few = ServingCapacity::solve(in);
  EXPECT_NE(too_few.bottleneck, ServingCapacity::Bottleneck::Feasible);
  EXPECT_FALSE(too_few.required_replicas.has_value());
  in.max_replicas = 1;
  const Row row = evaluate<ServingCapacity>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_EQ(static_cast<ServingCapacity::Bottleneck>(row.out.at("bottleneck")), ServingCapacity::Bottleneck::Capacity);
  EXPECT_TRUE(std::isnan(row.out.at("estimated_p99_latency")));
}

TEST(ServingCapacity, RefusesAndRunsOutOfMemory) {
  auto in = capacity(20);
  in.output_tokens = 1000;
  EXPECT_EQ(evaluate<ServingCapacity>(in).status, RowStatus::refused);
  in = capacity(20);
  in.arrival_rate = RequestRate{};
  EXPECT_EQ(evaluate<ServingCapacity>(in).status, RowStatus::refused);
  in = capacity(20);
  in.workload = llama_70b.get();
  const Row row = evaluate<ServingCapacity>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_EQ(static_cast<ServingCapacity::Bottleneck>(row.out.at("bottleneck")), ServingCapacity::Bottleneck::Memory);
}

Batching::Inputs batches(double target, double rate, double replicas) {
  auto in = deployed<Batching::Inputs>();
  in.sequence_length = 512;
  in.latency_target = target * units::second;
  in.arrival_rate = rate * per_second;
  in.replicas = replicas;
  return in;
}

TEST(Batching, WorkedExamplesOfFixedBatches) {
  auto in = plain(batches(5, 2, 4));
  in.schedule = Batching::Schedule::fixed_batches;
  Row row = evaluate<Batching>(in);
  EXPECT_EQ(row.out.at("best_batch_size"), 87);
  expect_close(row.out.at("p99_latency"), 4.981567791943212);
  expect_close(row.out.at("ttft"), 1.470856974625003);
  EXPECT_EQ(row.out.at("max_throughput"), 1024);
  expect_working<Batching>(
      in, {"ttft", "tpot", "max_throughput", "slo_headroom_ratio", "highest_stable_rate", "overload_probability"});
  in.latency_target = 20.0 * units::second;
  in.arrival_rate = per_second;
  in.replicas = 1;
  row = evaluate<Batching>(in);
  EXPECT_EQ(row.out.at("best_batch_size"), 205);
  expect_close(row.out.at("p99_latency"), 19.99444702962742);
  expect_close(row.out.at("slo_headroom_ratio"), 0.28845615275503);
  in.latency_target = 0.1 * units::second;
  EXPECT_EQ(evaluate<Batching>(in).status, RowStatus::infeasible);
}

TEST(Batching, InFlightFollowsTheNegativeBinomial) {
  // Means, and 99th percentiles within one of simulated ones (fixed and geometric lengths: 201 and 197, 23 and 24, 112 and 115).
  const auto law = [](double fixed, double each, double load) { return equations::SharedSteps{load, 1 + fixed / each}; };
  const auto many = law(5e-3, 5e-5, 0.6);
  const auto few = law(5e-3, 5e-4, 0.5);
  const auto heavy = law(2e-2, 1e-4, 0.3);
  EXPECT_NEAR(many.mean(), 151.5, 1e-9);
  EXPECT_NEAR(few.mean(), 11, 1e-9);
  EXPECT_NEAR(heavy.mean(), 86.142857142857, 1e-9);
  EXPECT_LE(many.exceeds(200), 0.01);
  EXPECT_GT(many.exceeds(199), 0.01);
  EXPECT_LE(few.exceeds(24), 0.01);
  EXPECT_GT(few.exceeds(23), 0.01);
  for (const auto& l : {many, few, heavy}) {
    double sum = 0;
    for (double k = 0; k < 400; ++k) {
      sum += l.probability(k);
      EXPECT_NEAR(l.exceeds(k), 1 - sum, 1e-9) << k;
    }
  }
}

TEST(Batching, ContinuousBatchesFillOnlyAsArrivalsDo) {
  auto in = batches(5, 2, 4);
  const auto out = Batching::solve(in);
  EXPECT_GT(*out.mean_active_requests, 1.3);
  EXPECT_LT(*out.mean_active_requests, 2);
  EXPECT_LT(*out.p99_latency, in.latency_target);
  EXPECT_LT(out.overload_probability, 1e-6);
  EXPECT_LE(*out.mean_latency, *out.p99_latency);
  expect_working<Batching>(in);
  in.arrival_rate = 4000.0 * per_second;
  const Row row = evaluate<Batching>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_TRUE(std::isnan(row.out.at("mean_latency")));
}

TEST(Batching, ALaterTargetAllowsMore) {
  double before = 0;
  for (const double target : {3.0, 4.0, 6.0, 10.0, 30.0}) {
    const auto out = Batching::solve(batches(target, 2, 4));
    EXPECT_GE(out.best_batch_size, before);
    before = out.best_batch_size;
  }
  EXPECT_GT(before, 1);
}

TEST(Batching, RefusesNoArrivalsUnlessAsked) {
  auto in = batches(5, 0, 4);
  EXPECT_EQ(evaluate<Batching>(in).message, "arrival_rate must be above 0");
  in.allow_idle = true;
  EXPECT_EQ(evaluate<Batching>(in).status, RowStatus::ok);
  EXPECT_EQ(evaluate<Batching>(batches(-1, 2, 4)).status, RowStatus::refused);
  EXPECT_EQ(evaluate<Batching>(batches(5, 2, 0)).status, RowStatus::refused);
}

}  // namespace
}  // namespace ironlaw::serving_test
