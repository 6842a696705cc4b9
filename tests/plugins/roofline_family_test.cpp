// The solvers of the roofline family beside single_node, and the equations of training memory.
#include <ironlaw/equations/training_memory.hpp>

#include "roofline/amdahl.hpp"
#include "roofline/decode_bound.hpp"
#include "roofline/efficiency.hpp"
#include "roofline/iron_law.hpp"
#include "roofline/network_roofline.hpp"
#include "roofline/strong_scaling.hpp"
#include "roofline/universal_scalability.hpp"
#include "roofline_fixtures.hpp"

namespace ironlaw::roofline_test {
namespace {

using namespace ironlaw::roofline;

const DeviceFacts bare_h100{.peak = 989e12, .bandwidth = 3350e9};

struct NetworkRooflineTest : ::testing::Test {
  NetworkRooflineTest() {
    node.accelerator = &device;
    node.accelerators = 8;
    node.link_bandwidth = 450e9 * units::byte_per_second;
    fabric.link_bandwidth = 50e9 * units::byte_per_second;
    fleet.node = &node;
    fleet.fabric = &fabric;
    fleet.nodes = 1024;
  }
  Device device{bare_h100};
  Model model;
  Node node{"node"};
  Fabric fabric{"fabric"};
  Fleet fleet{"fleet"};
  NetworkRoofline::Inputs in{{.workload = &model, .fleet = &fleet}};
};

TEST_F(NetworkRooflineTest, ReproducesTheFleetComparison) {
  in.comparison = NetworkRoofline::Comparison::fleet_over_one_link;
  const Row row = evaluate<NetworkRoofline>(in);
  expect_close(row.out.at("latency"), 0.6424000000000001);
  expect_close(row.out.at("compute_time"), 1.1893524077350861e-08);
  expect_close(row.out.at("network_time"), 0.6424000000000001);
  expect_close(row.out.at("throughput"), 1.556662515566625);
  expect_close(row.out.at("communication_intensity"), 1.5);
  expect_close(row.out.at("gradient_traffic"), 32120000000.0);
  expect_close(row.out.at("achieved_peak_rate"), 4.050944e+18);
  expect_close(row.out.at("effective_bandwidth"), 50e9);
  expect_close(row.out.at("mfu"), 9.257101554600605e-09);
  EXPECT_EQ(row.out.at("bottleneck"), 1);
  EXPECT_TRUE(std::isnan(row.out.at("critical_tokens_per_device")));
  expect_working<NetworkRoofline>(in);
}

TEST_F(NetworkRooflineTest, NamesTheTokensThatADeviceNeeds) {
  const double critical = 8191.0 / 8192 * 2 * 0.5 * 989e12 / (3 * 50e9);
  EXPECT_NEAR(critical, 6593, 1);
  in.tokens_per_device = 6000;
  Row row = evaluate<NetworkRoofline>(in);
  expect_close(row.out.at("critical_tokens_per_device"), critical);
  expect_close(row.out.at("communication_intensity"), 3 * 6000 * 8192 / (8191 * 2.0));
  EXPECT_EQ(row.out.at("bottleneck"), 1);
  in.tokens_per_device = 7000;
  row = evaluate<NetworkRoofline>(in);
  expect_close(row.out.at("critical_tokens_per_device"), critical);
  EXPECT_EQ(row.out.at("bottleneck"), 0);
  expect_working<NetworkRoofline>(in);
}

TEST_F(NetworkRooflineTest, HidesTheExchangeBehindTheBackwardPass) {
  in.tokens_per_device = 20000;
  const auto hidden = NetworkRoofline::solve(in);
  EXPECT_EQ(hidden.exposed_network_time, Time{});
  EXPECT_EQ(hidden.latency, hidden.compute_time);
  expect_close(hidden.mfu, 0.5);
  in.overlap = false;
  const auto open = NetworkRoofline::solve(in);
  EXPECT_EQ(open.latency, open.compute_time + open.network_time);
  in.overlap = true;
  in.tokens_per_device = 8192;
  const auto part = NetworkRoofline::solve(in);
  expect_close(part.exposed_network_time / part.compute_time, part.network_time / part.compute_time - 2.0 / 3);
  expect_working<NetworkRoofline>(in);
}

TEST_F(NetworkRooflineTest, StaysInsideANodeOfItsOwn) {
  fleet.nodes = 1;
  expect_close(evaluate<NetworkRoofline>(in).out.at("effective_bandwidth"), 450e9);
  expect_working<NetworkRoofline>(in, {"effective_bandwidth"});
  fleet.fabric = nullptr;
  in.comparison = NetworkRoofline::Comparison::fleet_over_one_link;
  expect_close(evaluate<NetworkRoofline>(in).out.at("effective_bandwidth"), 450e9);
}

TEST_F(NetworkRooflineTest, Refuses) {
  fabric.oversubscription = 2;
  expect_close(evaluate<NetworkRoofline>(in).out.at("effective_bandwidth"), 25e9);
  fleet.fabric = nullptr;
  Row row = evaluate<NetworkRoofline>(in);
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find("fleet states no fabric"), std::string::npos) << row.message;

