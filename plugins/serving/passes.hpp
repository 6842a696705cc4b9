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
template <class N>
class PassesOf {
  using T = Of<N, Time>;
  using Bytes = Of<N, Information>;

 public:
  PassesOf(const DeploymentTermsOf<N>& terms, const ModelFacts& model, const equations::AskedHardware& device, Rare<N>& rare);
  PassesOf(const DeploymentTermsOf<N>& terms, const ServedFacts& facts, Rare<N>& rare)
      : PassesOf(terms, facts.model, facts.device, rare) {}
  PassesOf(const DeploymentTerms& terms, const ServedFacts& facts, Rare<double>&& none = {}) requires(lanes_of<N> == 1)
      : PassesOf(terms, facts.model, facts.device, none) {}

  /// A prompt, in chunks.
  struct Prompt {
    T time;  ///< all chunks, one after another
    T compute;
    T memory;
    T launches;
    T messages;
    T slowest_chunk;
    N chunks;
  };
  /// `tokens` new tokens of each request after `cached` ones, at most `chunk` of them at a time.
  [[nodiscard]] Prompt prompt(const N& batch, const N& tokens, const N& cached, const N& chunk, Rare<N>& rare) const;
  [[nodiscard]] Prompt prompt(double batch, double tokens) const requires(lanes_of<N> == 1) {
    return prompt(batch, tokens, 0, tokens);
  }
  [[nodiscard]] Prompt prompt(double batch, double tokens, double cached, double chunk) const requires(lanes_of<N> == 1) {
    Rare<double> none;
    return prompt(batch, tokens, cached, chunk, none);
  }

  /// A decoding step, on average over some positions.
  struct Step {
    T time;
    T compute;
    T memory;
    T launches;
    T messages;
    Bytes weights;      ///< stored
    Bytes first_cache;  ///< held at the first position, recurrent state with it
    Bytes cache;        ///< at the last one
    [[nodiscard]] T fixed() const { return launches + messages; }
  };
  /// Steps of `tokens` tokens for each request, at contexts cached, cached + 1 ... cached + steps - 1.
  [[nodiscard]] Step step(const N& batch, const N& tokens, const N& cached, const N& steps, Rare<N>& rare) const;
  [[nodiscard]] Step step(double batch, double tokens, double cached, double steps) const requires(lanes_of<N> == 1) {
    Rare<double> none;
    return step(batch, tokens, cached, steps, none);
  }

  /// What a pass takes of its time; of a ceiling that the terms leave out, nothing.
  [[nodiscard]] equations::TimePartsOf<N> parts(const Prompt& p) const {
    return {p.compute, both_ceilings_ ? p.memory : T{}, p.launches, p.messages};
  }
  [[nodiscard]] equations::TimePartsOf<N> parts(const Step& s) const {
    return {both_ceilings_ ? s.compute : T{}, s.memory, s.launches, s.messages};
  }

  /// Devices that hold different parts of the cache.
  [[nodiscard]] const N& cache_shards() const { return cache_shards_; }
  /// What each device holds of weights and cache together.
  [[nodiscard]] Bytes on_each_device(const Bytes& weights, const Bytes& cache) const {
    return weights / devices_ + cache / cache_shards_;
  }
  /// Share of the busier of arithmetic and memory that was in use, in [0, 1].
  [[nodiscard]] double load(Time compute, Time memory, Time total) const requires(lanes_of<N> == 1) {
    return std::min(1.0, static_cast<double>(std::max(compute * efficiency_, memory * memory_efficiency_) / total));
  }
  [[nodiscard]] const Memory& memory() const { return memory_; }
  [[nodiscard]] const TransformerShape& shape() const { return *model_->shape; }
  /// Cache and state that requests of `tokens` tokens hold.
  [[nodiscard]] Bytes held(const N& requests, const N& tokens) const { return model_->decode.held(requests, tokens); }
  /// Whether the cache of a request grows by the same for every token.
  [[nodiscard]] bool cache_is_linear() const {
    return shape().window_layers == 0 && shape().chunked_layers == 0 && shape().attending_layers() == shape().layers;
  }

