// training_memory, moe_routing and parallel_layout.
#include <random>

#include "training/moe_routing.hpp"
#include "training/parallel_layout.hpp"
#include "training/training_memory.hpp"
#include "training_fixtures.hpp"

namespace ironlaw::training_test {
namespace {

struct TrainingMemoryTest : Fixture {
  TrainingMemory::Inputs neutral() {
    TrainingMemory::Inputs in;
    in.workload = llama.get();
    in.hardware = device.get();
    in.batch_size = 2048;
    in.tensor_parallel = 8;
    in.pipeline_parallel = 4;
    in.data_parallel = 256;
    in.gradient_accumulation = 4;
    in.zero_stage = 1;
    in.terms = neutral_memory();
    return in;
  }
};

TEST_F(TrainingMemoryTest, ReproducesTheWorkedExample) {
  expect_outputs(evaluate<TrainingMemory>(neutral()), {{"feasible", 1},
                                                       {"memory_footprint", 12135387416.750002},
                                                       {"memory_capacity", 85899345920.0},
                                                       {"memory_utilization", 0.14127450316154866},
                                                       {"weights", 4412500000.000001},
                                                       {"gradients", 4412500000.000001},
                                                       {"optimizer_state", 103417968.75},
                                                       {"activations", 2852126720.0},
                                                       {"communication_buffers", 354842728.0}});
  expect_working<TrainingMemory>(neutral());
}

TEST_F(TrainingMemoryTest, CountsTensorsOfTheLayerAndLogits) {
  auto in = neutral();
  in.terms = {};
  in.terms.count_logits = false;
  in.workload = full_llama.get();
  const double token = 12.0 * 8192 + 4 * 8 * 128 + 6 * 28672 + 4 * 64;
  const auto activations = [&] { return TrainingMemory::solve(in).activations / units::byte; };
  expect_near(activations(), 20 * token * 2048 * 2 / 8);
  EXPECT_NEAR(token / (34 * 8192), 0.986, 0.001);
  in.terms.sequence_parallel = false;
  expect_near(activations(), 20 * (8.0 * 8192 + (token - 8.0 * 8192) / 8) * 2048 * 2);
  in.workload = llama.get();
  expect_near(activations(), 20 * (10 + 24.0 / 8) * 8192 * 2048 * 2);
  in.activations = equations::ActivationStrategy::none;
  expect_near(activations(), 20 * ((10 + 24.0 / 8) * 8192 + 5 * 64 * 2048 / 8.0) * 2048 * 2);
  in.activations = equations::ActivationStrategy::full;
  // The layer that is computed again stands beside the inputs of all.
  expect_near(activations(), 20 * 2.0 * 8192 * 2048 * 2 + (10 + 24.0 / 8) * 8192 * 2048 * 2);
  in.terms = {};
  in.workload = full_llama.get();
  const double again = token * 2048 * 2 / 8;
  const double last = 20 * 2.0 * 8192 * 2048 * 2 / 8 + again + 4 * 2048 * 2 * (8192 + 128256.0) / 8;
  expect_near(activations(), last);
  in.microbatches = 2;
  in.batch_size = 4096;
  expect_near(activations(), std::max(2 * 20 * 2.0 * 8192 * 2048 * 2 / 8 + again, last));
}

TEST_F(TrainingMemoryTest, HoldsMicrobatchesInFlight) {
  auto in = neutral();
  const auto activations = [&] { return TrainingMemory::solve(in).activations / units::byte; };
  const double one = activations();
  in.microbatches = 16;
  in.batch_size = 2048 * 16;
  expect_near(activations(), 4 * one);
  in.virtual_stages = 2;
  expect_near(activations(), 4 * one * (1 + 3.0 / 8));
}

TEST_F(TrainingMemoryTest, FollowsOptimizerGradientsAndExperts) {
  auto in = neutral();
  in.optimizer = TrainingMemory::Optimizer::sgd;
  expect_near(TrainingMemory::solve(in).optimizer_state / units::byte, 103417968.75 / 3);
  in.terms.master_weights = equations::MasterWeights::never;
  EXPECT_EQ(TrainingMemory::solve(in).optimizer_state, Information{});
  in.optimizer = TrainingMemory::Optimizer::muon;
  expect_near(TrainingMemory::solve(in).optimizer_state / units::byte, 103417968.75 / 3);
  in.optimizer_offload = 0.75;
  expect_near(TrainingMemory::solve(in).optimizer_state / units::byte, 103417968.75 / 12);
  in.optimizer = TrainingMemory::Optimizer::none;
  EXPECT_EQ(TrainingMemory::solve(in).optimizer_state, Information{});
  in.gradient_precision = Precision::fp32;
  expect_near(TrainingMemory::solve(in).gradients / units::byte, 2 * 4412500000.0);
  in.workload = mixture.get();
  in.expert_parallel = 8;
  const double together = TrainingMemory::solve(in).weights / units::byte;
  in.terms.expert_sharding = ExpertSharding::experts_only;
  const double apart = TrainingMemory::solve(in).weights / units::byte;
  EXPECT_LT(together, apart);
  in.expert_parallel = 1;
  expect_near(TrainingMemory::solve(in).weights / units::byte, 8 * together);
  expect_working<TrainingMemory>(in);
  in.expert_parallel = 3;
  expect_refused<TrainingMemory>(in, "expert_parallel must divide");
  in.uneven = Uneven::round;
  EXPECT_EQ(evaluate<TrainingMemory>(in).status, RowStatus::ok);
  in.uneven = Uneven::refuse;
  in.expert_parallel = 1;
  in.tensor_parallel = 5;
  expect_refused<TrainingMemory>(in, "allowed: a divisor of the");
  in.uneven = Uneven::replicate;
  const double replicated = TrainingMemory::solve(in).weights / units::byte;
  in.uneven = Uneven::round;
  EXPECT_GT(replicated, TrainingMemory::solve(in).weights / units::byte);
  in.zero_stage = 9;
  expect_refused<TrainingMemory>(in, "zero_stage");
}

TEST_F(TrainingMemoryTest, SaysWhenItDoesNotFit) {
  auto in = neutral();
  in.tensor_parallel = in.pipeline_parallel = 1;
  const Row row = evaluate<TrainingMemory>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_GT(row.out.at("memory_utilization"), 1);
}

struct MoeRoutingTest : Fixture {
  MoeRouting::Inputs neutral() {
    set_fleet(32);
    MoeRouting::Inputs in;
    in.workload = mixture.get();
    in.fleet = &fleet;
    in.batch_size = 8;
    in.expert_parallel = 8;
    in.routing_imbalance = 1.25;
    in.imbalance_effect = MoeRouting::ImbalanceEffect::more_experts;
    in.expert_placement = ExpertPlacement::apart;
    return in;
  }
};

TEST_F(MoeRoutingTest, ReproducesTheWorkedExample) {
  const auto in = neutral();
  expect_outputs(evaluate<MoeRouting>(in), {{"effective_active_experts", 2.5},
                                            {"effective_active_parameters", 16125000000.0},
                                            {"active_parameter_multiplier", 1.25},
                                            {"token_dispatch", 293601280.0},
                                            {"all_to_all_time", 0.0059070256}});
  expect_working<MoeRouting>(in);
}

TEST_F(MoeRoutingTest, WaitsForTheBusiestRank) {
  auto in = neutral();
  in.imbalance_effect = MoeRouting::ImbalanceEffect::critical_rank;
  const double balanced = 7.0 / 8 * 8 * 2048 * 4096 * 2 * 2 / 50e9 + 35e-6;
  auto out = MoeRouting::solve(in);
  expect_near(in_seconds(*out.all_to_all_time), 1.25 * balanced);
  expect_near(out.effective_active_parameters, 12.9e9);
  EXPECT_EQ(out.exchanges, 4 * 32);
  in.activation_recomputation = true;
  EXPECT_EQ(MoeRouting::solve(in).exchanges, 6 * 32);
  in.training = false;
  EXPECT_EQ(MoeRouting::solve(in).exchanges, 2 * 32);
  in.capacity_factor = 1.1;
  expect_near(MoeRouting::solve(in).routing_imbalance, 1.1);
  in.expert_placement = ExpertPlacement::adjacent;
  expect_near(in_seconds(*MoeRouting::solve(in).all_to_all_time), 1.1 * ((balanced - 35e-6) / 9 + 35e-7));
  expect_working<MoeRouting>(in);
  in.fleet = nullptr;
  EXPECT_FALSE(MoeRouting::solve(in).all_to_all_time);
  expect_working<MoeRouting>(in);
}

TEST_F(MoeRoutingTest, EstimatesUniformRoutingAsSimulated) {
  // Mean of the busiest of eight bins over 200 draws of 4096 tokens, two bins each.
  std::mt19937 random(3);
  double busiest = 0;
  for (int run = 0; run < 200; ++run) {
    std::array<int, 8> loads{};
    for (int token = 0; token < 4096; ++token) {
      const auto first = std::uniform_int_distribution(0, 7)(random);
      const auto second = std::uniform_int_distribution(0, 6)(random);
      ++loads[static_cast<std::size_t>(first)];
      ++loads[static_cast<std::size_t>(second < first ? second : second + 1)];
    }
    busiest += *std::max_element(loads.begin(), loads.end()) / 1024.0 / 200;
  }
  EXPECT_NEAR(equations::routing_imbalance(4096.0, 8, 2), busiest, 0.05);
  EXPECT_EQ(equations::routing_imbalance(1.0, 8, 2), 4);
}

TEST_F(MoeRoutingTest, Refuses) {
  auto in = neutral();
  in.expert_parallel = 3;
  expect_refused<MoeRouting>(in, "must divide the routed experts");
  in = neutral();
  in.routing_imbalance = 0.9;
  expect_refused<MoeRouting>(in, "routing_imbalance");
  in = neutral();
  in.workload = llama.get();
  expect_refused<MoeRouting>(in, "no routed experts");
  in = neutral();
  fleet.nodes = 1;
  node.accelerators = 4;
  expect_refused<MoeRouting>(in, "accelerators of the fleet");
  fleet.nodes = 2;
  fleet.fabric = nullptr;
  expect_refused<MoeRouting>(in, "fleet states no fabric");
}

struct ParallelLayoutTest : Fixture {
  ParallelLayout::Inputs inputs() {
    set_fleet(32);
    ParallelLayout::Inputs in;
    in.workload = full_llama.get();
    in.fleet = &fleet;
    in.batch_size = 1024;
    in.tensor_parallel = 8;
    in.pipeline_parallel = 8;
    return in;
  }
};

TEST_F(ParallelLayoutTest, IsTheStepWithASampleAMicrobatch) {
  const auto in = inputs();
  const Row row = evaluate<ParallelLayout>(in);
  ASSERT_TRUE(has_outputs(row.status)) << row.message;
  EXPECT_EQ(row.out.at("data_parallel"), 4);
  EXPECT_EQ(row.out.at("microbatches"), 256);
  auto step = static_cast<StepInputs>(in);
  step.microbatches = 256;
  const Row same = evaluate<Distributed>(step);
  for (const char* port : {"step_time", "throughput", "mfu", "scaling_efficiency", "bubble_time"})
    EXPECT_EQ(row.out.at(port), same.out.at(port)) << port;
  EXPECT_EQ(row.out.at("scaled_efficiency"), 0.5 * row.out.at("scaling_efficiency"));
  expect_working<ParallelLayout>(in);
}

TEST_F(ParallelLayoutTest, LeavesRoomForMoreThanState) {
  auto in = inputs();
  in.state_share = 0.2;
  const Row row = evaluate<ParallelLayout>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  expect_near(row.out.at("training_state"), 16 * 70.6e9 / 64);
  expect_near(row.out.at("training_state_limit"), 0.2 * 85899345920.0);
  expect_working<ParallelLayout>(in);
  in.state_share = 0.9;
  EXPECT_EQ(evaluate<ParallelLayout>(in).status, RowStatus::ok);
}

TEST_F(ParallelLayoutTest, RefusesLayoutsThatDoNotComeOutEven) {
  auto in = inputs();
  in.tensor_parallel = 3;
  expect_refused<ParallelLayout>(in, "must divide the accelerators");
  in = inputs();
  in.batch_size = 1022;
  expect_refused<ParallelLayout>(in, "batch_size must be a multiple");
  in = inputs();
  in.expert_parallel = 2;
  expect_refused<ParallelLayout>(in, "must divide the routed experts");
}

}  // namespace
}  // namespace ironlaw::training_test