  fleet.nodes = node.accelerators = 1;
  row = evaluate<NetworkRoofline>(in);
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find("one accelerator"), std::string::npos) << row.message;
  in.comparison = NetworkRoofline::Comparison::fleet_over_one_link;
  EXPECT_EQ(evaluate<NetworkRoofline>(in).status, RowStatus::ok);

  const Model sized({.parameters = absent, .stored_bytes = 1e9});
  in.workload = &sized;
  row = evaluate<NetworkRoofline>(in);
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find("model states no number of parameters"), std::string::npos) << row.message;
}

TEST(Efficiency, LooksUpTheClassAndSplitsTheLoss) {
  const Device device(bare_h100);
  Efficiency::Inputs in{{.hardware = &device}, Efficiency::KernelClass::attention, true};
  in.loss_shares = Efficiency::LossShares::independent;
  Row row = evaluate<Efficiency>(in);
  expect_close(row.out.at("mfu"), 0.75);
  expect_close(row.out.at("achievable_rate"), 741.75e12);
  expect_close(row.out.at("peak_rate"), 989e12);
  expect_close(row.out.at("occupancy_loss"), 0.44999999999999996);
  EXPECT_EQ(row.out.at("memory_stall"), 0);
  expect_working<Efficiency>(in, {"peak_rate"});

  for (const auto type : {Efficiency::KernelClass::attention, Efficiency::KernelClass::ffn, Efficiency::KernelClass::conv,
                          Efficiency::KernelClass::other}) {
    for (double eta = 0.05; eta <= 1; eta += 0.05) {
      in = {{.hardware = &device}, type, false, eta};
      const auto out = Efficiency::solve(in);
      EXPECT_NEAR(out.mfu + out.occupancy_loss + out.memory_stall, 1, 1e-15);
      EXPECT_GE(out.occupancy_loss, 0);
      expect_working<Efficiency>(in, {"peak_rate"});
    }
  }
}

TEST(Efficiency, CapsEachClass) {
  const Device device(bare_h100);
  const auto mfu = [&](Efficiency::KernelClass type, bool flash, double eta) {
    return Efficiency::solve({{.hardware = &device}, type, flash, eta}).mfu;
  };
  using enum Efficiency::KernelClass;
  expect_close(mfu(attention, true, 1), 0.85);
  expect_close(mfu(attention, false, 1), 0.60);
  expect_close(mfu(ffn, false, 1), 0.60);
  expect_close(mfu(conv, false, 1), 0.55);
  expect_close(mfu(conv, false, 0.25), 0.20);
  expect_close(mfu(other, true, 0.5), 0.30);
  EXPECT_EQ(evaluate<Efficiency>({{.hardware = &device}, ffn, false, 0}).status, RowStatus::refused);
}