  /// Refuses a request of more tokens than the model was made for.
  void check_context(const N& tokens, Rare<N>& rare) const;
  void check_context(double tokens) const requires(lanes_of<N> == 1) {
    Rare<double> none;
    check_context(tokens, none);
  }

 private:
  struct Cost {
    T compute;
    T memory;
    T launches;
    T messages;
    [[nodiscard]] T fixed() const { return launches + messages; }
  };
  [[nodiscard]] T longer(const Cost& c) const { return both_ceilings_ ? larger(c.compute, c.memory) : c.compute; }

  /// Times of a series of passes.
  struct Sum {
    T longer;
    T compute;
    T memory;
    Cost last;
  };
  /// Over `count` passes whose cached tokens grow by `stride`. Costs grow in straight lines but where a window fills: such rows
  /// are taken one by one.
  template <class CostAt>
  [[nodiscard]] Sum sum_over(const N& cached, const N& stride, const N& count, Rare<N>& rare, CostAt cost_at) const;
  template <class CostAt>
  void add_part(Sum& all, const N& cached, const N& stride, const N& from, const N& to, CostAt cost_at) const;

  /// One chunk of a prompt of `whole` tokens; the last one alone needs logits.
  [[nodiscard]] Cost chunk_cost(const N& batch, const N& tokens, const N& cached, const N& whole, bool last, Rare<N>& rare) const;
  [[nodiscard]] Of<N, Operations> estimated_operations(const N& batch, const N& tokens, const N& whole, Rare<N>& rare) const;
  [[nodiscard]] T exchange(const N& tokens) const;
  void share_layers(const DeploymentTermsOf<N>& terms, const equations::AskedHardware& device, Rare<N>& rare);
  /// Throw.
  void refuse_heads(const N& devices) const;
  void refuse_context(const N& tokens) const;

  const ModelFacts* model_;
  N efficiency_;
  N memory_efficiency_;
  N devices_;
  N cache_shards_ = 1;
  equations::LinkOf<N> link_{};
  T framework_overhead_;
  Time dispatch_overhead_;
  Memory memory_;
  Of<N, FlopRate> rate_;        ///< of all devices, achieved
  Of<N, Bandwidth> bandwidth_;  ///< of one device, achieved
  bool both_ceilings_;
  PrefillOperations prefill_operations_;
  bool check_context_;
};
using Passes = PassesOf<double>;

template <class N>
PassesOf<N>::PassesOf(const DeploymentTermsOf<N>& d, const ModelFacts& model, const equations::AskedHardware& device,
                      Rare<N>& rare)
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
  if (any(devices_ > 1.0)) share_layers(d, device, rare);
}

template <class N>
void PassesOf<N>::refuse_heads(const N& devices) const {
  if constexpr (lanes_of<N> == 1) {
    char text[96];
    std::snprintf(text, sizeof text, "%.0f is out of range; allowed: a divisor of the %.0f heads of ", devices,
                  shape().split_heads());
    throw DomainError("tensor_parallel", text + std::string(model_->decode.workload().name()));
  }
}

/// Heads are dealt out whole; a latent cache belongs to all heads, so every device keeps it.
template <class N>
void PassesOf<N>::share_layers(const DeploymentTermsOf<N>& d, const equations::AskedHardware& device, Rare<N>& rare) {
  const auto shared = devices_ > 1.0;
  const double heads = shape().split_heads();
  if (rare(both(shared, !divides(devices_, N(heads))))) refuse_heads(devices_);
  const auto* link = device.link;
  const Maybe<Bandwidth> own = link != nullptr ? link->bandwidth : Maybe<Bandwidth>();
  const auto said = has(d.link_bandwidth);
  if (rare(both(shared, !either(said, own.has_value()))))
    throw MissingData(device.hardware->name(), "device_link", "tensor_parallel above 1 needs link_bandwidth");
  using Speed = Of<N, Bandwidth>;
  link_ = {select(said, *d.link_bandwidth, own ? spread<N>(*own) : Speed{}), spread<N>(link == nullptr ? Time{} : link->latency)};
  if (!shape().latent_kv_rank) cache_shards_ = select(shared, smaller(devices_, N(shape().split_kv_heads())), N(1.0));
}

