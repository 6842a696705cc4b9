#pragma once
// The operators of a stack of transformer, recurrent and routed layers, from its geometry: what a kind answers the facet
// Operators with. Sources: Vaswani 2017; Shoeybi 2019 (splits); Dai 2024, DeepSeek-V2 2024 (shared experts, latent attention and
// its absorbed form); Dao and Gu 2024, Yang 2024 (recurrent layers); Ivanov 2021 (what passes over activations).
#include <ironlaw/facets.hpp>
#include <ironlaw/sdk/operators.hpp>

namespace ironlaw {

/// What a stack is made of. Experts and recurrent layers may be absent.
struct StackGeometry {
  const TransformerShape& shape;
  const Experts* experts = nullptr;
  const RecurrentLayers* recurrent = nullptr;
  std::string_view name{};            ///< of the model, for errors
  bool joint_query_key_norm = false;  ///< queries and keys are normalised over all heads together, not a head each
};

/// Operations that a token takes for each element of the state: decay, update and read-out; a gated delta rule reads twice, a
/// selective scan exponentiates the decay of each element.
[[nodiscard]] constexpr double operations_per_state_element(Recurrence form) {
  switch (form) {
    case Recurrence::selective_scan:
      return 9;
    case Recurrence::state_duality:
      return 6;
    case Recurrence::linear_attention:
      return 5;
    case Recurrence::gated_delta:
      break;
  }
  return 7;
}

/// A recurrent mixer between its normalisation and its exchange, of one of `tensor` ranks.
inline void list_recurrent_mixer(const RecurrentLayers& r, double hidden_size, double tensor, double rows_per_token,
                                 OperatorWriter& w) {
  const double inner = r.inner_size() / tensor, keys = r.key_heads * r.key_size / tensor, heads = r.value_heads / tensor;
  double input = 2 * inner;
  if (r.form != Recurrence::selective_scan) input += 2 * keys;
  if (r.form == Recurrence::state_duality) input += heads;
  if (r.form == Recurrence::gated_delta) input += 2 * heads;
  w.product(OperatorRole::recurrent_input, TensorClass::linear, input, hidden_size, rows_per_token);
  if (r.convolution_width > 1) {
    const double channels = r.convolved_channels() / tensor;
    w.elementwise(OperatorRole::convolution, 2 * channels, 3 * channels, rows_per_token);
  }
  if (r.form == Recurrence::selective_scan) {
    w.product(OperatorRole::time_step, TensorClass::linear, r.time_step_rank + 2 * r.key_size, inner, rows_per_token);
    w.product(OperatorRole::time_step, TensorClass::linear, inner, r.time_step_rank, rows_per_token);
  }
  w.elementwise(OperatorRole::scan, 20 * inner, 40 * inner, rows_per_token);  // streams and the states of chunks
  Operator o = w.start(OperatorKind::state_update, OperatorRole::state, TensorClass::cache, rows_per_token);
  o.weight_bytes = r.state_bytes;
  o.operations_per_row = operations_per_state_element(r.form) * r.state_elements() / tensor;
  o.bytes_per_sequence = 2 * (r.state_elements() * r.state_bytes + r.convolution_elements() * r.state_bytes) / tensor;
  o.shape.state = {heads, r.key_size, r.value_size, inner, r.convolution_width};
  w.add(o);
  w.product(OperatorRole::recurrent_output, TensorClass::linear, hidden_size, inner, rows_per_token);
}

namespace detail {

/// One mixer of a class of layers.
struct MixerClass {
  double layers = 0;
  Mixer mixer = Mixer::none;
  double window = 0;
  bool shares_cache = false;
  CompressedLayers compressed{};  ///< of no layers: none
};

class StackLister {
 public:
  StackLister(const StackGeometry& stack, OperatorWriter& writer)
      : name_(stack.name),
        s_(stack.shape),
        experts_(stack.experts),
        recurrent_(stack.recurrent),
        joint_norm_(stack.joint_query_key_norm),
        c_(writer.conditions()),
        w_(writer),
        training_(c_.phase == Phase::training),
        decoding_(c_.phase == Phase::decode),
        h_(s_.hidden_size),
        t_(c_.tensor),
        per_token_(decoding_ ? 1.0 : 1.0 / c_.context),
        routed_layers_(experts_ != nullptr ? experts_->layers.value_or(s_.feed_forward_layers()) : 0) {}

