#include "roofline_fixtures.hpp"

#include <random>

#include "roofline/amdahl.hpp"
#include "roofline/decode_bound.hpp"
#include "roofline/efficiency.hpp"
#include "roofline/iron_law.hpp"
#include "roofline/network_roofline.hpp"
#include "roofline/single_node.hpp"
#include "roofline/strong_scaling.hpp"
#include "roofline/universal_scalability.hpp"

namespace ironlaw::roofline_test {
namespace {

using namespace ironlaw::roofline;

constexpr double compute_label = 0;
constexpr double slower_label = 1;  // Memory, or Network

const DeviceFacts h100{
    .peak = 989e12, .bandwidth = 3350e9, .dispatch = 1e-5, .link = 64e9 * units::byte_per_second, .tdp = 700.0 * units::watt};
const ModelFacts resnet50{.parameters = 25.6e6, .operations = 4.1e9, .layers = 50, .unit = WorkUnit::sample};
const ModelFacts llama_8b{.shape = llama_shape(32, 4096)};
const ModelFacts llama_70b{.parameters = 70.6e9, .operations = 141.2e9, .layers = 80, .shape = llama_shape(80, 8192)};

/// Every native term at its neutral setting.
SingleNode::Inputs neutral(const Model& model, const Device& device) {
  SingleNode::Inputs in{{.workload = &model, .hardware = &device}};
  in.tokens_per_sample = 1.0;
  in.activation_weight_fraction = 0.1;
  in.count_context_operations = false;
  in.count_live_state = false;
  in.spill_transfer = SingleNode::SpillTransfer::host_link;
  return in;
}

void expect_outputs(const Row& row, const std::map<std::string, double>& expected) {
  for (const auto& [name, value] : expected) expect_close(row.out.at(name), value, name);
}

TEST(SingleNodeWorkedExample, InferenceOfAConvolutionalNetwork) {
  const Device a100;
  const Model model(resnet50);
  const Row row = evaluate<SingleNode>(neutral(model, a100));
  EXPECT_EQ(row.status, RowStatus::ok);
  expect_outputs(row, {{"latency", 0.0005426213830308974},
                       {"compute_time", 2.628205128205128e-05},
                       {"memory_time", 2.76213830308975e-05},
                       {"overhead", 0.000515},
                       {"throughput", 1842.9056267822364},
                       {"bottleneck", slower_label},
                       {"arithmetic_intensity", 72.79829545454545},
                       {"energy", 0.06879405314319488},
                       {"memory_footprint", 51200000.0},
                       {"achieved_peak_rate", 156e12},
                       {"effective_bandwidth", 2039e9},
                       {"mfu", 0.024217670095535798},
                       {"hfu", 0.024217670095535798},
                       {"overhead_dominated", 1},
                       {"feasible", 1}});
  EXPECT_TRUE(std::isnan(row.out.at("spill")));
  EXPECT_TRUE(std::isnan(row.out.at("spill_bandwidth")));
}

TEST(SingleNodeWorkedExample, TrainingWithShardingAndRecomputation) {
  const Device device(h100);
  const Model model(llama_8b);
  auto in = neutral(model, device);
  in.batch_size = 4;
  in.efficiency = 0.4;
  in.training = true;
  in.zero_stage = 3;
  in.data_parallel = 64;
  in.activation_recomputation = true;
  const Row row = evaluate<SingleNode>(in);
  expect_outputs(row, {{"latency", 0.007681641791044776},
                       {"compute_time", 0.0006495449949443883},
                       {"memory_time", 0.0067116417910447765},
                       {"overhead", 0.00097},
                       {"throughput", 520.7220160491189},
                       {"bottleneck", slower_label},
                       {"arithmetic_intensity", 11.428571428571429},
                       {"energy", 1.7404555951285032},
                       {"memory_footprint", 4154983648.0},
                       {"achieved_peak_rate", 395.6e12},
                       {"effective_bandwidth", 3350e9},
                       {"mfu", 0.025367428446154243},
                       {"hfu", 0.03382323792820566},
                       {"overhead_dominated", 0},
                       {"feasible", 1}});
  EXPECT_EQ(model.asked.phase, Phase::training);
}

TEST(SingleNodeWorkedExample, SpillOverTheHostLink) {
  const Device a100;
  const Model model(llama_70b);
  const Row row = evaluate<SingleNode>(neutral(model, a100));
  EXPECT_EQ(row.status, RowStatus::infeasible);
  expect_outputs(row, {{"latency", 4.854565000000001},
                       {"compute_time", 0.0009051282051282052},
                       {"memory_time", 4.85375},
                       {"overhead", 0.0008150000000000001},
                       {"throughput", 0.20599167999604492},
                       {"bottleneck", slower_label},
                       {"arithmetic_intensity", 0.9090909090909091},
                       {"energy", 582.6745179487181},
                       {"memory_footprint", 141200000000.0},
                       {"effective_bandwidth", 32e9},
                       {"mfu", 9.322443979308188e-05},
                       {"hfu", 9.322443979308188e-05},
                       {"spill", 55300654080.0},
                       {"spill_bandwidth", 32e9},
                       {"overhead_dominated", 0},
                       {"feasible", 0}});
}

TEST(SingleNodeNative, OnlyTheSpillCrossesTheHostLink) {
  const Device a100;
  const Model model(llama_70b);
  SingleNode::Inputs in{{.workload = &model, .hardware = &a100}};
  const double spill_time = 55300654080.0 / 32e9;
  const double resident_time = 85899345920.0 / 2039e9;
  Row row = evaluate<SingleNode>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_NEAR(row.out.at("memory_time"), 1.73, 0.005);
  expect_close(row.out.at("memory_time"), spill_time);
  expect_close(row.out.at("effective_bandwidth"), 141.2e9 / spill_time);
  in.spill_transfer = SingleNode::SpillTransfer::serial;
  row = evaluate<SingleNode>(in);
  expect_close(row.out.at("memory_time"), spill_time + resident_time);
  in.memory_efficiency = 0.5;
  expect_close(evaluate<SingleNode>(in).out.at("memory_time"), spill_time + 2 * resident_time);
}

TEST(SingleNodeNative, TrainingCountsTheTokensOfASample) {
  const Device device(h100);
  const Model tokens(llama_8b);
  SingleNode::Inputs in{{.workload = &tokens, .hardware = &device, .training = true}, 2};
  in.sequence_length = 1024;
  expect_close(evaluate<SingleNode>(in).out.at("compute_time"), 3 * 16.06e9 * 1024 * 2 / (989e12 * 0.5));
  EXPECT_EQ(tokens.asked.new_tokens, 1024);
  in.tokens_per_sample = 100.0;
  expect_close(evaluate<SingleNode>(in).out.at("compute_time"), 3 * 16.06e9 * 100 * 2 / (989e12 * 0.5));

  const Model images(resnet50);
  in = {{.workload = &images, .hardware = &device, .training = true}, 256};
  const Row row = evaluate<SingleNode>(in);
  expect_close(row.out.at("compute_time"), 3 * 4.1e9 * 256 / (989e12 * 0.5));
  expect_close(row.out.at("memory_footprint"), 2 * 51.2e6 + 12 * 25.6e6);
  in.lora = true;
  expect_close(evaluate<SingleNode>(in).out.at("memory_footprint"), 1.1 * 51.2e6);
}

TEST(SingleNodeNative, CacheStateAndContextCount) {
  const Device device(h100);
  ModelFacts facts = llama_8b;
  facts.attention = 524288;  // 4 * 32 layers * 32 heads * 128
  facts.cache = 131072;      // 2 * 32 layers * 8 heads * 128 * 2 byte
  facts.state = 1000;
  facts.activations = 8.9e6 * units::byte;
  const Model model(facts);
  SingleNode::Inputs in{{.workload = &model, .hardware = &device}, 4};
  in.context_length = 1000;
  Row row = evaluate<SingleNode>(in);
  const double cache = 131072.0 * 1001 * 4;
  expect_close(row.out.at("memory_footprint"), 16.06e9 + cache + 4000);
  expect_close(row.out.at("memory_time"), (16.06e9 + cache + 8000 + 4 * 8.9e6) / 3350e9);
  expect_close(row.out.at("compute_time"), 4 * (16.06e9 + 524288e3) / (989e12 * 0.5));
  in.count_context_operations = false;
  in.count_live_state = false;
  row = evaluate<SingleNode>(in);
  expect_close(row.out.at("memory_footprint"), 16.06e9);
  expect_close(row.out.at("memory_time"), (16.06e9 + 4 * 8.9e6) / 3350e9);
  expect_close(row.out.at("compute_time"), 4 * 16.06e9 / (989e12 * 0.5));
}

TEST(SingleNodeNative, CeilingsMayOverlapInPart) {
  const Device a100;
  const Model model(resnet50);
  auto in = neutral(model, a100);
  in.overlap = 0;
  in.framework_overhead = Time{};
  expect_close(evaluate<SingleNode>(in).out.at("latency"), 2.628205128205128e-05 + 2.76213830308975e-05 + 15e-6);
}

TEST(SingleNodeMemory, OnChipFirstThenFlashThenMain) {
  DeviceFacts facts;
  const Model model(resnet50);
  const auto bandwidth = [&] {
    const Device device(facts);
    return evaluate<SingleNode>(neutral(model, device)).out.at("effective_bandwidth");
  };
  expect_close(bandwidth(), 2039e9);
  facts.flash = FlashMemory{absent, 1e8 * units::byte_per_second};
  expect_close(bandwidth(), 1e8);
  facts.on_chip = OnChipMemory{51.2e6 * units::byte, 1e13 * units::byte_per_second};
  expect_close(bandwidth(), 1e13);
  facts.on_chip->capacity = 51.1e6 * units::byte;
  expect_close(bandwidth(), 1e8);
  facts.capacity = 51.1e6;  // what does not fit goes over the link, whatever else the device has
  expect_close(bandwidth(), 32e9);
}

TEST(SingleNodeLabels, TiesAndVanishingTimes) {
  using equations::bottleneck_of;
  using enum equations::Bottleneck;
  EXPECT_EQ(bottleneck_of(1.0 * units::second, 1.0 * units::second), Compute);
  EXPECT_EQ(bottleneck_of(1.0 * units::second, 1.1 * units::second), Memory);
  EXPECT_EQ(bottleneck_of(1e-19 * units::second, 1e-19 * units::second), Memory);
  EXPECT_EQ(bottleneck_of(Time{}, 1e-30 * units::second), Memory);
  EXPECT_EQ(bottleneck_of(1e-3 * units::second, Time{}), Compute);
  EXPECT_EQ(bottleneck_of(Time{}, Time{}), Compute);
}

TEST(SingleNodeRefuses, WhatItCannotKnow) {
  DeviceFacts linkless;
  linkless.link = absent;
  linkless.tdp = absent;
  const Device device(linkless);
  const Model big(llama_70b);
  Row row = evaluate<SingleNode>(neutral(big, device));
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find("device states no host link"), std::string::npos) << row.message;

