#pragma once
#include <ironlaw/sdk/stack_operators.hpp>

#include "language_head.hpp"
#include "stack_fields.hpp"

namespace ironlaw::workloads {

/// A stack of attending, recurrent and feed-forward layers.
class Stack : public FormWorkload, public Operators {
 public:
  /// A stack whose every parameter takes part in every token.
  Stack(const StackFields& f, std::string_view name) : Stack(f, std::nullopt, false, name) {}

 protected:
  /// `reads_all`: a pass reads the weights of all experts, not of those that its tokens touch.
  Stack(const StackFields& f, std::optional<Experts> experts, bool reads_all, std::string_view name);

 private:
  bool form(const Conditions& c, DemandForm& to) const override;
  void operators(const OperatorConditions& conditions, OperatorList& list) const override;
  const void* do_facet(const FacetKey& key) const override {
    return answer(key, &shape_, adapter_ ? &*adapter_ : nullptr, experts_ ? &*experts_ : nullptr,
                  recurrent_ ? &*recurrent_ : nullptr, &own_, static_cast<const DemandForms*>(this),
                  static_cast<const Operators*>(this));
  }
  WorkUnit do_unit() const noexcept override { return shape_.causal ? WorkUnit::token : WorkUnit::sequence; }
  Maybe<double> do_parameters() const noexcept override { return parameters_; }

  void fill_weights(const Formats& formats, DemandForm& to) const;
  void fill_attention(Phase phase, DemandForm& to) const;
  void fill_cache(const Formats& formats, DemandForm& to) const;
  [[nodiscard]] Maybe<Operations> stated_per_token(const StackFields& f) const;

