#pragma once
// Times of prompts and of generated tokens on a group of devices.
#include <ironlaw/equations/collectives.hpp>
#include <ironlaw/equations/serving.hpp>
#include <ironlaw/equations/transformer.hpp>

#include <cstdio>
#include <string>

#include "deployment.hpp"

namespace ironlaw::serving {

/// One model on one group of devices.
class Passes {
 public:
  Passes(const Deployment& deployment, const Workload& model, const Hardware& device);

  /// A prompt, in chunks.
  struct Prompt {
    Time time;  ///< all chunks, one after another
    Time compute;
    Time memory;
    Time slowest_chunk;
    double chunks;
  };
  /// `tokens` new tokens of each request after `cached` ones, at most `chunk` of them at a time.
  [[nodiscard]] Prompt prompt(double batch, double tokens, double cached, double chunk) const;
  [[nodiscard]] Prompt prompt(double batch, double tokens) const { return prompt(batch, tokens, 0, tokens); }

  /// A decoding step, on average over some positions.
  struct Step {
    Time time;
    Time compute;
    Time memory;
    Time fixed;
    Information weights;      ///< stored
    Information first_cache;  ///< at the first position
    Information cache;        ///< at the last one
  };
  /// Steps of `tokens` tokens for each request, at contexts cached, cached + 1 ... cached + steps - 1.
  [[nodiscard]] Step step(double batch, double tokens, double cached, double steps) const;

  /// Devices that hold different parts of the cache.
  [[nodiscard]] double cache_shards() const { return cache_shards_; }
  /// What each device holds of weights and cache together.
  [[nodiscard]] Information on_each_device(Information weights, Information cache) const {
    return weights / devices_ + cache / cache_shards_;
  }
  /// Share of the busier of arithmetic and memory that was in use, in [0, 1].
  [[nodiscard]] double load(Time compute, Time memory, Time total) const {
    return std::min(1.0, static_cast<double>(std::max(compute * efficiency_, memory * memory_efficiency_) / total));
  }
  [[nodiscard]] const Memory& memory() const { return memory_; }
  [[nodiscard]] const TransformerShape& shape() const { return *shape_; }

  /// Refuses a request of more tokens than the model was made for.
  void check_context(double tokens) const;

 private:
  struct Cost {
    Time compute;
    Time memory;
    Time fixed;
  };
  [[nodiscard]] Time longer(const Cost& c) const { return both_ceilings_ ? std::max(c.compute, c.memory) : c.compute; }

  [[nodiscard]] Conditions conditions(Phase phase, double batch, double tokens, double cached) const {
    return {.phase = phase,
            .batch = batch,
            .new_tokens = tokens,
            .cached_tokens = cached,
            .formats = Formats::of(precision_, cache_precision_)};
  }
  /// One chunk of a prompt of `whole` tokens; the last one alone needs logits.
  [[nodiscard]] Cost chunk_cost(double batch, double tokens, double cached, double whole, bool last) const;
  [[nodiscard]] Operations estimated_operations(double batch, double tokens, double whole) const;
  [[nodiscard]] Time exchange(double tokens) const;
  void share_layers(const Deployment& deployment, const Hardware& device);