  ModelFacts facts = resnet50;
  facts.activations = absent;
  const Model no_activations(facts);
  SingleNode::Inputs in{{.workload = &no_activations, .hardware = &device}};
  row = evaluate<SingleNode>(in);
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find("activation_weight_fraction"), std::string::npos) << row.message;
  in.activation_weight_fraction = 0.1;
  row = evaluate<SingleNode>(in);
  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_TRUE(std::isnan(row.out.at("energy")));

  facts = llama_8b;
  facts.stored_bytes = 1e9;
  facts.parameters = absent;
  const Model no_parameters(facts);
  row = evaluate<SingleNode>({{.workload = &no_parameters, .hardware = &device, .training = true}});
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find("number of parameters"), std::string::npos) << row.message;
}

TEST(SingleNode, AStoredWidthMovesAndTheArithmeticsFormatComputes) {
  const Device device(h100);
  const Model model(llama_8b);
  auto in = neutral(model, device);
  const auto wide = SingleNode::solve(in);
  in.widths.weight_bits = 4.25;
  const auto narrow = SingleNode::solve(in);
  EXPECT_EQ(narrow.compute_time, wide.compute_time);
  expect_close(narrow.memory_time.value(), 4.25 / 16 * wide.memory_time.value());
  expect_close(narrow.memory_footprint.value(), 8.03e9 * 4.25 / 8);
  in.training = true;  // a step holds what it trains in the format that it computes in, unless it trains adapters only
  const double trained = 2 * 8.03e9;
  in.widths.weight_bits = absent;
  const auto full = SingleNode::solve(in);
  in.lora = true;
  in.widths.weight_bits = 4.0;
  const auto adapters = SingleNode::solve(in);
  const double share = std::min(2 * 16.0 * 4096 * 4 * 32 / 8.03e9, 1.0);
  expect_close((full.memory_footprint - adapters.memory_footprint).value(),
               trained + trained + 12 * 8.03e9 - (trained / 4 + (trained + 12 * 8.03e9) * share));
}