TEST(DecodeBound, StreamsWeightsOnce) {
  const Device device(bare_h100);
  const Model model;
  const DecodeBound::Inputs in{{.workload = &model, .hardware = &device}, 4, 2};
  const Row row = evaluate<DecodeBound>(in);
  const double memory = 8.03e9 / 3350e9;
  const double compute = 2 * 8.03e9 * 4 / 2 / 989e12;
  expect_close(row.out.at("memory_time"), memory);
  expect_close(row.out.at("compute_time"), compute);
  expect_close(row.out.at("latency"), memory);
  expect_close(row.out.at("throughput"), 4 / memory);
  expect_close(row.out.at("arithmetic_intensity"), 4);
  expect_close(row.out.at("attainable_rate"), 4 * 3350e9);
  expect_close(row.out.at("memory_share"), memory / (memory + compute));
  EXPECT_EQ(row.out.at("bottleneck"), 1);
  expect_working<DecodeBound>(in);
  expect_close(evaluate<DecodeBound>({{.workload = &model, .hardware = &device}, 4096}).out.at("attainable_rate"), 989e12);

  const Model sized({.parameters = absent, .stored_bytes = 1e9});
  EXPECT_EQ(evaluate<DecodeBound>({{.workload = &sized, .hardware = &device}}).status, RowStatus::refused);
}

TEST(IronLaw, AddsOrOverlapsAndUpgrades) {
  const IronLaw::Inputs in{.memory_time = 3.0 * units::second,
                           .compute_time = 2.0 * units::second,
                           .overhead_time = 1.0 * units::second,
                           .memory_speedup = 2,
                           .compute_speedup = 4};
  const Row row = evaluate<IronLaw>(in);
  EXPECT_EQ(row.out.at("sequential"), 6);
  EXPECT_EQ(row.out.at("overlapped"), 4);
  EXPECT_EQ(row.out.at("upgraded_sequential"), 3);
  EXPECT_EQ(row.out.at("upgraded_overlapped"), 2.5);
  EXPECT_EQ(row.out.at("naive"), 0.75);
  expect_working<IronLaw>(in);
  EXPECT_EQ(evaluate<IronLaw>({}).status, RowStatus::refused);
}

TEST(Amdahl, BoundsTheWhole) {
  const Amdahl::Inputs in{.improved_fraction = 0.95, .stage_speedup = 10};
  const Row row = evaluate<Amdahl>(in);
  expect_close(row.out.at("speedup"), 1 / (0.05 + 0.095));
  EXPECT_NEAR(row.out.at("bound"), 20, 1e-12);
  EXPECT_TRUE(std::isnan(row.out.at("break_even_fraction")));
  expect_working<Amdahl>(in);
  EXPECT_FALSE(Amdahl::solve({1, 10, absent}).bound);
  EXPECT_EQ(evaluate<Amdahl>({1.1, 10, absent}).status, RowStatus::refused);
  EXPECT_EQ(evaluate<Amdahl>({0.5, 0, absent}).status, RowStatus::refused);
}

TEST(Amdahl, BreaksEvenWhereTheLimitIsMet) {
  const Amdahl::Inputs slower{.improved_fraction = 0.25, .stage_speedup = 0.2, .relative_time_limit = 2.0};
  const auto out = Amdahl::solve(slower);
  expect_close(*out.break_even_fraction, 0.25);  // (2 - 1) / (5 - 1)
  expect_close(out.relative_time, 2);
  expect_working<Amdahl>(slower);
  EXPECT_FALSE(Amdahl::solve({0.25, 2, 2.0}).break_even_fraction);
  EXPECT_FALSE(Amdahl::solve({0.25, 1, 2.0}).break_even_fraction);
}

