#pragma once
// A training step from its layers: stages, bubble, exchanges of gradients and weights, optimizer (Narayanan 2021; Rajbhandari
// 2020).
#include <array>

#include "layer_time.hpp"

namespace ironlaw::estimates {

/// A step and its parts, which add up to it. Parts of layers are those of the fullest stage over all microbatches.
template <class N>
struct StepTimeOf {
  Of<N, Time> step{};
  Of<N, Time> products{};
  Of<N, Time> attention{};
  Of<N, Time> elementwise{};
  Of<N, Time> head{};
  Of<N, Time> tensor_exchange{};
  Of<N, Time> context_exchange{};
  Of<N, Time> expert_exchange{};
  Of<N, Time> recomputation{};
  Of<N, Time> launches{};
  Of<N, Time> host_gap{};
  Of<N, Time> waiting{};  ///< of a stage for a fuller last one
  Of<N, Time> bubble{};
  Of<N, Time> pipeline_transfer{};
  Of<N, Time> data_exchange{};
  Of<N, Time> optimizer{};
  Of<N, Time> slices{};
  N stage_layers = 0.0;
  Of<N, Operations> model{};  ///< forward pass of a microbatch, whole model on this tensor and context rank
  N utilization = 0.0;
};
using StepTime = StepTimeOf<double>;

/// log2 of a count: those of groups of ranks are in a table.
inline double log2_of_count(double count) {
  constexpr std::size_t most = 1024;
  static const std::array<double, most + 1> table = [] {
    std::array<double, most + 1> t{};
    for (std::size_t i = 1; i <= most; ++i) t[i] = std::log2(static_cast<double>(i));
    return t;
  }();
  if (count >= 1 && count <= most)
    if (const auto whole = static_cast<std::size_t>(count); static_cast<double>(whole) == count) return table[whole];
  return std::log2(count);
}

/// Exchanges over `ways` ranks, `inner` of them in a domain: a ring inside, and beside it one outside of a share each.
template <class N>
class Spread {
 public:
  Spread(const N& ways, const N& inner, const StepRatesOf<N>& r, const Of<N, Bandwidth>& inside)
      : ways_(ways),
        i_(clamped(inner, N(1.0), ways)),
        q_(rounded_up(N(ways / i_))),
        none_(ways <= 1.0),
        one_domain_(q_ <= 1.0),
        r_(r),
        inside_(inside),
        hops_(any(!either(none_, one_domain_)) ? each(log2_of_count, q_) : N(0.0)) {}

  /// A gather or a scatter of X bytes.
  [[nodiscard]] Of<N, Time> time(const Of<N, Information>& message) const {
    const Of<N, Time> ring = ring_time<N>(message, ways_, inside_, r_.latency, 1);
    const Of<N, Time> in = (i_ - 1) / i_ * message / inside_;
    const Of<N, Time> out = (q_ - 1) / q_ * (message / i_) / r_.outer;
    const Of<N, Time> both = larger(in, out) + hops_ * r_.latency;
    return select(either(none_, message == Of<N, Information>{}), Of<N, Time>{}, select(one_domain_, ring, both));
  }

 private:
  N ways_;
  N i_;  ///< ranks of a domain
  N q_;  ///< domains
  Of<N, bool> none_;
  Of<N, bool> one_domain_;
  const StepRatesOf<N>& r_;
  Of<N, Bandwidth> inside_;
  N hops_;
};

/// Parameters that a rank holds, and how many ranks hold the same.
template <class N>
struct RankParametersOf {
  N dense;
  N routed;
  N dense_ways;
  N routed_ways;
};

template <class N>
RankParametersOf<N> rank_parameters(const TrainedModel& m, const StepLayoutOf<N>& l, const PassTimesOf<N>& all) {
  const N ends = m.tied_embedding ? N(1.0) : select(l.pipeline == 1.0, N(2.0), N(1.0));
  return {all.parameters / l.pipeline + m.vocabulary_size * m.hidden_size / l.tensor * ends, all.expert_parameters / l.pipeline,
          l.data * l.context, larger(N(1.0), rounded_down(N(l.tensor * l.context * l.data / l.expert)))};
}

/// Gradients and sharded weights between replicas, what passes do not hide of them.
template <class N>
class DataExchange {
  using Seconds = Of<N, Time>;

