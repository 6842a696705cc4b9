#pragma once
// What the ranks of a step send each other, and how long it takes.
#include <ironlaw/equations/collectives.hpp>

#include "replica.hpp"

namespace ironlaw::training {

/// Latency between devices of a node.
template <class N>
Time inside_latency(const StepOf<N>& s, Rare<N>& rare) {
  const equations::AskedHardware& device = s.facts->device;
  if (rare(device.link == nullptr))
    throw MissingData(device.hardware->name(), "device link", "the step's messages need its latency");
  return device.link != nullptr ? device.link->latency : Time{};
}

/// The link between devices of a node.
template <class N>
equations::LinkOf<N> inside_link(const StepInputsOf<N>& in, const StepOf<N>& s, Rare<N>& rare) {
  return {spread<N>(in.fleet->node->link_bandwidth), spread<N>(inside_latency(s, rare))};
}

/// The link of a device to other nodes, as the traffic and congestion leave it.
template <class N>
equations::LinkOf<N> outside_link(const StepInputsOf<N>& in, Rare<N>& rare) {
  const Fabric* fabric = in.fleet->fabric;
  if (rare(fabric == nullptr)) throw MissingData(in.fleet->name(), "fabric", "the step sends messages between nodes");
  if (fabric == nullptr) return {};
  const N congestion = in.congestion_scope == CongestionScope::fabric ? in.congestion : N(1.0);
  const N left = equations::relative_throughput(in.core_traffic, fabric->oversubscription);
  return {left / congestion * fabric->link_bandwidth, congestion * fabric->latency};
}
/// What congestion adds to every transfer, where it is not the fabric's alone.
template <class N>
N congestion_everywhere(const StepInputsOf<N>& in) {
  return in.congestion_scope == CongestionScope::everything ? in.congestion : N(1.0);
}

/// All-reduce of a group whose neighbours are `spacing` devices apart: inside a node, between nodes, or both.
template <class N>
Of<N, Time> placed_all_reduce(const StepInputsOf<N>& in, const StepOf<N>& s, const Of<N, Information>& message, const N& ranks,
                              const N& spacing, Rare<N>& rare) {
  using T = Of<N, Time>;
  T time{};
  const auto several = !(ranks == 1.0);
  if (!any(several)) return time;
  const N local = equations::ranks_per_node(in.fleet->node->accelerators, spacing);
  const N nodes = rounded_up(N(ranks / local));
  const auto one_node = nodes == 1.0, apart = local == 1.0;
  if (const auto within = both(several, one_node); any(within))
    time = select(within, T(equations::ring_all_reduce(message, ranks, inside_link(in, s, rare))), time);
  const auto between = both(several, !one_node);
  if (!any(between)) return time;
  const auto outside = outside_link(in, rare);
  if (const auto flat = both(between, apart); any(flat))
    time = select(flat, T(equations::ring_all_reduce(message, ranks, outside)), time);
  if (const auto nested = both(between, !apart); any(nested)) {
    T latency = *in.hierarchical_latency;
    if (const auto said = has(in.hierarchical_latency); any(!said))
      latency = select(said, latency, spread<N>(inside_latency(s, rare)));
    const equations::LinkOf<N> inside{spread<N>(in.fleet->node->link_bandwidth), latency};
    time = select(nested, T(equations::hierarchical_all_reduce(message, local, nodes, inside, outside)), time);
  }
  return time;
}

/// Bytes that a rank reduces over its replicas in a step: gradients of dense parameters, and those of routed experts apart where
/// their groups differ.
template <class N>
struct GradientVolumeOf {
  Of<N, Information> dense;
  Of<N, Information> routed;
  Of<N, bool> apart;
  N share;  ///< of the parameters that exchange gradients
};
template <class N>
GradientVolumeOf<N> gradient_volume(const StepInputsOf<N>& in, const StepOf<N>& s) {
  using Bytes = Of<N, Information>;
  const N split = s.layout.tensor * s.layout.pipeline;
  const N share =
      s.facts->adapts ? select(has(in.lora_gradient_share), N(*in.lora_gradient_share), trained_share(in, s)) : N(1.0);
  const Bytes all = s.demand.weights_resident;
  const auto apart = both(s.layout.expert > 1.0, in.separate_expert_gradients);
  if (!any(apart)) return {all / split, {}, apart, share};
  return {select(apart, Bytes((all - s.routed) / split), Bytes(all / split)),
          select(apart, Bytes(s.routed / s.layout.replica()), Bytes{}), apart, share};
}

/// All-reduce of the share `share` of the volume over the replicas.
template <class N>
Of<N, Time> reduced(const StepInputsOf<N>& in, const StepOf<N>& s, const GradientVolumeOf<N>& v, const N& share, Rare<N>& rare) {
  using T = Of<N, Time>;
  using Bytes = Of<N, Information>;
  T whole{};
  if (any(!v.apart)) whole = placed_all_reduce(in, s, Bytes(share * v.dense), s.layout.data, s.layout.replica(), rare);
  if (!any(v.apart)) return whole;
  const N split = s.layout.tensor * s.layout.pipeline;
  const T both_kinds = placed_all_reduce(in, s, Bytes(share * v.dense), N(s.layout.data * s.layout.expert), split, rare) +
                       placed_all_reduce(in, s, Bytes(share * v.routed), s.layout.data, s.layout.replica(), rare);
  return select(v.apart, both_kinds, whole);
}

/// Whether each accumulation step gathers the weights, before its forward pass and again before its backward pass.
inline bool gathers_weights(const StepGiven& in) { return in.zero_traffic && in.zero_stage == 3; }

/// Exchange of gradients, and of weights where ZeRO shards them: an all-reduce is a reduce-scatter and an all-gather.
template <class N>
Of<N, Time> data_parallel_time(const StepInputsOf<N>& in, const StepOf<N>& s, const GradientVolumeOf<N>& volume, Rare<N>& rare) {
  const N amortised = in.gradient_reduction == GradientReduction::amortised ? in.gradient_accumulation : N(1.0);
  const Of<N, Time> gradients = reduced(in, s, volume, volume.share, rare);
  Of<N, Time> all = gradients;
  if (gathers_weights(in)) all = 0.5 * gradients + in.gradient_accumulation * reduced(in, s, volume, N(1.0), rare);
  return congestion_everywhere(in) / amortised * all;
}

/// Time that the exchange can hide behind: the backward pass of the last microbatch, since gradients are final no sooner;
/// gathered weights are sent for all through the step. Passes that wait for memory last as long as it does.
template <class N>
Of<N, Time> overlap_window(const StepInputsOf<N>& in, const StepOf<N>& s, const ReplicaOf<N>& replica) {
  const N share = gathers_weights(in) ? N(1.0) : N((s.multiple - 1) / s.multiple / s.passes);
  return in.overlap_efficiency * share * larger(replica.compute_time, replica.memory_time);
}

/// The part of the data-parallel exchange that arithmetic does not hide.
template <class N>
Of<N, Time> exposed_data_parallel_time(const StepInputsOf<N>& in, const StepOf<N>& s, const GradientVolumeOf<N>& volume,
                                       const ReplicaOf<N>& replica, const Of<N, Time>& exchange) {
  using T = Of<N, Time>;
  if (!in.overlap) return exchange;
  if (in.overlap_window == OverlapWindow::unlimited) return (1 - in.overlap_efficiency) * exchange;
  const Of<N, Information> sent = volume.share * (volume.dense + volume.routed);
  const N last = select(sent > in.gradient_bucket, N((in.gradient_bucket / sent).value()), N(1.0));
  return larger(T(last * exchange), T(exchange - overlap_window(in, s, replica)));
}

/// What passes between layers for all samples of a rank.
template <class N>
Of<N, Information> message(const StepInputsOf<N>& in, const StepOf<N>& s, Rare<N>& rare) {
  using Bytes = Of<N, Information>;
  const N sequence = N(in.sequence_length);
  const auto stated = has(s.demand.hidden_state);
  if (rare(!either(stated, has(in.default_hidden_size))))
    throw Unsupported(
        in.workload->name(),
        "its layers state no message, so it cannot be split by tensor, pipeline or experts; set default_hidden_size");
  const Bytes of_model = sequence / s.tokens * (s.rank_batch / s.local_batch) * *s.demand.hidden_state;
  const Bytes of_width = s.rank_batch * sequence * *in.default_hidden_size * bytes_per_element(in.precision) * units::byte;
  return select(stated, of_model, of_width);
}

/// Messages of a layer in one step, forward and backward, for each that its forward pass sends.
inline double passes_of_messages(const StepGiven& in) { return in.activation_recomputation && in.recomputed_messages ? 3 : 2; }

/// Of links inside a node where `inside` holds, else of those between nodes.
template <class N>
equations::LinkOf<N> link_where(const Of<N, bool>& inside, const StepInputsOf<N>& in, const StepOf<N>& s, Rare<N>& rare) {
  if (!any(!inside)) return inside_link(in, s, rare);
  const auto outer = outside_link(in, rare);
  if (!any(inside)) return outer;
  const auto inner = inside_link(in, s, rare);
  return {select(inside, inner.bandwidth, outer.bandwidth), select(inside, inner.latency, outer.latency)};
}

/// Two all-reduces a layer and pass (Shoeybi 2019); sequence parallelism sends the same bytes as reduce-scatters and all-gathers.
template <class N>
Of<N, Time> tensor_parallel_time(const StepInputsOf<N>& in, const StepOf<N>& s, Rare<N>& rare) {
  using T = Of<N, Time>;
  const N& t = s.layout.tensor;
  const auto alone = t == 1.0;
  if (!any(!alone)) return {};
  const auto link = link_where<N>(t <= in.fleet->node->accelerators, in, s, rare);
  const T one =
      equations::ring_all_reduce(message(in, s, rare), t, equations::LinkOf<N>{link.bandwidth, s.repeats * link.latency});
  return select(alone, T{}, T(congestion_everywhere(in) * 2 * passes_of_messages(in) * s.stage_layers * one));
}

template <class N>
N routing_imbalance(const StepInputsOf<N>& in, const StepOf<N>& s) {
  const auto said = has(in.routing_imbalance);
  if (!any(!said)) return *in.routing_imbalance;
  if (s.experts == nullptr) return select(said, N(*in.routing_imbalance), N(1.0));
  const N tokens = s.local_batch * N(in.sequence_length) / s.repeats;
  return select(said, N(*in.routing_imbalance),
                equations::routing_imbalance(tokens, s.experts->count, s.experts->active_per_token));
}

/// Exchanges of tokens with experts that a rank takes part in.
template <class N>
N expert_exchanges(const StepInputsOf<N>& in, const StepOf<N>& s) {
  if (in.expert_exchanges == ExpertExchanges::one) return 1.0;
  const N layers = s.experts != nullptr && s.experts->layers ? N(*s.experts->layers) : s.layers;
  return 2 * passes_of_messages(in) * rounded_up(N(layers / s.layout.pipeline));
}

/// Dispatch to experts and back (Lepikhin 2021, Rajbhandari 2022).
template <class N>
Of<N, Time> expert_parallel_time(const StepInputsOf<N>& in, const StepOf<N>& s, Rare<N>& rare) {
  using T = Of<N, Time>;
  using Link = equations::LinkOf<N>;
  const N& e = s.layout.expert;
  const auto alone = e == 1.0;
  if (!any(!alone)) return {};
  const double active = s.experts != nullptr ? s.experts->active_per_token : 1;
  const Of<N, Information> payload = active * routing_imbalance(in, s) * message(in, s, rare);
  const auto stretched = [&](const Link& link) { return Link{link.bandwidth, s.repeats * link.latency}; };
  N local = 1.0;
  if (in.expert_placement == ExpertPlacement::adjacent)
    local = smaller(e, equations::ranks_per_node(in.fleet->node->accelerators, s.layout.tensor));
  T one{};
  if (const auto within = local == e; any(within))
    one = select(within, T(equations::all_to_all(payload, e, stretched(inside_link(in, s, rare)))), one);
  if (const auto flat = both(!(local == e), local == 1.0); any(flat))
    one = select(flat, T(equations::all_to_all(payload, e, stretched(outside_link(in, rare)))), one);
  if (const auto nested = both(!(local == e), !(local == 1.0)); any(nested)) {
    const Link inside = stretched(inside_link(in, s, rare)), outside = stretched(outside_link(in, rare));
    one = select(nested, T(equations::two_level_all_to_all(payload, e, local, inside, outside)), one);
  }
  return select(alone, T{}, T(congestion_everywhere(in) * expert_exchanges(in, s) * one));
}

/// Messages between stages, forward and backward, on the path of one microbatch after the other; those that fill and drain the
/// pipeline hide behind nothing. Tensor-parallel ranks send a share each (Narayanan 2021).
template <class N>
Of<N, Time> pipeline_transfer_time(const StepInputsOf<N>& in, const StepOf<N>& s, Rare<N>& rare) {
  using T = Of<N, Time>;
  const N& p = s.layout.pipeline;
  const auto alone = p == 1.0;
  if (!in.pipeline_transfers || !any(!alone)) return {};
  const auto link = link_where<N>(s.layout.replica() <= in.fleet->node->accelerators, in, s, rare);
  const T one = equations::point_to_point(message(in, s, rare) / N(s.passes * s.layout.tensor), link);
  const N messages = in.virtual_stages * in.microbatches * (1 - in.pipeline_overlap) + p - 1;
  return select(alone, T{}, T(congestion_everywhere(in) * 2 * in.gradient_accumulation * messages * one));
}

}  // namespace ironlaw::training
