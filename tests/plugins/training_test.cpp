// distributed: the worked examples with every native term off, each native term by hand, refusals, properties.
#include "training_fixtures.hpp"

#include <random>

#include "workloads/network.hpp"

namespace ironlaw::training_test {
namespace {

struct DistributedTest : Fixture {
  /// The configuration of the published tutorial.
  Distributed::Inputs neutral() {
    Distributed::Inputs in;
    in.workload = llama.get();
    in.fleet = &fleet;
    in.batch_size = 2048;
    in.tensor_parallel = 8;
    in.pipeline_parallel = 4;
    in.microbatches = 16;
    in.zero_stage = 1;
    in.overlap = true;
    set_terms(in, neutral_memory(), neutral_step());
    return in;
  }
  Distributed::Inputs native() {
    Distributed::Inputs in = neutral();
    in.workload = full_llama.get();
    in.batch_size = 4096;
    set_terms(in, {}, {});
    return in;
  }
  Distributed::Inputs neutral_mixture() {
    Distributed::Inputs in = neutral();
    set_fleet(32);
    in.workload = mixture.get();
    in.batch_size = 512;
    in.efficiency = 0.4;
    in.tensor_parallel = in.pipeline_parallel = 2;
    in.expert_parallel = 8;
    in.virtual_stages = 2;
    in.microbatches = 8;
    in.activation_recomputation = true;
    in.overlap = false;
    in.congestion = 1.2;
    in.straggler = 1.1;
    in.routing_imbalance = 1.25;
    return in;
  }
};

TEST_F(DistributedTest, ReproducesTheDenseExample) {
  const Row row = evaluate<Distributed>(neutral());
  EXPECT_EQ(row.status, RowStatus::ok) << row.message;
  expect_outputs(row, {{"node.latency", 0.44100089989888774},
                       {"node.compute_time", 0.4385908998988878},
                       {"node.memory_time", 0.0023708955223880595},
                       {"node.overhead", 0.0024100000000000002},
                       {"node.throughput", 18.140552551784435},
                       {"node.bottleneck", 0},
                       {"node.arithmetic_intensity", 27306.666666666668},
                       {"node.energy", 6402.078702527806},
                       {"node.memory_footprint", 12135387416.750002},
                       {"node.achieved_peak_rate", 494500000000000.0},
                       {"node.effective_bandwidth", 3350000000000.0},
                       {"node.mfu", 0.4972675792718875},
                       {"node.hfu", 0.4972675792718875},
                       {"node.overhead_dominated", 0},
                       {"feasible", 1},
                       {"data_parallel", 256},
                       {"data_parallel_time", 0.178360546875},
                       {"tensor_parallel_time", 0.08407325297777779},
                       {"expert_parallel_time", 0},
                       {"pipeline_transfer_time", 0},
                       {"communication_time", 0.2624337998527778},
                       {"bubble_time", 0.08268766873104144},
                       {"bubble_fraction", 0.15789473684210525},
                       {"optimizer_time", 0},
                       {"step_time", 0.6345159036389569},
                       {"scaling_efficiency", 0.6950194587239529},
                       {"throughput", 3227.6574759666278}});
  EXPECT_TRUE(std::isnan(row.out.at("node.spill")));
  expect_working<Distributed>(neutral());
}

TEST_F(DistributedTest, ReproducesTheMixtureExample) {
  const auto in = neutral_mixture();
  expect_outputs(evaluate<Distributed>(in), {{"node.latency", 1.0694917391304348},
                                             {"node.memory_time", 0.006447388059701493},
                                             {"node.overhead", 0.00097},
                                             {"node.energy", 13888.752834782608},
                                             {"node.memory_footprint", 10856854560.0},
                                             {"node.mfu", 0.2997279081367785},
                                             {"node.hfu", 0.39963721084903797},
                                             {"data_parallel_time", 0.980784},
                                             {"tensor_parallel_time", 0.1833287379626667},
                                             {"expert_parallel_time", 0.05641344575999999},
                                             {"communication_time", 1.2205261837226669},
                                             {"bubble_time", 0.06684323369565218},
                                             {"bubble_fraction", 0.058823529411764705},
                                             {"step_time", 2.592547272203629},
                                             {"scaling_efficiency", 0.4125254534785711},
                                             {"throughput", 197.48916653882534}});
  expect_working<Distributed>(in);
}

TEST_F(DistributedTest, ShowsItsNativeWorking) {
  expect_working<Distributed>(native());
  auto in = neutral_mixture();
  in.workload = full_mixture.get();
  in.batch_size = 2048;
  in.zero_stage = 3;
  in.overlap = true;
  set_terms(in, {}, {});
  expect_working<Distributed>(in);
  in.tensor_parallel = in.pipeline_parallel = in.expert_parallel = in.virtual_stages = 1;
  EXPECT_EQ(evaluate<Distributed>(in).status, RowStatus::ok);
  expect_working<Distributed>(in);
}

TEST_F(DistributedTest, HidesGradientsBehindTheLastBackwardPassOnly) {
  auto in = neutral();
  in.overlap_window = OverlapWindow::backward_pass;
  in.pipeline_parallel = in.microbatches = 1;
  in.batch_size = 8192;
  auto out = Distributed::solve(in);
  const double exchange = in_seconds(out.data_parallel_time);
  const double gradients = 141.2e9 / 8;
  expect_near(in_seconds(out.exposed_data_parallel_time),
              std::max(exchange * 26214400 / gradients, exchange - 0.85 * 2 / 3 * in_seconds(out.node.compute_time)));
  in.gradient_accumulation = 4;
  in.gradient_reduction = GradientReduction::once_a_step;
  out = Distributed::solve(in);
  expect_near(in_seconds(out.exposed_data_parallel_time), exchange - 0.85 / 4 * 2 / 3 * in_seconds(out.node.compute_time));
  in.gradient_bucket = 1e12 * units::byte;
  EXPECT_EQ(Distributed::solve(in).exposed_data_parallel_time, out.data_parallel_time);
  in.overlap = false;
  EXPECT_EQ(Distributed::solve(in).exposed_data_parallel_time, out.data_parallel_time);
}

TEST_F(DistributedTest, GathersWeightsAtZeroStageThree) {
  auto in = neutral();
  in.zero_stage = 3;
  const Time plain = Distributed::solve(in).data_parallel_time;
  in.zero_traffic = true;
  expect_near(Distributed::solve(in).data_parallel_time / plain, 1.5);
  in.gradient_accumulation = 4;
  in.gradient_reduction = GradientReduction::once_a_step;
  expect_near(Distributed::solve(in).data_parallel_time / plain, 0.5 + 4);
  in.zero_stage = 2;
  expect_near(Distributed::solve(in).data_parallel_time / plain, 1);
  in.gradient_reduction = GradientReduction::amortised;
  expect_near(Distributed::solve(in).data_parallel_time / plain, 0.25);
}

TEST_F(DistributedTest, PaysLatenciesForEachMicrobatchAndRecomputedMessages) {
  auto in = neutral();
  const double message = 8.0 * 2048 * 8192 * 2;
  const double bytes = 2 * 7.0 / 8 * message / 450e9;
  in.per_microbatch = true;
  const auto out = Distributed::solve(in);
  expect_near(in_seconds(out.tensor_parallel_time), 4 * 20 * (bytes + 16 * 14 * 5e-7));
  expect_near(in_seconds(out.node.overhead), 1e-5 + 3 * 20 * 16 * 1e-5);
  expect_near(in_seconds(out.node.memory_time), 141.2e9 / 32 * (16 + 0.8) / 3350e9);
  in.activation_recomputation = true;
  in.recomputed_messages = true;
  expect_near(in_seconds(Distributed::solve(in).tensor_parallel_time), 6 * 20 * (bytes + 16 * 14 * 5e-7));
  in.tensor_overlap = 0.25;
  const auto hidden = Distributed::solve(in);
  in.tensor_overlap = 0;
  const auto open = Distributed::solve(in);
  expect_near((open.step_time - hidden.step_time) / open.tensor_parallel_time, 0.25);
}

TEST_F(DistributedTest, SendsMessagesBetweenStages) {
  auto in = neutral();
  in.pipeline_transfers = true;
  in.batch_size = 4096;
  const double one = 5e-6 + 1.0 * 2048 * 8192 * 2 / 8 / 50e9;
  expect_near(in_seconds(Distributed::solve(in).pipeline_transfer_time), 2 * one * (16 + 3));
  in.pipeline_overlap = 1;
  expect_near(in_seconds(Distributed::solve(in).pipeline_transfer_time), 2 * one * 3);
  in.tensor_parallel = 2;
  in.batch_size = 16384;
  const double inside = 5e-7 + 1.0 * 2048 * 8192 * 2 / 2 / 450e9;
  expect_near(in_seconds(Distributed::solve(in).pipeline_transfer_time), 2 * inside * 3);
}

TEST_F(DistributedTest, ExchangesTokensInEveryLayer) {
  auto in = neutral_mixture();
  in.congestion = in.straggler = 1;
  in.pipeline_parallel = in.tensor_parallel = in.virtual_stages = 1;
  in.batch_size = 32 * 8;
  in.activation_recomputation = false;
  in.routing_imbalance = 1.0;
  const double one = 7.0 / 8 * 8 * 2048 * 4096 * 2 * 2 / 50e9 + 7 * 5e-6;
  EXPECT_NEAR(one, 0.0047, 5e-5);
  EXPECT_NEAR(4 * 32 * one, 0.61, 0.005);
  expect_near(in_seconds(Distributed::solve(in).expert_parallel_time), one);
  in.expert_exchanges = ExpertExchanges::every_layer;
  expect_near(in_seconds(Distributed::solve(in).expert_parallel_time), 4 * 32 * one);
  in.split_expert_batch = true;
  expect_near(in_seconds(Distributed::solve(in).expert_parallel_time), 4 * 32 * ((one - 35e-6) / 8 + 35e-6));
  in.split_expert_batch = false;
  in.expert_placement = ExpertPlacement::adjacent;
  expect_near(in_seconds(Distributed::solve(in).expert_parallel_time), 4 * 32 * ((one - 35e-6) / 9 + 35e-7));
  in.tensor_parallel = 4;
  const double payload = 4 * 8.0 * 2048 * 4096 * 2 * 2;
  expect_near(in_seconds(Distributed::solve(in).expert_parallel_time), 4 * 32 * (6.0 / 8 * payload / 50e9 + 35e-6));
}

TEST_F(DistributedTest, ReducesGradientsOfExpertsApart) {
  auto in = neutral_mixture();
  in.congestion = in.straggler = 1;
  in.separate_expert_gradients = true;
  const double routed = 2 * (46.7e9 - 12.9e9) / (1 - 2.0 / 8);
  const double dense = 2 * 46.7e9 - routed;
  // 64 dense ranks, two a node; eight ranks of the experts, each in a node of its own.
  const double dense_time = 2 * (0.5 * dense / 4 / 450e9 + 5e-7) + 2 * (31.0 / 32 * dense / 8 / 50e9 + 31 * 5e-6);
  const double routed_time = 2 * (7.0 / 8 * routed / 32 / 50e9 + 7 * 5e-6);
  expect_near(in_seconds(Distributed::solve(in).data_parallel_time), dense_time + routed_time);
}

TEST_F(DistributedTest, ShardsRoutedExpertsOnly) {
  auto in = neutral_mixture();
  in.expert_sharding = ExpertSharding::experts_only;
  in.zero_stage = 1;
  const double routed = (46.7e9 - 12.9e9) / (1 - 2.0 / 8);
  const double dense = 46.7e9 - routed;
  Rare<double> none;
  const auto load = rank_load(in, make_step(in, Distributed::facts(in), none));
  const auto state = equations::rank_state(load, 46.7e9, routed);
  expect_near(state.weights / units::byte, 2 * (dense / 4 + routed / 32));
  expect_near(state.optimizer / units::byte, 12 * (dense / 4 / 64 + routed / 32 / 8));
}

TEST_F(DistributedTest, PricesTheBubbleByMicrobatches) {
  auto in = neutral();
  in.bubble_base = BubbleBase::microbatch;
  const auto out = Distributed::solve(in);
  expect_near(in_seconds(out.bubble_time), 3.0 / 16 * in_seconds(out.node.compute_time + out.tensor_parallel_time));
  in.schedule = equations::PipelineSchedule::zero_bubble;
  expect_near(Distributed::solve(in).bubble_time / out.bubble_time, 1.0 / 3);
  in.activation_recomputation = true;
  EXPECT_GT(Distributed::solve(in).bubble_time, out.bubble_time / 3.0);
  in.schedule = equations::PipelineSchedule::one_forward_one_backward;
  in.virtual_stages = 4;
  expect_near(Distributed::solve(in).bubble_fraction, 3.0 / (64 + 3));
}

TEST_F(DistributedTest, UpdatesParametersAtMemoryBandwidth) {
  auto in = neutral();
  in.optimizer_traffic = 28.0 * units::byte;
  expect_near(in_seconds(Distributed::solve(in).optimizer_time), 28 * 70.6e9 / 32 / 256 / 3350e9);
  in.zero_stage = 0;
  expect_near(in_seconds(Distributed::solve(in).optimizer_time), 28 * 70.6e9 / 32 / 3350e9);
}

TEST_F(DistributedTest, StretchesByStragglersAndCongestion) {
  auto in = neutral();
  const Time plain = Distributed::solve(in).step_time;
  in.step_variation = 0.02;
  expect_near(Distributed::solve(in).step_time / plain, equations::slowest_over_mean(8192, 0.02));
  EXPECT_NEAR(equations::slowest_over_mean(1024, 1.0), 1 + 3.278, 5e-4);
  in.step_variation = 0;
  in.straggler = 1.5;
  expect_near(Distributed::solve(in).step_time / plain, 1.5);
  in.straggler = 1;
  in.congestion = 2;
  in.congestion_scope = CongestionScope::fabric;
  auto out = Distributed::solve(in);
  expect_near(in_seconds(out.data_parallel_time), 2 * 0.178360546875);
  expect_near(in_seconds(out.tensor_parallel_time), 0.08407325297777779);
  in.congestion = 1;
  fabric.oversubscription = 3;
  in.core_traffic = 0.5;
  out = Distributed::solve(in);
  const double bytes = 2 * 255.0 / 256 * 141.2e9 / 32 / 50e9;
  expect_near(in_seconds(out.data_parallel_time), 0.178360546875 + bytes);
}

TEST_F(DistributedTest, CountsTokensAndAttention) {
  auto in = native();
  const auto out = Distributed::solve(in);
  const double pairs = 2048.0 * 2049 / 2;
  const double operations = 3 * 16 * (141.2e9 * 2048 + 4 * 80 * 64 * 128 * pairs);
  expect_near(in_seconds(out.node.compute_time), operations / (494.5e12 * 32));
  EXPECT_LT(out.mfu, out.node.mfu);
}

TEST_F(DistributedTest, StreamsOnlyWhatSpills) {
  auto in = neutral();
  in.tensor_parallel = in.pipeline_parallel = 1;
  in.batch_size = 8192;
  Row row = evaluate<Distributed>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_EQ(row.out.at("node.effective_bandwidth"), 64e9);
  in.spill_transfer = equations::SpillTransfer::streamed;
  const Row streamed = evaluate<Distributed>(in);
  expect_near(streamed.out.at("node.memory_time"), streamed.out.at("node.spill") / 64e9);
  expect_working<Distributed>(in);
  in.memory_reserve = 0.5;
  expect_near(evaluate<Distributed>(in).out.at("node.memory_capacity"), 85899345920.0 / 2);
}

TEST_F(DistributedTest, RefusesLayoutsThatDoNotComeOutEven) {
  auto in = native();
  in.tensor_parallel = 3;
  expect_refused<Distributed>(in, "must divide the accelerators");
  in = native();
  in.tensor_parallel = 16;
  expect_refused<Distributed>(in, "accelerators of a node");
  in.tensor_across_nodes = true;
  EXPECT_TRUE(has_outputs(evaluate<Distributed>(in).status));
  in = native();
  in.pipeline_parallel = 128;
  expect_refused<Distributed>(in, "must not exceed the layers");
  in = native();
  in.expert_parallel = 2;
  expect_refused<Distributed>(in, "must divide the routed experts");
  in = native();
  in.batch_size = 4097;
  expect_refused<Distributed>(in, "batch_size must be a multiple");
  in.uneven = Uneven::round;
  EXPECT_TRUE(has_outputs(evaluate<Distributed>(in).status));
  in = native();
  in.schedule = equations::PipelineSchedule::zero_bubble;
  in.virtual_stages = 2;
  expect_refused<Distributed>(in, "zero_bubble needs virtual_stages = 1");
}

TEST_F(DistributedTest, RefusesImpossibleNumbersAndMissingFacts) {
  for (const auto& [change, port] : std::vector<std::pair<void (*)(Distributed::Inputs&), const char*>>{
           {[](auto& in) { in.batch_size = 0; }, "batch_size"},
           {[](auto& in) { in.batch_size = 2.5; }, "batch_size"},
           {[](auto& in) { in.congestion = 0.5; }, "congestion"},
           {[](auto& in) { in.straggler = 0.1; }, "straggler"},
           {[](auto& in) { in.microbatches = 0; }, "microbatches"},
           {[](auto& in) { in.zero_stage = 4; }, "zero_stage"},
           {[](auto& in) { in.overlap_efficiency = 1.5; }, "overlap_efficiency"},
           {[](auto& in) { in.routing_imbalance = 0.5; }, "routing_imbalance"},
           {[](auto& in) { in.efficiency = absent_value; }, "efficiency"}}) {
    auto in = neutral();
    change(in);
    expect_refused<Distributed>(in, port);
  }
  auto in = native();
  in.workload = llama.get();
  expect_refused<Distributed>(in, "llama states no activation traffic");
  in = native();
  fleet.fabric = nullptr;
  expect_refused<Distributed>(in, "fleet states no fabric");
  set_fleet(1024);
  const testing::MadeObject<Workload> network(kind_adapter<workloads::Network>,
                                              Fields{{"parameters", 1e9}, {"activation_elements", 1e6}}, "network");
  in.workload = network.get();
  expect_refused<Distributed>(in, "cannot be split");
  in.tensor_parallel = in.pipeline_parallel = 1;
  in.batch_size = 8192 * 16;
  EXPECT_EQ(evaluate<Distributed>(in).status, RowStatus::ok);
}

TEST_F(DistributedTest, KeepsItsPromisesOverRandomLayouts) {
  std::mt19937 random(7);
  const auto power = [&](int most) { return static_cast<double>(1 << std::uniform_int_distribution(0, most)(random)); };
  int answered = 0;
  for (int i = 0; i < 300; ++i) {
    set_fleet(power(7));
    Distributed::Inputs in;
    in.fleet = &fleet;
    in.workload = i % 2 == 0 ? full_llama.get() : full_mixture.get();
    in.tensor_parallel = power(3);
    in.pipeline_parallel = power(3);
    in.expert_parallel = i % 2 == 0 ? 1 : power(3);
    in.microbatches = power(4);
    in.gradient_accumulation = power(1);
    in.zero_stage = std::uniform_int_distribution(0, 3)(random);
    in.overlap = i % 3 == 0;
    in.activation_recomputation = i % 5 == 0;
    in.sequence_length = 512;
    in.batch_size = 8192 * 16;
    const Row row = evaluate<Distributed>(in);
    if (!has_outputs(row.status)) continue;
    ++answered;
    EXPECT_GE(row.out.at("step_time"), row.out.at("node.latency"));
    EXPECT_GT(row.out.at("scaling_efficiency"), 0);
    EXPECT_LE(row.out.at("scaling_efficiency"), 1);
    EXPECT_LE(row.out.at("mfu"), row.out.at("node.mfu"));
    expect_near(row.out.at("throughput") * row.out.at("step_time"), in.batch_size);
    EXPECT_LE(row.out.at("exposed_data_parallel_time"), row.out.at("data_parallel_time"));
    fabric.oversubscription = 2;
    EXPECT_GE(evaluate<Distributed>(in).out.at("step_time"), row.out.at("step_time"));
    fabric.oversubscription = 1;
    in.straggler = 1.1;
    EXPECT_GT(evaluate<Distributed>(in).out.at("step_time"), row.out.at("step_time"));
    in.straggler = 1;
    if (in.zero_stage == 3) continue;
    ++in.zero_stage;
    EXPECT_LE(evaluate<Distributed>(in).out.at("node.memory_footprint"), row.out.at("node.memory_footprint"));
  }
  EXPECT_GT(answered, 150);
}

}  // namespace
}  // namespace ironlaw::training_test
