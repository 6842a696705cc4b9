#pragma once
// Times of prompts and of generated tokens on a group of devices.
#include <ironlaw/equations/collectives.hpp>
#include <ironlaw/equations/device.hpp>
#include <ironlaw/equations/serving.hpp>
#include <ironlaw/equations/time_parts.hpp>
#include <ironlaw/equations/transformer.hpp>
#include <ironlaw/sdk/demand_form.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "deployment.hpp"

namespace ironlaw::serving {

/// What a model says of its passes. Throws Unsupported where it is no transformer.
struct ModelFacts {
  ModelFacts(const Workload& model, const Formats& in)
      : shape(shape_of(model)),
        prefill(model, {.phase = Phase::prefill, .formats = in}),
        decode(model, {.phase = Phase::decode, .formats = in}),
        parameters(model.parameters()),
        activation_bytes(in.bytes(TensorClass::activations)) {}

  const TransformerShape* shape;
  AskedWorkload prefill;
  AskedWorkload decode;
  Maybe<double> parameters;
  double activation_bytes;  ///< an element

 private:
  static const TransformerShape* shape_of(const Workload& model) {
    const auto* shape = model.facet<TransformerShape>();
    if (shape == nullptr) throw Unsupported(model.name(), "it states no transformer shape; allowed: a transformer");
    return shape;
  }
};

/// A model and a device, asked.
struct ServedFacts {
  explicit ServedFacts(const ServedModel& given) : ServedFacts(given, *given.workload, *given.hardware) {}
  ServedFacts(const ServedModel& given, const Workload& served, const Hardware& on)
      : device(on, given.precision, given.widths.accumulation), model(served, given.formats()) {}
  equations::AskedHardware device;
  ModelFacts model;
};

/// One model on one group of devices.
class Passes {
 public:
  Passes(const DeploymentTerms& terms, const ServedFacts& facts) : Passes(terms, facts.model, facts.device) {}
  Passes(const DeploymentTerms& terms, const ModelFacts& model, const equations::AskedHardware& device);

  /// A prompt, in chunks.
  struct Prompt {
    Time time;  ///< all chunks, one after another
    Time compute;
    Time memory;
    Time launches;
    Time messages;
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
    Time launches;
    Time messages;
    Information weights;      ///< stored
    Information first_cache;  ///< held at the first position, recurrent state with it
    Information cache;        ///< at the last one
    [[nodiscard]] Time fixed() const { return launches + messages; }
  };
  /// Steps of `tokens` tokens for each request, at contexts cached, cached + 1 ... cached + steps - 1.
  [[nodiscard]] Step step(double batch, double tokens, double cached, double steps) const;

  /// What a pass takes of its time; of a ceiling that the terms leave out, nothing.
  [[nodiscard]] equations::TimeParts parts(const Prompt& p) const {
    return {p.compute, both_ceilings_ ? p.memory : Time{}, p.launches, p.messages};
  }
  [[nodiscard]] equations::TimeParts parts(const Step& s) const {
    return {both_ceilings_ ? s.compute : Time{}, s.memory, s.launches, s.messages};
  }

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
  [[nodiscard]] const TransformerShape& shape() const { return *model_->shape; }
  /// Cache and state that requests of `tokens` tokens hold.
  [[nodiscard]] Information held(double requests, double tokens) const { return model_->decode.held(requests, tokens); }
  /// Whether the cache of a request grows by the same for every token.
  [[nodiscard]] bool cache_is_linear() const {
    return shape().window_layers == 0 && shape().chunked_layers == 0 && shape().attending_layers() == shape().layers;
  }

  /// Refuses a request of more tokens than the model was made for.
  void check_context(double tokens) const;

 private:
  struct Cost {
    Time compute;
    Time memory;
    Time launches;
    Time messages;
    [[nodiscard]] Time fixed() const { return launches + messages; }
  };
  [[nodiscard]] Time longer(const Cost& c) const { return both_ceilings_ ? std::max(c.compute, c.memory) : c.compute; }