 public:
  DataExchange(const StepLayoutOf<N>& l, const StepRatesOf<N>& r, const RankParametersOf<N>& p)
      : l_(l),
        r_(r),
        p_(p),
        inside_(r.axes > 1 ? select(l.tensor > 1.0, Of<N, Bandwidth>((r.axes - 1) / r.axes * r.inner), r.inner) : r.inner),
        dense_(smaller(p.dense_ways, l.shard_ranks), domain_over(l.tensor), r, inside_),
        routed_(smaller(p.routed_ways, l.shard_ranks), domain_over(l.expert), r, inside_) {}

  /// One pass over the fullest stage is `forward` and `backward` long; `head` follows the last.
  [[nodiscard]] Seconds exposed(const Seconds& forward, const Seconds& backward, const Seconds& head, double layers) const {
    if (r_.trainer.exchange_exposed == 0) return {};
    const N& hidden = r_.trainer.data_overlap;
    const double g = r_.trainer.gradient_bytes;
    if (l_.zero_stage == 3) {
      const N passes = select(l_.pipeline == 1.0, l_.microbatches, N(1.0));
      const Seconds gather = gathered(2);
      const Seconds reduce = gathered(g);
      const Seconds fetched = larger(Seconds{}, Seconds(gather - hidden * forward));
      const Seconds sent = larger(Seconds{}, Seconds(gather + reduce - hidden * (backward + head)));
      return passes * (fetched + sent + 2.0 / layers * gather) + between_shards(g);
    }
    const Seconds scatter = gathered(g);
    const Seconds gather = l_.zero_stage >= 1 && g != 2 ? gathered(2) : scatter;
    const N& v = l_.virtual_stages;
    const N windows = select(l_.pipeline > 1.0, N((smaller(l_.microbatches, l_.pipeline) * (v - 1) + 1) / v), N(1.0));
    const N bucket = larger(N(2.0), N(layers / l_.pipeline));
    const auto left = [&](const Seconds& exchange, const Seconds& pass) {
      return larger(Seconds(exchange - windows * hidden * pass), Seconds(exchange / bucket));
    };
    return left(scatter, backward) + left(gather, forward);
  }

 private:
  /// A gather or scatter of `bytes` an element over the ranks that share state, dense and routed parameters one after the other.
  [[nodiscard]] Seconds gathered(double bytes) const {
    return dense_.time(bytes * p_.dense * units::byte) + routed_.time(bytes * p_.routed * units::byte);
  }
  /// Hybrid sharding: all-reduce of a rank's shard over the groups that hold a copy each (Zhao 2023), once a step.
  [[nodiscard]] Seconds between_shards(double bytes) const {
    const auto over = [&](const N& parameters, const N& ways) {
      const N groups = ways / l_.shard_ranks;
      const Seconds t = ring_time<N>(bytes * parameters / l_.shard_ranks * units::byte, groups, r_.outer, r_.latency, 2);
      return select(ways <= l_.shard_ranks, Seconds{}, t);
    };
    return over(p_.dense, p_.dense_ways) + over(p_.routed, p_.routed_ways);
  }
  [[nodiscard]] N domain_over(const N& ranks) const { return larger(N(1.0), rounded_down(N(r_.domain / ranks))); }