template <class N>
void PassesOf<N>::refuse_context(const N& tokens) const {
  if constexpr (lanes_of<N> == 1) {
    char text[128];
    std::snprintf(text, sizeof text,
                  "a request of %.0f tokens exceeds the context; allowed: up to %.0f tokens, or check_context = false", tokens,
                  *shape().context_length);
    throw Unsupported(model_->decode.workload().name(), text);
  }
}

template <class N>
void PassesOf<N>::check_context(const N& tokens, Rare<N>& rare) const {
  if (!check_context_ || !shape().context_length) return;
  if (rare(!(tokens <= *shape().context_length))) refuse_context(tokens);
}

/// Two ring all-reduces of the hidden state a layer (Shoeybi 2019, Pope 2022).
template <class N>
Of<N, Time> PassesOf<N>::exchange(const N& tokens) const {
  const auto alone = devices_ == 1.0;
  if (!any(!alone)) return {};
  const Bytes message = tokens * shape().hidden_size * model_->activation_bytes * units::byte;
  return select(alone, T{}, T(2 * shape().layers * equations::ring_all_reduce(message, devices_, link_)));
}

template <class N>
Of<N, Operations> PassesOf<N>::estimated_operations(const N& batch, const N& tokens, const N& whole, Rare<N>& rare) const {
  const auto parameters = model_->parameters;
  if (rare(!parameters.has_value())) throw MissingData(model_->decode.workload().name(), "number of parameters");
  const double width = shape().heads * std::floor(shape().hidden_size / shape().heads);
  return (2 * *parameters + 4 * shape().layers * width * whole) * tokens * batch * units::flop;
}

template <class N>
typename PassesOf<N>::Cost PassesOf<N>::chunk_cost(const N& batch, const N& tokens, const N& cached, const N& whole, bool last,
                                                   Rare<N>& rare) const {
  const DemandOf<N> d = model_->prefill.demand(batch, tokens, cached);
  Of<N, Operations> operations = d.linear + d.attention;
  if (last) operations += d.logits;
  if (prefill_operations_ == PrefillOperations::all_parameters) operations = estimated_operations(batch, tokens, whole, rare);
  Cost cost{operations / rate_, on_each_device(d.weights_read, d.cache_read + d.cache_write + 2.0 * d.state) / bandwidth_,
            spread<N>(dispatch_overhead_), exchange(batch * tokens)};
  if (both_ceilings_) cost.launches += d.launches * framework_overhead_;
  return cost;
}

template <class N>
template <class CostAt>
void PassesOf<N>::add_part(Sum& all, const N& cached, const N& stride, const N& from, const N& to, CostAt cost_at) const {
  const Cost first = cost_at(cached + from * stride);
  all.last = first;
  if (const auto several = to - from > 1.0; any(several)) {
    const Cost end = cost_at(cached + (to - 1) * stride);
    all.last = {select(several, end.compute, first.compute), select(several, end.memory, first.memory),
                select(several, end.launches, first.launches), select(several, end.messages, first.messages)};
  }
  const N gaps = larger(N(1.0), N(to - from - 1));
  const equations::LineOf<N> compute{first.compute, T((all.last.compute - first.compute) / gaps)};
  const equations::LineOf<N> memory{first.memory, T((all.last.memory - first.memory) / gaps)};
  all.longer += equations::sum_of_longer(compute, memory, N(to - from));
  all.compute += equations::sum(compute, N(0.0), N(to - from));
  all.memory += equations::sum(memory, N(0.0), N(to - from));
}

