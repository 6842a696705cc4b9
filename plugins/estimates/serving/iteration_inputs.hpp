#pragma once
// What is asked of the solver `iteration`.
#include <ironlaw/sdk/band.hpp>
#include <ironlaw/sdk/ports.hpp>

#include "engine_layout.hpp"
#include "served_model.hpp"

namespace ironlaw::estimates {

/// A model on the ranks of one replica, in an engine: what rows share.
struct IterationGiven : ServedModel, EngineLayout {
  const Hardware* hardware = nullptr;
  const SoftwareStack* software_stack = nullptr;
  const KernelRates* kernel_rates = nullptr;
  Maybe<double> head_bits;
  Maybe<KernelFamily> product_kernel;
  Maybe<KernelFamily> expert_kernel;
  Maybe<KernelFamily> prompt_attention_kernel;
  Maybe<KernelFamily> decode_attention_kernel;
  Maybe<Bandwidth> network_bandwidth;
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
};
inline constexpr auto iteration_given = ports(
    served_model, port<&IterationGiven::hardware>("each of the devices"),
    port<&IterationGiven::software_stack>("engine and version; left out: the law's constants and kernels of any engine")
        .optional(),
    port<&IterationGiven::kernel_rates>("records to use; left out: the device's").refinement().optional(),
    port<&IterationGiven::head_bits>("stored bits of a weight of the head; left out: 16", positive).refinement(),
    port<&IterationGiven::product_kernel>("kernel family of the layers' products; left out: the engine's default").refinement(),
    port<&IterationGiven::expert_kernel>("kernel family of routed experts; left out: the engine's default").refinement(),
    port<&IterationGiven::prompt_attention_kernel>("kernel of attention in prompts; left out: the engine's default").refinement(),
    port<&IterationGiven::decode_attention_kernel>("kernel of attention in decoding; left out: the engine's default")
        .refinement(),
    engine_layout,
    port<&IterationGiven::network_bandwidth>("a device's share of the network, one way; left out: the device's", positive)
        .refinement()
        .display("GB/s"),
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
template <class N>
struct IterationInputsOf : IterationGiven {
  using Given = IterationGiven;
  N decoding_sequences = 1;
  N context = 0;
  N prompt_tokens = 0;
  N prompts = 1;
  N cached_tokens = 0;
  N prompt_on_one_rank = 0;
  N drafted_tokens = 0;
  Of<N, Maybe<double>> band_quantile;
};
using IterationInputs = IterationInputsOf<double>;
template <class N>
inline constexpr auto iteration_inputs_of =
    ports(iteration_given,
          port<&IterationInputsOf<N>::decoding_sequences>("sequences of the replica that decode a token", non_negative),
          port<&IterationInputsOf<N>::context>("their mean context: tokens cached", non_negative),
          port<&IterationInputsOf<N>::prompt_tokens>("tokens of prompts, of the replica", non_negative),
          port<&IterationInputsOf<N>::prompts>("prompts that those belong to", positive),
          port<&IterationInputsOf<N>::cached_tokens>("tokens of each of these prompts that are cached before them", non_negative),
          port<&IterationInputsOf<N>::prompt_on_one_rank>("tokens of one prompt that lie on one attention rank; 0: spread evenly",
                                                          non_negative)
              .refinement(),
          port<&IterationInputsOf<N>::drafted_tokens>("tokens drafted a sequence and checked together", between(0, 64)),
          band_port<&IterationInputsOf<N>::band_quantile>());

}  // namespace ironlaw::estimates