  const StepLayoutOf<N>& l_;
  const StepRatesOf<N>& r_;
  const RankParametersOf<N>& p_;
  Of<N, Bandwidth> inside_;
  Spread<N> dense_;
  Spread<N> routed_;
};

/// Reads and writes of the optimizer's state, and of the gradients that each microbatch adds to.
template <class N>
Of<N, Time> optimizer_time(const StepLayoutOf<N>& l, const StepRatesOf<N>& r, const RankParametersOf<N>& p) {
  const TrainerCosts& c = r.trainer;
  const N shards = l.zero_stage >= 1 ? l.shard_ranks : N(1.0);
  const N updated = p.dense / smaller(shards, p.dense_ways) + p.routed / smaller(shards, p.routed_ways);
  const N held = p.dense + p.routed;
  return (c.optimizer_traffic * updated + c.parameter_traffic * held + l.microbatches * c.accumulation_traffic * held) *
         units::byte / r.memory;
}

/// Transfers between neighbouring stages that nothing hides; inside the domain where a whole replica is.
template <class N>
Of<N, Time> pipeline_transfer_time(const TrainedModel& m, const StepLayoutOf<N>& l, const StepRatesOf<N>& r, const N& tokens) {
  const Of<N, bool> staged = l.pipeline != 1.0;
  if (!any(staged) || r.trainer.exchange_exposed == 0) return {};
  const Of<N, Bandwidth> link = select(l.tensor * l.pipeline * l.context <= r.domain, r.inner, r.outer);
  const Of<N, Time> one = 2 * tokens * m.hidden_size / l.tensor * units::byte / link + r.latency;
  const Of<N, Time> t = 2 * (l.microbatches * l.virtual_stages * (1 - r.trainer.pipeline_overlap) + l.pipeline - 1) * one;
  return select(staged, t, Of<N, Time>{});
}

/// The whole step. `record` hears of every operator, after how often it runs and whether one stage has all of it.
template <class N, class Record = NoRecord>
StepTimeOf<N> step_time(const TrainedModel& model, const StepLayoutOf<N>& l, const StepRecipeOf<N>& recipe,
                        const StepRatesOf<N>& r, const Record& record = {}) {
  using Seconds = Of<N, Time>;
  PassTimesOf<N> stack;
  PassTimesOf<N> prediction;
  double layers = 0;
  double heads = 1;
  bool predicts = false;
  LayerClock<N, Record> clock(model, l, recipe, r, record);
  for (int i = 0; i < model.layer_count; ++i) {
    const TrainedLayer& layer = model.layers[static_cast<std::size_t>(i)];
    if constexpr (!std::is_same_v<Record, NoRecord>) record.begin(layer.count, layer.prediction);
    (layer.prediction ? prediction : stack).add(clock.layer(layer), N(layer.count));
    if (!layer.prediction) layers += layer.count;
    predicts |= layer.prediction;
    if (layer.prediction && layer.blocks[0].kind == BlockKind::attention) heads += layer.count;
  }
  if constexpr (!std::is_same_v<Record, NoRecord>) record.begin(heads, true);
  PassTimesOf<N> head;
  head.add(clock.head(), N(heads));

  // The fullest stage, or the last with its head and prediction layers.
  const N& m = l.microbatches;
  const N& v = l.virtual_stages;
  const N& p = l.pipeline;
  const Of<N, bool> staged = p > 1.0;
  const Of<N, bool> alone = p == 1.0;
  const Seconds one = stack.total() / layers;
  N stage = layers;
  Seconds body = stack.total() + prediction.total() + head.total();
  if (any(staged)) {
    const N fullest = select(layers > p, N(rounded_up(N(layers / (p * v) - 1e-9)) * v), N(layers / p));
    const Seconds last = larger(N(0.0), N(layers - (p - 1) * fullest)) * one + prediction.total() + head.total();
    stage = select(staged, fullest, stage);
    body = select(staged, larger(Seconds(fullest * one), last), body);
  }
  StepTimeOf<N> t;
  t.stage_layers = stage;
  PassTimesOf<N> on_stage;
  on_stage.add(stack, N(stage / layers));
  if (predicts) on_stage.add(prediction, select(alone, N(1.0), N(0.0)));
  t.products = m * on_stage.products;
  t.attention = m * on_stage.attention;
  t.elementwise = m * on_stage.elementwise;
  t.tensor_exchange = m * on_stage.tensor_exchange;
  t.context_exchange = m * on_stage.context_exchange;
  t.expert_exchange = m * on_stage.expert_exchange;
  t.recomputation = m * on_stage.recomputation;
  t.launches = m * on_stage.launches;
  t.host_gap = m * on_stage.host_gap;
  t.head = select(alone, Seconds(m * head.total()), Seconds{});
  t.waiting = m * (body - on_stage.total()) - t.head;
  if (any(staged)) {
    Seconds bubble = (p - 1) / v * stage * one;
    if (l.schedule == equations::PipelineSchedule::zero_bubble)
      bubble *= larger(N(0.0), N(1 - 2 * (stack.weight_gradients / stack.total()).value()));
    t.bubble = select(staged, bubble, Seconds{});
  }
  t.pipeline_transfer = pipeline_transfer_time(model, l, r, clock.tokens());
  PassTimesOf<N> all = stack;
  if (predicts) all.add(prediction, N(1.0));
  const RankParametersOf<N> parameters = rank_parameters(model, l, all);
  if (!recipe.lora) {
    const N share = stage / layers;
    t.data_exchange =
        DataExchange<N>(l, r, parameters).exposed(share * stack.forward, share * stack.backward, head.total(), layers);
    t.optimizer = optimizer_time(l, r, parameters);
  }
  t.step = m * body + t.bubble + t.pipeline_transfer + t.data_exchange + t.optimizer;
  if (l.slices > 1) {
    t.slices = r.trainer.slice_slowdown * log2_of_count(l.slices) * t.step;
    t.step += t.slices;
  }
  t.step *= r.trainer.time_factor;
  t.model = all.model + head.model;
  t.utilization = (m / p * (all.at_peak + head.at_peak) / t.step).value();
  return t;
}

}  // namespace ironlaw::estimates