template <class N>
template <class CostAt>
typename PassesOf<N>::Sum PassesOf<N>::sum_over(const N& cached, const N& stride, const N& count, Rare<N>& rare,
                                                CostAt cost_at) const {
  Sum all{};
  N from = 0.0;
  if (rare(!cache_is_linear() || shape().index_top_k.has_value())) [[unlikely]] {
    if constexpr (lanes_of<N> == 1) {
      const TransformerShape& s = shape();
      std::array<double, 5> kinks{s.window_size, s.chunk_size, s.index_top_k.value_or(0),
                                  equations::picked_tokens(s, s.compressed[0]), equations::picked_tokens(s, s.compressed[1])};
      std::sort(kinks.begin(), kinks.end());
      for (const double kink : kinks) {
        const double at = std::ceil((kink - cached) / stride);
        if (at <= from || at >= count) continue;
        add_part(all, cached, stride, from, at, cost_at);
        from = at;
      }
    }
  }
  add_part(all, cached, stride, from, count, cost_at);
  return all;
}

template <class N>
typename PassesOf<N>::Prompt PassesOf<N>::prompt(const N& batch, const N& tokens, const N& cached, const N& chunk,
                                                 Rare<N>& rare) const {
  const N whole = cached + tokens;
  const N size = smaller(chunk, tokens);
  const N before = each([](double x) { return std::ceil(x); }, N(tokens / size)) - 1;  // chunks of full size before the last one
  const N rest = tokens - before * size;
  const Cost end = chunk_cost(batch, rest, whole - rest, whole, true, rare);
  Prompt p{longer(end) + end.fixed(), end.compute, end.memory, end.launches, end.messages, longer(end) + end.fixed(), before + 1};
  const auto several = before != 0.0;
  if (!any(several)) return p;

  const Sum full =
      sum_over(cached, size, before, rare, [&](const N& held) { return chunk_cost(batch, size, held, whole, false, rare); });
  p.time = select(several, T(p.time + (before * full.last.fixed() + (both_ceilings_ ? full.longer : full.compute))), p.time);
  p.compute = select(several, T(p.compute + full.compute), p.compute);
  p.memory = select(several, T(p.memory + full.memory), p.memory);
  p.launches = select(several, T(p.launches + before * full.last.launches), p.launches);
  p.messages = select(several, T(p.messages + before * full.last.messages), p.messages);
  p.slowest_chunk = select(several, larger(p.slowest_chunk, T(longer(full.last) + full.last.fixed())), p.slowest_chunk);
  return p;
}

template <class N>
typename PassesOf<N>::Step PassesOf<N>::step(const N& batch, const N& tokens, const N& cached, const N& steps,
                                             Rare<N>& rare) const {
  const AskedWorkload& model = model_->decode;
  DemandOf<N> at_last;
  const Sum all = sum_over(cached, N(1.0), steps, rare, [&](const N& held_tokens) -> Cost {
    at_last = model.demand(batch, tokens, held_tokens);
    return {(at_last.linear + at_last.logits + at_last.attention) / rate_,
            on_each_device(at_last.weights_read, at_last.cache_read + 2.0 * at_last.state) / bandwidth_, T{}, T{}};
  });
  Step s{};
  s.weights = at_last.weights_resident;
  s.first_cache = held(batch, cached);
  s.cache = s.first_cache;
  if (const auto several = steps > 1.0; any(several)) s.cache = select(several, held(batch, cached + steps - 1), s.cache);
  s.compute = all.compute / steps;
  s.memory = all.memory / steps;
  s.launches = at_last.launches * framework_overhead_;
  s.messages = exchange(batch * tokens);
  s.time = s.fixed() + (both_ceilings_ ? T(all.longer / steps) : s.memory);
  return s;
}

}  // namespace ironlaw::serving
