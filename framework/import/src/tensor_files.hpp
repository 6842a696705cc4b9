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
  Json metadata = Json::object();  ///< of a GGUF file: values by key; an array is its "count" and, where short, its "values"
  double bytes_alone = 0;          ///< an index without its files says this alone

  [[nodiscard]] double parameters() const;
  /// Bits an element by class of tensor.
  [[nodiscard]] StoredBits bits() const;
};

[[nodiscard]] bool is_checkpoint(const std::filesystem::path& file);
/// A .safetensors file, a .safetensors.index.json with its files or a config.json beside it, or a .gguf file with those that it
/// was split into. Throws InputError.
[[nodiscard]] StoredModel read_checkpoint(const std::filesystem::path& file);

}  // namespace ironlaw::host
