#pragma once
// What the ranks of a step send each other, and how long it takes.
#include <ironlaw/equations/collectives.hpp>

#include "replica.hpp"

namespace ironlaw::training {

/// Latency between devices of a node.
inline Time inside_latency(const Step& s) {
  const equations::AskedHardware& device = s.facts->device;
  if (device.link == nullptr) throw MissingData(device.hardware->name(), "device link", "the step's messages need its latency");
  return device.link->latency;
}

/// The link between devices of a node.
inline equations::Link inside_link(const StepInputs& in, const Step& s) {
  return {in.fleet->node->link_bandwidth, inside_latency(s)};
}

/// The link of a device to other nodes, as the traffic and congestion leave it.
inline equations::Link outside_link(const StepInputs& in) {
  const Fabric* fabric = in.fleet->fabric;
  if (fabric == nullptr) throw MissingData(in.fleet->name(), "fabric", "the step sends messages between nodes");
  const double congestion = in.terms.congestion_scope == CongestionScope::fabric ? in.congestion : 1;
  const double left = equations::relative_throughput(in.terms.core_traffic, fabric->oversubscription);
  return {left / congestion * fabric->link_bandwidth, congestion * fabric->latency};
}
/// What congestion adds to every transfer, where it is not the fabric's alone.
inline double congestion_everywhere(const StepInputs& in) {
  return in.terms.congestion_scope == CongestionScope::everything ? in.congestion : 1;
}

/// All-reduce of a group whose neighbours are `spacing` devices apart.
inline Time placed_all_reduce(const StepInputs& in, const Step& s, Information message, double ranks, double spacing) {
  if (ranks == 1) return {};
  const double local = equations::ranks_per_node(in.fleet->node->accelerators, spacing);
  const double nodes = std::ceil(ranks / local);
  if (nodes == 1) return equations::ring_all_reduce(message, ranks, inside_link(in, s));
  if (local == 1) return equations::ring_all_reduce(message, ranks, outside_link(in));
  const auto latency = in.terms.hierarchical_latency;
  return equations::hierarchical_all_reduce(
      message, local, nodes, {in.fleet->node->link_bandwidth, latency ? *latency : inside_latency(s)}, outside_link(in));
}

/// Bytes that a rank reduces over its replicas in a step: gradients of dense parameters, and those of routed experts apart where
/// their groups differ.
struct GradientVolume {
  Information dense;
  Information routed;
  bool apart;
  double share;  ///< of the parameters that exchange gradients
};
inline GradientVolume gradient_volume(const StepInputs& in, const Step& s) {
  const double split = s.layout.tensor * s.layout.pipeline;
  const double share = in.lora ? in.terms.lora_gradient_share.value_or(trained_share(in, s)) : 1;
  const Information all = s.demand.weights_resident;
  if (in.terms.separate_expert_gradients && s.layout.expert > 1)
    return {(all - s.routed) / split, s.routed / s.layout.replica(), true, share};
  return {all / split, {}, false, share};
}

/// All-reduce of the share `share` of the volume over the replicas.
inline Time reduced(const StepInputs& in, const Step& s, const GradientVolume& v, double share) {
  const double split = s.layout.tensor * s.layout.pipeline;
  if (!v.apart) return placed_all_reduce(in, s, share * v.dense, s.layout.data, s.layout.replica());
  return placed_all_reduce(in, s, share * v.dense, s.layout.data * s.layout.expert, split) +
         placed_all_reduce(in, s, share * v.routed, s.layout.data, s.layout.replica());
}

/// Whether each accumulation step gathers the weights, before its forward pass and again before its backward pass.
inline bool gathers_weights(const StepInputs& in) { return in.terms.zero_traffic && in.zero_stage == 3; }

/// Exchange of gradients, and of weights where ZeRO shards them: an all-reduce is a reduce-scatter and an all-gather.
inline Time data_parallel_time(const StepInputs& in, const Step& s) {
  const auto volume = gradient_volume(in, s);
  const double amortised = in.terms.gradient_reduction == GradientReduction::amortised ? in.gradient_accumulation : 1;
  const Time gradients = reduced(in, s, volume, volume.share);
  Time all = gradients;
  if (gathers_weights(in)) all = 0.5 * gradients + in.gradient_accumulation * reduced(in, s, volume, 1);
  return congestion_everywhere(in) / amortised * all;
}

/// Time that the exchange can hide behind: the backward pass of the last microbatch, since gradients are final no sooner;
/// gathered weights are sent for all through the step. Passes that wait for memory last as long as it does.
inline Time overlap_window(const StepInputs& in, const Step& s, const Replica& replica) {
  const double share = gathers_weights(in) ? 1 : (s.multiple - 1) / s.multiple / s.passes;
  return in.overlap_efficiency * share * std::max(replica.compute_time, replica.memory_time);
}

/// The part of the data-parallel exchange that arithmetic does not hide.
inline Time exposed_data_parallel_time(const StepInputs& in, const Step& s, const Replica& replica, Time exchange) {
  if (!in.overlap) return exchange;
  if (in.terms.overlap_window == OverlapWindow::unlimited) return (1 - in.overlap_efficiency) * exchange;
  const auto volume = gradient_volume(in, s);
  const Information sent = volume.share * (volume.dense + volume.routed);
  const double last = sent > in.terms.gradient_bucket ? static_cast<double>(in.terms.gradient_bucket / sent) : 1.0;
  return std::max(last * exchange, exchange - overlap_window(in, s, replica));
}

/// What passes between layers for all samples of a rank.
inline Information message(const StepInputs& in, const Step& s) {
  const double sequence = in.sequence_length;
  if (const auto state = s.demand.hidden_state) return sequence / s.tokens * (s.rank_batch / s.local_batch) * *state;
  if (const auto hidden = in.terms.default_hidden_size)
    return s.rank_batch * sequence * *hidden * bytes_per_element(in.precision) * units::byte;
  throw Unsupported(in.workload->name(),
                    "its layers state no message, so it cannot be split by tensor, pipeline or experts; set default_hidden_size");
}

/// Messages of a layer in one step, forward and backward, for each that its forward pass sends.
inline double passes_of_messages(const StepInputs& in) {
  return in.activation_recomputation && in.terms.recomputed_messages ? 3 : 2;
}

/// Two all-reduces a layer and pass (Shoeybi 2019); sequence parallelism sends the same bytes as reduce-scatters and all-gathers.
inline Time tensor_parallel_time(const StepInputs& in, const Step& s) {
  const double t = s.layout.tensor;
  if (t == 1) return {};
  const auto link = t <= in.fleet->node->accelerators ? inside_link(in, s) : outside_link(in);
  const Time one = equations::ring_all_reduce(message(in, s), t, equations::Link{link.bandwidth, s.repeats * link.latency});
  return congestion_everywhere(in) * 2 * passes_of_messages(in) * s.stage_layers * one;
}

inline double routing_imbalance(const StepInputs& in, const Step& s) {
  if (in.terms.routing_imbalance) return *in.terms.routing_imbalance;
  if (s.experts == nullptr) return 1;
  const double tokens = s.local_batch * in.sequence_length / s.repeats;
  return equations::routing_imbalance(tokens, s.experts->count, s.experts->active_per_token);
}

/// Exchanges of tokens with experts that a rank takes part in.
inline double expert_exchanges(const StepInputs& in, const Step& s) {
  if (in.terms.expert_exchanges == ExpertExchanges::one) return 1;
  const double layers = s.experts != nullptr ? s.experts->layers.value_or(s.layers) : s.layers;
  return 2 * passes_of_messages(in) * std::ceil(layers / s.layout.pipeline);
}

/// Dispatch to experts and back (Lepikhin 2021, Rajbhandari 2022).
inline Time expert_parallel_time(const StepInputs& in, const Step& s) {
  const double e = s.layout.expert;
  if (e == 1) return {};
  const double active = s.experts != nullptr ? s.experts->active_per_token : 1;
  const Information payload = active * routing_imbalance(in, s) * message(in, s);
  const auto stretched = [&](equations::Link link) { return equations::Link{link.bandwidth, s.repeats * link.latency}; };
  double local = 1;
  if (in.terms.expert_placement == ExpertPlacement::adjacent)
    local = std::min(e, equations::ranks_per_node(in.fleet->node->accelerators, s.layout.tensor));
  const Time one = local == e   ? equations::all_to_all(payload, e, stretched(inside_link(in, s)))
                   : local == 1 ? equations::all_to_all(payload, e, stretched(outside_link(in)))
                                : equations::two_level_all_to_all(payload, e, local, stretched(inside_link(in, s)),
                                                                  stretched(outside_link(in)));
  return congestion_everywhere(in) * expert_exchanges(in, s) * one;
}

/// Messages between stages, forward and backward, on the path of one microbatch after the other; those that fill and drain the
/// pipeline hide behind nothing. Tensor-parallel ranks send a share each (Narayanan 2021).
inline Time pipeline_transfer_time(const StepInputs& in, const Step& s) {
  const double p = s.layout.pipeline;
  if (!in.terms.pipeline_transfers || p == 1) return {};
  const auto link = s.layout.replica() <= in.fleet->node->accelerators ? inside_link(in, s) : outside_link(in);
  const Time one = equations::point_to_point(message(in, s) / (s.passes * s.layout.tensor), link);
  const double messages = in.virtual_stages * in.microbatches * (1 - in.terms.pipeline_overlap) + p - 1;
  return congestion_everywhere(in) * 2 * in.gradient_accumulation * messages * one;
}

}  // namespace ironlaw::training
