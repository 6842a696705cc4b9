#pragma once
// Reads a model's operators into the terms of an iteration, once for the rows that share them.
#include <ironlaw/facets.hpp>
#include <ironlaw/sdk/operators.hpp>

#include "exchange_facts.hpp"

namespace ironlaw::estimates {

namespace detail {

/// Reads the lists of a workload into terms.
class IterationCompiler {
 public:
  explicit IterationCompiler(const IterationGiven& in)
      : in_(in),
        model_(in.workload->name()),
        search_(*in.hardware, in.kernel_rates, in.software_stack == nullptr ? nullptr : in.software_stack->engine,
                iteration_laws) {}

  void compile(IterationFacts& to) {
    to.stack = stack_constants(in_);
    to.tensor = in_.tensor_parallel;
    to.data = in_.attention_data_parallel;
    to.stages = in_.pipeline_parallel;
    decode_list(to);
    prompt_list(to);
    ExchangeCompiler(in_, search_).compile(to);
    for (const ProductTerm& p : to.products.all()) {
      to.product_fixed += p.count * p.form.fixed;
      to.product_traffic += p.count * p.form.traffic;
      to.widens |= p.widening > Time{} || p.copy > Time{};
    }
    to.plain = serving_band(in_.software_stack, search_, "iteration",
                            to.routed_layers == 0 ? "dense"
                            : to.data > 1         ? "data_parallel"
                                                  : "experts");
    if (to.routed_layers > 0 || has_own_band(in_.software_stack))
      to.drafts = serving_band(in_.software_stack, search_, "iteration", "drafts");
    const bool known = !search_.engine().empty();
    to.first_token = serving_band(in_.software_stack, search_, "first_token",
                                  !known                  ? "any_engine"
                                  : to.routed_layers == 0 ? "dense"
                                                          : "experts");
    to.batch_decode = serving_band(in_.software_stack, search_, "static_batch", "decode");
    to.batch_prompt = serving_band(in_.software_stack, search_, "static_batch", "prompt");
    for (const ProductTerm& p : to.products.all()) to.product_rows.narrow(p.record);
    for (const AttentionTerm& a : to.decoding.all()) to.decode_keys.narrow(a.record);
    for (const AttentionTerm& a : to.prompts.all()) to.prompt_keys.narrow(a.record);
    power(to);
    const bool quantized = facts_of(in_.format).activation < 2.0 * units::byte;
    to.layer_time = to.plain_layers * to.stack.layer_latency + to.recurrent_layers * to.stack.recurrent_layer_latency +
                    to.routed_layers * to.stack.expert_layer_latency +
                    (quantized ? to.plain_layers * to.stack.quantized_layer_latency : Time{});
  }

 private:
  [[nodiscard]] OperatorConditions conditions(Phase phase) const {
    const auto whole = [](double v) { return static_cast<std::uint32_t>(v); };
    OperatorConditions c;
    c.phase = phase;
    c.tensor = whole(in_.tensor_parallel);
    c.expert = whole(in_.experts_over());
    c.expert_tensor = whole(in_.expert_width_over());
    // What passes between operators stays in 16 bits; products quantise what they read.
    c.formats = Formats::of(facts_of(in_.format).arithmetic).stored(TensorClass::activations, 16);
    return c;
  }
  /// Tables of some cards were measured from a warm second-level cache; the caches of a served model do not fit in one.
  [[nodiscard]] static equations::AttentionLaw cold_attention_law(const RateFound& found, bool computes) {
    equations::AttentionLaw law = attention_law(found, computes);
    law.memory_share = std::min(law.memory_share, 1.0);
    return law;
  }
  [[nodiscard]] equations::KernelDevice device_at(Precision arithmetic) const {
    return kernel_device(*in_.hardware, arithmetic,
                         arithmetic == Precision::fp16 ? stack_constants(in_).accumulation : Accumulation::fp32);
  }
  [[nodiscard]] static Information bytes_of(const Maybe<double>& bits, OperandFormat format) {
    return bits ? *bits / 8 * units::byte : facts_of(format).weight;
  }

