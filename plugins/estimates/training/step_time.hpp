#pragma once
// A training step from its layers: stages, bubble, exchanges of gradients and weights, optimizer (Narayanan 2021; Rajbhandari
// 2020).
#include "layer_time.hpp"

namespace ironlaw::estimates {

/// A step and its parts, which add up to it. Parts of layers are those of the fullest stage over all microbatches.
struct StepTime {
  Time step{};
  Time products{};
  Time attention{};
  Time elementwise{};
  Time head{};
  Time tensor_exchange{};
  Time context_exchange{};
  Time expert_exchange{};
  Time recomputation{};
  Time launches{};
  Time host_gap{};
  Time waiting{};  ///< of a stage for a fuller last one
  Time bubble{};
  Time pipeline_transfer{};
  Time data_exchange{};
  Time optimizer{};
  Time slices{};
  double stage_layers = 0;
  Operations model{};  ///< forward pass of a microbatch, whole model on this tensor and context rank
  double utilization = 0;
};

/// Exchange of X bytes over `ways` ranks, `inner` of them in a domain: a ring inside, and beside it one outside of a share each.
inline Time spread_time(Information message, double f, double ways, double inner, const StepRates& r, Bandwidth inside) {
  if (ways <= 1 || message == Information{}) return {};
  const double i = std::clamp(inner, 1.0, ways);
  const double q = std::ceil(ways / i);
  if (q <= 1) return ring_time(message, ways, inside, r.latency, f);
  return std::max(f * (i - 1) / i * message / inside, f * (q - 1) / q * (message / i) / r.outer) + f * std::log2(q) * r.latency;
}

/// Parameters that a rank holds, and how many ranks hold the same.
struct RankParameters {
  double dense = 0;
  double routed = 0;
  double dense_ways = 1;
  double routed_ways = 1;
};

inline RankParameters rank_parameters(const TrainedModel& m, const StepLayout& l, const PassTimes& all) {
  RankParameters p;
  const bool both_ends = l.pipeline == 1 && !m.tied_embedding;
  p.dense = all.parameters / l.pipeline + m.vocabulary_size * m.hidden_size / l.tensor * (both_ends ? 2 : 1);
  p.routed = all.expert_parameters / l.pipeline;
  p.dense_ways = l.data * l.context;
  p.routed_ways = std::max(1.0, std::floor(l.tensor * l.context * l.data / l.expert));
  return p;
}

/// Gradients and sharded weights between replicas, what passes do not hide of them.
class DataExchange {
 public:
  DataExchange(const StepLayout& l, const StepRates& r, const RankParameters& p) : l_(l), r_(r), p_(p) {
    inside_ = r.axes > 1 && l.tensor > 1 ? (r.axes - 1) / r.axes * r.inner : r.inner;
  }

  /// One pass over the fullest stage is `forward` and `backward` long; `head` follows the last.
  [[nodiscard]] Time exposed(Time forward, Time backward, Time head, double layers) const {
    if (r_.trainer.exchange_exposed == 0) return {};
    const double hidden = r_.trainer.data_overlap;
    const double g = r_.trainer.gradient_bytes;
    if (l_.zero_stage == 3) {
      const double passes = l_.pipeline == 1 ? l_.microbatches : 1;
      const Time gather = gathered(2);
      const Time reduce = gathered(g);
      const Time fetched = std::max(Time{}, gather - hidden * forward);
      const Time sent = std::max(Time{}, gather + reduce - hidden * (backward + head));
      return passes * (fetched + sent + 2.0 / layers * gather) + between_shards(g);
    }
    const Time scatter = gathered(g);
    const Time gather = gathered(l_.zero_stage >= 1 ? 2 : g);
    if (hidden == 0) return scatter + gather;
    const double v = l_.virtual_stages;
    const double windows = l_.pipeline > 1 ? (std::min(l_.microbatches, l_.pipeline) * (v - 1) + 1) / v : 1;
    const double bucket = std::max(2.0, layers / l_.pipeline);
    return std::max(scatter - windows * hidden * backward, scatter / bucket) +
           std::max(gather - windows * hidden * forward, gather / bucket);
  }

 private:
  /// A gather or scatter of `bytes` an element over the ranks that share state, dense and routed parameters one after the other.
  [[nodiscard]] Time gathered(double bytes) const {
    return spread_time(bytes * p_.dense * units::byte, 1, std::min(p_.dense_ways, l_.shard_ranks), domain_over(l_.tensor), r_,
                       inside_) +
           spread_time(bytes * p_.routed * units::byte, 1, std::min(p_.routed_ways, l_.shard_ranks), domain_over(l_.expert), r_,
                       inside_);
  }
  /// Hybrid sharding: all-reduce of a rank's shard over the groups that hold a copy each (Zhao 2023), once a step.
  [[nodiscard]] Time between_shards(double bytes) const {
    const auto over = [&](double parameters, double ways) {
      if (ways <= l_.shard_ranks) return Time{};
      const double groups = ways / l_.shard_ranks;
      return ring_time(bytes * parameters / l_.shard_ranks * units::byte, groups, r_.outer, r_.latency, 2);
    };
    return over(p_.dense, p_.dense_ways) + over(p_.routed, p_.routed_ways);
  }
  [[nodiscard]] double domain_over(double ranks) const { return std::max(1.0, std::floor(r_.domain / ranks)); }