  const Workload* model_;
  const TransformerShape* shape_;
  Precision precision_;
  Precision cache_precision_;
  double efficiency_;
  double memory_efficiency_;
  double devices_;
  double cache_shards_ = 1;
  equations::Link link_{};
  Time framework_overhead_;
  Time dispatch_overhead_;
  Memory memory_;
  FlopRate rate_;        ///< of all devices, achieved
  Bandwidth bandwidth_;  ///< of one device, achieved
  bool both_ceilings_;
  PrefillOperations prefill_operations_;
  bool check_context_;
};

inline Passes::Passes(const Deployment& d, const Workload& model, const Hardware& device)
    : model_(&model),
      shape_(model.facet<TransformerShape>()),
      precision_(d.precision),
      cache_precision_(d.cache_precision.value_or(d.precision)),
      efficiency_(d.efficiency),
      memory_efficiency_(d.memory_efficiency),
      devices_(d.tensor_parallel),
      framework_overhead_(d.framework_overhead),
      dispatch_overhead_(device.dispatch_overhead()),
      memory_(device.memory()),
      rate_(device.peak_rate(d.precision) * d.efficiency * d.tensor_parallel),
      bandwidth_(memory_.bandwidth * d.memory_efficiency),
      both_ceilings_(d.both_ceilings),
      prefill_operations_(d.prefill_operations),
      check_context_(d.check_context) {
  if (shape_ == nullptr) throw Unsupported(model.name(), "it states no transformer shape; allowed: a transformer");
  if (devices_ > 1) share_layers(d, device);
}

/// Heads are dealt out whole; a latent cache belongs to all heads, so every device keeps it.
inline void Passes::share_layers(const Deployment& d, const Hardware& device) {
  if (std::fmod(shape_->heads, devices_) != 0) {
    char text[96];
    std::snprintf(text, sizeof text, "%.0f is out of range; allowed: a divisor of the %.0f heads of ", devices_, shape_->heads);
    throw DomainError("tensor_parallel", text + std::string(model_->name()));
  }
  const auto* link = device.facet<DeviceLink>();
  if (link == nullptr && !d.link_bandwidth)
    throw MissingData(device.name(), "device_link", "tensor_parallel above 1 needs link_bandwidth");
  const Maybe<Bandwidth> bandwidth = d.link_bandwidth ? d.link_bandwidth : link->bandwidth;
  if (!bandwidth) throw MissingData(device.name(), "device_link", "tensor_parallel above 1 needs link_bandwidth");
  link_ = {*bandwidth, link == nullptr ? Time{} : link->latency};
  if (!shape_->latent_kv_rank) cache_shards_ = std::min(devices_, shape_->kv_heads);
}

inline void Passes::check_context(double tokens) const {
  if (!check_context_ || !shape_->context_length || tokens <= *shape_->context_length) return;
  char text[128];
  std::snprintf(text, sizeof text,
                "a request of %.0f tokens exceeds the context; allowed: up to %.0f tokens, or check_context = false", tokens,
                *shape_->context_length);
  throw Unsupported(model_->name(), text);
}

/// Two ring all-reduces of the hidden state a layer (Shoeybi 2019, Pope 2022).
inline Time Passes::exchange(double tokens) const {
  if (devices_ == 1) return {};
  const Information message = tokens * shape_->hidden_size * bytes_per_element(precision_) * units::byte;
  return 2 * shape_->layers * equations::ring_all_reduce(message, devices_, link_);
}

inline Operations Passes::estimated_operations(double batch, double tokens, double whole) const {
  const auto parameters = model_->parameters();
  if (!parameters) throw MissingData(model_->name(), "number of parameters");
  const double width = shape_->heads * std::floor(shape_->hidden_size / shape_->heads);
  return (2 * *parameters + 4 * shape_->layers * width * whole) * tokens * batch * units::flop;
}

inline Passes::Cost Passes::chunk_cost(double batch, double tokens, double cached, double whole, bool last) const {
  const Demand d = model_->demand(conditions(Phase::prefill, batch, tokens, cached));
  Operations operations = d.linear + d.attention;
  if (last) operations += d.logits;
  if (prefill_operations_ == PrefillOperations::all_parameters) operations = estimated_operations(batch, tokens, whole);
  Cost cost{operations / rate_, on_each_device(d.weights_read, d.cache_read + d.cache_write) / bandwidth_,
            dispatch_overhead_ + exchange(batch * tokens)};
  if (both_ceilings_) cost.fixed += d.launches * framework_overhead_;
  return cost;
}

inline Passes::Prompt Passes::prompt(double batch, double tokens, double cached, double chunk) const {
  const double whole = cached + tokens;
  const double size = std::min(chunk, tokens);
  const double before = std::ceil(tokens / size) - 1;  // chunks of full size before the last one
  const double rest = tokens - before * size;
  const Cost end = chunk_cost(batch, rest, whole - rest, whole, true);
  Prompt p{longer(end) + end.fixed, end.compute, end.memory, longer(end) + end.fixed, before + 1};
  if (before == 0) return p;

  const Cost first = chunk_cost(batch, size, cached, whole, false);
  const Cost last = chunk_cost(batch, size, cached + (before - 1) * size, whole, false);
  const double gaps = std::max(1.0, before - 1);
  const equations::Line compute{first.compute, (last.compute - first.compute) / gaps};
  const equations::Line memory{first.memory, (last.memory - first.memory) / gaps};
  p.time += before * first.fixed + (both_ceilings_ ? equations::sum_of_longer(compute, memory, before) : sum(compute, 0, before));
  p.compute += sum(compute, 0, before);
  p.memory += sum(memory, 0, before);
  p.slowest_chunk = std::max(p.slowest_chunk, longer(last) + last.fixed);
  return p;
}

inline Passes::Step Passes::step(double batch, double tokens, double cached, double steps) const {
  const Demand first = model_->demand(conditions(Phase::decode, batch, tokens, cached));
  const auto compute_time = [&](const Demand& d) -> Time { return (d.linear + d.logits + d.attention) / rate_; };
  const auto memory_time = [&](const Demand& d) -> Time { return on_each_device(d.weights_read, d.cache_read) / bandwidth_; };
  equations::Line compute{compute_time(first), Time{}};
  equations::Line memory{memory_time(first), Time{}};
  Step s{};
  s.weights = first.weights_resident;
  s.first_cache = s.cache = first.cache_read;
  if (steps > 1) {
    const Demand last = model_->demand(conditions(Phase::decode, batch, tokens, cached + steps - 1));
    compute.growth = (compute_time(last) - compute.first) / (steps - 1);
    memory.growth = (memory_time(last) - memory.first) / (steps - 1);
    s.cache = last.cache_read;
  }
  s.compute = sum(compute, 0, steps) / steps;
  s.memory = sum(memory, 0, steps) / steps;
  s.fixed = first.launches * framework_overhead_ + exchange(batch * tokens);
  s.time = s.fixed + (both_ceilings_ ? equations::sum_of_longer(compute, memory, steps) / steps : s.memory);
  return s;
}

}  // namespace ironlaw::serving