  void decode_list(IterationFacts& to) {
    OperatorTable<> table;
    table.ask(*in_.workload, conditions(Phase::decode));
    for (const LayerClass& layer : table.classes()) {
      if (layer.place == LayerPlace::prediction) continue;
      const bool stack = layer.place == LayerPlace::stack;
      if (stack) {
        to.layers += layer.count;
        to.plain_layers += plain_layers(layer, table.of(layer));
      }
      if (layer.mixer == Mixer::recurrent) to.recurrent_layers += layer.count;
      if (layer.feed_forward == FeedForward::experts) to.routed_layers += layer.count;
      const Operator* up = nullptr;
      for (const Operator& o : table.of(layer)) {
        const double count = layer.count * o.count;
        if (o.role == OperatorRole::head)
          head(to, o);
        else if (o.kind == OperatorKind::product)
          product(to, o, count);
        else if (o.role == OperatorRole::expert_up)
          up = &o;
        else if (o.role == OperatorRole::expert_down && up != nullptr)
          experts(to, *up, o, count);
        else if (o.kind == OperatorKind::attention)
          decode_attention(to, o, count);
        else if (o.kind == OperatorKind::state_update)
          state(to, o, count);
        else if (o.kind == OperatorKind::exchange && o.role == OperatorRole::norm)
          joint_norm(to, o, count);
      }
    }
  }

  /// A class of layers by its operators: engines launch each, and lose time between one and the next, whatever it computes. A
  /// dense decoder's layer has nine: two norms, four products, rotary, attention, activation.
  [[nodiscard]] static double plain_layers(const LayerClass& layer, std::span<const Operator> operators) {
    constexpr double plain = 9;
    const auto launched = [](const Operator& o) { return o.kind != OperatorKind::exchange; };
    return layer.count * static_cast<double>(std::count_if(operators.begin(), operators.end(), launched)) / plain;
  }

  /// Arithmetic of a row at the peak of its own format.
  void power(IterationFacts& to) const {
    PowerFacts& p = to.power;
    const auto at_peak = [&](double elements, OperandFormat format) {
      return 2 * elements * units::flop / in_.hardware->peak_rate(facts_of(format).arithmetic);
    };
    for (const ProductTerm& t : to.products.all()) p.row += at_peak(t.count * t.batch * t.n * t.k, t.format);
    for (const ExpertTerm& e : to.experts.all())
      p.all_row += at_peak(e.count * e.per_token * e.group_share * e.elements, in_.of_experts());
    p.result = at_peak(to.head.n * to.head.k, OperandFormat::bf16);
    p.pair_peak = in_.hardware->peak_rate(Precision::fp16);
    p.design = in_.hardware->tdp();
    if (p.design) p.idle = in_.idle_power.value_or(PowerFacts::idle_share * *p.design);
  }

  void product(IterationFacts& to, const Operator& o, double count) {
    const auto& [n, k] = o.shape.product;
    const bool absorbed = o.role == OperatorRole::key_absorbed || o.role == OperatorRole::value_absorbed;
    if (absorbed) return absorbed_product(to, o, count / o.count);
    const bool wide = o.role == OperatorRole::router;  // in 16 bits whatever the rest
    add_product(to, o.role, n, k, count, wide ? OperandFormat::bf16 : in_.format, wide ? Maybe<double>() : in_.weight_bits);
  }
  void add_product(IterationFacts& to, OperatorRole role, double n, double k, double count, OperandFormat format,
                   const Maybe<double>& bits) {
    for (ProductTerm& p : to.products.all())
      if (p.n == n && p.k == k && p.format == format && !is_absorbed(p.role)) {
        p.count += count;
        return;
      }
    to.products.add(product_term(role, n, k, count, format, bits), model_);
  }
  [[nodiscard]] static bool is_absorbed(OperatorRole role) {
    return role == OperatorRole::key_absorbed || role == OperatorRole::value_absorbed;
  }
  [[nodiscard]] ProductTerm product_term(OperatorRole role, double n, double k, double count, OperandFormat format,
                                         const Maybe<double>& bits) const {
    const FormatFacts facts = facts_of(format);
    ProductTerm p;
    const bool layers = format == in_.format && role != OperatorRole::head && role != OperatorRole::router;
    p.record = search_.need(
        {.operation = "product", .format = name_of(format), .kernel = layers ? name_of(in_.product_kernel) : std::string_view()});
    p.weight = bytes_of(bits, format);
    p.form = equations::product_form(product_law(p.record), device_at(facts.arithmetic), n, k, p.weight, facts.activation);
    p.count = count;
    p.role = role;
    p.n = n;
    p.k = k;
    p.format = format;
    if (facts.weight < facts.activation) widen(p);
    return p;
  }
  /// Weights that are stored narrower than they are multiplied.
  void widen(ProductTerm& p) const {
    constexpr Information written_and_read = 4.0 * units::byte;
    const StackConstants stack = stack_constants(in_);
    if (stack.dequantize_rows)
      p.copy = p.n * p.k * written_and_read /
               (kernel_bandwidth(*in_.hardware) * constant(p.record, p.record->memory_share, "memory_share"));
    if (stack.dequantize_operations == 0) return;
    const Time time = p.n * p.k * stack.dequantize_operations * units::flop / widening_rate(*in_.hardware);
    if (stack.dequantize == Dequantize::added) p.form.fixed += time;
    if (stack.dequantize == Dequantize::longer) p.widening = time;
  }
  /// Touched experts are read by products of few rows: what widening adds, or where it takes longer than reading.
  void widen(equations::ExpertForm& form, double elements) const {
    const StackConstants stack = stack_constants(in_);
    if (stack.dequantize_operations == 0 || stack.dequantize == Dequantize::overlapped) return;
    const Time time = elements * stack.dequantize_operations * units::flop / widening_rate(*in_.hardware);
    form.memory = stack.dequantize == Dequantize::added ? form.memory + time : std::max(form.memory, time);
  }
  void absorbed_product(IterationFacts& to, const Operator& o, double layers) {
    ProductTerm p;
    p.record = search_.need({.operation = "absorbed_product", .format = "bf16"});
    p.weight = 2.0 * units::byte;
    p.n = o.shape.product.n;
    p.k = o.shape.product.k;
    p.format = OperandFormat::bf16;
    p.role = o.role;
    p.count = layers;
    p.batch = o.count;
    p.form = equations::absorbed_product_form(
        constant(p.record, p.record->compute_share, "compute_share"), constant(p.record, p.record->memory_share, "memory_share"),
        p.record->latency.value_or(Time{}), device_at(Precision::fp16), o.count, p.n, p.k, p.weight);
    to.products.add(p, model_);
  }
  void head(IterationFacts& to, const Operator& o) {
    const auto& [n, k] = o.shape.product;
    to.head = product_term(o.role, n, k, 1, OperandFormat::bf16, in_.head_bits);
  }

