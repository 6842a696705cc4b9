#pragma once
// The constants of a training step: what a device sustains in a format, and what a trainer costs and hides.
#include <ironlaw/sdk/lanes.hpp>

namespace ironlaw::estimates {

/// What a trainer costs beside its products. Defaults: what Megatron-Core was found to be, with 2024 kernels.
/// "Rows" below: published training steps; docs/accuracy.md has them by source, with errors of rows that were left out.
struct TrainerCosts {
  double expert_overlap = 0.9;         ///< share of a layer that expert exchanges hide behind where the recipe overlaps them
  double context_overlap = 0.7;        ///< share of attention that passing keys and values on hides behind
  double elementwise_factor = 1.5;     ///< passes over activations beyond those counted, fitted and rounded on rows
  double eager_factor = 1.4;           ///< the same again where kernels are not compiled together
  Time launch = 4e-6 * units::second;  ///< of a kernel; a guess, 2 % of the smallest published steps
  double layer_launches = 28;          ///< kernels of a dense layer, forward and backward
  Time ungraphed_gap =
      6.4e-3 * units::second;  ///< host time of an expert layer, both passes, without graphs or with the router's
  Time partly_graphed_gap = 4.3e-3 * units::second;  ///< with attention and router captured
  Time expert_gap = 1.28e-4 * units::second;         ///< the same, each expert of a rank
  double recurrent_traffic = 144;                    ///< bytes an inner element and token, forward; twice that backward
  double expert_fill = 640;         ///< elements of the inner dimension that a grouped product costs beside its own
  double permutation_passes = 4;    ///< over routed tokens, in each direction
  double logit_traffic = 16;        ///< bytes a logit
  double residual_traffic = 10;     ///< bytes a token and element of the hidden size, each block and direction
  double dropout_traffic = 1;       ///< bytes more where norms have biases and dropout
  double optimizer_traffic = 30;    ///< bytes a parameter that this rank updates
  double parameter_traffic = 4;     ///< bytes a parameter that it holds
  double accumulation_traffic = 8;  ///< bytes a parameter and microbatch, to add a gradient in fp32
  double gradient_bytes = 2;        ///< of an element that ranks reduce
  double window_growth = 600;       ///< tokens that causal attention costs beyond half of the sequence; a guess
  double backward_attention = 0.8;  ///< rate of attention's backward pass over that of its forward pass; a guess
  double head_size_growth = 64;     ///< attention's share falls as d / (d + this), from 128 on; a guess
  double unfused_share = 0.8;       ///< of the products' share, batched products of attention that is not fused
  double unfused_forward = 9;       ///< bytes a score, softmax and dropout
  double unfused_backward = 11;
  double alternate_share = 0.35;  ///< of the forward products, recomputed by alternate-product checkpointing
  double power_exponent = 0.267;  ///< rate over that at the design power: (limit / tdp)^this; 5 rows at 500 of 700 W
  double slice_slowdown = 0.02;   ///< of each doubling of the slices of a torus
  double exchange_exposed = 1;    ///< 0: all exchanges free, to see what they cost
  double head_share = 1;          ///< 0: the head is free, likewise
};

/// What a trainer hides, and how far the law misses it: what a question may say otherwise.
template <class N>
struct TrainerOverlapsOf {
  N tensor_overlap = 0.7;    ///< share of tensor-parallel exchanges hidden, fitted and rounded on rows
  N data_overlap = 0.8;      ///< share of a pass that exchanges of gradients and weights hide behind; set beforehand
  N pipeline_overlap = 0.7;  ///< share of transfers between stages hidden once the pipeline is full
  N time_factor = 1.0;       ///< of a step, over what the law says
};

template <class N>
struct TrainerConstantsOf : TrainerOverlapsOf<N>, TrainerCosts {};
using TrainerConstants = TrainerConstantsOf<double>;

/// What a device sustains in the formats of a question, with its links, resolved from records.
template <class N>
struct StepRatesOf {
  FlopRate peak;       ///< of the layers' format
  FlopRate wide_peak;  ///< of 16 bits
  double operand_bytes = 2;
  N share = 1.0;                    ///< of `peak`, products of the layers
  N wide_share = 1.0;               ///< of `wide_peak`, products in 16 bits
  N attention = 1.0;                ///< share of `wide_peak`, fused attention
  Of<N, Bandwidth> memory{};        ///< sustained
  Of<N, Bandwidth> inner{};         ///< between devices of a domain, sustained, one way
  Of<N, Bandwidth> outer{};         ///< of a device into the network, sustained, one way
  Of<N, Bandwidth> expert_inner{};  ///< the same for exchanges of experts
  Of<N, Bandwidth> expert_outer{};
  double domain = 1;      ///< devices that the inner link joins
  double axes = 1;        ///< of a torus: a tensor group lies on one, data-parallel traffic on the others; 1: a switch
  Of<N, Time> latency{};  ///< of a collective
  TrainerConstantsOf<N> trainer;
};
using StepRates = StepRatesOf<double>;

}  // namespace ironlaw::estimates