  void list() {
    outside();
    const double recurrent = recurrent_ != nullptr ? recurrent_->layers : 0;
    const double share = s_.caching_share();
    const Mixer full = s_.index_top_k ? Mixer::indexed : s_.latent_kv_rank ? Mixer::latent : Mixer::full;
    const double mixers = s_.attending_layers() + recurrent;
    for (const bool shares : {false, true}) {
      const double part = shares ? 1 - share : share;
      mixer({part * s_.full_layers(), full, s_.index_top_k.value_or(0), shares}, mixers);
      double windowed = s_.window_layers;
      for (const CompressedLayers& c : s_.compressed) {
        mixer({part * c.layers, Mixer::window, s_.window_size, shares, c}, mixers);
        windowed -= c.layers;
      }
      mixer({part * windowed, Mixer::window, s_.window_size, shares}, mixers);
      mixer({part * s_.chunked_layers, Mixer::chunked, s_.chunk_size, shares}, mixers);
    }
    mixer({recurrent, Mixer::recurrent}, mixers);
    feed_forward({}, s_.layers - mixers, LayerPlace::stack);
    if (training_ && s_.prediction_layers > 0) {
      const MixerClass one{s_.prediction_layers, full, s_.index_top_k.value_or(0)};
      const bool routed = routed_layers_ > 0;
      layer(one, routed ? FeedForward::experts : FeedForward::dense, s_.prediction_layers, LayerPlace::prediction,
            [&] { head(); });
    }
  }

 private:
  /// A mixer's layers with the feed-forward blocks behind them. Where there are fewer blocks than layers, each mixer has its
  /// share of them: all or none in every published stack.
  void mixer(const MixerClass& m, double mixers) {
    if (!(m.layers > 0)) return;
    const double with = std::max(0.0, mixers + s_.feed_forward_layers() - s_.layers);
    feed_forward(m, m.layers * with / mixers, LayerPlace::stack);
    if (const double alone = m.layers * (mixers - with) / mixers; alone > 0)
      layer(m, FeedForward::none, alone, LayerPlace::stack);
  }
  /// Layers of a mixer, or of none, dealt out to dense and routed blocks as those are in number.
  void feed_forward(const MixerClass& m, double layers, LayerPlace place) {
    const double blocks = s_.feed_forward_layers();
    if (!(layers > 0) || !(blocks > 0)) return;
    if (const double dense = layers * (blocks - routed_layers_) / blocks; dense > 0) layer(m, FeedForward::dense, dense, place);
    if (const double routed = layers * routed_layers_ / blocks; routed > 0) layer(m, FeedForward::experts, routed, place);
  }

  template <class Last = void (*)()>
  void layer(
      const MixerClass& m, FeedForward block, double count, LayerPlace place, Last last = [] {}) {
    w_.layers({.count = count, .mixer = m.mixer, .feed_forward = block, .place = place, .shares_cache = m.shares_cache});
    if (m.mixer == Mixer::recurrent)
      recurrence(*recurrent_);
    else if (m.mixer != Mixer::none)
      attention(m);
    if (block == FeedForward::dense) dense();
    if (block == FeedForward::experts) experts(*experts_);
    last();
  }

  /// Normalisation and residual sum: five tensors of the hidden width, forward and backward.
  void norm() { w_.elementwise(OperatorRole::norm, 5 * h_, 5 * h_, per_token_, Operator::replicated); }
  void product(OperatorRole role, TensorClass weights, double n, double k, double count = 1) {
    w_.product(role, weights, n, k, per_token_, count);
  }
  /// What each rank of the tensor group has of a sum over their shares.
  void sum_over_ranks(OperatorRole role) { w_.exchange(role, CollectiveKind::all_reduce, RankGroup::tensor, t_, h_, per_token_); }