  const StepLayout& l_;
  const StepRates& r_;
  const RankParameters& p_;
  Bandwidth inside_;
};

/// Reads and writes of the optimizer's state, and of the gradients that each microbatch adds to.
inline Time optimizer_time(const StepLayout& l, const StepRates& r, const RankParameters& p) {
  const TrainerConstants& c = r.trainer;
  const double shards = l.zero_stage >= 1 ? l.shard_ranks : 1;
  const double updated = p.dense / std::min(shards, p.dense_ways) + p.routed / std::min(shards, p.routed_ways);
  const double held = p.dense + p.routed;
  return (c.optimizer_traffic * updated + c.parameter_traffic * held + l.microbatches * c.accumulation_traffic * held) *
         units::byte / r.memory;
}

/// Transfers between neighbouring stages that nothing hides; inside the domain where a whole replica is.
inline Time pipeline_transfer_time(const TrainedModel& m, const StepLayout& l, const StepRates& r, double tokens) {
  if (l.pipeline == 1 || r.trainer.exchange_exposed == 0) return {};
  const Bandwidth link = l.tensor * l.pipeline * l.context <= r.domain ? r.inner : r.outer;
  const Time one = 2 * tokens * m.hidden_size / l.tensor * units::byte / link + r.latency;
  return 2 * (l.microbatches * l.virtual_stages * (1 - r.trainer.pipeline_overlap) + l.pipeline - 1) * one;
}

/// The whole step. `record` hears of every operator, after how often it runs and whether one stage has all of it.
template <class Record = NoRecord>
StepTime step_time(const TrainedModel& model, const StepLayout& l, const StepRecipe& recipe, const StepRates& r,
                   const Record& record = {}) {
  PassTimes stack;
  PassTimes prediction;
  double layers = 0;
  double heads = 1;
  LayerClock clock(model, l, recipe, r, record);
  for (int i = 0; i < model.layer_count; ++i) {
    const TrainedLayer& layer = model.layers[static_cast<std::size_t>(i)];
    if constexpr (!std::is_same_v<Record, NoRecord>) record.begin(layer.count, layer.prediction);
    (layer.prediction ? prediction : stack).add(clock.layer(layer), layer.count);
    if (!layer.prediction) layers += layer.count;
    if (layer.prediction && layer.blocks[0].kind == BlockKind::attention) heads += layer.count;
  }
  if constexpr (!std::is_same_v<Record, NoRecord>) record.begin(heads, true);
  PassTimes head;
  head.add(clock.head(), heads);

  // The fullest stage, or the last with its head and prediction layers.
  const double m = l.microbatches;
  const double v = l.virtual_stages;
  const double p = l.pipeline;
  const Time one = stack.total() / layers;
  double stage = layers;
  Time body = stack.total() + prediction.total() + head.total();
  if (p > 1) {
    stage = layers > p ? std::ceil(layers / (p * v) - 1e-9) * v : layers / p;
    const Time last = std::max(0.0, layers - (p - 1) * stage) * one + prediction.total() + head.total();
    body = std::max(stage * one, last);
  }
  StepTime t;
  t.stage_layers = stage;
  PassTimes on_stage;
  on_stage.add(stack, stage / layers);
  if (p == 1) on_stage.add(prediction, 1);
  t.products = m * on_stage.products;
  t.attention = m * on_stage.attention;
  t.elementwise = m * on_stage.elementwise;
  t.tensor_exchange = m * on_stage.tensor_exchange;
  t.context_exchange = m * on_stage.context_exchange;
  t.expert_exchange = m * on_stage.expert_exchange;
  t.recomputation = m * on_stage.recomputation;
  t.launches = m * on_stage.launches;
  t.host_gap = m * on_stage.host_gap;
  if (p == 1) t.head = m * head.total();
  t.waiting = m * (body - on_stage.total()) - t.head;
  if (p > 1) {
    t.bubble = (p - 1) / v * stage * one;
    if (l.schedule == equations::PipelineSchedule::zero_bubble)
      t.bubble *= std::max(0.0, 1 - 2 * static_cast<double>(stack.weight_gradients / stack.total()));
  }
  t.pipeline_transfer = pipeline_transfer_time(model, l, r, clock.tokens());
  PassTimes all = stack;
  all.add(prediction, 1);
  const RankParameters parameters = rank_parameters(model, l, all);
  if (!recipe.lora) {
    t.data_exchange = DataExchange(l, r, parameters)
                          .exposed(stage / layers * stack.forward, stage / layers * stack.backward, head.total(), layers);
    t.optimizer = optimizer_time(l, r, parameters);
  }
  t.step = m * body + t.bubble + t.pipeline_transfer + t.data_exchange + t.optimizer;
  if (l.slices > 1) {
    t.slices = r.trainer.slice_slowdown * std::log2(l.slices) * t.step;
    t.step += t.slices;
  }
  t.step *= r.trainer.time_factor;
  t.model = all.model + head.model;
  t.utilization = static_cast<double>(m / p * (all.at_peak + head.at_peak) / t.step);
  return t;
}

}  // namespace ironlaw::estimates
