#pragma once
// What a training step is asked with, and what the question comes down to: a model, a layout, a recipe and rates.
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/band.hpp>

#include <cmath>

#include "demanded_model.hpp"
#include "listed_model.hpp"
#include "step_band.hpp"
#include "trainer.hpp"

namespace ironlaw::estimates {

/// Batches that do not come out even: refuse, or take the mean of the ranks.
enum class UnevenBatch { refuse, mean };

/// What a question says by objects and choices: what facts follow from.
struct TrainingStepGiven {
  const Workload* workload = nullptr;
  const Fleet* fleet = nullptr;
  const SoftwareStack* trainer = nullptr;
  Precision precision = Precision::bf16;
  Maybe<AttentionKernel> attention_kernel = absent;
};

struct TrainingStepInputs : TrainingStepGiven {
  double batch_size = required;
  int sequence_length = 2048;
  Maybe<double> micro_batch = absent;
  Maybe<double> microbatches = absent;
  double tensor_parallel = 1;
  double pipeline_parallel = 1;
  double virtual_stages = 1;
  double context_parallel = 1;
  double expert_parallel = 1;
  Maybe<int> zero_stage = absent;
  Maybe<double> shard_ranks = absent;
  equations::PipelineSchedule schedule = equations::PipelineSchedule::one_forward_one_backward;
  Maybe<bool> sequence_parallel = absent;
  Maybe<Recomputation> recomputation = absent;
  RecomputedModules recompute{};
  Maybe<GraphCapture> graph_capture = absent;
  Maybe<Dispatcher> dispatcher = absent;
  bool expert_overlap = false;
  double expert_imbalance = 1;
  bool lora = false;
  Maybe<bool> eager = absent;
  Maybe<Precision> gradient_precision = absent;
  Maybe<double> tensor_overlap = absent;
  Maybe<double> data_overlap = absent;
  Maybe<double> pipeline_overlap = absent;
  int torus_dimensions = 1;
  Maybe<Power> power_limit = absent;
  StepShares shares{};
  Maybe<double> time_factor = absent;
  Maybe<double> band_quantile = absent;
  UnevenBatch uneven = UnevenBatch::refuse;
};

inline constexpr auto recompute_ports = ports(
    port<&RecomputedModules::core_attention>("recompute scores and weighted values")
        .refinement()
        .named("recompute_core_attention"),
    port<&RecomputedModules::latent_projections>("recompute the up-projections of latent attention")
        .refinement()
        .named("recompute_latent_projections"),
    port<&RecomputedModules::feed_forward>("recompute dense feed-forward blocks").refinement().named("recompute_feed_forward"),
    port<&RecomputedModules::experts>("recompute blocks of routed experts, without their exchange").named("recompute_experts"),
    port<&RecomputedModules::expert_activation>("recompute the activation of experts")
        .refinement()
        .named("recompute_expert_activation"),
    port<&RecomputedModules::shared_experts>("recompute the products of shared experts")
        .refinement()
        .named("recompute_shared_experts"),
    port<&RecomputedModules::elementwise>("recompute half of the passes over activations")
        .refinement()
        .named("recompute_elementwise"));

inline constexpr auto training_step_ports = ports(
    port<&TrainingStepInputs::workload>("model to train"), port<&TrainingStepInputs::fleet>("devices to train it on"),
    port<&TrainingStepInputs::trainer>("training framework; absent: constants that hold over several").optional(),
    port<&TrainingStepInputs::batch_size>("samples of one optimizer step, over the whole fleet", positive),
    port<&TrainingStepInputs::sequence_length>("tokens of a sample", at_least_one),
    port<&TrainingStepInputs::micro_batch>("samples of a microbatch; absent: 1, or by microbatches", positive),
    port<&TrainingStepInputs::microbatches>("microbatches of a replica in a step; absent: by micro_batch", at_least_one).whole(),
    port<&TrainingStepInputs::precision>("number format of the layers' products; head, router and attention are in 16 bits"),
    port<&TrainingStepInputs::tensor_parallel>("ranks that share each layer", at_least_one).whole(),
    port<&TrainingStepInputs::pipeline_parallel>("stages that the layers are cut into", at_least_one).whole(),
    port<&TrainingStepInputs::virtual_stages>("pieces of the model on each stage (interleaving)", at_least_one).whole(),
    port<&TrainingStepInputs::context_parallel>("ranks that share each sequence", at_least_one).whole(),
    port<&TrainingStepInputs::expert_parallel>("ranks, out of the replicas', that share the routed experts", at_least_one)
        .whole(),
    port<&TrainingStepInputs::zero_stage>("sharding of training state: 1 optimizer, 2 and gradients, 3 and weights (FSDP)",
                                          between(0, 3)),
    port<&TrainingStepInputs::shard_ranks>("ranks that stage 3 shards over (hybrid sharding); absent: all replicas", at_least_one)
        .refinement()
        .whole(),
    port<&TrainingStepInputs::schedule>("order of a pipeline's passes; zero_bubble is ZB-H1"),
    port<&TrainingStepInputs::sequence_parallel>("tensor-parallel ranks also share the tokens between their blocks").refinement(),
    port<&TrainingStepInputs::attention_kernel>("fused, first_fused (kernels of 2023), or unfused (before FlashAttention)")
        .refinement(),
    port<&TrainingStepInputs::recomputation>("what the backward pass computes again: none, selective (unfused attention), "
                                             "alternate_products (every other product), full"),
    merge<&TrainingStepInputs::recompute>(recompute_ports),
    port<&TrainingStepInputs::graph_capture>("what CUDA graphs capture of layers with routed experts").refinement(),
    port<&TrainingStepInputs::dispatcher>("copies of a token for experts: one a device (deduplicated), or one an expert")
        .refinement(),
    port<&TrainingStepInputs::expert_overlap>("exchanges of one microbatch run beside products of another").refinement(),
    port<&TrainingStepInputs::expert_imbalance>("tokens of the busiest rank's experts over the mean", at_least_one).refinement(),
    port<&TrainingStepInputs::lora>("train low-rank adapters on attention's projections only"),
    port<&TrainingStepInputs::eager>("kernels are not compiled together").refinement(),
    port<&TrainingStepInputs::gradient_precision>("number format that gradients are reduced in").refinement(),
    port<&TrainingStepInputs::tensor_overlap>("share of tensor-parallel exchanges that is hidden", fraction).refinement(),
    port<&TrainingStepInputs::data_overlap>("share of a pass that exchanges of gradients and weights hide behind", fraction)
        .refinement(),
    port<&TrainingStepInputs::pipeline_overlap>("share of transfers between stages that is hidden", fraction).refinement(),
    port<&TrainingStepInputs::torus_dimensions>("axes of the torus that a node's devices lie on; 1: a switch", between(1, 3))
        .refinement(),
    port<&TrainingStepInputs::power_limit>("power that a device is limited to; absent: its design power", positive).display("W"),
    merge<&TrainingStepInputs::shares>(step_share_ports),
    port<&TrainingStepInputs::time_factor>("of the whole step, over what the law says; left out: the trainer's, else 1", positive)
        .refinement(),
    band_port<&TrainingStepInputs::band_quantile>(),
    port<&TrainingStepInputs::uneven>("batches that are no multiple of replicas times microbatch: refuse, or the ranks' mean")
        .refinement());

inline double replica_ranks(const TrainingStepInputs& in) {
  return in.tensor_parallel * in.pipeline_parallel * in.context_parallel;
}
inline double replicas(const TrainingStepInputs& in) { return in.fleet->accelerators() / replica_ranks(in); }
inline double microbatches(const TrainingStepInputs& in) {
  return in.microbatches ? *in.microbatches : in.batch_size / (replicas(in) * in.micro_batch.value_or(1));
}
/// Samples of a microbatch.
inline double micro_batch(const TrainingStepInputs& in) {
  return in.microbatches ? in.batch_size / (replicas(in) * *in.microbatches) : in.micro_batch.value_or(1);
}
inline bool is_whole(double x) { return x >= 1 - 1e-9 && std::abs(x - std::round(x)) < 1e-9; }

inline constexpr auto training_step_rules = ironlaw::rules(
    rule("tensor_parallel * pipeline_parallel * context_parallel must divide the accelerators of the fleet",
         [](const TrainingStepInputs& in) { return std::fmod(in.fleet->accelerators(), replica_ranks(in)) == 0; }),
    rule("expert_parallel must not exceed accelerators / pipeline_parallel",
         [](const TrainingStepInputs& in) { return in.expert_parallel <= in.fleet->accelerators() / in.pipeline_parallel; }),
    rule("micro_batch and microbatches say the same; allowed: one of them",
         [](const TrainingStepInputs& in) { return !in.micro_batch || !in.microbatches; }),
    rule("batch_size must be a multiple of replicas * micro_batch, or of replicas * microbatches; allowed: one, or uneven = mean",
         [](const TrainingStepInputs& in) {
           if (in.uneven == UnevenBatch::mean) return microbatches(in) > 1 - 1e-9;
           return is_whole(microbatches(in)) && (!in.microbatches || is_whole(micro_batch(in)));
         }),
    rule("schedule = zero_bubble needs virtual_stages = 1", [](const TrainingStepInputs& in) {
      return in.schedule != equations::PipelineSchedule::zero_bubble || in.virtual_stages == 1;
    }));

/// What objects and choices say, asked once for the rows that share them.
struct TrainingStepFacts {
  TrainedModel model;
  double layers = 0;
  double experts = 0;
  TrainerFacts trainer;
  StepRecords records;
  StepBands bands;
  StepBand own_band;  ///< of the trainer's own rows, before those of regimes
  bool recurrent = false;
  FlopRate peak;
  FlopRate wide_peak;
  Memory memory;
  const TransformerShape* shape = nullptr;  ///< null: the memory of a rank is not counted
  const Experts* routed = nullptr;
  double parameters = 0;
  Maybe<Power> tdp;
  double domain = 1;
};

inline TrainingStepFacts training_step_facts(const TrainingStepGiven& in) {
  TrainingStepFacts f;
  f.model = in.workload->facet<Operators>() != nullptr ? ListedModel::of(*in.workload) : demanded_model(*in.workload);
  for (int i = 0; i < f.model.layer_count; ++i) {
    const TrainedLayer& l = f.model.layers[static_cast<std::size_t>(i)];
    if (!l.prediction) f.layers += l.count;
    for (int k = 0; k < l.block_count; ++k) {
      const Block& b = l.blocks[static_cast<std::size_t>(k)];
      f.experts = std::max(f.experts, b.experts);
      f.recurrent |= b.kind == BlockKind::recurrent;
    }
  }
  if (in.trainer != nullptr) {
    const auto* stated = in.trainer->facet<TrainerFacts>();
    if (stated == nullptr) throw Unsupported(in.trainer->name(), "it is no trainer; allowed: a software stack of kind trainer");
    f.trainer = *stated;
  }
  const Hardware& device = *in.fleet->node->accelerator;
  const RateSearch search(device, nullptr, in.trainer != nullptr ? in.trainer->engine : nullptr, step_laws);
  f.records = step_records(search, in.precision, in.attention_kernel.value_or(f.trainer.attention_kernel));
  f.bands = step_bands(search);
  f.own_band = {f.trainer.band_low, f.trainer.band_high, {}};
  f.peak = device.peak_rate(in.precision);
  f.wide_peak = bytes_per_element(in.precision) == 2 ? f.peak : device.peak_rate(Precision::bf16);
  f.memory = device.memory();
  f.shape = in.workload->facet<TransformerShape>();
  f.routed = in.workload->facet<Experts>();
  f.parameters = in.workload->parameters().value_or(0);
  f.tdp = device.tdp();
  const auto* platform = device.facet<KernelPlatform>();
  f.domain = in.fleet->node->accelerators;
  if (platform != nullptr && platform->link_domain) f.domain = std::max(f.domain, *platform->link_domain);
  return f;
}

/// A question as the equations take it.
struct StepQuestion {
  StepLayout layout;
  StepRecipe recipe;
  StepRates rates;
};

inline StepLayout step_layout(const TrainingStepInputs& in, const TrainingStepFacts& f) {
  StepLayout l;
  l.tensor = in.tensor_parallel;
  l.pipeline = in.pipeline_parallel;
  l.virtual_stages = in.virtual_stages;
  l.context = in.context_parallel;
  l.expert = in.expert_parallel;
  l.data = replicas(in);
  l.zero_stage = in.zero_stage.value_or(f.trainer.zero_stage);
  l.shard_ranks = in.shard_ranks.value_or(l.data * l.context * l.tensor);
  l.microbatch = micro_batch(in);
  l.microbatches = std::max(1.0, microbatches(in));
  l.sequence = in.sequence_length;
  l.slices = in.torus_dimensions > 1 ? in.fleet->nodes : 1;
  l.sequence_parallel = in.tensor_parallel > 1 && in.sequence_parallel.value_or(f.trainer.sequence_parallel);
  l.schedule = in.schedule;
  return l;
}

inline StepRecipe step_recipe(const TrainingStepInputs& in, const TrainingStepFacts& f) {
  StepRecipe r;
  r.attention = in.attention_kernel.value_or(f.trainer.attention_kernel);
  r.recomputation = in.recomputation.value_or(f.trainer.recomputation);
  r.recomputed = in.recompute;
  r.graphs = in.graph_capture.value_or(f.trainer.graph_capture);
  r.dispatcher = in.dispatcher.value_or(f.trainer.dispatcher);
  r.expert_overlap = in.expert_overlap;
  r.eager = in.eager.value_or(f.trainer.eager);
  r.lora = in.lora;
  r.expert_imbalance = in.expert_imbalance;
  if (in.power_limit && f.tdp && *in.power_limit < *f.tdp)
    r.power_share = std::pow(static_cast<double>(*in.power_limit / *f.tdp), f.trainer.power_exponent);
  return r;
}

inline StepRates step_rates(const TrainingStepInputs& in, const TrainingStepFacts& f) {
  const StepRecords& c = f.records;
  const StepShares& own = in.shares;
  StepRates r;
  r.peak = f.peak;
  r.wide_peak = f.wide_peak;
  r.operand_bytes = operand_bytes(in.precision);
  r.share = own.product_share.value_or(f.trainer.product_share.value_or(c.product.value));
  r.wide_share = own.wide_product_share.value_or(f.trainer.wide_product_share.value_or(c.wide_product.value));
  r.attention = own.attention_share.value_or(f.trainer.attention_share.value_or(c.attention.value));
  r.memory = own.memory_share.value_or(f.trainer.memory_share.value_or(c.memory.value)) * f.memory.bandwidth;
  const Bandwidth link = in.fleet->node->link_bandwidth;
  const Bandwidth network =
      in.fleet->fabric != nullptr ? in.fleet->fabric->link_bandwidth / in.fleet->fabric->oversubscription : link;
  r.inner = own.link_share.value_or(f.trainer.link_share.value_or(c.link.value)) * link;
  r.outer = own.network_share.value_or(f.trainer.network_share.value_or(c.network.value)) * network;
  r.expert_inner = own.link_share.value_or(f.trainer.link_share.value_or(c.expert_link.value)) * link;
  r.expert_outer = own.network_share.value_or(c.expert_network.value) * network;
  r.domain = f.domain;
  r.axes = in.torus_dimensions;
  r.latency = own.collective_latency.value_or(f.trainer.collective_latency.value_or(Time::from_value(c.latency.value)));
  r.trainer = f.trainer;
  TrainerConstants& t = r.trainer;
  t.tensor_overlap = in.tensor_overlap.value_or(t.tensor_overlap);
  t.data_overlap = in.data_overlap.value_or(t.data_overlap);
  t.pipeline_overlap = in.pipeline_overlap.value_or(t.pipeline_overlap);
  t.time_factor = in.time_factor.value_or(t.time_factor);
  if (in.gradient_precision) t.gradient_bytes = bytes_per_element(*in.gradient_precision);
  return r;
}

inline StepRegime step_regime(const TrainingStepInputs& in, const TrainingStepFacts& f, int zero_stage) {
  if (!f.model.listed) return StepRegime::none;
  if (in.lora) return StepRegime::adapters;
  if (in.torus_dimensions > 1) return StepRegime::torus;
  if (f.experts > 0) return f.recurrent ? StepRegime::experts_hybrid : StepRegime::experts;
  if (f.recurrent) return StepRegime::none;
  if (zero_stage == 3) return StepRegime::sharded;
  return bytes_per_element(in.precision) >= 2 ? StepRegime::pipelined_16_bit : StepRegime::pipelined_8_bit;
}

/// Throws DomainError where the layout does not suit the model.
inline StepQuestion question_of(const TrainingStepInputs& in, const TrainingStepFacts& f) {
  if (in.pipeline_parallel > f.layers)
    throw DomainError("pipeline_parallel",
                      "exceeds the layers of the model; allowed: up to " + std::to_string(static_cast<int>(f.layers)));
  if (in.expert_parallel > 1 && in.expert_parallel > f.experts)
    throw DomainError("expert_parallel", f.experts == 0 ? "the model has no routed experts; allowed: 1"
                                                        : "exceeds the routed experts; allowed: up to " +
                                                              std::to_string(static_cast<int>(f.experts)));
  return {step_layout(in, f), step_recipe(in, f), step_rates(in, f)};
}

}  // namespace ironlaw::estimates