  void attention(const MixerClass& m) {
    norm();
    const TransformerShape own = m.mixer == Mixer::window ? s_.with_heads_of_windows() : s_;
    const double heads = own.heads / t_, kv_heads = std::max(1.0, own.kv_heads / t_);
    if (s_.latent_kv_rank)
      latent_attention(m, heads);
    else
      grouped_attention(m, heads, kv_heads, own.head_size);
    const double values = heads * own.value_size();
    if (s_.gated_attention) w_.elementwise(OperatorRole::attention_gate, 3 * values, 5 * values, per_token_);
    if (s_.output_rank) product(OperatorRole::output_down, TensorClass::attention, *s_.output_rank, values);
    product(OperatorRole::attention_output, TensorClass::attention, h_,
            s_.output_rank ? *s_.output_rank * s_.output_groups / t_ : values);
    sum_over_ranks(OperatorRole::attention_exchange);
  }
  void grouped_attention(const MixerClass& m, double heads, double kv_heads, double d) {
    const double kept = (s_.joint_key_value ? 1 : 2) * kv_heads;
    const double own = m.shares_cache ? 0 : kept;  // key and value heads that it projects itself
    const double queries = heads * (s_.gated_attention ? 2 : 1) * d;
    product(OperatorRole::query_key_value, TensorClass::attention, s_.query_rank.value_or(queries) + own * d, h_);
    if (s_.query_rank) product(OperatorRole::query_up, TensorClass::attention, queries, *s_.query_rank);
    const double passed = 2 * (heads + own) * d;
    if (joint_norm_) joint_norm((heads + own / 2) * d);
    w_.elementwise(OperatorRole::rotary, passed, passed, per_token_);
    gather_keys(kept * d);
    if (m.mixer == Mixer::indexed) index(s_.query_rank.value_or(h_), 1);
    Operator o = attention_of(m);
    if (s_.joint_key_value && decoding_) o.flags |= Operator::latent;
    o.operations_per_pair = 4 * heads * d / c_.context;
    o.bytes_per_row = 2 * heads * d * o.activation_bytes;
    o.bytes_per_cached = kept * d * o.weight_bytes / c_.context;
    o.shape.attention = {heads, kv_heads, d, d, m.window, 0};
    w_.add(o);
    if (m.compressed.layers > 0) entries(m, o, kept * d);
  }
  /// Entries of a compressed layer: what makes them, what picks them, and attention over them beside the window's (DeepSeek-V4
  /// 2026).
  void entries(const MixerClass& m, Operator o, double width) {
    const double ratio = m.compressed.ratio, picked = equations::picked_tokens(s_, m.compressed);
    if (!m.shares_cache) product(OperatorRole::compressor, TensorClass::attention, 2 * width, h_);
    if (m.compressed.indexed) index(s_.query_rank.value_or(h_), ratio);
    o.role = OperatorRole::compressed_attention;
    o.flags &= ~Operator::windowed;
    if (m.compressed.indexed) o.flags |= Operator::windowed | Operator::indexed;
    o.operations_per_pair /= ratio;
    o.bytes_per_cached /= ratio;
    o.bytes_per_row = 0;  // queries and outputs are those of the window
    o.shape.attention.window = picked;
    o.shape.attention.ratio = ratio;
    w_.add(o);
  }
  /// A norm over heads of several ranks needs their sums of squares, of the queries and of the keys, in 32 bits, between the pass
  /// that sums and the pass that scales.
  void joint_norm(double elements) {
    constexpr double sums = 2, bytes = 4;
    if (t_ > 1) {
      w_.elementwise(OperatorRole::norm, elements, 0, per_token_);
      Operator o = w_.start(OperatorKind::exchange, OperatorRole::norm, TensorClass::activations, per_token_);
      o.collective = CollectiveKind::all_reduce;
      o.group = RankGroup::tensor;
      o.exchanged_per_row = sums * bytes;
      o.shape.exchange = {t_, 1};
      w_.add(o);
    }
    w_.elementwise(OperatorRole::norm, 2 * elements, 4 * elements, per_token_);
  }
  /// Prompts and training compute keys and values of each head; decoding meets the latent as it is cached (absorbed form).
  void latent_attention(const MixerClass& m, double heads) {
    const double rank = *s_.latent_kv_rank, rope = *s_.rope_head_size, query_rank = s_.query_rank.value_or(0);
    const double nope = s_.nope_head_size.value_or(s_.head_size), key = s_.key_size(), value = s_.value_size();
    const double queries = heads * key;
    const double into = query_rank > 0 ? query_rank : queries;
    const auto up = query_rank > 0 ? OperatorRole::query_down : OperatorRole::query_up;
    if (training_) {
      product(up, TensorClass::attention, into, h_);
      product(OperatorRole::key_value_down, TensorClass::attention, rank + rope, h_);
    } else {
      product(OperatorRole::query_key_value, TensorClass::attention, into + rank + rope, h_);
    }
    if (query_rank > 0) product(OperatorRole::query_up, TensorClass::attention, queries, query_rank);
    if (!decoding_) product(OperatorRole::key_value_up, TensorClass::attention, heads * (nope + value), rank);
    const double passed = 2 * heads * (2 * key + value);
    w_.elementwise(OperatorRole::rotary, passed, passed, per_token_);
    gather_keys(heads * (key + value));
    if (m.mixer == Mixer::indexed) index(query_rank > 0 ? query_rank : h_, 1);
    if (decoding_) product(OperatorRole::key_absorbed, TensorClass::attention, rank, nope, heads);
    Operator o = attention_of(m);
    o.bytes_per_cached = (rank + rope) * o.weight_bytes / c_.context;
    if (decoding_) {
      o.flags |= Operator::latent;
      o.operations_per_pair = 2 * heads * (2 * rank + rope) / c_.context;
      o.bytes_per_row = heads * (2 * rank + rope) * o.activation_bytes;
      o.shape.attention = {heads, 1, rank + rope, rank, m.window, 0};
    } else {
      o.operations_per_pair = 2 * heads * (key + value) / c_.context;
      o.bytes_per_row = heads * (key + value) * o.activation_bytes;
      o.shape.attention = {heads, heads, key, value, m.window, 0};
    }
    w_.add(o);
    if (m.compressed.layers > 0) entries(m, o, rank + rope);
    if (decoding_) product(OperatorRole::value_absorbed, TensorClass::attention, value, rank, heads);
  }
  [[nodiscard]] Operator attention_of(const MixerClass& m) const {
    Operator o = w_.start(OperatorKind::attention, OperatorRole::attention, TensorClass::cache, per_token_);
    if (!s_.causal) o.flags |= Operator::every_pair;
    if (m.window > 0) o.flags |= Operator::windowed;
    if (m.mixer == Mixer::chunked) o.flags |= Operator::chunked;
    if (m.mixer == Mixer::indexed) o.flags |= Operator::indexed;
    return o;
  }
  /// Ring exchanges of keys and values over the ranks that a sequence is split over (Liu 2023).
  void gather_keys(double elements) {
    if (!decoding_)
      w_.exchange(OperatorRole::attention_exchange, CollectiveKind::all_gather, RankGroup::context, c_.context, elements,
                  per_token_);
  }
  /// A sparse index scores every cached key, on every rank, with heads of its own (DeepSeek-V3.2 2025); a key stands for `ratio`
  /// tokens, of which each brings its share and a gate.
  void index(double query_input, double ratio) {
    const double heads = s_.index_heads, d = s_.index_head_size;
    product(OperatorRole::index_query, TensorClass::attention, heads * d, query_input);
    product(OperatorRole::index_key, TensorClass::attention, (ratio > 1 ? 2 : 1) * d + heads, h_);
    Operator o = w_.start(OperatorKind::attention, OperatorRole::index_scores, TensorClass::cache, per_token_);
    if (!s_.causal) o.flags |= Operator::every_pair;
    o.operations_per_pair = 2 * heads * d / ratio / c_.context;
    o.bytes_per_row = heads * d * o.activation_bytes;
    o.bytes_per_cached = d * o.weight_bytes / ratio / c_.context;
    o.shape.attention = {heads, 1, d, 0, 0, ratio};
    w_.add(o);
  }