TEST(StrongScaling, SaturatesAtTheSerialShare) {
  const StrongScaling::Inputs in{.workers = 8, .serial_fraction = 0.1};
  const Row row = evaluate<StrongScaling>(in);
  expect_close(row.out.at("speedup"), 8 / 1.7);
  expect_close(row.out.at("parallel_efficiency"), 1 / 1.7);
  expect_close(row.out.at("bound"), 10);
  expect_working<StrongScaling>(in);
  EXPECT_FALSE(StrongScaling::solve({8, 0}).bound);
  EXPECT_EQ(evaluate<StrongScaling>({0, 0.1}).status, RowStatus::refused);
}

TEST(UniversalScalability, PeaksWhereCoherencyWins) {
  const UniversalScalability::Inputs in{.workers = 64, .contention = 0.02, .coherency = 1e-4};
  const auto out = UniversalScalability::solve(in);
  expect_close(out.speedup, 24.031240612796637);
  expect_close(*out.best_workers, std::sqrt(0.98 / 1e-4));
  for (const int n : {98, 100}) EXPECT_LE(UniversalScalability::solve({n, 0.02, 1e-4}).speedup, *out.best_speedup);
  expect_working<UniversalScalability>(in);
  EXPECT_FALSE(UniversalScalability::solve({64, 0.02, 0}).best_workers);
  EXPECT_EQ(*UniversalScalability::solve({64, 1, 0.5}).best_workers, 1);
  expect_close(UniversalScalability::solve({8, 0.1, 0}).speedup, StrongScaling::solve({8, 0.1}).speedup);
  EXPECT_EQ(evaluate<UniversalScalability>({64, 0.02, -1}).status, RowStatus::refused);
}

TEST(TrainingMemory, MatchesTheWorkedTotals) {
  using namespace equations;
  const double p = 8.03e9;
  const auto activations = [](ActivationStrategy s) { return activation_memory(s, 32, 4096, 32, 2048.0, 4, 2); };
  EXPECT_EQ(activations(ActivationStrategy::none), 122406567936.0 * units::byte);
  EXPECT_EQ(activations(ActivationStrategy::selective), 36507222016.0 * units::byte);
  EXPECT_EQ(activations(ActivationStrategy::full), 2147483648.0 * units::byte);
  constexpr double adam_bytes_per_parameter = optimizer_bytes_per_parameter(Optimizer::adam, MasterWeights::where_narrower, 2);
  constexpr double sgd_bytes_per_parameter = optimizer_bytes_per_parameter(Optimizer::sgd, MasterWeights::where_narrower, 2);
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::adam, MasterWeights::where_narrower, 4), 8);  // no copy of what is fp32
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::adam, MasterWeights::always, 4), 12);
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::adam_bf16, MasterWeights::where_narrower, 2), 4);
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::none, MasterWeights::always, 2), 0);
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::lion, MasterWeights::never, 2), 4);
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::lion_8bit, MasterWeights::never, 2), 1 + 4.0 / 2048);
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::lamb, MasterWeights::where_narrower, 2), 12);
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::adagrad, MasterWeights::where_narrower, 2), 8);
  EXPECT_EQ(optimizer_bytes_per_parameter(Optimizer::rmsprop, MasterWeights::where_narrower, 4), 4);
  const auto sharded = zero_sharded(training_state(p, 2, adam_bytes_per_parameter), 1, 8);
  expect_close(in(sharded.total() + activations(ActivationStrategy::none), units::byte), 166571567936.0);
  const auto lora = training_state(p, 2, adam_bytes_per_parameter, lora_share(p, 32, 4096));
  expect_close(in(lora.total() + activations(ActivationStrategy::selective), units::byte), 52802103040.0);
  const auto sgd = training_state(p, 2, sgd_bytes_per_parameter);
  expect_close(in(sgd.total() + activations(ActivationStrategy::selective), units::byte), 100747222016.0);
  const auto all = zero_sharded(training_state(p, 2, adam_bytes_per_parameter), 3, 64);
  expect_close(in(all.total(), units::byte), 16 * p / 64);
}

}  // namespace
}  // namespace ironlaw::roofline_test
