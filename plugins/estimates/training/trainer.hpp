#pragma once
// A trainer as a record: what it costs beside its products, what it hides, and what its runs do unless they say otherwise.
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>

#include "layout.hpp"
#include "step_rates.hpp"

namespace ironlaw::estimates {

/// What a trainer's runs do where a question does not say.
struct TrainerHabits {
  int zero_stage = 1;
  bool sequence_parallel = true;
  bool eager = false;
  AttentionKernel attention_kernel = AttentionKernel::fused;
  Recomputation recomputation = Recomputation::none;
  GraphCapture graph_capture = GraphCapture::none;
  Dispatcher dispatcher = Dispatcher::deduplicated;
};

/// What a software stack that trains answers.
struct TrainerFacts : TrainerConstants, TrainerHabits {
  static constexpr std::string_view facet_id = "trainer/2";
  Maybe<double> network_share = absent;  ///< in place of the devices', where the trainer's exchanges are its own
  Maybe<double> product_share = absent;
  Maybe<double> wide_product_share = absent;
  Maybe<double> attention_share = absent;
  Maybe<double> memory_share = absent;
  Maybe<double> link_share = absent;
  Maybe<Time> collective_latency = absent;
  Maybe<double> band_low = absent;  ///< quantiles of ln(measured / predicted) of this trainer's own rows
  Maybe<double> band_high = absent;
};

inline constexpr auto trainer_ports = ports(
    port<&TrainerFacts::tensor_overlap>("share of tensor-parallel exchanges that is hidden", fraction),
    port<&TrainerFacts::data_overlap>("share of a pass that exchanges of gradients and weights hide behind", fraction),
    port<&TrainerFacts::pipeline_overlap>("share of transfers between stages that is hidden", fraction),
    port<&TrainerFacts::expert_overlap>("share of a layer that exchanges with experts hide behind, in recipes that overlap them",
                                        fraction),
    port<&TrainerFacts::context_overlap>("share of attention that passing keys and values on hides behind", fraction),
    port<&TrainerFacts::elementwise_factor>("passes over activations over those counted; 0: none", non_negative),
    port<&TrainerFacts::eager_factor>("the same where kernels are not compiled together", non_negative),
    port<&TrainerFacts::launch>("time of a kernel launch", non_negative).display("us"),
    port<&TrainerFacts::layer_launches>("kernels of a dense layer, forward and backward", non_negative),
    port<&TrainerFacts::ungraphed_gap>("host time of a layer with experts, both passes, unless graphs capture attention",
                                       non_negative)
        .display("ms"),
    port<&TrainerFacts::partly_graphed_gap>("the same where graphs capture attention and router", non_negative).display("ms"),
    port<&TrainerFacts::expert_gap>("the same, more for each expert of a rank", non_negative).display("ms"),
    port<&TrainerFacts::recurrent_traffic>("bytes an inner element and token of a recurrent layer, forward; twice that backward",
                                           non_negative),
    port<&TrainerFacts::expert_fill>("elements of the inner dimension that a product of experts costs beside its own",
                                     non_negative),
    port<&TrainerFacts::permutation_passes>("passes over routed tokens, each direction", non_negative),
    port<&TrainerFacts::logit_traffic>("bytes a logit", non_negative),
    port<&TrainerFacts::residual_traffic>("bytes a token and element of the hidden width, each block and direction",
                                          non_negative),
    port<&TrainerFacts::dropout_traffic>("bytes more where norms have biases and dropout", non_negative),
    port<&TrainerFacts::optimizer_traffic>("bytes a parameter that a rank updates", non_negative),
    port<&TrainerFacts::parameter_traffic>("bytes a parameter that it holds", non_negative),
    port<&TrainerFacts::accumulation_traffic>("bytes a parameter and microbatch, to accumulate its gradient", non_negative),
    port<&TrainerFacts::gradient_bytes>("bytes of an element of the gradients that ranks reduce", between(1, 4)),
    port<&TrainerFacts::window_growth>("tokens that causal attention costs beyond half of the sequence", non_negative),
    port<&TrainerFacts::backward_attention>("rate of attention's backward pass over its forward pass", positive_fraction),
    port<&TrainerFacts::head_size_growth>("head size at which fused attention reaches half of its rate for wide heads",
                                          non_negative),
    port<&TrainerFacts::unfused_share>("rate of batched products of unfused attention over that of other products",
                                       positive_fraction),
    port<&TrainerFacts::unfused_forward>("bytes a score of unfused attention, forward", non_negative),
    port<&TrainerFacts::unfused_backward>("the same backward", non_negative),
    port<&TrainerFacts::alternate_share>("of the forward products, what alternate_products recomputes", fraction),
    port<&TrainerFacts::power_exponent>("rate over that at the design power: (limit / tdp)^this", non_negative),
    port<&TrainerFacts::slice_slowdown>("of each doubling of the slices of a torus", non_negative),
    port<&TrainerFacts::exchange_exposed>("1; 0: every exchange is free, to see what they cost", fraction),
    port<&TrainerFacts::head_share>("1; 0: the head is free, likewise", fraction),
    port<&TrainerFacts::zero_stage>("ZeRO sharding unless said: 0 to 3", between(0, 3)),
    port<&TrainerFacts::sequence_parallel>("tensor-parallel ranks share the tokens between their blocks, unless said"),
    port<&TrainerFacts::eager>("kernels are not compiled together, unless said"),
    port<&TrainerFacts::attention_kernel>("kernels of attention, unless said"),
    port<&TrainerFacts::recomputation>("what the backward pass computes again, unless said"),
    port<&TrainerFacts::graph_capture>("what CUDA graphs capture of a layer with experts, unless said"),
    port<&TrainerFacts::dispatcher>("how tokens are sent to experts, unless said"),
    port<&TrainerFacts::network_share>("share of the network's bandwidth that its own exchanges reach", positive_fraction),
    port<&TrainerFacts::product_share>("share of the peak that products of its kernels reach, in place of the device's",
                                       positive_fraction),
    port<&TrainerFacts::wide_product_share>("the same of products in 16 bits beside them: head and router", positive_fraction),
    port<&TrainerFacts::attention_share>("share of the 16-bit peak that fused attention reaches, likewise", positive_fraction),
    port<&TrainerFacts::memory_share>("share of the memory bandwidth that is reached, likewise", positive_fraction),
    port<&TrainerFacts::link_share>("share of the link inside a domain that collectives reach, likewise", positive_fraction),
    port<&TrainerFacts::collective_latency>("fixed time of a collective, likewise", non_negative).display("us"),
    port<&TrainerFacts::time_factor>("measured time of a step over what the law and these constants say", positive),
    port<&TrainerFacts::band_low>("10 % quantile of ln(measured / predicted) of this trainer's own rows; left out: by regime"),
    port<&TrainerFacts::band_high>("90 % quantile of it"));

/// A trainer in one version.
struct Trainer {
  static constexpr auto about = Kind::About{
      "trainer", "a training framework in one version: what it costs beside its products, what it hides, and its habits"};
  using Interface = SoftwareStack;
  using Fields = TrainerFacts;
  static constexpr auto fields = trainer_ports;

  struct Made final : SoftwareStack {
    Made(const Fields& f, std::string_view name) : SoftwareStack(name), facts(f) {
      if (f.band_low && f.band_high && *f.band_low > *f.band_high) throw DomainError("band_low", "is above band_high");
    }
    const void* do_facet(const FacetKey& key) const override { return answer(key, &facts); }
    TrainerFacts facts;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::estimates
