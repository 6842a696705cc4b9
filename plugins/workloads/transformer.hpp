#pragma once
#include <ironlaw/equations/transformer.hpp>

#include "language_head.hpp"

namespace ironlaw::workloads {

/// Head counts that do not divide: refuse, or round the head size down.
enum class UnevenHeads { refuse, floor };

/// Fields of every transformer stack.
struct StackFields {
  double parameters = required;
  int layers = required;
  int hidden_size = required;
  int heads = required;
  Maybe<int> kv_heads;
  Maybe<int> head_size;
  Maybe<int> ffn_size;
  int ffn_matrices = 3;
  Maybe<int> vocabulary_size;
  bool tied_embedding = false;
  Maybe<int> latent_kv_rank;
  Maybe<int> rope_head_size;
  Maybe<int> context_length;
  WorkUnit work_unit = WorkUnit::token;
  Maybe<int> reference_length;
  Maybe<Operations> operations;
  Maybe<double> activation_elements;
  UnevenHeads uneven_heads = UnevenHeads::refuse;
};
inline constexpr auto stack_fields =
    ports(port<&StackFields::parameters>("parameters in all", positive),
          port<&StackFields::layers>("layers of the stack", at_least_one),
          port<&StackFields::hidden_size>("width of the residual stream", at_least_one),
          port<&StackFields::heads>("query heads a layer", at_least_one),
          port<&StackFields::kv_heads>("key-value heads a layer; as many as heads if left out", at_least_one),
          port<&StackFields::head_size>("width of a head; hidden_size / heads if left out", at_least_one),
          port<&StackFields::ffn_size>("width of the feed-forward block, or of one expert", at_least_one),
          port<&StackFields::ffn_matrices>("matrices of the feed-forward block: 2, or 3 where it is gated", between(2, 3)),
          port<&StackFields::vocabulary_size>("rows of the embedding", at_least_one),
          port<&StackFields::tied_embedding>("whether input and output share one embedding"),
          port<&StackFields::latent_kv_rank>("width of the latent that keys and values are cached as", at_least_one),
          port<&StackFields::rope_head_size>("width of the position key cached beside the latent", at_least_one),
          port<&StackFields::context_length>("longest context the model was made for, in tokens", at_least_one),
          port<&StackFields::work_unit>("token: causal, with a cache; sequence: an encoder that attends to all its tokens"),
          port<&StackFields::reference_length>("tokens in the sequence that operations were counted for", at_least_one),
          port<&StackFields::operations>(
              "operations of one work unit: products with weights of a token, everything of a sequence", positive)
              .display("GFLOP"),
          port<&StackFields::activation_elements>("activations written and read back for one token, in all layers", positive),
          port<&StackFields::uneven_heads>("heads that do not divide hidden_size or each other: refuse, or floor the head size")
              .parity());

/// Checks the geometry; throws DomainError.
TransformerShape shape_of(const StackFields& f);

/// A transformer stack whose every parameter takes part in every token.
class Stack : public Workload {
 public:
  /// A token passes through `active_parameters` and `active_ffns` feed-forward blocks of ffn_size a layer.
  Stack(const StackFields& f, double active_parameters, double active_ffns, std::string_view name);

 protected:
  Demand do_demand(const Conditions& c) const override;
  const void* do_facet(const FacetKey& key) const override { return answer(key, &shape_); }

  /// New tokens of one member of the batch: for a sequence, its length; the default of 1 stands for the reference length.
  [[nodiscard]] double tokens_of(const Conditions& c) const {
    return sequence_ && c.new_tokens <= 1 ? reference_length_ : c.new_tokens;
  }

 private:
  WorkUnit do_unit() const noexcept override { return sequence_ ? WorkUnit::sequence : WorkUnit::token; }
  Maybe<double> do_parameters() const noexcept override { return parameters_; }

  [[nodiscard]] Operations attention(const Conditions& c, double n) const {
    if (sequence_) return c.batch * n * n * per_pair_;
    return c.batch * equations::pairs(n, c.cached_tokens) * (c.phase == Phase::decode ? per_decoded_pair_ : per_pair_);
  }
  [[nodiscard]] Maybe<Operations> stated_per_token(const StackFields& f) const;

