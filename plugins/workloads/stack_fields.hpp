#pragma once
// Fields of every transformer stack, and the shape that they come down to.
#include <ironlaw/equations/transformer.hpp>
#include <ironlaw/formats.hpp>

#include <optional>

#include "phases.hpp"

namespace ironlaw::workloads {

/// Head counts that do not divide: refuse, or round the head size down.
enum class UnevenHeads { refuse, floor };

/// Stored bits an element by tensor class, where a checkpoint is not in the format that it is asked for.
struct StoredBitsFields {
  Maybe<double> linear, attention, experts, embedding, head, norms, cache, activations;
  [[nodiscard]] Formats formats() const {
    Formats f;
    f.bits = {linear, attention, experts, embedding, head, norms, cache, activations};
    return f;
  }
};
inline constexpr Range stored_bits = between(0.1, 64);
inline constexpr auto stored_bits_fields = ports(
    port<&StoredBitsFields::linear>("stored bits of a weight of feed-forward blocks and recurrent layers, scales included",
                                    stored_bits),
    port<&StoredBitsFields::attention>("stored bits of a weight of attention's projections; as linear if left out", stored_bits),
    port<&StoredBitsFields::experts>("stored bits of a weight of routed experts", stored_bits),
    port<&StoredBitsFields::embedding>("stored bits of an element of the embedding", stored_bits),
    port<&StoredBitsFields::head>("stored bits of a weight of the output head", stored_bits),
    port<&StoredBitsFields::norms>("stored bits of an element of normalisations", stored_bits),
    port<&StoredBitsFields::cache>("stored bits of an element of the cache", stored_bits),
    port<&StoredBitsFields::activations>("bits of an activation", stored_bits));

/// Layers with a state of fixed size in place of a cache.
struct RecurrentFields {
  int layers = 0;
  Recurrence form = Recurrence::gated_delta;
  Maybe<int> key_heads, value_heads, key_size, value_size, time_step_rank;
  int convolution_width = 4;
  Precision state_precision = Precision::fp32;
};
inline constexpr auto recurrent_fields = ports(
    port<&RecurrentFields::layers>("layers of the stack that are recurrent", non_negative),
    port<&RecurrentFields::form>(
        "what they compute: selective_scan (Mamba), state_duality (Mamba-2), linear_attention, gated_delta"),
    port<&RecurrentFields::key_heads>("key heads, or groups of a state space model; as value_heads if left out", at_least_one),
    port<&RecurrentFields::value_heads>("value heads, or heads of a state space model; channels of a selective scan",
                                        at_least_one),
    port<&RecurrentFields::key_size>("width of a key head, or state elements a channel", at_least_one),
    port<&RecurrentFields::value_size>("width of a value head, or channels a head; 1 for a selective scan", at_least_one),
    port<&RecurrentFields::time_step_rank>("rank of a selective scan's step; hidden_size / 16 if left out", at_least_one),
    port<&RecurrentFields::convolution_width>("tokens that the convolution before it sees; 0: none", non_negative),
    port<&RecurrentFields::state_precision>("number format that the state is kept in"));

/// A sparse index that picks the keys each query attends to.
struct IndexFields {
  Maybe<int> top_k, heads, head_size;
};
inline constexpr auto index_fields =
    ports(port<&IndexFields::top_k>("sparse index: cached tokens that a token attends to", at_least_one),
          port<&IndexFields::heads>("sparse index: its query heads", at_least_one),
          port<&IndexFields::head_size>("sparse index: width of its heads and of the key cached for it", at_least_one));

/// Layers with a window that keep an entry for every few tokens beside it.
struct CompressedFields {
  int layers = 0;
  Maybe<int> ratio;
  bool indexed = false;
};
inline constexpr auto compressed_fields = ports(
    port<&CompressedFields::layers>(
        "of the window_layers, those that keep an entry, as wide as a token's keys and values, for every few tokens beside it",
        non_negative),
    port<&CompressedFields::ratio>("tokens of an entry", at_least_one),
    port<&CompressedFields::indexed>(
        "whether the sparse index keeps a key an entry and picks those that a token attends to; else it attends to all"));

/// Fields of every transformer stack.
struct StackFields {
  double parameters = required;
  Maybe<double> adapter_parameters;
  int layers = required;
  int hidden_size = required;
  int heads = required;
  Maybe<int> kv_heads;
  Maybe<double> mean_heads, mean_kv_heads;
  Maybe<int> head_size;
  Maybe<double> ffn_size;
  int ffn_matrices = 3;
  Maybe<int> vocabulary_size;
  bool tied_embedding = false;
  Maybe<int> latent_kv_rank;
  Maybe<int> rope_head_size;
  Maybe<int> query_rank;
  Maybe<int> nope_head_size;
  Maybe<int> value_head_size;
  Maybe<int> context_length;
  Maybe<int> attention_layers;
  Maybe<int> ffn_layers;
  int window_layers = 0;
  Maybe<int> window_size;
  Maybe<int> window_heads;
  Maybe<int> window_kv_heads;
  Maybe<int> window_head_size;
  int chunked_layers = 0;
  Maybe<int> chunk_size;
  int shared_cache_layers = 0;
  CompressedFields compressed, heavily_compressed;
  bool joint_key_value = false;
  Maybe<int> output_rank;
  int output_groups = 1;
  bool gated_attention = false;
  bool joint_query_key_norm = false;
  IndexFields index;
  RecurrentFields recurrent;
  int prediction_layers = 0;
  WorkUnit work_unit = WorkUnit::token;
  Maybe<int> reference_length;
  Maybe<Operations> operations;
  Maybe<double> activation_elements;
  UnevenHeads uneven_heads = UnevenHeads::refuse;
  StoredBitsFields stored_bits;
};
inline constexpr auto stack_fields = ports(
    port<&StackFields::parameters>("parameters in all", positive),
    port<&StackFields::adapter_parameters>("parameters of an adapter laid over them, which training changes alone", positive),
    port<&StackFields::layers>("layers of the stack", at_least_one),
    port<&StackFields::hidden_size>("width of the residual stream", at_least_one),
    port<&StackFields::heads>("query heads a layer, where layers differ the most of any", at_least_one),
    port<&StackFields::kv_heads>("key-value heads a layer; as many as heads if left out", at_least_one),
    port<&StackFields::mean_heads>("mean of query heads over layers that have heads of their own; heads if left out", positive),
    port<&StackFields::mean_kv_heads>("likewise of key-value heads; kv_heads if left out", positive),
    port<&StackFields::head_size>("width of a head; hidden_size / heads if left out", at_least_one),
    port<&StackFields::ffn_size>("width of the feed-forward block, or of one expert; the mean where blocks differ", at_least_one),
    port<&StackFields::ffn_matrices>("matrices of the feed-forward block: 2, or 3 where it is gated", between(2, 3)),
    port<&StackFields::vocabulary_size>("rows of the embedding", at_least_one),
    port<&StackFields::tied_embedding>("whether input and output share one embedding"),
    port<&StackFields::latent_kv_rank>("width of the latent that keys and values are cached as", at_least_one),
    port<&StackFields::rope_head_size>("width of the position key cached beside the latent; 0: none", non_negative),
    port<&StackFields::query_rank>("width that queries pass through; none if left out", at_least_one),
    port<&StackFields::nope_head_size>(
        "latent attention: width of a head's key beside its position; head_size is all of it if left out", at_least_one),
    port<&StackFields::value_head_size>("width of a value head; head_size if left out", at_least_one),
    port<&StackFields::context_length>("longest context the model was made for, in tokens", at_least_one),
    port<&StackFields::attention_layers>("layers that attend; all that are not recurrent if left out", non_negative),
    port<&StackFields::ffn_layers>("layers with a feed-forward block; all if left out", non_negative),
    port<&StackFields::window_layers>("attending layers where a token sees the last window_size tokens only", non_negative),
    port<&StackFields::window_size>("tokens that a token sees in those, itself among them", at_least_one),
    port<&StackFields::window_heads>("query heads of those layers; heads if left out", at_least_one),
    port<&StackFields::window_kv_heads>("key-value heads of those layers; kv_heads if left out", at_least_one),
    port<&StackFields::window_head_size>("width of a head of those layers; head_size if left out", at_least_one),
    port<&StackFields::chunked_layers>("attending layers where a token sees its own chunk only", non_negative),
    port<&StackFields::chunk_size>("tokens of a chunk", at_least_one),
    port<&StackFields::shared_cache_layers>(
        "attending layers that read another layer's cache and keep none, a like share of each class", non_negative),
    group<&StackFields::compressed>(compressed_fields), group<&StackFields::heavily_compressed>(compressed_fields),
    port<&StackFields::joint_key_value>("whether one vector a key-value head is both its key and its value"),
    port<&StackFields::output_rank>("width that each group of heads passes before the output; none if left out", at_least_one),
    port<&StackFields::output_groups>("groups of heads that do", at_least_one),
    port<&StackFields::gated_attention>("whether attention's output is multiplied by a gate that is projected with the queries"),
    port<&StackFields::joint_query_key_norm>(
        "whether queries and keys are normalised over all heads together, which tensor-parallel ranks sum for in every layer"),
    group<&StackFields::index>(index_fields), group<&StackFields::recurrent>(recurrent_fields),
    port<&StackFields::prediction_layers>("layers of multi-token prediction beside the stack, which training runs and drafts",
                                          non_negative),
    port<&StackFields::work_unit>("token: causal, with a cache; sequence: an encoder that attends to all its tokens"),
    port<&StackFields::reference_length>("tokens in the sequence that operations were counted for", at_least_one),
    port<&StackFields::operations>("operations of one work unit: products with weights of a token, everything of a sequence",
                                   positive)
        .display("GFLOP"),
    port<&StackFields::activation_elements>("activations written and read back for one token, in all layers", positive),
    port<&StackFields::uneven_heads>("heads that do not divide hidden_size or each other: refuse, or floor the head size")
        .parity(),
    group<&StackFields::stored_bits>(stored_bits_fields));

namespace detail {

[[noreturn]] inline void out_of_range(std::string_view field, int value, const std::string& allowed) {
  throw DomainError(field, std::to_string(value) + " is out of range; allowed: " + allowed);
}
/// Two fields that mean something together only.
template <class A, class B>
void require_both(std::string_view first, const Maybe<A>& a, std::string_view second, const Maybe<B>& b, std::string_view what) {
  if (a.has_value() != b.has_value())
    throw DomainError(a ? second : first,
                      "is left out; " + std::string(what) + " needs " + std::string(first) + " and " + std::string(second));
}
inline void require_size(std::string_view layers, int count, std::string_view size_name, const Maybe<int>& size) {
  if (count > 0 && !size)
    throw DomainError(size_name, "is left out; " + std::string(layers) + " = " + std::to_string(count) + " needs it");
}

inline void check_heads(const StackFields& f, int kv_heads) {
  if (f.heads > f.hidden_size && !f.head_size)
    out_of_range("heads", f.heads, "1 to hidden_size " + std::to_string(f.hidden_size));
  for (const auto& [name, mean, most] :
       {std::tuple{"mean_heads", f.mean_heads, f.heads}, {"mean_kv_heads", f.mean_kv_heads, kv_heads}})
    if (mean && *mean > most)
      throw DomainError(name, shown(*mean) + " is out of range; allowed: up to the most of any layer, " + std::to_string(most));
  if (kv_heads > f.heads) out_of_range("kv_heads", kv_heads, "1 to heads " + std::to_string(f.heads));
  require_both("latent_kv_rank", f.latent_kv_rank, "rope_head_size", f.rope_head_size, "a latent cache");
  if (f.nope_head_size && !f.latent_kv_rank)
    throw DomainError("nope_head_size", "is for latent attention; allowed with latent_kv_rank");
  if (f.joint_key_value && f.latent_kv_rank)
    throw DomainError("joint_key_value", "is for keys and values by heads; allowed without latent_kv_rank");
  if (f.output_rank ? f.heads % f.output_groups != 0 : f.output_groups > 1)
    throw DomainError("output_groups", std::to_string(f.output_groups) + " is out of range; allowed: " +
                                           (f.output_rank ? "a divisor of heads " + std::to_string(f.heads)
                                                          : std::string("1, or give output_rank")));
  if (f.joint_query_key_norm && f.latent_kv_rank)
    throw DomainError("joint_query_key_norm", "is for keys by heads; allowed without latent_kv_rank");
  if (f.uneven_heads == UnevenHeads::floor) return;
  if (f.heads % kv_heads != 0) out_of_range("kv_heads", kv_heads, "a divisor of heads " + std::to_string(f.heads));
  if (!f.head_size && f.hidden_size % f.heads != 0)
    out_of_range("heads", f.heads, "a divisor of hidden_size " + std::to_string(f.hidden_size) + ", or give head_size");
}

inline void check_layers(const StackFields& f, int attending, int blocks) {
  const auto most = [&](std::string_view field, int value, std::string_view of, int bound) {
    if (value > bound) out_of_range(field, value, "0 to " + std::string(of) + " " + std::to_string(bound));
  };
  most("recurrent.layers", f.recurrent.layers, "layers", f.layers);
  most("attention_layers", attending, "the layers that are not recurrent,", f.layers - f.recurrent.layers);
  most("ffn_layers", blocks, "layers", f.layers);
  if (attending + f.recurrent.layers + blocks < f.layers)
    out_of_range("ffn_layers", blocks,
                 std::to_string(f.layers - attending - f.recurrent.layers) +
                     " and above: every layer attends, is recurrent or has a block");
  most("window_layers", f.window_layers, "attention_layers", attending);
  most("chunked_layers", f.chunked_layers, "the attending layers without a window,", attending - f.window_layers);
  most("shared_cache_layers", f.shared_cache_layers, "attention_layers", attending);
  require_size("window_layers", f.window_layers, "window_size", f.window_size);
  require_size("chunked_layers", f.chunked_layers, "chunk_size", f.chunk_size);
  for (const auto& [name, field] : {std::pair{"window_kv_heads", f.window_kv_heads}, {"window_head_size", f.window_head_size}})
    if (field && (f.window_layers == 0 || f.latent_kv_rank))
      throw DomainError(name, "is for layers with a window and a cache by heads; allowed with window_layers alone");
  const int window_heads = f.window_heads.value_or(f.heads),
            window_kv_heads = f.window_kv_heads.value_or(f.kv_heads.value_or(f.heads));
  if (f.window_heads && f.window_layers == 0)
    throw DomainError("window_heads", "is for layers with a window; allowed with window_layers");
  if ((f.window_heads || f.window_kv_heads) && !f.latent_kv_rank && window_heads % window_kv_heads != 0)
    out_of_range(f.window_kv_heads ? "window_kv_heads" : "window_heads", f.window_kv_heads ? window_kv_heads : window_heads,
                 f.window_kv_heads ? "a divisor of heads " + std::to_string(window_heads)
                                   : "a multiple of kv_heads " + std::to_string(window_kv_heads));
  if (f.index.top_k.has_value() != f.index.heads.has_value() || f.index.top_k.has_value() != f.index.head_size.has_value())
    throw DomainError("index", "a sparse index needs index.top_k, index.heads and index.head_size");
  const bool picks_entries = f.compressed.indexed || f.heavily_compressed.indexed;
  const int bounded = f.window_layers + f.chunked_layers;
  if (f.index.top_k && (picks_entries ? bounded < attending : bounded > 0))
    throw DomainError("index.top_k",
                      "is for layers that see all of the context, or for the entries of compressed ones; allowed: without "
                      "window_layers and chunked_layers, or with an indexed class of compressed layers and no other");
}

/// Throws where the classes hold more layers than have a window, or a size is left out.
inline void check_compressed(const StackFields& f) {
  int of_windows = f.window_layers;
  for (const auto& [name, c] : {std::pair<std::string, const CompressedFields&>{"compressed", f.compressed},
                                {"heavily_compressed", f.heavily_compressed}}) {
    if (c.layers > of_windows)
      out_of_range(name + ".layers", c.layers,
                   "0 to the window_layers that are not compressed yet, " + std::to_string(of_windows));
    of_windows -= c.layers;
    require_size(name + ".layers", c.layers, name + ".ratio", c.ratio);
    if (c.layers == 0 && (c.ratio || c.indexed)) throw DomainError(name + ".layers", "is left out; its ratio and index need it");
    if (c.indexed && !f.index.top_k) throw DomainError("index.top_k", "is left out; " + name + ".indexed needs it");
  }
}

}  // namespace detail

/// Checks the geometry; throws DomainError.
inline TransformerShape shape_of(const StackFields& f) {
  const int kv_heads = f.kv_heads.value_or(f.heads);
  const int attending = f.attention_layers.value_or(f.layers - f.recurrent.layers);
  const int blocks = f.ffn_layers.value_or(f.layers);
  detail::check_heads(f, kv_heads);
  detail::check_layers(f, attending, blocks);
  detail::check_compressed(f);
  const auto number = [](const Maybe<int>& count) { return Maybe<double>::from_cell(count.cell()); };
  const auto compressed = [](const CompressedFields& c) -> CompressedLayers {
    return {static_cast<double>(c.layers), static_cast<double>(c.ratio.value_or(1)), c.indexed};
  };
  return {.layers = static_cast<double>(f.layers),
          .hidden_size = static_cast<double>(f.hidden_size),
          .heads = f.mean_heads.value_or(f.heads),
          .kv_heads = f.mean_kv_heads.value_or(kv_heads),
          .head_size = static_cast<double>(f.head_size.value_or(f.hidden_size / f.heads)),
          .ffn_size = f.ffn_size,
          .vocabulary_size = number(f.vocabulary_size),
          .latent_kv_rank = number(f.latent_kv_rank),
          .rope_head_size = number(f.rope_head_size),
          .context_length = number(f.context_length),
          .query_rank = number(f.query_rank),
          .nope_head_size = number(f.nope_head_size),
          .value_head_size = number(f.value_head_size),
          .ffn_matrices = static_cast<double>(f.ffn_matrices),
          .attention_layers = static_cast<double>(attending),
          .ffn_layers = static_cast<double>(blocks),
          .window_layers = static_cast<double>(f.window_layers),
          .window_size = static_cast<double>(f.window_size.value_or(0)),
          .most_heads = f.mean_heads ? Maybe<double>(f.heads) : absent,
          .most_kv_heads = f.mean_kv_heads ? Maybe<double>(kv_heads) : absent,
          .window_heads = number(f.window_heads),
          .window_kv_heads = number(f.window_kv_heads),
          .window_head_size = number(f.window_head_size),
          .chunked_layers = static_cast<double>(f.chunked_layers),
          .chunk_size = static_cast<double>(f.chunk_size.value_or(0)),
          .shared_cache_layers = static_cast<double>(f.shared_cache_layers),
          .compressed = {compressed(f.compressed), compressed(f.heavily_compressed)},
          .joint_key_value = f.joint_key_value,
          .output_rank = number(f.output_rank),
          .output_groups = static_cast<double>(f.output_groups),
          .gated_attention = f.gated_attention,
          .index_top_k = number(f.index.top_k),
          .index_heads = static_cast<double>(f.index.heads.value_or(0)),
          .index_head_size = static_cast<double>(f.index.head_size.value_or(0)),
          .prediction_layers = static_cast<double>(f.prediction_layers),
          .causal = f.work_unit != WorkUnit::sequence};
}

/// The recurrent layers of a stack, if it has any; throws DomainError where their sizes are left out.
inline std::optional<RecurrentLayers> recurrent_of(const StackFields& f) {
  const RecurrentFields& r = f.recurrent;
  if (r.layers == 0) return std::nullopt;
  const bool scan = r.form == Recurrence::selective_scan;
  const auto needed = [&](std::string_view field, const Maybe<int>& value) -> double {
    if (!value) throw DomainError(field, "is left out; recurrent.layers = " + std::to_string(r.layers) + " needs it");
    return *value;
  };
  const double value_heads = needed("recurrent.value_heads", r.value_heads);
  return RecurrentLayers{.form = r.form,
                         .layers = static_cast<double>(r.layers),
                         .key_heads = r.key_heads ? static_cast<double>(*r.key_heads) : value_heads,
                         .value_heads = value_heads,
                         .key_size = needed("recurrent.key_size", r.key_size),
                         .value_size = scan ? r.value_size.value_or(1) : needed("recurrent.value_size", r.value_size),
                         .convolution_width = static_cast<double>(r.convolution_width),
                         .time_step_rank = scan ? r.time_step_rank.value_or((f.hidden_size + 15) / 16) : 0.0,
                         .state_bytes = bytes_per_element(r.state_precision)};
}

}  // namespace ironlaw::workloads
