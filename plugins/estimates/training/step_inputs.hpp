#pragma once
// What a training step is asked with, and what the question comes down to: a model, a layout, a recipe and rates.
#include <ironlaw/equations/training_memory.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/band.hpp>

#include <cmath>

#include "../record_range.hpp"
#include "demanded_model.hpp"
#include "listed_model.hpp"
#include "step_band.hpp"
#include "trainer.hpp"

namespace ironlaw::estimates {

/// Batches that do not come out even: refuse, or take the mean of the ranks.
enum class UnevenBatch { refuse, mean };

/// What a question says of the objects that it is about: what facts follow from.
struct TrainingStepAsked {
  const Workload* workload = nullptr;
  const Fleet* fleet = nullptr;
  const SoftwareStack* trainer = nullptr;
  Precision precision = Precision::bf16;
  Maybe<AttentionKernel> attention_kernel = absent;
};
/// What rows that are answered together share: the other choices too.
struct TrainingStepGiven : TrainingStepAsked {
  Maybe<int> zero_stage = absent;
  equations::PipelineSchedule schedule = equations::PipelineSchedule::one_forward_one_backward;
  Maybe<bool> sequence_parallel = absent;
  Maybe<Recomputation> recomputation = absent;
  RecomputedModules recompute{};
  Maybe<GraphCapture> graph_capture = absent;
  Maybe<Dispatcher> dispatcher = absent;
  bool expert_overlap = false;
  Maybe<bool> lora = absent;
  Maybe<bool> eager = absent;
  Maybe<Precision> gradient_precision = absent;
  int torus_dimensions = 1;
  UnevenBatch uneven = UnevenBatch::refuse;
};

template <class N>
struct TrainingStepInputsOf : TrainingStepGiven {
  N batch_size = required;
  Of<N, int> sequence_length = 2048;
  Of<N, Maybe<double>> micro_batch = absent;
  Of<N, Maybe<double>> microbatches = absent;
  N tensor_parallel = 1.0;
  N pipeline_parallel = 1.0;
  N virtual_stages = 1.0;
  N context_parallel = 1.0;
  N expert_parallel = 1.0;
  Of<N, Maybe<double>> shard_ranks = absent;
  N expert_imbalance = 1.0;
  Of<N, Maybe<double>> tensor_overlap = absent;
  Of<N, Maybe<double>> data_overlap = absent;
  Of<N, Maybe<double>> pipeline_overlap = absent;
  Of<N, Maybe<Power>> power_limit = absent;
  StepSharesOf<N> shares{};
  Of<N, Maybe<double>> time_factor = absent;
  Of<N, Maybe<double>> band_quantile = absent;
};
using TrainingStepInputs = TrainingStepInputsOf<double>;

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

template <class N>
inline constexpr auto training_step_ports_of = ports(
    port<&TrainingStepInputsOf<N>::workload>("model to train"), port<&TrainingStepInputsOf<N>::fleet>("devices to train it on"),
    port<&TrainingStepInputsOf<N>::trainer>("training framework; absent: constants that hold over several").optional(),
    port<&TrainingStepInputsOf<N>::batch_size>("samples of one optimizer step, over the whole fleet", positive),
    port<&TrainingStepInputsOf<N>::sequence_length>("tokens of a sample", at_least_one),
    port<&TrainingStepInputsOf<N>::micro_batch>("samples of a microbatch; absent: 1, or by microbatches", positive),
    port<&TrainingStepInputsOf<N>::microbatches>("microbatches of a replica in a step; absent: by micro_batch", at_least_one)
        .whole(),
    port<&TrainingStepInputsOf<N>::precision>("number format of the layers' products; head, router and attention are in 16 bits"),
    port<&TrainingStepInputsOf<N>::tensor_parallel>("ranks that share each layer", at_least_one).whole(),
    port<&TrainingStepInputsOf<N>::pipeline_parallel>("stages that the layers are cut into", at_least_one).whole(),
    port<&TrainingStepInputsOf<N>::virtual_stages>("pieces of the model on each stage (interleaving)", at_least_one).whole(),
    port<&TrainingStepInputsOf<N>::context_parallel>("ranks that share each sequence", at_least_one).whole(),
    port<&TrainingStepInputsOf<N>::expert_parallel>("ranks, out of the replicas', that share the routed experts", at_least_one)
        .whole(),
    port<&TrainingStepInputsOf<N>::zero_stage>("sharding of training state: 1 optimizer, 2 and gradients, 3 and weights (FSDP)",
                                               between(0, 3)),
    port<&TrainingStepInputsOf<N>::shard_ranks>("ranks that stage 3 shards over (hybrid sharding); absent: all replicas",
                                                at_least_one)
        .refinement()
        .whole(),
    port<&TrainingStepInputsOf<N>::schedule>("order of a pipeline's passes; zero_bubble is ZB-H1"),
    port<&TrainingStepInputsOf<N>::sequence_parallel>("tensor-parallel ranks also share the tokens between their blocks")
        .refinement(),
    port<&TrainingStepInputsOf<N>::attention_kernel>("fused, first_fused (kernels of 2023), or unfused (before FlashAttention)")
        .refinement(),
    port<&TrainingStepInputsOf<N>::recomputation>("what the backward pass computes again: none, selective (unfused attention), "
                                                  "alternate_products (every other product), full"),
    merge<&TrainingStepInputsOf<N>::recompute>(recompute_ports),
    port<&TrainingStepInputsOf<N>::graph_capture>("what CUDA graphs capture of layers with routed experts").refinement(),
    port<&TrainingStepInputsOf<N>::dispatcher>("copies of a token for experts: one a device (deduplicated), or one an expert")
        .refinement(),
    port<&TrainingStepInputsOf<N>::expert_overlap>("exchanges of one microbatch run beside products of another").refinement(),
    port<&TrainingStepInputsOf<N>::expert_imbalance>("tokens of the busiest rank's experts over the mean", at_least_one)
        .refinement(),
    port<&TrainingStepInputsOf<N>::lora>(
        "train low-rank adapters only, on attention's projections where the model says none of its own; left out: where it does"),
    port<&TrainingStepInputsOf<N>::eager>("kernels are not compiled together").refinement(),
    port<&TrainingStepInputsOf<N>::gradient_precision>("number format that gradients are reduced in").refinement(),
    port<&TrainingStepInputsOf<N>::tensor_overlap>("share of tensor-parallel exchanges that is hidden", fraction).refinement(),
    port<&TrainingStepInputsOf<N>::data_overlap>("share of a pass that exchanges of gradients and weights hide behind", fraction)
        .refinement(),
    port<&TrainingStepInputsOf<N>::pipeline_overlap>("share of transfers between stages that is hidden", fraction).refinement(),
    port<&TrainingStepInputsOf<N>::torus_dimensions>("axes of the torus that a node's devices lie on; 1: a switch", between(1, 3))
        .refinement(),
    port<&TrainingStepInputsOf<N>::power_limit>("power that a device is limited to; absent: its design power", positive)
        .display("W"),
    merge<&TrainingStepInputsOf<N>::shares>(step_share_ports_of<N>),
    port<&TrainingStepInputsOf<N>::time_factor>("of the whole step, over what the law says; left out: the trainer's, else 1",
                                                positive)
        .refinement(),
    band_port<&TrainingStepInputsOf<N>::band_quantile>(),
    port<&TrainingStepInputsOf<N>::uneven>(
        "batches that are no multiple of replicas times microbatch: refuse, or the ranks' mean")
        .refinement());

template <class N>
N replica_ranks(const TrainingStepInputsOf<N>& in) {
  return in.tensor_parallel * in.pipeline_parallel * in.context_parallel;
}
template <class N>
N replicas(const TrainingStepInputsOf<N>& in) {
  return in.fleet->accelerators() / replica_ranks(in);
}
template <class N>
N microbatches(const TrainingStepInputsOf<N>& in) {
  return value_or(in.microbatches, N(in.batch_size / (replicas(in) * value_or(in.micro_batch, N(1.0)))));
}
/// Samples of a microbatch.
template <class N>
N micro_batch(const TrainingStepInputsOf<N>& in) {
  return select(has(in.microbatches), N(in.batch_size / (replicas(in) * *in.microbatches)), value_or(in.micro_batch, N(1.0)));
}
/// Lanes may say no of numbers beyond 2^52.
template <class N>
Of<N, bool> is_whole(const N& x) {
  const N away = x - rounded(x);
  return both(x >= 1 - 1e-9, larger(away, N(-away)) < 1e-9);
}

inline constexpr auto training_step_rules = ironlaw::rules(
    rule("tensor_parallel * pipeline_parallel * context_parallel must divide the accelerators of the fleet",
         []<class N>(const TrainingStepInputsOf<N>& in) { return divides(replica_ranks(in), N(in.fleet->accelerators())); }),
    rule("expert_parallel must not exceed accelerators / pipeline_parallel",
         []<class N>(const TrainingStepInputsOf<N>& in) {
           return in.expert_parallel <= in.fleet->accelerators() / in.pipeline_parallel;
         }),
    rule("micro_batch and microbatches say the same; allowed: one of them",
         []<class N>(const TrainingStepInputsOf<N>& in) { return either(!has(in.micro_batch), !has(in.microbatches)); }),
    rule("batch_size must be a multiple of replicas * micro_batch, or of replicas * microbatches; allowed: one, or uneven = mean",
         []<class N>(const TrainingStepInputsOf<N>& in) -> Of<N, bool> {
           if (in.uneven == UnevenBatch::mean) return microbatches(in) > 1 - 1e-9;
           return both(is_whole(microbatches(in)), either(!has(in.microbatches), is_whole(micro_batch(in))));
         }),
    rule("schedule = zero_bubble needs virtual_stages = 1", []<class N>(const TrainingStepInputsOf<N>& in) {
      return either(in.schedule != equations::PipelineSchedule::zero_bubble, in.virtual_stages == 1.0);
    }));

/// What objects and choices say, asked once for the rows that share them.
struct TrainingStepFacts {
  TrainedModel model;
  double layers = 0;
  double experts = 0;
  TrainerFacts trainer;
  StepRecords records;
  RecordRange product_rows;    ///< tokens of a microbatch behind the records of products
  RecordRange attention_keys;  ///< tokens of a sample behind that of attention
  StepBands bands;
  StepBand own_band;  ///< of the trainer's own rows, before those of regimes
  bool recurrent = false;
  FlopRate peak;
  FlopRate wide_peak;
  Memory memory;
  const TransformerShape* shape = nullptr;  ///< null: the memory of a rank is not counted
  const Experts* routed = nullptr;
  double parameters = 0;
  Maybe<double> adapter_share;  ///< that the model's adapter trains; absent: it has none
  Maybe<Power> tdp;
  double domain = 1;
  Bandwidth link;     ///< of a device into its domain, one way
  Bandwidth network;  ///< of a device into the network, one way
  StepRates rates;    ///< as a question that states no share takes them
};

/// What records and the trainer say of the rates.
inline StepRates recorded_rates(const TrainingStepAsked& in, const TrainingStepFacts& f) {
  const StepRecords& c = f.records;
  const TrainerFacts& t = f.trainer;
  StepRates r;
  r.peak = f.peak;
  r.wide_peak = f.wide_peak;
  r.operand_bytes = operand_bytes(in.precision);
  r.share = t.product_share.value_or(c.product.value);
  r.wide_share = t.wide_product_share.value_or(c.wide_product.value);
  r.attention = t.attention_share.value_or(c.attention.value);
  r.memory = t.memory_share.value_or(c.memory.value) * f.memory.bandwidth;
  const Bandwidth link = f.link;
  r.inner = t.link_share.value_or(c.link.value) * link;
  r.outer = t.network_share.value_or(c.network.value) * f.network;
  r.expert_inner = t.link_share.value_or(c.expert_link.value) * link;
  r.expert_outer = c.expert_network.value * f.network;
  r.domain = f.domain;
  r.latency = t.collective_latency.value_or(Time::from_value(c.latency.value));
  r.trainer = t;
  return r;
}

inline TrainingStepFacts training_step_facts(const TrainingStepAsked& in) {
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
  f.product_rows.narrow(f.records.product.found);
  f.attention_keys.narrow(f.records.attention.found);
  f.bands = step_bands(search);
  f.own_band = {f.trainer.band_low, f.trainer.band_high, {}};
  f.peak = device.peak_rate(in.precision);
  f.wide_peak = bytes_per_element(in.precision) == 2 ? f.peak : device.peak_rate(Precision::bf16);
  f.memory = device.memory();
  f.shape = in.workload->facet<TransformerShape>();
  f.routed = in.workload->facet<Experts>();
  f.parameters = in.workload->parameters().value_or(0);
  f.adapter_share = equations::adapter_share(*in.workload);
  f.tdp = device.tdp();
  const auto* platform = device.facet<KernelPlatform>();
  f.domain = in.fleet->node->accelerators;
  if (platform != nullptr && platform->link_domain) f.domain = std::max(f.domain, *platform->link_domain);
  f.link = in.fleet->node->link_bandwidth;
  f.network = in.fleet->fabric != nullptr ? in.fleet->fabric->link_bandwidth / in.fleet->fabric->oversubscription : f.link;
  f.rates = recorded_rates(in, f);
  return f;
}

/// A question as the equations take it.
template <class N>
struct StepQuestionOf {
  StepLayoutOf<N> layout;
  StepRecipeOf<N> recipe;
  StepRatesOf<N> rates;
};

inline int zero_stage(const TrainingStepGiven& in, const TrainingStepFacts& f) {
  return in.zero_stage.value_or(f.trainer.zero_stage);
}

template <class N>
StepLayoutOf<N> step_layout(const TrainingStepInputsOf<N>& in, const TrainingStepFacts& f) {
  StepLayoutOf<N> l;
  l.tensor = in.tensor_parallel;
  l.pipeline = in.pipeline_parallel;
  l.virtual_stages = in.virtual_stages;
  l.context = in.context_parallel;
  l.expert = in.expert_parallel;
  l.data = replicas(in);
  l.zero_stage = zero_stage(in, f);
  l.shard_ranks = value_or(in.shard_ranks, N(l.data * l.context * l.tensor));
  l.microbatch = micro_batch(in);
  l.microbatches = larger(N(1.0), microbatches(in));
  l.sequence = N(in.sequence_length);
  l.slices = in.torus_dimensions > 1 ? in.fleet->nodes : 1;
  l.sequence_parallel = in.sequence_parallel.value_or(f.trainer.sequence_parallel);
  l.schedule = in.schedule;
  return l;
}

inline bool trains_adapter(const TrainingStepGiven& in, const TrainingStepFacts& f) {
  return in.lora.value_or(f.adapter_share.has_value());
}

template <class N>
StepRecipeOf<N> step_recipe(const TrainingStepInputsOf<N>& in, const TrainingStepFacts& f) {
  StepRecipeOf<N> r;
  r.attention = in.attention_kernel.value_or(f.trainer.attention_kernel);
  r.recomputation = in.recomputation.value_or(f.trainer.recomputation);
  r.recomputed = in.recompute;
  r.graphs = in.graph_capture.value_or(f.trainer.graph_capture);
  r.dispatcher = in.dispatcher.value_or(f.trainer.dispatcher);
  r.expert_overlap = in.expert_overlap;
  r.eager = in.eager.value_or(f.trainer.eager);
  r.lora = trains_adapter(in, f);
  r.adapter_share = f.adapter_share;
  r.expert_imbalance = in.expert_imbalance;
  if (f.tdp) {
    const N share = (value_or(in.power_limit, spread<N>(*f.tdp)) / *f.tdp).value();
    if (const Of<N, bool> limited = share < 1.0; any(limited)) {
      const double exponent = f.trainer.power_exponent;
      r.power_share = select(limited, each([exponent](double of) { return std::pow(of, exponent); }, share), N(1.0));
    }
  }
  return r;
}

template <class N>
StepRatesOf<N> step_rates(const TrainingStepInputsOf<N>& in, const TrainingStepFacts& f) {
  const StepSharesOf<N>& own = in.shares;
  const StepRates& recorded = f.rates;
  const auto of = [](const auto& share, Bandwidth whole, Bandwidth otherwise) -> Of<N, Bandwidth> {
    return select(has(share), Of<N, Bandwidth>(*share * whole), spread<N>(otherwise));
  };
  StepRatesOf<N> r;
  r.peak = recorded.peak;
  r.wide_peak = recorded.wide_peak;
  r.operand_bytes = recorded.operand_bytes;
  r.share = value_or(own.product_share, N(recorded.share));
  r.wide_share = value_or(own.wide_product_share, N(recorded.wide_share));
  r.attention = value_or(own.attention_share, N(recorded.attention));
  r.memory = of(own.memory_share, f.memory.bandwidth, recorded.memory);
  r.inner = of(own.link_share, f.link, recorded.inner);
  r.outer = of(own.network_share, f.network, recorded.outer);
  r.expert_inner = of(own.link_share, f.link, recorded.expert_inner);
  r.expert_outer = of(own.network_share, f.network, recorded.expert_outer);
  r.domain = recorded.domain;
  r.axes = in.torus_dimensions;
  r.latency = value_or(own.collective_latency, spread<N>(recorded.latency));
  TrainerConstantsOf<N>& t = r.trainer;
  const TrainerConstants& usual = recorded.trainer;
  static_cast<TrainerCosts&>(t) = usual;
  t.tensor_overlap = value_or(in.tensor_overlap, N(usual.tensor_overlap));
  t.data_overlap = value_or(in.data_overlap, N(usual.data_overlap));
  t.pipeline_overlap = value_or(in.pipeline_overlap, N(usual.pipeline_overlap));
  t.time_factor = value_or(in.time_factor, N(usual.time_factor));
  if (in.gradient_precision) t.gradient_bytes = bytes_per_element(*in.gradient_precision);
  return r;
}

inline StepRegime step_regime(const TrainingStepGiven& in, const TrainingStepFacts& f) {
  if (!f.model.listed) return StepRegime::none;
  if (trains_adapter(in, f)) return StepRegime::adapters;
  if (in.torus_dimensions > 1) return StepRegime::torus;
  if (f.experts > 0) return f.recurrent ? StepRegime::experts_hybrid : StepRegime::experts;
  if (f.recurrent) return StepRegime::none;
  if (zero_stage(in, f) == 3) return StepRegime::sharded;
  return bytes_per_element(in.precision) >= 2 ? StepRegime::pipelined_16_bit : StepRegime::pipelined_8_bit;
}

/// The band of a question, empty where there is none.
inline const StepBand& step_band(const TrainingStepGiven& in, const TrainingStepFacts& f) {
  static const StepBand none;
  if (f.own_band.low && f.own_band.high) return f.own_band;
  const StepRegime regime = step_regime(in, f);
  return regime == StepRegime::none ? none : f.bands[static_cast<std::size_t>(regime)];
}

/// How many times the question lies beyond what its records were fitted on; absent within, and where none of them is used.
template <class N>
Of<N, Maybe<double>> outside_records(const TrainingStepInputsOf<N>& in, const TrainingStepFacts& f, const StepLayoutOf<N>& l,
                                     AttentionKernel kernel) {
  N most = 0.0;
  if (!f.trainer.product_share)
    most = select(has(in.shares.product_share), most, f.product_rows.outside(N(l.microbatch * l.sequence / l.context)));
  if (!f.trainer.attention_share && kernel != AttentionKernel::unfused)
    most = select(has(in.shares.attention_share), most, larger(most, f.attention_keys.outside(l.sequence)));
  return value_where(most > 1.0, most);
}

/// Throws DomainError where the layout does not suit the model.
template <class N>
StepQuestionOf<N> question_of(const TrainingStepInputsOf<N>& in, const TrainingStepFacts& f, Rare<N>& rare) {
  if (rare(in.pipeline_parallel > f.layers))
    throw DomainError("pipeline_parallel",
                      "exceeds the layers of the model; allowed: up to " + std::to_string(static_cast<int>(f.layers)));
  if (rare(both(in.expert_parallel > 1.0, in.expert_parallel > f.experts)))
    throw DomainError("expert_parallel", f.experts == 0 ? "the model has no routed experts; allowed: 1"
                                                        : "exceeds the routed experts; allowed: up to " +
                                                              std::to_string(static_cast<int>(f.experts)));
  return {step_layout(in, f), step_recipe(in, f), step_rates(in, f)};
}

}  // namespace ironlaw::estimates