  void recurrence(const RecurrentLayers& r) {
    norm();
    list_recurrent_mixer(r, h_, t_, per_token_, w_);
    sum_over_ranks(OperatorRole::attention_exchange);
  }

  void dense() {
    norm();
    if (!s_.ffn_size) throw MissingData(name_, "width of the feed-forward block", "give ffn_size");
    const double f = experts_ != nullptr ? dense_width(*experts_) : *s_.ffn_size;
    block(f, OperatorRole::up, OperatorRole::activation, OperatorRole::down);
    sum_over_ranks(OperatorRole::feed_forward_exchange);
  }
  [[nodiscard]] double dense_width(const Experts& e) const {
    if (!e.dense_ffn_size) throw MissingData(name_, "width of its dense layers", "give dense_ffn_size");
    return *e.dense_ffn_size;
  }
  void block(double width, OperatorRole up, OperatorRole activation, OperatorRole down) {
    const double f = width / t_;
    product(up, TensorClass::linear, (s_.ffn_matrices - 1) * f, h_);
    w_.elementwise(activation, s_.ffn_matrices * f, (2 * s_.ffn_matrices - 1) * f, per_token_);
    product(down, TensorClass::linear, h_, f);
  }

  /// Training routes the tokens that sequence parallelism leaves to each rank; an engine routes all of its rank's tokens.
  void experts(const Experts& e) {
    norm();
    if (!s_.ffn_size) throw MissingData(name_, "width of an expert", "give ffn_size");
    const double own = training_ ? per_token_ / t_ : per_token_;
    const double routed = per_token_ * e.active_per_token * c_.expert_tensor / t_;
    const double width = *s_.ffn_size / c_.expert_tensor, input = e.input_size.value_or(h_), here = e.count / c_.expert;
    router(e, own);
    if (e.input_size) w_.product(OperatorRole::expert_input, TensorClass::linear, input, h_, own);
    const bool apart = c_.expert > 1 && (training_ || c_.replicas_of_experts() > 1);  // tokens travel to experts and back
    const auto travel = [&](OperatorRole role) {
      if (apart)
        w_.exchange(role, CollectiveKind::all_to_all, RankGroup::expert, c_.expert, e.active_per_token * input, per_token_ / t_,
                    e.active_per_token);
    };
    travel(OperatorRole::dispatch);
    w_.elementwise(OperatorRole::permutation, 4 * input, 4 * input, routed);
    w_.expert_product(OperatorRole::expert_up, (s_.ffn_matrices - 1) * width, input, here, e.count, e.active_per_token, routed);
    w_.elementwise(OperatorRole::expert_activation, s_.ffn_matrices * width, (2 * s_.ffn_matrices - 1) * width, routed);
    w_.expert_product(OperatorRole::expert_down, input, width, here, e.count, e.active_per_token, routed);
    travel(OperatorRole::combine);
    if (e.input_size) w_.product(OperatorRole::expert_output, TensorClass::linear, h_, input, own);
    if (e.shared_ffn_size > 0)
      block(e.shared_ffn_size, OperatorRole::shared_up, OperatorRole::shared_activation, OperatorRole::shared_down);
    if (training_)  // tokens are gathered again where sequence parallelism had split them
      w_.exchange(OperatorRole::feed_forward_exchange, CollectiveKind::all_gather, RankGroup::tensor, t_, h_, per_token_);
    else
      sum_over_ranks(OperatorRole::feed_forward_exchange);
  }
  /// In 16 bits at least, whatever the width of the rest.
  void router(const Experts& e, double rows) {
    Operator o = w_.product_of(OperatorRole::router, TensorClass::linear, e.count, h_, rows);
    if (o.weight_bytes < 2) {
      o.weight_bytes = 2;
      o.bytes_fixed = e.count * h_ * o.weight_bytes;
    }
    if (bytes_per_element(o.arithmetic_format()) < 2) o.arithmetic = static_cast<std::uint16_t>(Precision::bf16);
    w_.add(o);
    const double passes = training_ ? 8 : 2;
    w_.elementwise(OperatorRole::router, passes * e.count, passes * e.count, rows);
  }

