#include "fleet_fixtures.hpp"

#include <random>

#include "reliability/availability.hpp"
#include "reliability/checkpoint.hpp"
#include "reliability/checkpoint_interval.hpp"
#include "reliability/checkpoint_tiers.hpp"
#include "reliability/effective_rate.hpp"
#include "reliability/failures.hpp"
#include "reliability/redundancy.hpp"
#include "reliability/reliability.hpp"

namespace ironlaw::fleet_test {
namespace {

using namespace ironlaw::reliability;
using equations::GoodputForm;
using equations::IntervalForm;

Reliability::Inputs neutral(const Cluster& cluster, double hours) {
  Reliability::Inputs in{.fleet = &cluster.fleet};
  in.job_duration = hours * units::hour;
  in.nic_mttf = 150000.0 * units::hour;
  in.power_supply_mttf = 100000.0 * units::hour;
  in.restart.interval_form = IntervalForm::young;
  in.restart.goodput_form = GoodputForm::without_rework;
  return in;
}

TEST(ReliabilityWorkedExample, TwoWeeksOn256Devices) {
  Cluster cluster;
  expect_outputs(evaluate<Reliability>(neutral(cluster, 336)), {{"mtbf", 482142.857142857},
                                                                {"failure_probability", 0.9186341803354747},
                                                                {"optimal_checkpoint_interval", 7606.388292556649},
                                                                {"expected_failures", 2.5088},
                                                                {"goodput", 0.9914896714003116}});
  cluster.node.spare_power_supplies = 1.0;
  expect_outputs(evaluate<Reliability>(neutral(cluster, 336)), {{"mtbf", 527343.75},
                                                                {"failure_probability", 0.8991135851066555},
                                                                {"optimal_checkpoint_interval", 7954.95128834866},
                                                                {"goodput", 0.9918886387784547}});
  const Cluster frontier(1024);
  expect_outputs(
      evaluate<Reliability>(neutral(frontier, 24)),
      {{"mtbf", 15066.964285714284}, {"optimal_checkpoint_interval", 1344.6321855011927}, {"goodput", 0.9354670208070716}});
}

/// 256 devices of 50,000 hours fail every 195.3 hours; a rate of all causes has network cards and supplies in it.
TEST(ReliabilityNative, ARateOfAllCausesCountsEachFailureOnce) {
  const Cluster cluster;
  Reliability::Inputs in{.fleet = &cluster.fleet};
  in.job_duration = 336.0 * units::hour;
  const Row row = evaluate<Reliability>(in);
  expect_close(row.out.at("mtbf"), 50000.0 * 3600 / 256);
  expect_working<Reliability>(in);
  in.nic_mttf = 150000.0 * units::hour;
  expect_close(evaluate<Reliability>(in).out.at("mtbf"), 3600 / (256.0 / 50000 + 256.0 / 150000));
}

TEST(ReliabilityNative, FragilityIsWhatFailuresCost) {
  const Cluster frontier(1024);
  Reliability::Inputs in{.fleet = &frontier.fleet};
  in.job_duration = 90.0 * units::day;  // many times the mean time between failures
  const Row row = evaluate<Reliability>(in);
  EXPECT_GT(row.out.at("expected_failures"), 300);
  expect_close(row.out.at("lost_time"), row.out.at("expected_duration") - 90 * 86400.0);
  expect_close(row.out.at("lost_time") / row.out.at("expected_duration"), 1 - row.out.at("goodput"));
  EXPECT_LT(row.out.at("lost_time"), row.out.at("expected_duration"));
}

TEST(ReliabilityNative, ExactRenewalCountsTheWorkDoneAgain) {
  struct Case {
    double mtbf, checkpoint, recovery, interval, goodput;
  };
  for (const Case& c :
       {Case{482142.857142857, 60, 300, 7566.44099, 0.9836944}, Case{15066.964285714284, 60, 300, 1304.93322, 0.8953843},
        Case{15066.964285714284, 3600, 600, 8166.89603, 0.4400814}}) {
    CheckpointInterval::Inputs in;
    in.mtbf = c.mtbf * units::second;
    in.restart.checkpoint_time = c.checkpoint * units::second;
    in.restart.recovery_time = c.recovery * units::second;
    Row row = evaluate<CheckpointInterval>(in);
    EXPECT_NEAR(row.out.at("optimal_checkpoint_interval"), c.interval, 1e-5);
    EXPECT_NEAR(row.out.at("goodput"), c.goodput, 1e-7);
    in.restart.goodput_form = GoodputForm::first_order;
    in.restart.interval_form = IntervalForm::young;
    row = evaluate<CheckpointInterval>(in);
    EXPECT_NEAR(row.out.at("goodput"), std::max(0.0, 1 - std::sqrt(2 * c.checkpoint / c.mtbf) - c.recovery / c.mtbf), 1e-12);
  }
}

TEST(ReliabilityNative, TheIntervalIsWhereGoodputPeaks) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> power(-9, 0.5);
  for (int i = 0; i < 200; ++i) {
    const Time mtbf = 1e6 * units::second;
    const Time d = std::pow(10, power(random)) * mtbf;
    const Time w = equations::renewal_interval(d, mtbf);
    const auto goodput = [&](double factor) { return equations::renewal_goodput(factor * w, d, Time{}, Time{}, mtbf); };
    EXPECT_GE(goodput(1), goodput(1.01));
    EXPECT_GE(goodput(1), goodput(0.99));
    EXPECT_GT(goodput(1), 0);
    EXPECT_LT(goodput(1), 1);
    const double x = w / mtbf, e = d / mtbf;
    EXPECT_NEAR(x + std::expm1(-x - e), 0, 1e-15);
  }
}

TEST(ReliabilityNative, PublishedAnchorsOfTheSeries) {
  const auto minutes = [](double hours) {
    return in(equations::daly_interval(300.0 * units::second, hours * units::hour), 60.0 * units::second);
  };
  EXPECT_NEAR(minutes(24), 116.7, 0.05);
  EXPECT_NEAR(minutes(6), 56.7, 0.05);
  EXPECT_NEAR(minutes(0.25), 9.14, 0.005);
  EXPECT_EQ(equations::daly_interval(2.0 * units::hour, 1.0 * units::hour), units::hour);
}

TEST(ReliabilityNative, AGivenIntervalAMeasuredNodeAndTimeWithFailures) {
  Cluster cluster(100);
  cluster.node.nics = absent;
  Reliability::Inputs in{.fleet = &cluster.fleet};
  in.job_duration = 100.0 * units::hour;
  in.node_mtbf = 1000.0 * units::hour;
  Row row = evaluate<Reliability>(in);
  expect_close(row.out.at("mtbf"), 36000);
  expect_close(row.out.at("expected_duration"), 360000 / row.out.at("goodput"));
  EXPECT_TRUE(std::isnan(row.out.at("first_order_bound")));
  const double best = row.out.at("goodput");
  in.restart.checkpoint_interval = 3.0 * units::hour;
  row = evaluate<Reliability>(in);
  EXPECT_LT(row.out.at("goodput"), best);
  expect_working<Reliability>(in);
  in.restart.downtime = 600.0 * units::second;
  EXPECT_LT(evaluate<Reliability>(in).out.at("goodput"), row.out.at("goodput"));
  in.restart.checkpoint_interval = absent;
  in.restart.goodput_form = GoodputForm::first_order;
  in.restart.interval_form = IntervalForm::daly;
  row = evaluate<Reliability>(in);
  expect_close(row.out.at("first_order_bound"), 18000);
  expect_working<Reliability>(in);
}

TEST(ReliabilityRefuses, WhatItCannotKnowAndWhatCannotBe) {
  Cluster cluster;
  auto in = neutral(cluster, 24);
  const auto with = [&](auto change) {
    auto changed = in;
    change(changed);
    return evaluate<Reliability>(changed);
  };
  expect_refused(with([](auto& i) { i.job_duration = -1.0 * units::hour; }), "job_duration");
  expect_refused(with([](auto& i) { i.restart.checkpoint_time = Time{}; }), "checkpoint_time");
  expect_refused(with([](auto& i) { i.restart.recovery_time = -300.0 * units::second; }), "recovery_time");
  expect_refused(with([](auto& i) { i.nic_mttf = Time{}; }), "nic_mttf");
  const Row at_once = with([](auto& i) { i.job_duration = Time{}; });
  EXPECT_EQ(at_once.status, RowStatus::ok);
  EXPECT_EQ(at_once.out.at("failure_probability"), 0);
}

TEST(ReliabilityNative, WhatANodeLeavesOut) {
  Cluster stated;
  stated.node.nics = stated.node.accelerators;
  stated.node.spare_power_supplies = 1.0;
  Cluster silent;
  silent.node.nics = absent;
  silent.node.power_supplies = absent;
  silent.node.spare_power_supplies = absent;
  expect_close(evaluate<Reliability>(neutral(silent, 24)).out.at("mtbf"),
               evaluate<Reliability>(neutral(stated, 24)).out.at("mtbf"));
  expect_working<Reliability>(neutral(silent, 24));
}

/// Of four replicas that are up 99 % of the time, all are for 0.99^4 = 0.96059601; of five, at least four for
/// 0.99^5 + 5 * 0.01 * 0.99^4 = 0.99901985.
TEST(Redundancy, LeastSparesForAnAvailability) {
  Redundancy::Inputs in;
  in.mtbf = 99.0 * units::hour;
  in.repair_time = 1.0 * units::hour;
  in.needed = 4;
  in.target = 0.999;
  const Row row = evaluate<Redundancy>(in);
  expect_close(row.out.at("spares"), 1);
  expect_close(row.out.at("replicas"), 5);
  expect_close(row.out.at("availability"), 0.9990198504);
  expect_close(row.out.at("availability_without_spares"), 0.96059601);
  expect_working<Redundancy>(in);
  in.target = 0.9999;
  expect_close(evaluate<Redundancy>(in).out.at("spares"), 2);
  in.target = 0;
  expect_close(evaluate<Redundancy>(in).out.at("spares"), 0);
  in.target = 0.999;
  in.mtbf = 0.001 * units::hour;
  expect_refused(evaluate<Redundancy>(in), "needs more than 1000 spares");
}

/// Of 1000 replicas that are up 99.9 % of the time all are for 0.999^1000; that 1000 of 1001 are, and of 1002, was summed in
/// exact fractions. Of 1001 fair coins at most 500 show heads half of the time.
TEST(Redundancy, ManyReplicas) {
  Redundancy::Inputs in;
  in.mtbf = 999.0 * units::hour;
  in.repair_time = 1.0 * units::hour;
  in.needed = 1000;
  in.target = 0.9;
  const Row row = evaluate<Redundancy>(in);
  expect_close(row.out.at("spares"), 2);
  EXPECT_NEAR(row.out.at("availability_without_spares"), 0.36769542477, 1e-10);
  EXPECT_NEAR(row.out.at("availability"), 0.9194224096397956, 1e-11);
  EXPECT_NEAR(equations::too_few_up(1001, 1000, 0.999, 0.001), 1 - 0.7353908495419281, 1e-11);
  EXPECT_NEAR(equations::too_few_up(1001, 501, 0.5, 0.5), 0.5, 1e-10);
  EXPECT_NEAR(equations::too_few_up(5000, 1, 0.5, 0.5), 0, 1e-300);
  EXPECT_NEAR(equations::too_few_up(5000, 5000, 1e-4, 1 - 1e-4), 1, 1e-9);
}

TEST(ReliabilityProperties, MoreNodesFailMoreOften) {
  double last = 1;
  for (double nodes = 1; nodes < 1e6; nodes *= 3) {
    const Cluster cluster(nodes);
    Reliability::Inputs in{.fleet = &cluster.fleet};
    in.job_duration = units::day;
    const Row row = evaluate<Reliability>(in);
    ASSERT_EQ(row.status, RowStatus::ok) << row.message;
    EXPECT_LT(row.out.at("goodput"), last);
    EXPECT_GE(row.out.at("goodput"), 0);
    EXPECT_NEAR(row.out.at("expected_failures") * row.out.at("mtbf"), 86400, 1e-6);
    last = row.out.at("goodput");
  }
}

Checkpoint::Inputs checkpoint(const Model& model, const Hardware& device) {
  Checkpoint::Inputs in{.workload = &model, .hardware = &device};
  in.penalty_form = Checkpoint::PenaltyForm::of_interval;
  return in;
}

const ModelFacts llama_70b{.parameters = 70.6e9};
const AcceleratorFacts with_storage{.storage = Storage{absent, 7e9 * units::byte_per_second}};

TEST(CheckpointWorkedExample, WritingTheStateOfALanguageModel) {
  const Model large(llama_70b), small{ModelFacts{}};
  const Accelerator h100(with_storage), bare;
  auto in = checkpoint(large, h100);
  expect_outputs(evaluate<Checkpoint>(in), {{"checkpoint_size", 988.4e9},
                                            {"storage_bandwidth", 7e9},
                                            {"write_time", 141.2},
                                            {"stall_time", 141.2},
                                            {"penalty", 0.009805555555555557},
                                            {"storage_bottleneck", 1}});
  in.writers = 256;
  in.checkpoint_interval = units::hour;
  in.filesystem_limit = 200e9 * units::byte_per_second;
  expect_outputs(evaluate<Checkpoint>(in),
                 {{"write_time", 4.942}, {"penalty", 0.0013727777777777779}, {"storage_bottleneck", 0}});
  in = checkpoint(small, bare);
  in.optimizer = Checkpoint::Optimizer::sgd;
  in.default_bandwidth = 1e9 * units::byte_per_second;
  expect_outputs(evaluate<Checkpoint>(in), {{"checkpoint_size", 32.12e9}, {"write_time", 32.12}});
}

TEST(CheckpointNative, OptimizersAndShares) {
  const Model model(llama_70b);
  const Accelerator h100(with_storage);
  auto in = checkpoint(model, h100);
  in.penalty_form = Checkpoint::PenaltyForm::of_total;
  expect_close(evaluate<Checkpoint>(in).out.at("penalty"), 141.2 / (141.2 + 14400));
  in.optimizer = Checkpoint::Optimizer::adamw;
  expect_close(evaluate<Checkpoint>(in).out.at("checkpoint_size"), 988.4e9);
  in.adamw_bytes_per_parameter = 4;
  expect_close(evaluate<Checkpoint>(in).out.at("checkpoint_size"), 282.4e9);
  in.bytes_per_parameter = 6.0;
  expect_close(evaluate<Checkpoint>(in).out.at("checkpoint_size"), 423.6e9);
  in.bytes_per_parameter = absent;
  in.optimizer = Checkpoint::Optimizer::adam;
  in.checkpoint_interval = 100.0 * units::second;
  const Row row = evaluate<Checkpoint>(in);
  EXPECT_EQ(row.status, RowStatus::ok);  // soft: it can be done, and is a bad idea
  EXPECT_LT(row.out.at("penalty"), 1);
}

TEST(CheckpointNative, ASnapshotIsWrittenBehindTraining) {
  const Model model(llama_70b);
  const Accelerator h100(with_storage);
  auto in = checkpoint(model, h100);
  in.writers = 8;
  in.snapshot_bandwidth = 50e9 * units::byte_per_second;
  Row row = evaluate<Checkpoint>(in);
  EXPECT_EQ(row.status, RowStatus::ok);
  expect_outputs(row, {{"stall_time", 988.4e9 / 400e9}, {"drain_time", 988.4e9 / 56e9}});
  expect_working<Checkpoint>(in, {"storage_bandwidth", "interval"});
  in.checkpoint_interval = 10.0 * units::second;
  EXPECT_EQ(evaluate<Checkpoint>(in).status, RowStatus::infeasible);
}

TEST(CheckpointNative, StorageOfItsOwnRestoreAndTheBestInterval) {
  const Model model(llama_70b);
  StorageSystem storage("pfs");
  storage.bandwidth = 20e9 * units::byte_per_second;
  storage.write_bandwidth = 10e9 * units::byte_per_second;
  Checkpoint::Inputs in{.workload = &model, .storage = &storage};
  in.readers_of_everything = 2;
  in.mtbf = 10.0 * units::hour;
  const Row row = evaluate<Checkpoint>(in);
  expect_outputs(row, {{"write_time", 98.84}, {"restore_time", 98.84}});
  expect_close(row.out.at("interval"), ironlaw::in(equations::renewal_interval(98.84 * units::second, *in.mtbf), units::second));
  expect_working<Checkpoint>(in, {"storage_bandwidth"});
}

TEST(CheckpointRefuses, WhatItCannotKnowAndWhatCannotBe) {
  ModelFacts facts = llama_70b;
  facts.parameters = absent;
  facts.stored_bytes = 1e9;
  const Model sized(facts), model(llama_70b);
  const Accelerator h100(with_storage), bare;
  expect_refused(evaluate<Checkpoint>(checkpoint(sized, h100)), "number of parameters");
  expect_refused(evaluate<Checkpoint>(checkpoint(model, bare)),
                 "H100 states no storage_bandwidth; give storage or default_bandwidth");
  expect_refused(evaluate<Checkpoint>({.workload = &model}), "storage: is left out, and so is hardware");
  auto in = checkpoint(model, h100);
  in.writers = 0;
  expect_refused(evaluate<Checkpoint>(in), "writers");
  in.writers = 1.5;
  expect_refused(evaluate<Checkpoint>(in), "writers");
  in = checkpoint(model, h100);
  in.checkpoint_interval = -1.0 * units::hour;
  expect_refused(evaluate<Checkpoint>(in), "checkpoint_interval");
  in = checkpoint(model, h100);
  in.filesystem_limit = Bandwidth{};
  expect_refused(evaluate<Checkpoint>(in), "filesystem_limit");
}

TEST(CheckpointTiersNative, WasteAddsOverTiers) {
  CheckpointTiers::Inputs in;
  in.durable = {60.0 * units::second, 120000.0 * units::second};
  Row row = evaluate<CheckpointTiers>(in);
  expect_close(row.out.at("durable_interval"), std::sqrt(2 * 60 * 120000.0));
  expect_close(row.out.at("waste"), std::sqrt(120 / 120000.0));
  EXPECT_TRUE(std::isnan(row.out.at("local_interval")));
  in.local = {1.0 * units::second, 20000.0 * units::second};
  row = evaluate<CheckpointTiers>(in);
  expect_close(row.out.at("waste"), std::sqrt(1e-3) + std::sqrt(1e-4));
  expect_working<CheckpointTiers>(in);
  in.partner.mtbf = units::hour;
  expect_refused(evaluate<CheckpointTiers>(in), "both checkpoint_time and mtbf");
  expect_refused(evaluate<CheckpointTiers>(CheckpointTiers::Inputs{}), "no tier is given");
}

TEST(FailuresNative, SeriesAndSpares) {
  Failures::Inputs in;
  in.component_mtbf = 50000.0 * units::hour;
  in.components = 8192;
  EXPECT_TRUE(std::isnan(evaluate<Failures>(in).out.at("failure_probability")));
  expect_close(evaluate<Failures>(in).out.at("mtbf"), 21972.65625);
  in.duration = 21972.65625 * units::second;
  in.spares = 1.0;
  in.repair_time = in.duration;
  expect_outputs(
      evaluate<Failures>(in),
      {{"failure_probability", 1 - std::exp(-1)}, {"expected_failures", 1}, {"shortage_probability", 1 - 2 * std::exp(-1)}});
  expect_working<Failures>(in);
  in.repair_time = 30.0 * *in.duration;
  EXPECT_NEAR(evaluate<Failures>(in).out.at("shortage_probability"), 1, 1e-11);
  in.repair_time = Time{};
  EXPECT_EQ(evaluate<Failures>(in).out.at("shortage_probability"), 0);
  in.repair_time = absent;
  expect_refused(evaluate<Failures>(in), "belong together");
  in.components = 0;
  expect_refused(evaluate<Failures>(in), "components");
}

TEST(AvailabilityNative, ReplicasAndQuorum) {
  Availability::Inputs in;
  in.replica_availability = 0.99;
  in.replicas = 3;
  expect_close(evaluate<Availability>(in).out.at("unavailability"), 1e-6);
  in.needed = 2;
  Row row = evaluate<Availability>(in);
  expect_close(row.out.at("availability"), std::pow(0.99, 3) + 3 * 0.99 * 0.99 * 0.01);
  expect_working<Availability>(in);
  in.needed = 3;
  expect_close(evaluate<Availability>(in).out.at("availability"), std::pow(0.99, 3));
  in.replica_availability = absent;
  in.mtbf = 99.0 * units::hour;
  expect_refused(evaluate<Availability>(in), "give replica_availability, or mtbf and repair_time");
  in.repair_time = 1.0 * units::hour;
  row = evaluate<Availability>(in);
  expect_close(row.out.at("availability"), std::pow(0.99, 3));
  expect_close(row.out.at("downtime_per_year"), (1 - std::pow(0.99, 3)) * 365 * 86400);
  expect_working<Availability>(in);
  in.needed = 4;
  expect_refused(evaluate<Availability>(in), "needed exceeds replicas");
  in = {};
  in.replica_availability = 1.2;
  expect_refused(evaluate<Availability>(in), "replica_availability");
  in.replica_availability = 1.0;
  EXPECT_EQ(evaluate<Availability>(in).out.at("availability"), 1);
}

TEST(EffectiveRateNative, EveryShareCounts) {
  EffectiveRate::Inputs in{
      .peak_rate = 8.101888e18 * units::flop_per_second, .mfu = 0.4, .scaling_efficiency = 0.5, .goodput = 0.9};
  expect_close(evaluate<EffectiveRate>(in).out.at("effective_rate"), 1.45833984e18);
  expect_working<EffectiveRate>(in);
  in.goodput = 1.1;
  expect_refused(evaluate<EffectiveRate>(in), "goodput");
}

}  // namespace
}  // namespace ironlaw::fleet_test