  void experts(IterationFacts& to, const Operator& up, const Operator& down, double count) {
    const double hidden = up.shape.expert.k;
    const double inner = down.shape.expert.k;
    const double matrices = up.shape.expert.n / inner + 1;
    const OperandFormat format = in_.of_experts();
    const FormatFacts facts = facts_of(format);
    ExpertTerm e;
    e.record = search_.need({.operation = "experts", .format = name_of(format), .kernel = name_of(in_.expert_kernel)});
    e.weight = bytes_of(in_.expert_weight_bits, format);
    e.form = equations::expert_form(expert_law(e.record), device_at(facts.arithmetic), matrices, hidden, inner, e.weight);
    if (facts.weight < facts.activation) widen(e.form, matrices * hidden * inner);
    e.count = count;
    e.own = up.shape.expert.experts;
    e.per_token = up.shape.expert.per_token;
    e.group_share = up.shape.expert.experts / up.shape.expert.all_experts;
    e.elements = matrices * hidden * inner;
    to.experts.add(e, model_);
  }

  /// A norm over heads of several ranks: a pass that sums squares, the sum over ranks, a pass that scales. Others are fused.
  void joint_norm(IterationFacts& to, const Operator& o, double count) {
    const RateFound pass = search_.need({.operation = "quantization"});  // the one pass over activations that tables have
    to.exchange.joint_norms += count;
    to.exchange.norm_passes = 2 * pass->latency.value_or(Time{});
    to.exchange.norm_row = o.exchanged_per_row * units::byte;
  }

  /// A record for constants that no kernel table has, of all generations.
  [[nodiscard]] RateFound other(std::string_view operation) const { return search_.need({.operation = operation}); }

