#pragma once
// What only some devices and models have. A solver asks by type and refuses, or does without, where the answer is null.
#include <ironlaw/maybe.hpp>

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

/// Geometry of a transformer stack (Vaswani 2017; grouped keys and values: Ainslie 2023; latent cache: DeepSeek-V2 2024).
struct TransformerShape {
  static constexpr std::string_view facet_id = "transformer_shape/1";
  double layers;
  double hidden_size;
  double heads;
  double kv_heads;
  double head_size;
  Maybe<double> ffn_size;
  Maybe<double> vocabulary_size;
  Maybe<double> latent_kv_rank;  ///< with rope_head_size: keys and values are cached as one latent vector
  Maybe<double> rope_head_size;
  Maybe<double> context_length;  ///< longest context the model was made for

  /// Elements of key-value cache one token takes in all layers.
  [[nodiscard]] constexpr double cache_elements_per_token() const {
    return latent_kv_rank ? layers * (*latent_kv_rank + *rope_head_size) : 2 * layers * kv_heads * head_size;
  }
};

/// Routed experts (Fedus 2022, Jiang 2024).
struct Experts {
  static constexpr std::string_view facet_id = "experts/1";
  double count;
  double active_per_token;
  double active_parameters;  ///< parameters that one token passes through
  Maybe<double> layers;      ///< layers that route; absent: all
};

}  // namespace ironlaw