template <class Change>
void expect_refused(SingleNode::Inputs in, std::string_view port, Change change) {
  change(in);
  const Row row = evaluate<SingleNode>(in);
  EXPECT_EQ(row.status, RowStatus::refused) << port;
  EXPECT_EQ(row.message.substr(0, port.size()), port);
}

TEST(SingleNodeRefuses, NumbersOutOfRange) {
  const Device device;
  const Model model(resnet50);
  const auto in = neutral(model, device);
  expect_refused(in, "batch_size", [](auto& i) { i.batch_size = 0; });
  expect_refused(in, "efficiency", [](auto& i) { i.efficiency = 0; });
  expect_refused(in, "efficiency", [](auto& i) { i.efficiency = 1.01; });
  expect_refused(in, "sequence_length", [](auto& i) { i.sequence_length = 0; });
  expect_refused(in, "context_length", [](auto& i) { i.context_length = -1; });
  expect_refused(in, "zero_stage", [](auto& i) { i.zero_stage = 4; });
  expect_refused(in, "data_parallel", [](auto& i) { i.data_parallel = 0; });
  expect_refused(in, "tokens_per_sample", [](auto& i) { i.tokens_per_sample = 0.0; });
  expect_refused(in, "activation_weight_fraction", [](auto& i) { i.activation_weight_fraction = -0.1; });
  expect_refused(in, "memory_efficiency", [](auto& i) { i.memory_efficiency = 0; });
  expect_refused(in, "overlap", [](auto& i) { i.overlap = 1.5; });
  expect_refused(in, "framework_overhead", [](auto& i) { i.framework_overhead = -1.0 * units::second; });
  expect_refused(in, "workload", [](auto& i) { i.workload = nullptr; });
}

