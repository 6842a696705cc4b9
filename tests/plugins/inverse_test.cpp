// The family inverse: the roofline solved for the device, and for what moves it.
#include <random>

#include "inverse/inverse_roofline.hpp"
#include "inverse/roofline_sensitivity.hpp"
#include "roofline_fixtures.hpp"

namespace ironlaw::inverse_test {
namespace {

using inverse::InverseRoofline;
using inverse::RooflineSensitivity;
using roofline_test::Device;
using roofline_test::DeviceFacts;
using roofline_test::evaluate;
using roofline_test::expect_close;
using roofline_test::expect_working;
using roofline_test::Model;
using roofline_test::ModelFacts;
using roofline_test::Row;

const DeviceFacts a100{};
const DeviceFacts h100{.peak = 989e12, .bandwidth = 3350e9, .dispatch = 1e-5, .link = 64e9 * units::byte_per_second};
const ModelFacts llama_8b{};
const ModelFacts llama_70b{.parameters = 70.6e9, .operations = 141.2e9, .layers = 80};

/// Every native term at its neutral setting.
InverseRoofline::Inputs plain(const Model& model, double target) {
  InverseRoofline::Inputs in{.workload = &model, .target_latency = target * units::second};
  in.activation_weight_fraction = 0;
  in.count_context_operations = false;
  in.count_live_state = false;
  in.dispatch_overhead = Time{};
  in.framework_overhead = Time{};
  return in;
}
RooflineSensitivity::Inputs plain(const Model& model, const Device& device) {
  RooflineSensitivity::Inputs in{.workload = &model, .hardware = &device};
  in.measure = RooflineSensitivity::Measure::relative_change;
  in.activation_weight_fraction = 0.1;
  in.count_context_operations = false;
  in.count_live_state = false;
  in.spill_transfer = equations::SpillTransfer::host_link;
  return in;
}

TEST(InverseRoofline, WorkedExamples) {
  const Model large(llama_70b);
  Row row = evaluate<InverseRoofline>(plain(large, 0.05));
  expect_close(row.out.at("required_bandwidth"), 2.824e12);
  expect_close(row.out.at("required_rate"), 5.648e12);
  expect_close(row.out.at("required_memory"), 141.2e9);
  expect_close(row.out.at("compute_memory_ratio"), 2);
  EXPECT_EQ(row.out.at("least_latency"), 0);

  const Model small(llama_8b);
  InverseRoofline::Inputs in = plain(small, 0.01);
  in.precision = Precision::int4;
  in.efficiency = 0.4;
  row = evaluate<InverseRoofline>(in);
  expect_close(row.out.at("required_bandwidth"), 401.5e9);
  expect_close(row.out.at("required_rate"), 4.015e12);
  expect_close(row.out.at("required_memory"), 4.015e9);
  expect_close(row.out.at("compute_memory_ratio"), 10);
  expect_working<InverseRoofline>(in);
}

TEST(InverseRoofline, TheDeviceThatItAsksForMeetsTheTarget) {
  const Model model(llama_8b);
  InverseRoofline::Inputs in{.workload = &model, .target_latency = 10.0 * units::millisecond};
  in.activation_weight_fraction = 0.1;
  const auto asked = InverseRoofline::solve(in);
  expect_close(ironlaw::in(*asked.required_bandwidth, units::byte_per_second), 16.06e9 * 1.1 / 0.00967);
  expect_close(ironlaw::in(*asked.required_rate, units::flop_per_second), 16.06e9 / 0.5 / 0.00967);
  const Device device({.peak = asked.required_rate.cell(),
                       .capacity = asked.required_memory.value(),
                       .bandwidth = asked.required_bandwidth.cell(),
                       .dispatch = 1e-5});
  RooflineSensitivity::Inputs forward{.workload = &model, .hardware = &device};
  forward.activation_weight_fraction = 0.1;
  expect_close(ironlaw::in(RooflineSensitivity::solve(forward).baseline_latency, units::second), 0.01);
  expect_working<InverseRoofline>(in);
}

TEST(InverseRoofline, FixedCostsMayLeaveNoTime) {
  const Model model(llama_8b);
  InverseRoofline::Inputs in{.workload = &model};
  for (const double target : {0.0001, 0.00033}) {
    in.target_latency = target * units::second;
    const Row row = evaluate<InverseRoofline>(in);
    EXPECT_EQ(row.status, RowStatus::infeasible);
    EXPECT_TRUE(std::isnan(row.out.at("required_bandwidth")));
    expect_working<InverseRoofline>(in);
  }
  in.target_latency = 0.00034 * units::second;
  EXPECT_EQ(evaluate<InverseRoofline>(in).status, RowStatus::ok);
}

TEST(InverseRoofline, CountsBatchCacheAndState) {
  ModelFacts facts = llama_8b;
  facts.cache = 131072;
  const Model model(facts);
  InverseRoofline::Inputs in{.workload = &model, .target_latency = 0.05 * units::second};
  in.batch_size = 4;
  in.context_length = 1000;
  const Row row = evaluate<InverseRoofline>(in);
  expect_close(row.out.at("required_memory"), 16.06e9 + 4 * 1001 * 131072.0);
  expect_close(row.out.at("operations"), 4 * 16.06e9);
  expect_working<InverseRoofline>(in);
}

TEST(InverseRoofline, Refuses) {
  const Model model(llama_8b);
  for (const double target : {0.0, -0.05})
    EXPECT_NE(evaluate<InverseRoofline>(plain(model, target)).message.find("target_latency"), std::string::npos);
  InverseRoofline::Inputs in = plain(model, 0.05);
  for (const double efficiency : {0.0, -0.5, 1.1}) {
    in.efficiency = efficiency;
    EXPECT_NE(evaluate<InverseRoofline>(in).message.find("efficiency"), std::string::npos);
  }
  const Model silent({.activations = absent});
  const Row row = evaluate<InverseRoofline>({.workload = &silent, .target_latency = 1.0 * units::second});
  EXPECT_NE(row.message.find("activation_weight_fraction"), std::string::npos);
}

TEST(RooflineSensitivity, WorkedExamplesOfTheRelativeChange) {
  const Model model(llama_8b);
  const Device ampere(a100);
  Row row = evaluate<RooflineSensitivity>(plain(model, ampere));
  expect_close(row.out.at("baseline_latency"), 0.008999051005394804);
  EXPECT_NEAR(row.out.at("memory_bandwidth_sensitivity"), -0.08752489568269575, 1e-14);
  EXPECT_EQ(row.out.at("peak_rate_sensitivity"), 0);
  EXPECT_EQ(row.out.at("memory_capacity_sensitivity"), 0);
  EXPECT_EQ(row.out.at("binding_constraint"), static_cast<double>(RooflineSensitivity::Constraint::memory_bandwidth));
  expect_working<RooflineSensitivity>(plain(model, ampere), {"memory_capacity"});

  const Device hopper(h100);
  row = evaluate<RooflineSensitivity>(plain(model, hopper));
  expect_close(row.out.at("baseline_latency"), 0.005603432835820896);
  EXPECT_NEAR(row.out.at("memory_bandwidth_sensitivity"), -0.08555523000293008, 1e-14);
}

TEST(RooflineSensitivity, ElasticitiesInClosedForm) {
  const Model model(llama_8b);
  const Device device(a100);
  RooflineSensitivity::Inputs in = plain(model, device);
  in.measure = RooflineSensitivity::Measure::elasticity;
  const auto out = RooflineSensitivity::solve(in);
  expect_close(out.memory_bandwidth_sensitivity, -0.962773852509651);
  expect_close(*out.overhead_sensitivity - out.memory_bandwidth_sensitivity, 1);
  EXPECT_EQ(out.peak_rate_sensitivity, 0);
  EXPECT_FALSE(out.saving_where_it_fits);
  expect_working<RooflineSensitivity>(in, {"memory_capacity"});
}

TEST(RooflineSensitivity, AModelThatDoesNotFitIsBoundByCapacity) {
  const Model model(llama_70b);
  const Device device(a100);
  RooflineSensitivity::Inputs in = plain(model, device);
  Row row = evaluate<RooflineSensitivity>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_EQ(row.out.at("memory_bandwidth_sensitivity"), 0);
  EXPECT_EQ(row.out.at("binding_constraint"), static_cast<double>(RooflineSensitivity::Constraint::memory_capacity));

  in.measure = RooflineSensitivity::Measure::elasticity;
  in.spill_transfer = equations::SpillTransfer::streamed;
  in.activation_weight_fraction = 0;
  row = evaluate<RooflineSensitivity>(in);
  const double spilled = (141.2e9 - 85899345920.0) / 32e9;
  const double total = spilled + 815e-6;
  expect_close(row.out.at("host_link_sensitivity"), -spilled / total);
  expect_close(row.out.at("memory_capacity_sensitivity"), -85899345920.0 / 32e9 / total);
  expect_close(row.out.at("saving_where_it_fits"), spilled - 141.2e9 / 2039e9);
  expect_working<RooflineSensitivity>(in, {"memory_capacity"});

  const Device unlinked({.link = absent});
  in.hardware = &unlinked;
  EXPECT_NE(evaluate<RooflineSensitivity>(in).message.find("host link"), std::string::npos);
}

TEST(RooflineSensitivity, MainMemoryDoesNotMatterToWeightsOnTheDie) {
  DeviceFacts facts = a100;
  facts.on_chip = OnChipMemory{17e9 * units::byte, 1e13 * units::byte_per_second};
  const Device device(facts);
  const Model model(llama_8b);
  const auto out = RooflineSensitivity::solve({.workload = &model, .hardware = &device});
  EXPECT_EQ(out.memory_bandwidth_sensitivity, 0);
  EXPECT_GT(out.memory_time, out.compute_time);
}

TEST(RooflineSensitivity, Refuses) {
  const Model model(llama_8b);
  const Device device(a100);
  RooflineSensitivity::Inputs in = plain(model, device);
  for (const double perturbation : {-1.0, -2.0}) {
    in.perturbation = perturbation;
    EXPECT_NE(evaluate<RooflineSensitivity>(in).message.find("perturbation"), std::string::npos);
  }
  in = plain(model, device);
  in.efficiency = 0;
  EXPECT_NE(evaluate<RooflineSensitivity>(in).message.find("efficiency"), std::string::npos);
}

/// Shares of time must add up, and small changes must be what the elasticities say.
TEST(RooflineSensitivityProperties, ElasticitiesAreLimitsOfChangesAndSumToOne) {
  std::mt19937_64 random(23);
  const auto log_uniform = [&](double low, double high) {
    return low * std::pow(high / low, std::uniform_real_distribution<double>(0, 1)(random));
  };
  for (int i = 0; i < 1000; ++i) {
    const Device device({.peak = log_uniform(1e11, 1e15),
                         .capacity = log_uniform(5e9, 1e12),
                         .bandwidth = log_uniform(1e10, 1e13),
                         .link = log_uniform(1e9, 1e12) * units::byte_per_second});
    const Model model({.parameters = log_uniform(1e6, 1e11), .operations = log_uniform(1e6, 1e13)});
    RooflineSensitivity::Inputs in{.workload = &model, .hardware = &device};
    in.spill_transfer = static_cast<equations::SpillTransfer>(i % 3);
    const auto exact = RooflineSensitivity::solve(in);
    const double rates = exact.peak_rate_sensitivity + exact.memory_bandwidth_sensitivity + *exact.host_link_sensitivity;
    EXPECT_NEAR(*exact.overhead_sensitivity - rates, 1, 1e-9);
    expect_working<RooflineSensitivity>(in, {"memory_capacity"});

    in.measure = RooflineSensitivity::Measure::relative_change;
    in.perturbation = 1e-7;
    const auto change = RooflineSensitivity::solve(in);
    EXPECT_NEAR(change.peak_rate_sensitivity / 1e-7, exact.peak_rate_sensitivity, 1e-5);
    EXPECT_NEAR(change.memory_bandwidth_sensitivity / 1e-7, exact.memory_bandwidth_sensitivity, 1e-5);
    EXPECT_NEAR(change.memory_capacity_sensitivity / 1e-7 / (1 + std::abs(exact.memory_capacity_sensitivity)),
                exact.memory_capacity_sensitivity / (1 + std::abs(exact.memory_capacity_sensitivity)), 1e-5);
    expect_working<RooflineSensitivity>(in, {"memory_capacity"});
  }
}

}  // namespace
}  // namespace ironlaw::inverse_test
