#pragma once
// What is asked of the solver `iteration`.
#include <ironlaw/sdk/band.hpp>
#include <ironlaw/sdk/ports.hpp>
#include <ironlaw/workload.hpp>

#include "../formats.hpp"

namespace ironlaw::estimates {

/// Formats that a cache of keys and values is kept in.
enum class CacheFormat { bf16, fp8 };
constexpr OperandFormat operand_of(CacheFormat format) {
  return format == CacheFormat::fp8 ? OperandFormat::fp8 : OperandFormat::bf16;
}

/// A model on the ranks of one replica, in an engine: what rows share.
struct IterationGiven {
  const Workload* workload = nullptr;
  const Hardware* hardware = nullptr;
  const SoftwareStack* software_stack = nullptr;
  const KernelRates* kernel_rates = nullptr;
  OperandFormat format = OperandFormat::bf16;
  Maybe<OperandFormat> expert_format;
  CacheFormat cache_format = CacheFormat::bf16;
  Maybe<double> weight_bits;
  Maybe<double> expert_weight_bits;
  Maybe<double> head_bits;
  Maybe<KernelFamily> product_kernel;
  Maybe<KernelFamily> expert_kernel;
  Maybe<KernelFamily> prompt_attention_kernel;
  Maybe<KernelFamily> decode_attention_kernel;
  double tensor_parallel = 1;
  double attention_data_parallel = 1;
  Maybe<double> expert_parallel;
  Maybe<double> expert_tensor_parallel;
  double pipeline_parallel = 1;
  Maybe<Bandwidth> link_bandwidth;
  Maybe<Bandwidth> network_bandwidth;
  Maybe<double> link_domain;
  Maybe<Time> layer_latency;
  Maybe<Time> prompt_launch;
  Maybe<Time> recurrent_layer_latency;
  Maybe<Time> expert_layer_latency;
  Maybe<Time> quantized_layer_latency;
  Maybe<Time> barrier;
  Maybe<Time> host_time;
  Maybe<Time> sequence_time;
  Maybe<Time> stage_latency;
  Maybe<double> time_factor;
  Maybe<Power> idle_power;

