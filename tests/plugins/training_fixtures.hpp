#pragma once
// Llama-3 70B and a mixture of experts on nodes of eight H100, made of the real kinds, and the neutral settings of a step.
#include "hardware/accelerator.hpp"
#include "made_object.hpp"
#include "roofline_fixtures.hpp"
#include "training/distributed.hpp"
#include "workloads/sparse_transformer.hpp"

namespace ironlaw::training_test {

using namespace ironlaw::training;
using roofline_test::evaluate;
using roofline_test::expect_working;
using roofline_test::Row;
using testing::Fields;
using testing::with;

inline const Fields h100_fields{{"peak_rate.fp16", 989e12},
                                {"memory_capacity", 85899345920.0},
                                {"memory_bandwidth", 3350e9},
                                {"host_link", 64e9},
                                {"tdp", 700.0},
                                {"dispatch_overhead", 1e-5},
                                {"device_link_latency", 5e-7}};
inline const Fields llama_fields{{"parameters", 70.6e9}, {"layers", 80.0},  {"hidden_size", 8192.0},
                                 {"heads", 64.0},        {"kv_heads", 8.0}, {"operations", 141.2e9}};
inline const Fields mixture_fields{
    {"parameters", 46.7e9}, {"active_parameters", 12.9e9}, {"layers", 32.0}, {"hidden_size", 4096.0}, {"heads", 32.0},
    {"kv_heads", 8.0},      {"operations", 25.8e9},        {"experts", 8.0}, {"active_experts", 2.0}};

struct Fixture : ::testing::Test {
  Fixture() { set_fleet(1024); }
  void set_fleet(double nodes) {
    node.accelerator = device.get();
    node.accelerators = 8;
    node.link_bandwidth = 450e9 * units::byte_per_second;
    fabric.link_bandwidth = 50e9 * units::byte_per_second;
    fabric.latency = 5e-6 * units::second;
    fleet.node = &node;
    fleet.fabric = &fabric;
    fleet.nodes = nodes;
  }
  testing::MadeObject<Hardware> device{kind_adapter<hardware::Accelerator>, h100_fields, "H100"};
  /// As the comparison data have them: nothing known of the feed-forward width.
  testing::MadeObject<Workload> llama{kind_adapter<workloads::Transformer>, llama_fields, "llama"};
  testing::MadeObject<Workload> mixture{kind_adapter<workloads::SparseTransformer>,
                                        with(mixture_fields, {{"expert_reads", "all"}}), "mixture"};
  /// With everything that native terms ask for.
  testing::MadeObject<Workload> full_llama{kind_adapter<workloads::Transformer>,
                                           with(llama_fields, {{"ffn_size", 28672.0}, {"vocabulary_size", 128256.0}}), "llama"};
  testing::MadeObject<Workload> full_mixture{kind_adapter<workloads::SparseTransformer>,
                                             with(mixture_fields, {{"ffn_size", 14336.0}}), "mixture"};
  Node node{"node"};
  Fabric fabric{"fabric"};
  Fleet fleet{"fleet"};
};

/// Every native term of memory off.
inline MemoryTerms neutral_memory() {
  MemoryTerms terms;
  terms.activation_accounting = equations::ActivationAccounting::published;
  terms.count_logits = false;
  terms.expert_sharding = ExpertSharding::everything;
  return terms;
}
struct StepTerms : StepChoices, StepNumbersOf<double> {};
/// Every native term of a step off.
inline StepTerms neutral_step() {
  StepTerms t;
  t.uneven = Uneven::round;
  t.tensor_across_nodes = true;
  t.sequence_models = SequenceModels::transformers;
  t.count_context_operations = false;
  t.activation_weight_fraction = 0.1;
  t.per_microbatch = false;
  t.split_expert_batch = false;
  t.held_microbatches = HeldMicrobatches::pipeline_depth;
  t.spill_transfer = equations::SpillTransfer::host_link;
  t.default_hidden_size = 4096.0;
  t.hierarchical_latency = 5e-7 * units::second;
  t.congestion_scope = CongestionScope::everything;
  t.lora_gradient_share = 0.01;
  t.zero_traffic = false;
  t.separate_expert_gradients = false;
  t.gradient_reduction = GradientReduction::amortised;
  t.overlap_window = OverlapWindow::unlimited;
  t.recomputed_messages = false;
  t.pipeline_transfers = false;
  t.expert_exchanges = ExpertExchanges::one;
  t.expert_placement = ExpertPlacement::apart;
  t.routing_imbalance = 1.0;
  t.bubble_base = BubbleBase::whole_step;
  t.optimizer_traffic = Information{};
  return t;
}

/// Sets all terms of a step.
inline void set_terms(StepInputs& in, const MemoryTerms& memory, const StepTerms& step) {
  static_cast<MemoryChoices&>(in) = memory;
  static_cast<MemoryNumbersOf<double>&>(in) = memory;
  static_cast<StepChoices&>(in) = step;
  static_cast<StepNumbersOf<double>&>(in) = step;
}

inline double in_seconds(Time time) { return in(time, units::second); }
inline void expect_near(double actual, double expected, std::string_view what = {}) {
  EXPECT_LE(std::abs(actual - expected), 1e-9 * std::abs(expected)) << what << ": " << actual << " against " << expected;
}
inline void expect_outputs(const Row& row, const std::map<std::string, double>& expected) {
  for (const auto& [name, value] : expected) expect_near(row.out.at(name), value, name);
}
template <class S>
void expect_refused(const typename S::Inputs& in, std::string_view words) {
  const Row row = evaluate<S>(in);
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find(words), std::string::npos) << row.message;
}

}  // namespace ironlaw::training_test