  void decode_attention(IterationFacts& to, const Operator& o, double count) {
    AttentionTerm a;
    a.count = count;
    a.role = o.role;
    a.window = o.shape.attention.window;
    a.kept = (o.flags & Operator::indexed) != 0 ? 0 : a.window;
    const auto& s = o.shape.attention;
    const OperandFormat cache = operand_of(in_.cache_format);
    const auto device = device_at(Precision::fp16);
    if (o.role == OperatorRole::index_scores) {
      a.record = other("index");
      a.form.fixed = a.record->latency.value_or(Time{});
      a.form.read = s.key_size * units::byte / (device.bandwidth * constant(a.record, a.record->memory_share, "memory_share"));
    } else if (latent_of(o)) {
      a.record = search_.need({.operation = "latent_decode_attention", .format = name_of(cache)});
      a.form = equations::latent_decode_attention_form(cold_attention_law(a.record, true), device, s.heads, s.value_size,
                                                       s.key_size - s.value_size, facts_of(cache).weight);
      a.tiles = 1;
    } else {
      a.record = search_.need(
          {.operation = "decode_attention", .format = name_of(cache), .kernel = name_of(in_.decode_attention_kernel)});
      a.form = equations::decode_attention_form(cold_attention_law(a.record, false), device, s.kv_heads, s.key_size,
                                                facts_of(cache).weight);
      a.tiles = s.kv_heads;
    }
    const Information element = facts_of(cache).weight;
    a.cached_bytes = a.tiles == 0 ? s.key_size * units::byte : ((latent_of(o) ? 1 : 2) * s.kv_heads * s.key_size * element);
    a.pair_operations = o.operations_per_pair * units::flop;
    if (s.ratio > 0) share_keys(a, s.ratio);
    to.decoding.add(a, model_);
  }
  /// Keys of several tokens each; those of compressed layers are seen in the same kernel as the window's.
  static void share_keys(AttentionTerm& a, double ratio) {
    if (a.role == OperatorRole::compressed_attention) {
      a.form.fixed = a.form.tile = Time{};
      a.form.row = {};
    }
    a.form.key = a.form.key / ratio;
    a.form.read = a.form.read / ratio;
    a.form.pair = a.form.pair / ratio;
    a.cached_bytes = a.cached_bytes / ratio;
  }
  [[nodiscard]] static bool latent_of(const Operator& o) { return (o.flags & Operator::latent) != 0; }
  void state(IterationFacts& to, const Operator& o, double count) {
    const RateFound record = other("state");
    to.state_size += count * o.bytes_per_sequence / 2 * units::byte;  // read and written
    to.state += count * o.bytes_per_sequence * units::byte /
                (kernel_bandwidth(*in_.hardware) * constant(record, record->memory_share, "memory_share"));
  }

  void prompt_list(IterationFacts& to) {
    OperatorTable<> table;
    table.ask(*in_.workload, conditions(Phase::prefill));
    const RateFound passes = other("elementwise");
    const Bandwidth sustained = kernel_bandwidth(*in_.hardware) * constant(passes, passes->memory_share, "memory_share");
    for (const LayerClass& layer : table.classes()) {
      if (layer.place != LayerPlace::stack) continue;
      const auto operators = table.of(layer);
      to.prompt_plain_layers += plain_layers(layer, operators);
      const bool latent =
          std::any_of(operators.begin(), operators.end(), [](const Operator& o) { return o.role == OperatorRole::key_value_up; });
      for (const Operator& o : operators) {
        const double count = layer.count * o.count;
        // Activation functions are fused into the product before them. Rotated keys and values are then written into the cache,
        // where it is not a latent that is cached.
        if (o.role == OperatorRole::norm) to.prompt_row += count * o.bytes_per_row * units::byte / sustained;
        if (o.role == OperatorRole::rotary) to.prompt_row += (latent ? 1 : 2) * count * o.bytes_per_row * units::byte / sustained;
        if (o.role == OperatorRole::key_value_up) {
          const RateFound record = other("latent_expansion");
          to.prompt_row += count * o.operations_per_row * units::flop /
                           (in_.hardware->peak_rate(Precision::fp16) * constant(record, record->compute_share, "compute_share"));
        }
        if (o.kind == OperatorKind::attention) prompt_attention(to, o, count, latent);
      }
    }
  }
  void prompt_attention(IterationFacts& to, const Operator& o, double count, bool latent) {
    AttentionTerm a;
    a.count = count;
    a.role = o.role;
    a.window = o.shape.attention.window;
    const auto& s = o.shape.attention;
    const auto device = device_at(Precision::fp16);
    if (o.role == OperatorRole::index_scores) {
      a.record = other("index");
      a.form.pair = 2 * s.heads * s.key_size * units::flop /
                    (in_.hardware->peak_rate(Precision::fp8) * constant(a.record, a.record->compute_share, "compute_share"));
    } else if (latent) {
      a.record = search_.need({.operation = "latent_prompt_attention", .format = "bf16"});
      a.form =
          equations::latent_prompt_attention_form(cold_attention_law(a.record, true), device, s.heads, s.key_size, s.value_size);
      a.tiles = s.heads;
    } else {
      a.record =
          search_.need({.operation = "prompt_attention", .format = "bf16", .kernel = name_of(in_.prompt_attention_kernel)});
      a.form = equations::prompt_attention_form(cold_attention_law(a.record, true), device, s.heads, s.kv_heads,
                                                (s.key_size + s.value_size) / 2);
      a.tiles = s.heads;
    }
    a.pair_operations = o.operations_per_pair * units::flop;
    if (s.ratio > 0) share_keys(a, s.ratio);
    to.prompts.add(a, model_);
  }

  const IterationGiven& in_;
  std::string_view model_;
  RateSearch search_;
};

}  // namespace detail

inline IterationFacts iteration_facts(const IterationGiven& in) {
  IterationFacts facts;
  detail::IterationCompiler(in).compile(facts);
  return facts;
}

}  // namespace ironlaw::estimates