  [[nodiscard]] OperandFormat of_experts() const { return expert_format.value_or(format); }
  /// Ranks of the replica.
  [[nodiscard]] double ranks() const { return tensor_parallel * attention_data_parallel; }
  /// Left out: every rank of the replica has experts of its own under attention-data parallelism; else all have a share of each.
  [[nodiscard]] double experts_over() const {
    return expert_parallel.value_or(attention_data_parallel > 1 ? ranks() / expert_tensor_parallel.value_or(1) : 1);
  }
  [[nodiscard]] double expert_width_over() const {
    return expert_tensor_parallel.value_or(std::max(1.0, ranks() / experts_over()));
  }
};
inline constexpr auto iteration_given = ports(
    port<&IterationGiven::workload>("model that is served: one that lists its operators"),
    port<&IterationGiven::hardware>("each of the devices"),
    port<&IterationGiven::software_stack>("engine and version; left out: the law's constants and kernels of any engine")
        .optional(),
    port<&IterationGiven::kernel_rates>("records to use; left out: the device's").refinement().optional(),
    port<&IterationGiven::format>("number format of the dense products"),
    port<&IterationGiven::expert_format>("number format of routed experts; left out: as format"),
    port<&IterationGiven::cache_format>("number format of the cache"),
    port<&IterationGiven::weight_bits>("stored bits of a weight of the dense products; left out: the format's", positive)
        .refinement(),
    port<&IterationGiven::expert_weight_bits>("stored bits of a weight of routed experts; left out: the format's", positive)
        .refinement(),
    port<&IterationGiven::head_bits>("stored bits of a weight of the head; left out: 16", positive).refinement(),
    port<&IterationGiven::product_kernel>("kernel family of the layers' products; left out: the engine's default").refinement(),
    port<&IterationGiven::expert_kernel>("kernel family of routed experts; left out: the engine's default").refinement(),
    port<&IterationGiven::prompt_attention_kernel>("kernel of attention in prompts; left out: the engine's default").refinement(),
    port<&IterationGiven::decode_attention_kernel>("kernel of attention in decoding; left out: the engine's default")
        .refinement(),
    port<&IterationGiven::tensor_parallel>("ranks that share out attention and dense layers", between(1, 4096)).whole(),
    port<&IterationGiven::attention_data_parallel>("groups of those ranks, each with sequences of its own, that share experts",
                                                   between(1, 4096))
        .whole(),
    port<&IterationGiven::expert_parallel>("ranks that the routed experts are dealt out to; left out: all under attention-data "
                                           "parallelism, else one",
                                           between(1, 65536))
        .whole(),
    port<&IterationGiven::expert_tensor_parallel>(
        "ranks that share an expert's width; left out: those that expert_parallel leaves", between(1, 4096))
        .whole(),
    port<&IterationGiven::pipeline_parallel>("stages that the layers are dealt out to, run one after another", between(1, 4096))
        .whole(),
    port<&IterationGiven::link_bandwidth>("link inside a node, one way; left out: the device's, else that to its host", positive)
        .refinement()
        .display("GB/s"),
    port<&IterationGiven::network_bandwidth>("a device's share of the network, one way; left out: the device's", positive)
        .refinement()
        .display("GB/s"),
    port<&IterationGiven::link_domain>("devices that the inner link joins; left out: the device's, else 8", at_least_one)
        .refinement()
        .whole(),
    port<&IterationGiven::layer_latency>(
        "time of a dense decoder's layer beside its kernels, of others by their operators; left out: the stack's", non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::prompt_launch>("launches of a dense decoder's layer, of others by their operators, where an iteration "
                                         "holds prompts; left out: the stack's",
                                         non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::recurrent_layer_latency>(
        "time of a layer of linear attention beside its kernels; left out: the stack's", non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::expert_layer_latency>("time of a layer of routed experts beside its kernels; left out: the stack's",
                                                non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::quantized_layer_latency>("time of a layer in 8 or 4 bits beside its kernels; left out: the stack's",
                                                   non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::barrier>("wait of ranks for each other, two a routed layer; left out: the stack's", non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::host_time>("time of the host, an iteration; left out: the stack's", non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::sequence_time>("time of the host, a sequence and iteration; left out: the stack's", non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::stage_latency>("hop between pipeline stages; left out: the stack's", non_negative)
        .refinement()
        .display("us"),
    port<&IterationGiven::time_factor>("of the whole iteration, over what the law says; left out: the stack's, else 1", positive)
        .refinement(),
    port<&IterationGiven::idle_power>("of a device that waits with the model loaded; left out: 0.12 of its design power",
                                      non_negative)
        .refinement()
        .display("W"));

/// What the iteration holds: the numbers of a row.
struct IterationInputs : IterationGiven {
  using Given = IterationGiven;
  double decoding_sequences = 1;
  double context = 0;
  double prompt_tokens = 0;
  double prompts = 1;
  double cached_tokens = 0;
  double prompt_on_one_rank = 0;
  double drafted_tokens = 0;
  Maybe<double> band_quantile;
};
inline constexpr auto iteration_inputs = ports(
    iteration_given, port<&IterationInputs::decoding_sequences>("sequences of the replica that decode a token", non_negative),
    port<&IterationInputs::context>("their mean context: tokens cached", non_negative),
    port<&IterationInputs::prompt_tokens>("tokens of prompts, of the replica", non_negative),
    port<&IterationInputs::prompts>("prompts that those belong to", positive),
    port<&IterationInputs::cached_tokens>("tokens of each of these prompts that are cached before them", non_negative),
    port<&IterationInputs::prompt_on_one_rank>("tokens of one prompt that lie on one attention rank; 0: spread evenly",
                                               non_negative)
        .refinement(),
    port<&IterationInputs::drafted_tokens>("tokens drafted a sequence and checked together", between(0, 64)),
    band_port<&IterationInputs::band_quantile>());

}  // namespace ironlaw::estimates
