#pragma once
// Headers of checkpoints: which tensors a safetensors or GGUF file holds. Weights are never read.
#include "tensor_formats.hpp"

#include <cstdint>
#include <vector>

namespace ironlaw::host {

/// One tensor as a header names it.
struct StoredTensor {
  std::string name;
  double elements = 0;  ///< of the model: packed integers count what they hold; scales and tables beside weights count none
  double bytes = 0;
};

/// What the headers of a checkpoint say.
struct StoredModel {
  std::vector<StoredTensor> tensors;
  Json metadata = Json::object();  ///< of a GGUF file: scalars by key, an array's length

  [[nodiscard]] double parameters() const;
  /// Bits an element by class of tensor.
  [[nodiscard]] StoredBits bits() const;
};

[[nodiscard]] bool is_checkpoint(const std::filesystem::path& file);
/// A .safetensors file, a .safetensors.index.json with its files beside it, or a .gguf file. Throws InputError.
[[nodiscard]] StoredModel read_checkpoint(const std::filesystem::path& file);

}  // namespace ironlaw::host