TEST(SingleNode, AsksEachQuestionOnce) {
  const Device device;
  const Model model(llama_8b);
  SingleNode::solve({{.workload = &model, .hardware = &device}});
  EXPECT_EQ(model.questions, 1);
  EXPECT_EQ(device.questions, 2);
}

TEST(SingleNodeWorking, EndsInTheOutputs) {
  const std::vector<std::string> stated{"memory_capacity"};
  const std::vector<std::string> stated_link{"memory_capacity", "spill_bandwidth"};
  const Device device;
  const Model small(resnet50);
  const Model large(llama_70b);
  expect_working<SingleNode>(neutral(small, device), stated);
  expect_working<SingleNode>(neutral(large, device), stated);
  SingleNode::Inputs in{{.workload = &large, .hardware = &device}};
  expect_working<SingleNode>(in, stated_link);
  in.spill_transfer = SingleNode::SpillTransfer::serial;
  in.training = true;
  expect_working<SingleNode>(in, stated_link);
  in.workload = &small;
  expect_working<SingleNode>(in, stated);
  in.lora = true;
  expect_working<SingleNode>(in, stated);
}

TEST(SingleNodeProperties, HoldOverRandomInputs) {
  std::mt19937_64 random(20240607);
  const auto log_uniform = [&](double low, double high) {
    return low * std::pow(high / low, std::uniform_real_distribution<double>(0, 1)(random));
  };
  for (int i = 0; i < 2000; ++i) {
    DeviceFacts facts{.peak = log_uniform(1e9, 1e16),
                      .capacity = log_uniform(1e6, 1e12),
                      .bandwidth = log_uniform(1e8, 1e13),
                      .link = log_uniform(1e8, 1e12) * units::byte_per_second};
    ModelFacts model_facts = i % 2 == 0 ? llama_8b : resnet50;
    model_facts.parameters = log_uniform(1e5, 1e12);
    model_facts.operations = 2 * *model_facts.parameters;
    model_facts.activations = log_uniform(1e3, 1e9) * units::byte;
    const Model model(model_facts);
    const Device device(facts);
    SingleNode::Inputs in{{.workload = &model, .hardware = &device}, 1 + i % 64, log_uniform(0.01, 1)};
    in.training = i % 3 == 0;
    in.activation_recomputation = i % 5 == 0;
    in.overlap = (i % 11) / 10.0;
    in.spill_transfer = static_cast<SingleNode::SpillTransfer>(i % 3);
    const auto out = SingleNode::solve(in);
    EXPECT_GE(out.latency, out.compute_time);
    EXPECT_GE(out.latency, out.memory_time);
    EXPECT_TRUE(out.mfu >= 0 && out.mfu <= out.hfu && out.hfu <= in.efficiency * (1 + 1e-12)) << out.mfu << " " << out.hfu;
    EXPECT_EQ(out.spill.has_value(), out.memory_footprint > out.memory_capacity);
    expect_working<SingleNode>(in, {"memory_capacity", "spill_bandwidth"});

    facts.bandwidth *= 2;
    const Device wider(facts);
    in.hardware = &wider;
    EXPECT_LE(SingleNode::solve(in).latency, out.latency);
    facts.peak *= 2;
    const Device faster(facts);
    in.hardware = &faster;
    EXPECT_LE(SingleNode::solve(in).latency, out.latency);
  }
}

}  // namespace
}  // namespace ironlaw::roofline_test