  /// Times of a series of passes.
  struct Sum {
    Time longer;
    Time compute;
    Time memory;
    Cost last;
  };
  /// Over `count` passes whose cached tokens grow by `stride`. Costs grow in straight lines but where a window fills.
  template <class CostAt>
  [[nodiscard]] Sum sum_over(double cached, double stride, double count, CostAt cost_at) const;

  /// One chunk of a prompt of `whole` tokens; the last one alone needs logits.
  [[nodiscard]] Cost chunk_cost(double batch, double tokens, double cached, double whole, bool last) const;
  [[nodiscard]] Operations estimated_operations(double batch, double tokens, double whole) const;
  [[nodiscard]] Time exchange(double tokens) const;
  void share_layers(const DeploymentTerms& terms, const equations::AskedHardware& device);

  const ModelFacts* model_;
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

inline Passes::Passes(const DeploymentTerms& d, const ModelFacts& model, const equations::AskedHardware& device)
    : model_(&model),
      efficiency_(d.efficiency),
      memory_efficiency_(d.memory_efficiency),
      devices_(d.tensor_parallel),
      framework_overhead_(d.framework_overhead),
      dispatch_overhead_(device.dispatch_overhead),
      memory_(device.memory),
      rate_(device.peak * d.efficiency * d.tensor_parallel),
      bandwidth_(memory_.bandwidth * d.memory_efficiency),
      both_ceilings_(d.both_ceilings),
      prefill_operations_(d.prefill_operations),
      check_context_(d.check_context) {
  if (devices_ > 1) share_layers(d, device);
}

/// Heads are dealt out whole; a latent cache belongs to all heads, so every device keeps it.
inline void Passes::share_layers(const DeploymentTerms& d, const equations::AskedHardware& device) {
  if (std::fmod(shape().heads, devices_) != 0) {
    char text[96];
    std::snprintf(text, sizeof text, "%.0f is out of range; allowed: a divisor of the %.0f heads of ", devices_, shape().heads);
    throw DomainError("tensor_parallel", text + std::string(model_->decode.workload().name()));
  }
  const auto* link = device.link;
  if (link == nullptr && !d.link_bandwidth)
    throw MissingData(device.hardware->name(), "device_link", "tensor_parallel above 1 needs link_bandwidth");
  const Maybe<Bandwidth> bandwidth = d.link_bandwidth ? d.link_bandwidth : link->bandwidth;
  if (!bandwidth) throw MissingData(device.hardware->name(), "device_link", "tensor_parallel above 1 needs link_bandwidth");
  link_ = {*bandwidth, link == nullptr ? Time{} : link->latency};
  if (!shape().latent_kv_rank) cache_shards_ = std::min(devices_, shape().kv_heads);
}

inline void Passes::check_context(double tokens) const {
  if (!check_context_ || !shape().context_length || tokens <= *shape().context_length) return;
  char text[128];
  std::snprintf(text, sizeof text,
                "a request of %.0f tokens exceeds the context; allowed: up to %.0f tokens, or check_context = false", tokens,
                *shape().context_length);
  throw Unsupported(model_->decode.workload().name(), text);
}

/// Two ring all-reduces of the hidden state a layer (Shoeybi 2019, Pope 2022).
inline Time Passes::exchange(double tokens) const {
  if (devices_ == 1) return {};
  const Information message = tokens * shape().hidden_size * model_->activation_bytes * units::byte;
  return 2 * shape().layers * equations::ring_all_reduce(message, devices_, link_);
}

inline Operations Passes::estimated_operations(double batch, double tokens, double whole) const {
  const auto parameters = model_->parameters;
  if (!parameters) throw MissingData(model_->decode.workload().name(), "number of parameters");
  const double width = shape().heads * std::floor(shape().hidden_size / shape().heads);
  return (2 * *parameters + 4 * shape().layers * width * whole) * tokens * batch * units::flop;
}

inline Passes::Cost Passes::chunk_cost(double batch, double tokens, double cached, double whole, bool last) const {
  const Demand d = model_->prefill.demand(batch, tokens, cached);
  Operations operations = d.linear + d.attention;
  if (last) operations += d.logits;
  if (prefill_operations_ == PrefillOperations::all_parameters) operations = estimated_operations(batch, tokens, whole);
  Cost cost{operations / rate_, on_each_device(d.weights_read, d.cache_read + d.cache_write + 2.0 * d.state) / bandwidth_,
            dispatch_overhead_, exchange(batch * tokens)};
  if (both_ceilings_) cost.launches += d.launches * framework_overhead_;
  return cost;
}

template <class CostAt>
inline Passes::Sum Passes::sum_over(double cached, double stride, double count, CostAt cost_at) const {
  Sum all{};
  const auto part = [&](double from, double to) {
    const Cost first = cost_at(cached + from * stride);
    all.last = to - from > 1 ? cost_at(cached + (to - 1) * stride) : first;
    const double gaps = std::max(1.0, to - from - 1);
    const equations::Line compute{first.compute, (all.last.compute - first.compute) / gaps};
    const equations::Line memory{first.memory, (all.last.memory - first.memory) / gaps};
    all.longer += equations::sum_of_longer(compute, memory, to - from);
    all.compute += sum(compute, 0, to - from);
    all.memory += sum(memory, 0, to - from);
  };
  double from = 0;
  if (!cache_is_linear() || shape().index_top_k) [[unlikely]] {
    std::array<double, 3> kinks{shape().window_size, shape().chunk_size, shape().index_top_k.value_or(0)};
    std::sort(kinks.begin(), kinks.end());
    for (const double kink : kinks) {
      const double at = std::ceil((kink - cached) / stride);
      if (at <= from || at >= count) continue;
      part(from, at);
      from = at;
    }
  }
  part(from, count);
  return all;
}

inline Passes::Prompt Passes::prompt(double batch, double tokens, double cached, double chunk) const {
  const double whole = cached + tokens;
  const double size = std::min(chunk, tokens);
  const double before = std::ceil(tokens / size) - 1;  // chunks of full size before the last one
  const double rest = tokens - before * size;
  const Cost end = chunk_cost(batch, rest, whole - rest, whole, true);
  Prompt p{longer(end) + end.fixed(), end.compute, end.memory, end.launches, end.messages, longer(end) + end.fixed(), before + 1};
  if (before == 0) return p;

  const Sum full = sum_over(cached, size, before, [&](double held) { return chunk_cost(batch, size, held, whole, false); });
  p.time += before * full.last.fixed() + (both_ceilings_ ? full.longer : full.compute);
  p.compute += full.compute;
  p.memory += full.memory;
  p.launches += before * full.last.launches;
  p.messages += before * full.last.messages;
  p.slowest_chunk = std::max(p.slowest_chunk, longer(full.last) + full.last.fixed());
  return p;
}

inline Passes::Step Passes::step(double batch, double tokens, double cached, double steps) const {
  const AskedWorkload& model = model_->decode;
  Demand at_last;
  const Sum all = sum_over(cached, 1, steps, [&](double held) -> Cost {
    at_last = model.demand(batch, tokens, held);
    return {(at_last.linear + at_last.logits + at_last.attention) / rate_,
            on_each_device(at_last.weights_read, at_last.cache_read + 2.0 * at_last.state) / bandwidth_, Time{}, Time{}};
  });
  Step s{};
  s.weights = at_last.weights_resident;
  s.first_cache = held(batch, cached);
  s.cache = steps > 1 ? held(batch, cached + steps - 1) : s.first_cache;
  s.compute = all.compute / steps;
  s.memory = all.memory / steps;
  s.launches = at_last.launches * framework_overhead_;
  s.messages = exchange(batch * tokens);
  s.time = s.fixed() + (both_ceilings_ ? all.longer / steps : s.memory);
  return s;
}

}  // namespace ironlaw::serving
