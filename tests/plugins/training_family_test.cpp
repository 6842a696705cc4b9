// Collectives, topologies and the small formulas of the training family.
#include "training/activation_memory.hpp"
#include "training/collective.hpp"
#include "training/compute_time.hpp"
#include "training/hierarchical_collective.hpp"
#include "training/paged_cache.hpp"
#include "training/pipeline_bubble.hpp"
#include "training/topology.hpp"
#include "training/training_operations.hpp"
#include "training/zero_sharding.hpp"
#include "training_fixtures.hpp"

namespace ironlaw::training_test {
namespace {

using Algorithm = Collective::Algorithm;
using Operation = Collective::Operation;

Collective::Inputs eight_ranks(Algorithm algorithm) {
  Collective::Inputs in;
  in.algorithm = algorithm;
  in.message_size = 1e9 * units::byte;
  in.ranks = 8;
  in.bandwidth = 50e9 * units::byte_per_second;
  return in;
}
double time_of(const Collective::Inputs& in) { return in_seconds(Collective::solve(in).time); }

TEST(CollectiveTest, ReproducesThePublishedForms) {
  expect_near(time_of(eight_ranks(Algorithm::ring)), 0.035070000000000004);
  expect_near(time_of(eight_ranks(Algorithm::tree)), 0.12003);
  expect_near(time_of(eight_ranks(Algorithm::double_binary_tree)), 0.036786000000000006);
  expect_near(time_of(eight_ranks(Algorithm::halving_doubling)), 0.035 + 6 * 5e-6);
  expect_near(time_of(eight_ranks(Algorithm::in_network)), 0.02 + 1e-5);
  expect_near(time_of(eight_ranks(Algorithm::torus)), 0.035 / 6);
  auto in = eight_ranks(Algorithm::best);
  in.operation = Operation::all_to_all;
  expect_near(time_of(in), 0.017535000000000002);
  in.operation = Operation::point_to_point;
  expect_near(time_of(in), 0.02 + 5e-6);
  in.operation = Operation::reduce_scatter;
  in.algorithm = Algorithm::ring;
  expect_near(time_of(in), 0.017535000000000002);
  in.ranks_per_link = 2;
  expect_near(time_of(in), 0.035 + 35e-6);
}

TEST(CollectiveTest, TakesTheFastest) {
  auto in = eight_ranks(Algorithm::best);
  EXPECT_EQ(Collective::solve(in).algorithm, Algorithm::halving_doubling);
  for (const double size : {1.0, 1e3, 1e5, 1e7, 1e9}) {
    in.message_size = size * units::byte;
    in.algorithm = Algorithm::best;
    const double best = time_of(in);
    for (const auto a : {Algorithm::ring, Algorithm::tree, Algorithm::double_binary_tree, Algorithm::halving_doubling}) {
      in.algorithm = a;
      EXPECT_LE(best, time_of(in));
    }
  }
}

TEST(CollectiveTest, RingAndTreeMeetAtTheCrossover) {
  auto in = eight_ranks(Algorithm::ring);
  in.ranks = 64;
  const auto out = Collective::solve(in);
  expect_near(*out.crossover_estimate / units::byte, 2666666.666666667);
  in.message_size = *out.crossover_size;
  const double ring = time_of(in);
  in.algorithm = Algorithm::tree;
  expect_near(ring, time_of(in));
  in.ranks = 2;
  EXPECT_FALSE(Collective::solve(in).crossover_size);
}

TEST(CollectiveTest, CostsNothingAloneAndRefuses) {
  for (const auto a : {Algorithm::ring, Algorithm::tree, Algorithm::double_binary_tree, Algorithm::halving_doubling,
                       Algorithm::in_network, Algorithm::torus}) {
    auto in = eight_ranks(a);
    expect_working<Collective>(in);
    in.ranks = 1;
    EXPECT_EQ(time_of(in), 0);
    expect_working<Collective>(in);
  }
  auto in = eight_ranks(Algorithm::tree);
  in.operation = Operation::all_to_all;
  expect_refused<Collective>(in, "no such algorithm");
  in = eight_ranks(Algorithm::ring);
  in.ranks = 0;
  expect_refused<Collective>(in, "ranks");
  in = eight_ranks(Algorithm::ring);
  in.bandwidth = Bandwidth{};
  expect_refused<Collective>(in, "bandwidth");
  in = eight_ranks(Algorithm::ring);
  in.message_size = -1.0 * units::byte;
  expect_refused<Collective>(in, "message_size");
  in = eight_ranks(Algorithm::ring);
  in.reduction_bandwidth = 1e12 * units::byte_per_second;
  expect_near(time_of(in), 0.03507 + 7.0 / 8 * 1e-3);
}

TEST(HierarchicalCollectiveTest, ReducesShardsBetweenNodes) {
  HierarchicalCollective::Inputs in;
  in.message_size = 1e9 * units::byte;
  in.nodes = 16;
  in.ranks_per_node = 8;
  in.node_bandwidth = 450e9 * units::byte_per_second;
  in.bandwidth = 50e9 * units::byte_per_second;
  const auto out = HierarchicalCollective::solve(in);
  expect_near(in_seconds(out.time), 0.00873338888888889);
  expect_near(in_seconds(out.node_time + out.fabric_time), in_seconds(out.time));
  expect_working<HierarchicalCollective>(in);
  in.operation = HierarchicalCollective::Operation::all_to_all;
  expect_near(in_seconds(HierarchicalCollective::solve(in).time), 120.0 / 128 * 0.02 + 127 * 5e-6);
  expect_working<HierarchicalCollective>(in);
  in.nodes = 1;
  expect_near(in_seconds(HierarchicalCollective::solve(in).time), 7.0 / 8 / 450 + 7 * 5e-7);
  in.ranks_per_node = 0;
  expect_refused<HierarchicalCollective>(in, "ranks_per_node");
}

TEST(PipelineBubbleTest, IdlesAsTheScheduleSays) {
  PipelineBubble::Inputs in;
  in.stages = 4;
  in.microbatches = 16;
  in.virtual_stages = 2;
  expect_near(PipelineBubble::solve(in).bubble_fraction, 0.08571428571428572);
  expect_working<PipelineBubble>(in);
  in.schedule = equations::PipelineSchedule::zero_bubble;
  expect_refused<PipelineBubble>(in, "zero_bubble");
  in.virtual_stages = 1;
  expect_near(PipelineBubble::solve(in).bubble_over_work, 1.0 / 16);
  expect_working<PipelineBubble>(in);
  in.stages = 1;
  EXPECT_EQ(PipelineBubble::solve(in).bubble_fraction, 0);
}

TEST(ActivationMemoryTest, CountsBytesOfTwoByteElements) {
  ActivationMemory::Inputs in;
  in.layers = 32;
  in.hidden_size = 4096;
  in.heads = 32.0;
  in.sequence_length = 2048;
  in.batch_size = 4;
  expect_near(ActivationMemory::solve(in).size / units::byte, 36507222016.0);
  in.strategy = ActivationMemory::Strategy::none;
  expect_near(ActivationMemory::solve(in).size / units::byte, 122406567936.0);
  expect_working<ActivationMemory>(in);
  in.heads = absent;
  expect_refused<ActivationMemory>(in, "needs heads");
  in.strategy = ActivationMemory::Strategy::full;
  expect_near(ActivationMemory::solve(in).size / units::byte, 2147483648.0);
}

TEST(PagedCacheTest, RoundsUpToPages) {
  PagedCache::Inputs in;
  in.layers = 32;
  in.kv_heads = 8;
  in.head_size = 128;
  in.sequence_length = 2050;
  in.batch_size = 4;
  expect_near(PagedCache::solve(in).size / units::byte, 1082130432);
  expect_near(PagedCache::solve(in).fragmentation, 0.006782945736434108);
  expect_working<PagedCache>(in);
  in.sequence_length = 0;
  EXPECT_EQ(PagedCache::solve(in).fragmentation, 0);
}

/// Tokens over throughput, and operations over the rate that the utilization stands for, are one length of a run.
TEST_F(Fixture, ARunIsAsLongByItsTokensAsByItsOperations) {
  set_fleet(8);
  Distributed::Inputs step;
  step.workload = full_llama.get();
  step.fleet = &fleet;
  step.batch_size = 64;
  step.sequence_length = 8192;
  step.tensor_parallel = 8;
  const auto out = Distributed::solve(step);
  TrainingOperations::Inputs run;
  run.workload = full_llama.get();
  run.sequence_length = 8192;
  run.tokens = 1e12;
  const auto operations = TrainingOperations::solve(run);
  const double by_tokens = in_seconds(1e12 / (8192 * out.throughput));
  const double by_operations = in_seconds(operations.operations / (64 * out.mfu * (989e12 * units::flop_per_second)));
  EXPECT_NEAR(by_tokens, by_operations, 1e-12 * by_tokens);
  EXPECT_GT(*operations.attention_operations / operations.operations, 0.05);  // what six a parameter and token leave out
  EXPECT_LT(*operations.parameter_operations, operations.operations);
  expect_working<TrainingOperations>(run);
}

TEST_F(Fixture, ADeviceDrawsItsPowerWhileItWaits) {
  Distributed::Inputs step;
  step.workload = full_llama.get();
  step.fleet = &fleet;
  step.batch_size = 2048;
  step.tensor_parallel = 8;
  const auto out = Distributed::solve(step);
  const double hfu = out.node.hfu;
  EXPECT_NEAR(*out.device_power / units::watt, 700 * (0.3 + 0.7 * hfu), 1e-9);
  EXPECT_NEAR(*out.energy / (8192 * *out.device_power * out.step_time), 1, 1e-12);
  EXPECT_GT(*out.energy, out.data_parallel * *out.node.energy);  // the replicas' own work alone
}

TEST(RunTest, CountsOperationsAndTheirTime) {
  TrainingOperations::Inputs run;
  run.parameters = 70e9;
  run.tokens = 1.4e12;
  expect_near(TrainingOperations::solve(run).operations / units::flop, 5.88e23);
  run.activation_recomputation = true;
  expect_near(TrainingOperations::solve(run).operations / units::flop, 7.84e23);
  expect_working<TrainingOperations>(run);
  ComputeTime::Inputs in;
  in.peak_rate = 312e12 * units::flop_per_second;
  in.devices = 1024;
  in.efficiency = 0.45;
  EXPECT_FALSE(ComputeTime::solve(in).time);
  in.operations = 3.14e23 * units::flop;
  expect_near(in_seconds(*ComputeTime::solve(in).time), 2184050.0356125357);
  in.goodput = 0.5;
  expect_near(in_seconds(*ComputeTime::solve(in).time), 2 * 2184050.0356125357);
  expect_working<ComputeTime>(in);
  in.efficiency = 0;
  expect_refused<ComputeTime>(in, "efficiency");
}

TEST(ZeroShardingTest, SharesWhatTheStageSays) {
  ZeroSharding::Inputs in;
  in.weights = in.gradients = 2e9 * units::byte;
  in.optimizer_state = 12e9 * units::byte;
  in.data_parallel = 4;
  const double states[] = {16e9, 7e9, 5.5e9, 4e9};
  for (in.zero_stage = 0; in.zero_stage < 4; ++in.zero_stage) {
    expect_near(ZeroSharding::solve(in).state / units::byte, states[in.zero_stage]);
    expect_working<ZeroSharding>(in);
  }
  in.zero_stage = 3;
  EXPECT_EQ(ZeroSharding::solve(in).traffic_multiple, 1.5);
  expect_near(ZeroSharding::solve(in).traffic / units::byte, 3 * 2e9);
}

struct TopologyTest : ::testing::Test {
  using Topology = equations::Topology;
  TopologyTest() { fabric.link_bandwidth = 50e9 * units::byte_per_second; }
  Row row(Topology topology, double nodes, NetworkTopology::Figures figures = NetworkTopology::Figures::physical) {
    in.fabric = &fabric;
    in.topology = topology;
    in.nodes = nodes;
    in.figures = figures;
    return evaluate<NetworkTopology>(in);
  }
  Fabric fabric{"fabric"};
  NetworkTopology::Inputs in{};
};

TEST_F(TopologyTest, ReproducesTheRulesOfThumb) {
  constexpr auto thumb = NetworkTopology::Figures::rule_of_thumb;
  const auto expect = [&](Topology topology, double effective, double bisection, double fraction_, double hops) {
    expect_outputs(row(topology, 64, thumb), {{"effective_bandwidth", effective},
                                              {"bisection_bandwidth", bisection},
                                              {"bisection_fraction", fraction_},
                                              {"mean_hops", hops}});
  };
  expect(Topology::fat_tree, 50e9, 1600e9, 1, 4);
  expect(Topology::dragonfly, 42.5e9, 1360e9, 0.85, 3);
  expect(Topology::torus_3d, 25e9, 800e9, 0.5, 3);
  expect(Topology::ring, 1562500000.0, 50e9, 0.03125, 16);
  EXPECT_EQ(row(Topology::ring, 1, thumb).status, RowStatus::ok);
}

/// Mean distance over all pairs of a torus, by counting.
double counted_hops(int side, int dimensions) {
  const int n = static_cast<int>(std::lround(std::pow(side, dimensions)));
  double sum = 0;
  for (int node = 1; node < n; ++node)
    for (int rest = node, d = 0; d < dimensions; ++d, rest /= side) sum += std::min(rest % side, side - rest % side);
  return sum / (n - 1);
}

TEST_F(TopologyTest, CountsThePhysicalCutAndPaths) {
  for (const int side : {2, 3, 4, 5, 8}) {
    expect_near(row(Topology::ring, side).out.at("mean_hops"), counted_hops(side, 1), "ring");
    expect_near(row(Topology::torus_3d, side * side * side).out.at("mean_hops"), counted_hops(side, 3), "torus");
  }
  expect_near(row(Topology::torus_3d, 64).out.at("bisection_bandwidth"), 32 * 50e9);
  expect_near(row(Topology::ring, 64).out.at("bisection_bandwidth"), 2 * 50e9);
  expect_near(row(Topology::fat_tree, 16).out.at("mean_hops"), 82.0 / 15);
  in.radix = 8.0;
  expect_near(row(Topology::fat_tree, 16).out.at("mean_hops"), (2 * 3 + 4 * 12) / 15.0);
  in.radix = absent;
  const Row dragonfly = row(Topology::dragonfly, 2 * 16 * 33);
  expect_near(dragonfly.out.at("bisection_fraction"), 33.0 / 64);
  EXPECT_LT(dragonfly.out.at("mean_hops"), 5);
  expect_working<NetworkTopology>(in);
}

TEST_F(TopologyTest, LeavesNeighboursTheirLinks) {
  expect_near(row(Topology::ring, 64).out.at("effective_bandwidth"), 50e9 / 8);
  in.traffic = NetworkTopology::Traffic::ring;
  expect_near(row(Topology::ring, 64).out.at("effective_bandwidth"), 50e9);
  in.traffic = NetworkTopology::Traffic::multi_ring;
  expect_near(row(Topology::torus_3d, 64).out.at("effective_bandwidth"), 300e9);
  in.hop_latency = 1e-6 * units::second;
  fabric.oversubscription = 2;
  const Row oversubscribed = row(Topology::fat_tree, 64);
  expect_near(oversubscribed.out.at("effective_bandwidth"), 25e9);
  expect_near(oversubscribed.out.at("mean_latency"), 1e-6 * oversubscribed.out.at("mean_hops"));
  expect_working<NetworkTopology>(in);
}

TEST_F(TopologyTest, Refuses) {
  EXPECT_NE(row(Topology::ring, 0).message.find("nodes"), std::string::npos);
  EXPECT_NE(row(Topology::ring, 1).message.find("2 or more"), std::string::npos);
  EXPECT_NE(row(Topology::torus_3d, 60).message.find("cube"), std::string::npos);
  in.radix = 4.0;
  EXPECT_NE(row(Topology::fat_tree, 17).message.find("radix"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::training_test