  void outside() {
    w_.layers({.count = 1, .place = LayerPlace::outside});
    if (s_.vocabulary_size) {
      Operator o = w_.start(OperatorKind::gather, OperatorRole::embedding, TensorClass::embedding, per_token_);
      o.bytes_per_row = h_ * (o.weight_bytes + o.activation_bytes);
      w_.add(o);
    }
    norm();
    head();
  }
  /// A prompt needs the logits of its last token only.
  void head() {
    if (!s_.vocabulary_size) return;
    const double v = *s_.vocabulary_size / t_;
    const bool last_only = c_.phase == Phase::prefill;
    Operator o = w_.product_of(OperatorRole::head, TensorClass::head, v, h_, last_only ? 0 : per_token_);
    if (last_only) o.rows_per_sequence = 1;
    w_.add(o);
    if (training_)
      w_.elementwise(OperatorRole::logits, 8 * v, 0, per_token_);
    else if (t_ > 1) {
      Operator x = w_.start(OperatorKind::exchange, OperatorRole::logits_exchange, TensorClass::activations, o.rows_per_token);
      x.rows_per_sequence = o.rows_per_sequence;
      x.collective = CollectiveKind::all_gather;
      x.group = RankGroup::tensor;
      x.exchanged_per_row = *s_.vocabulary_size * x.activation_bytes;
      x.shape.exchange = {t_, 1};
      w_.add(x);
    }
  }

  std::string_view name_;
  const TransformerShape& s_;
  const Experts* experts_;
  const RecurrentLayers* recurrent_;
  bool joint_norm_;
  const OperatorConditions& c_;
  OperatorWriter& w_;
  bool training_;
  bool decoding_;
  double h_;
  double t_;          ///< tensor ranks
  double per_token_;  ///< rows of this rank a token: prompts and training split a sequence over the context group
  double routed_layers_;
};

}  // namespace detail

/// Lists the operators of a stack. Throws MissingData where a width is not said.
inline void list_stack(const StackGeometry& stack, OperatorWriter& writer) { detail::StackLister(stack, writer).list(); }

}  // namespace ironlaw