  TransformerShape shape_;
  LanguageHead head_;
  double parameters_;
  bool sequence_;
  double reference_length_;
  Operations per_pair_;
  Operations per_decoded_pair_;
  Maybe<Operations> stated_per_token_;
  Maybe<double> activation_elements_;
};

inline TransformerShape shape_of(const StackFields& f) {
  const int kv_heads = f.kv_heads.value_or(f.heads);
  const auto refuse = [](std::string_view field, int value, const std::string& allowed) {
    throw DomainError(field, std::to_string(value) + " is out of range; allowed: " + allowed);
  };
  if (f.heads > f.hidden_size) refuse("heads", f.heads, "1 to hidden_size " + std::to_string(f.hidden_size));
  if (kv_heads > f.heads) refuse("kv_heads", kv_heads, "1 to heads " + std::to_string(f.heads));
  if (f.latent_kv_rank.has_value() != f.rope_head_size.has_value())
    throw DomainError(f.latent_kv_rank ? "rope_head_size" : "latent_kv_rank",
                      "is left out; a latent cache needs latent_kv_rank and rope_head_size");
  if (f.uneven_heads == UnevenHeads::refuse) {
    if (f.heads % kv_heads != 0) refuse("kv_heads", kv_heads, "a divisor of heads " + std::to_string(f.heads));
    if (!f.head_size && f.hidden_size % f.heads != 0)
      refuse("heads", f.heads, "a divisor of hidden_size " + std::to_string(f.hidden_size) + ", or give head_size");
  }
  const auto number = [](const Maybe<int>& count) { return Maybe<double>::from_cell(count.cell()); };
  return {.layers = static_cast<double>(f.layers),
          .hidden_size = static_cast<double>(f.hidden_size),
          .heads = static_cast<double>(f.heads),
          .kv_heads = static_cast<double>(kv_heads),
          .head_size = static_cast<double>(f.head_size.value_or(f.hidden_size / f.heads)),
          .ffn_size = number(f.ffn_size),
          .vocabulary_size = number(f.vocabulary_size),
          .latent_kv_rank = number(f.latent_kv_rank),
          .rope_head_size = number(f.rope_head_size),
          .context_length = number(f.context_length)};
}

inline Stack::Stack(const StackFields& f, double active_parameters, double active_ffns, std::string_view name)
    : Workload(name),
      shape_(shape_of(f)),
      head_(active_parameters, f.vocabulary_size, f.hidden_size, f.tied_embedding ? 1 : 2),
      parameters_(f.parameters),
      sequence_(f.work_unit == WorkUnit::sequence),
      reference_length_(f.reference_length.cell()),
      per_pair_(equations::attention_operations_per_pair(shape_)),
      per_decoded_pair_(equations::decode_operations_per_pair(shape_)),
      activation_elements_(f.activation_elements) {
  if (f.work_unit == WorkUnit::sample) throw DomainError("work_unit", "sample is not a transformer's; allowed: sequence, token");
  if (sequence_ && !f.reference_length) throw DomainError("reference_length", "is left out; work_unit = sequence needs it");
  stated_per_token_ = stated_per_token(f);
  if (!activation_elements_ && f.ffn_size)
    activation_elements_ = equations::activation_elements_per_token(shape_, *shape_.ffn_size, f.ffn_matrices, active_ffns);
}

/// The operations of a sequence hold its attention at the reference length; the rest grows with the tokens.
inline Maybe<Operations> Stack::stated_per_token(const StackFields& f) const {
  if (!sequence_ || !f.operations) return f.operations;
  const Operations attention = reference_length_ * reference_length_ * per_pair_;
  if (attention >= *f.operations)
    throw DomainError("operations", "must exceed the attention of one sequence of reference_length, " +
                                        shown(in(attention, units::flop)) + " FLOP");
  return (*f.operations - attention) / reference_length_;
}

inline Demand Stack::do_demand(const Conditions& c) const {
  if (sequence_) require_whole_passes(c, name(), "sequence");
  const double n = tokens_of(c);
  const double tokens = c.batch * n;
  const bool caches = !sequence_ && c.phase != Phase::training;
  Demand d;
  d.linear = stated_per_token_ ? tokens * *stated_per_token_ : head_.linear(tokens);
  if (!stated_per_token_) d.logits = head_.logits(c, tokens);
  d.attention = attention(c, n);
  d.weights_resident = stored(parameters_, c.weights);
  d.weights_read = d.weights_resident;
  if (activation_elements_) d.activations = moved(*activation_elements_ * tokens, c.activations);
  if (caches) {
    d.cache_read = equations::cache_size(shape_, c.batch * c.cached_tokens, c.cache);
    d.cache_write = equations::cache_size(shape_, tokens, c.cache);
    d.cache_resident = d.cache_read + d.cache_write;
  }
  d.hidden_state = stored(tokens * shape_.hidden_size, c.activations);
  d.launches = shape_.layers;
  return d;
}

/// A dense transformer.
struct Transformer {
  static constexpr auto about = Kind::About{"transformer", "dense transformer: a decoder by tokens or an encoder by sequences"};
  using Interface = Workload;
  using Fields = StackFields;
  static constexpr auto fields = stack_fields;
  static Stack make(const Fields& f, std::string_view name) { return Stack(f, f.parameters, 1, name); }
};

}  // namespace ironlaw::workloads
