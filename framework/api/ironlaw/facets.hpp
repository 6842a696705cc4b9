#pragma once
// What only some devices and models have. A solver asks by type and refuses, or does without, where the answer is null.
#include <ironlaw/formats.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace ironlaw {

/// Memory on the die (SRAM) that can hold a whole small model.
struct OnChipMemory {
  static constexpr std::string_view facet_id = "on_chip_memory/1";
  Information capacity;
  Bandwidth bandwidth;
};

/// Weights execute in place from flash (microcontrollers).
struct FlashMemory {
  static constexpr std::string_view facet_id = "flash_memory/1";
  Maybe<Information> capacity;
  Bandwidth bandwidth;
};

/// What a device computes operands of each format in: another one where it has no units for them, and widens them.
struct ArithmeticFormats {
  static constexpr std::string_view facet_id = "arithmetic_formats/1";
  std::array<Precision, precision_count> of;
};

/// The link between devices of one node, one way.
struct DeviceLink {
  static constexpr std::string_view facet_id = "device_link/1";
  Maybe<Bandwidth> bandwidth;
  Time latency;
};

/// Local storage of a device.
struct Storage {
  static constexpr std::string_view facet_id = "storage/1";
  Maybe<Information> capacity;
  Bandwidth bandwidth;
};

/// Of the layers with a window, those that keep an entry for every `ratio` tokens beside it. An entry is as wide as a token's
/// keys and values in that layer; one that is not full yet counts in proportion.
struct CompressedLayers {
  double layers = 0;     ///< 0: none
  double ratio = 1;      ///< tokens of an entry
  bool indexed = false;  ///< the sparse index has a key an entry, and picks those that a token attends to; else it attends to all
};

/// Geometry of a transformer stack (Vaswani 2017; grouped keys and values: Ainslie 2023; latent cache: DeepSeek-V2 2024; windows:
/// Beltagy 2020, Jiang 2023; chunks: Llama 4 2025; sparse index: DeepSeek-V3.2 2025; shared caches: Brandon 2024; compressed
/// layers: DeepSeek-V4 2026).
struct TransformerShape {
  static constexpr std::string_view facet_id = "transformer_shape/4";
  double layers;  ///< blocks of the stack, of every class
  double hidden_size;
  double heads;     ///< query heads of a layer; where layers have heads of their own, the mean
  double kv_heads;  ///< likewise
  double head_size;
  Maybe<double> ffn_size{};  ///< of a feed-forward block, or of one routed expert
  Maybe<double> vocabulary_size{};
  Maybe<double> latent_kv_rank{};  ///< with rope_head_size: keys and values are cached as one latent vector
  Maybe<double> rope_head_size{};
  Maybe<double> context_length{};  ///< longest context the model was made for
  Maybe<double> query_rank{};      ///< width that queries pass through; absent: none
  Maybe<double>
      nope_head_size{};  ///< latent attention: width of a query or key beside its position; absent: head_size is all of it
  Maybe<double> value_head_size{};   ///< absent: head_size
  double ffn_matrices = 3;           ///< of a feed-forward block: 3 where it is gated
  Maybe<double> attention_layers{};  ///< layers that attend, in one of the ways below; absent: all
  Maybe<double> ffn_layers{};        ///< layers that have a feed-forward block; absent: all
  double window_layers = 0;          ///< attending layers where a token sees the last window_size
  double window_size = 0;
  Maybe<double> most_heads{};        ///< of the layer that has most, which tensor ranks divide; absent: all have heads
  Maybe<double> most_kv_heads{};     ///< likewise
  Maybe<double> window_heads{};      ///< query heads of layers with a window; absent: heads
  Maybe<double> window_kv_heads{};   ///< their key-value heads; absent: kv_heads
  Maybe<double> window_head_size{};  ///< width of a head of theirs; absent: head_size
  double chunked_layers = 0;         ///< attending layers where a token sees its own chunk of chunk_size
  double chunk_size = 0;
  double shared_cache_layers = 0;  ///< attending layers without a cache of their own, a like share of each class
  std::array<CompressedLayers, 2> compressed{};
  bool joint_key_value = false;  ///< one vector a key-value head is its key and its value
  Maybe<double> output_rank{};   ///< width that each of output_groups of heads passes before the output; absent: none
  double output_groups = 1;
  bool gated_attention = false;  ///< attention's output is multiplied by a gate as wide as the queries
  Maybe<double> index_top_k{};   ///< sparse index: keys, or entries of compressed layers, that a query attends to
  double index_heads = 0;
  double index_head_size = 0;
  double prediction_layers = 0;  ///< of further tokens, beside `layers` (multi-token prediction)
  bool causal = true;            ///< false: an encoder, where every token sees every other