  TransformerShape shape_;
  std::optional<Experts> experts_;
  std::optional<RecurrentLayers> recurrent_;
  std::optional<Adapter> adapter_;
  StoredFormats own_;
  LanguageHead head_;
  bool tied_;
  bool joint_norm_;
  double parameters_;
  double routed_elements_;  ///< weights of all routed experts
  bool reads_all_;
  double reference_length_;
  Maybe<Operations> stated_per_token_;
  Maybe<double> activation_elements_;
};

inline Stack::Stack(const StackFields& f, std::optional<Experts> experts, bool reads_all, std::string_view name)
    : FormWorkload(name),
      shape_(shape_of(f)),
      experts_(experts),
      recurrent_(recurrent_of(f)),
      adapter_(f.adapter_parameters ? std::optional(Adapter{*f.adapter_parameters}) : std::nullopt),
      own_{f.stored_bits.formats()},
      head_(experts ? experts->active_parameters : f.parameters, f.vocabulary_size, f.hidden_size, f.tied_embedding ? 1 : 2),
      tied_(f.tied_embedding),
      joint_norm_(f.joint_query_key_norm),
      parameters_(f.parameters),
      routed_elements_(experts ? equations::expert_parameters(f.parameters, experts->active_parameters, experts->count,
                                                              experts->active_per_token)
                               : 0),
      reads_all_(reads_all),
      reference_length_(f.reference_length.cell()),
      activation_elements_(f.activation_elements) {
  if (f.work_unit == WorkUnit::sample) throw DomainError("work_unit", "sample is not a transformer's; allowed: sequence, token");
  if (f.adapter_parameters && *f.adapter_parameters > f.parameters)
    throw DomainError("adapter_parameters",
                      shown(*f.adapter_parameters) + " is out of range; allowed: up to parameters " + shown(f.parameters));
  if (!shape_.causal && !f.reference_length) throw DomainError("reference_length", "is left out; work_unit = sequence needs it");
  stated_per_token_ = stated_per_token(f);
  if (!activation_elements_ && f.ffn_size)
    activation_elements_ = equations::activation_elements_per_token(shape_, *shape_.ffn_size, experts_ ? &*experts_ : nullptr,
                                                                    recurrent_ ? &*recurrent_ : nullptr);
}

/// The operations of a sequence hold its attention at the reference length; the rest grows with the tokens.
inline Maybe<Operations> Stack::stated_per_token(const StackFields& f) const {
  if (shape_.causal || !f.operations) return f.operations;
  DemandForm whole;
  fill_attention(Phase::forward, whole);
  whole.flags |= DemandForm::every_pair;
  const Operations attention = demand_of(whole, 1.0, reference_length_, 0).attention;
  if (attention >= *f.operations)
    throw DomainError("operations", "must exceed the attention of one sequence of reference_length, " +
                                        shown(in(attention, units::flop)) + " FLOP");
  return (*f.operations - attention) / reference_length_;
}

inline bool Stack::form(const Conditions& c, DemandForm& to) const {
  if (!shape_.causal) {
    require_whole_passes(c, name(), "sequence");
    to.flags |= DemandForm::every_pair | DemandForm::rests;
    to.tokens_at_rest = reference_length_;
  }
  const Formats formats = c.formats.or_else(own_.formats);
  if (stated_per_token_) {
    to.linear_per_token = in(*stated_per_token_, units::flop);
  } else {
    to.linear_per_token = head_.body_per_token();
    (c.phase == Phase::prefill ? to.logits_per_member : to.logits_per_token) = head_.logits_per_token();
  }
  fill_attention(c.phase, to);
  fill_weights(formats, to);
  to.activation_bytes = formats.bytes(TensorClass::activations);
  if (activation_elements_) to.activations_per_token = 2 * *activation_elements_;
  to.hidden_per_token = shape_.hidden_size;
  to.launches = shape_.layers;
  if (shape_.causal && c.phase != Phase::training) fill_cache(formats, to);
  return true;
}

/// Classes of tensors in widths of their own count by what they differ from the width of the rest, and together as no more than
/// the model has.
inline void Stack::fill_weights(const Formats& formats, DemandForm& to) const {
  const double linear = formats.bytes(TensorClass::linear);
  double bytes = parameters_ * linear;
  double left = parameters_;
  const auto apart = [&](TensorClass c, double elements) {
    const double own = formats.bytes(c), counted = std::min(elements, left);
    left -= counted;
    if (own != linear) bytes += counted * (own - linear);
  };
  apart(TensorClass::attention, equations::attention_parameters_of_stack(shape_));
  apart(TensorClass::experts, routed_elements_);
  apart(TensorClass::norms, (2 * shape_.layers + 1) * shape_.hidden_size);
  if (shape_.vocabulary_size) {
    const double matrix = *shape_.vocabulary_size * shape_.hidden_size;
    apart(TensorClass::embedding, matrix);
    if (!tied_) apart(TensorClass::head, matrix);
  }
  to.weights_resident = to.weights_read = bytes;
  if (reads_all_ || routed_elements_ == 0) return;
  to.flags |= DemandForm::routed;
  to.experts = experts_->count;
  to.experts_per_token = experts_->active_per_token;
  to.expert_elements = routed_elements_;
  to.expert_bytes = formats.bytes(TensorClass::experts);
}

inline void Stack::fill_attention(Phase phase, DemandForm& to) const {
  const auto& s = shape_;
  const bool absorbed = phase == Phase::decode && s.causal;
  const auto pair_of = [absorbed](const TransformerShape& shape) {
    return in(absorbed ? equations::decode_operations_per_pair(shape) : equations::attention_operations_per_pair(shape),
              units::flop);
  };
  const double pair = pair_of(s);
  DemandForm::Window* next = to.window;
  const auto bounded = [&](double layers, equations::Visible visible, double each) {
    if (layers == 0) return;
    *next++ = {.size = visible.size, .beyond = visible.beyond, .attention_per_pair = layers * each};
    to.flags |= DemandForm::windows;
  };
  to.attention_per_pair = pair * s.full_layers();
  if (s.index_top_k && s.full_layers() > 0) {  // every pair is scored, top_k of them are attended to
    bounded(s.full_layers(), equations::Visible::window(*s.index_top_k), pair);
    to.attention_per_pair = in(equations::index_operations_per_pair(s), units::flop) * s.full_layers();
  }
  bounded(s.window_layers, equations::Visible::window(s.window_size), pair_of(s.with_heads_of_windows()));
  bounded(s.chunked_layers, equations::Visible::chunk(s.chunk_size), pair);
  for (const CompressedLayers& c : s.compressed) {
    const double entries = c.layers / c.ratio;
    const double each = pair_of(s.with_heads_of_windows());
    if (c.indexed) bounded(entries, equations::Visible::window(equations::picked_tokens(s, c)), each);
    to.attention_per_pair += entries * (c.indexed ? in(equations::index_operations_per_pair(s), units::flop) : each);
  }
  if (s.shared_cache_layers != 0) to.flags |= DemandForm::windows;
  if (recurrent_)
    to.attention_per_token = operations_per_state_element(recurrent_->form) * recurrent_->state_elements() * recurrent_->layers;
}

/// Follows fill_attention, which has made the windows.
inline void Stack::fill_cache(const Formats& formats, DemandForm& to) const {
  const auto& s = shape_;
  const double layer = s.layer_cache_elements(), share = s.caching_share();
  const double windowed = s.with_heads_of_windows().key_value_elements();
  to.cache_bytes = formats.bytes(TensorClass::cache);
  to.cache_read_per_token = layer * s.full_layers();
  to.cache_written_per_token =
      (layer * s.full_layers() + windowed * s.window_layers + s.key_value_elements() * s.chunked_layers) * share;
  to.cache_kept_per_token = layer * s.full_layers() * share;
  DemandForm::Window* next = to.window;
  if (s.index_top_k && s.full_layers() > 0) {  // all keys of the index are read, and what they pick
    next->cache_read_per_token = s.key_value_elements() * s.full_layers();
    to.cache_read_per_token = s.index_head_size * s.full_layers();
    ++next;
  }
  for (const auto& [layers, each] : {std::pair(s.window_layers, windowed), {s.chunked_layers, s.key_value_elements()}}) {
    if (layers == 0) continue;
    next->cache_read_per_token = each * layers;
    next->cache_kept_per_token = each * layers * share;
    ++next;
  }
  for (const CompressedLayers& c : s.compressed) {
    if (c.layers == 0) continue;
    const auto each = equations::compressed_elements(s, c);
    to.cache_written_per_token += each.kept() * share;
    to.cache_kept_per_token += each.kept() * share;
    to.cache_read_per_token += c.indexed ? each.index_keys : each.entries;
    if (c.indexed) (next++)->cache_read_per_token = each.entries;
  }
  if (!recurrent_) return;
  to.state_per_member =
      recurrent_->layers * (recurrent_->state_elements() + recurrent_->convolution_elements()) * recurrent_->state_bytes;
}

inline void Stack::operators(const OperatorConditions& conditions, OperatorList& list) const {
  if (!shape_.causal) require_whole_passes({.phase = conditions.phase}, name(), "sequence");
  OperatorConditions c = conditions;
  c.formats = conditions.formats.or_else(own_.formats);
  OperatorWriter writer(c, list);
  list_stack({shape_, experts_ ? &*experts_ : nullptr, recurrent_ ? &*recurrent_ : nullptr, name(), joint_norm_}, writer);
}

/// A dense transformer.
struct Transformer {
  static constexpr auto about = Kind::About{"transformer", "dense transformer: a decoder by tokens or an encoder by sequences"};
  using Interface = Workload;
  using Fields = StackFields;
  static constexpr auto fields = stack_fields;
  static Stack make(const Fields& f, std::string_view name) { return Stack(f, name); }
};

}  // namespace ironlaw::workloads