  [[nodiscard]] constexpr double attending_layers() const { return attention_layers.value_or(layers); }
  [[nodiscard]] constexpr double feed_forward_layers() const { return ffn_layers.value_or(layers); }
  /// Attending layers that see all of the context.
  [[nodiscard]] constexpr double full_layers() const { return attending_layers() - window_layers - chunked_layers; }
  /// The same stack with the heads of its windowed layers in all.
  [[nodiscard]] constexpr TransformerShape with_heads_of_windows() const {
    TransformerShape s = *this;
    s.heads = window_heads.value_or(heads);
    s.kv_heads = window_kv_heads.value_or(kv_heads);
    s.head_size = window_head_size.value_or(head_size);
    return s;
  }
  /// Heads that are dealt out whole to tensor ranks.
  [[nodiscard]] constexpr double split_heads() const { return most_heads.value_or(heads); }
  [[nodiscard]] constexpr double split_kv_heads() const { return most_kv_heads.value_or(kv_heads); }
  /// Width of a query or key, and of a value, of one head where scores are computed head by head.
  [[nodiscard]] constexpr double key_size() const { return nope_head_size ? *nope_head_size + *rope_head_size : head_size; }
  [[nodiscard]] constexpr double value_size() const { return value_head_size.value_or(head_size); }
  /// Share of the attending layers that keep a cache.
  [[nodiscard]] constexpr double caching_share() const {
    return shared_cache_layers == 0 ? 1 : 1 - shared_cache_layers / attending_layers();
  }

  /// Elements of a token's keys and values in the cache of one layer.
  [[nodiscard]] constexpr double key_value_elements() const {
    return latent_kv_rank ? *latent_kv_rank + *rope_head_size : (joint_key_value ? 1 : 2) * kv_heads * head_size;
  }
  /// Elements of cache that one token takes in a layer that sees all of the context.
  [[nodiscard]] constexpr double layer_cache_elements() const { return key_value_elements() + index_head_size; }
};

/// An adapter laid over the model: training changes its parameters alone (Houlsby 2019; low rank: Hu 2022).
struct Adapter {
  static constexpr std::string_view facet_id = "adapter/1";
  double parameters;
};

/// Widths that a checkpoint is stored in, where it says so: they hold wherever a question states none.
struct StoredFormats {
  static constexpr std::string_view facet_id = "stored_formats/1";
  Formats formats;
};

/// Routed experts (Fedus 2022, Jiang 2024; beside shared ones: Dai 2024).
struct Experts {
  static constexpr std::string_view facet_id = "experts/2";
  double count;
  double active_per_token;
  double active_parameters;        ///< parameters that one token passes through
  Maybe<double> layers;            ///< layers that route; absent: all that have a feed-forward block
  Maybe<double> dense_ffn_size{};  ///< width of the block in layers that do not route; absent: not said
  double shared_ffn_size = 0;      ///< width of the shared experts together
  Maybe<double> input_size{};      ///< width that tokens enter routed experts with; absent: the hidden size
};

/// What a recurrent layer computes.
enum class Recurrence : std::uint8_t {
  selective_scan,    ///< Mamba (Gu and Dao 2023): a state for each channel; step, input and output vectors are projected apart
  state_duality,     ///< Mamba-2 (Dao and Gu 2024): a state for each head
  linear_attention,  ///< keys and values summed up under a decay (Katharopoulos 2020, Qin 2024)
  gated_delta        ///< the sum is corrected by what it already holds (Yang 2024)
};

/// Layers with a state of fixed size in place of a cache.
struct RecurrentLayers {
  static constexpr std::string_view facet_id = "recurrent_layers/1";
  Recurrence form = Recurrence::gated_delta;
  double layers = 0;
  double key_heads = 0;          ///< groups of a state space model
  double value_heads = 0;        ///< heads of a state space model; channels of a selective scan
  double key_size = 0;           ///< state elements a channel
  double value_size = 1;         ///< channels a head
  double convolution_width = 0;  ///< tokens that the convolution before it sees; 0: none
  double time_step_rank = 0;     ///< of a selective scan
  double state_bytes = 4;        ///< an element of the state

  /// Width of the streams that pass through.
  [[nodiscard]] constexpr double inner_size() const { return value_heads * value_size; }
  /// Channels that the convolution runs over.
  [[nodiscard]] constexpr double convolved_channels() const {
    return form == Recurrence::selective_scan ? inner_size() : inner_size() + 2 * key_heads * key_size;
  }
  /// State of one layer and sequence.
  [[nodiscard]] constexpr double state_elements() const { return inner_size() * key_size; }
  /// Elements of the last tokens that the convolution keeps, of one layer and sequence.
  [[nodiscard]] constexpr double convolution_elements() const {
    return convolution_width > 1 ? (convolution_width - 1) * convolved_channels() : 0;
  }
};

}  // namespace ironlaw
