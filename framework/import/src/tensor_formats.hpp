#pragma once
// In how many bits a checkpoint stores its tensors, by class.
#include "text/json.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// Classes of tensors that checkpoints keep in a format of their own, as the fields stored_bits.* of a workload are called.
inline constexpr std::array<std::string_view, 6> tensor_classes{"linear", "attention", "experts", "embedding", "head", "norms"};

/// Bits a stored element, scales included, by class; "cache" too where a file says it. Empty: the format that is asked for.
using StoredBits = std::map<std::string, double, std::less<>>;

/// What a config's "quantization_config" (or "compression_config") says; empty where there is none. `method` becomes its name.
/// Throws InputError at `where` for a method whose widths are not known.
[[nodiscard]] StoredBits quantization_bits(const Json& config, const std::string& where, std::string& method);

/// The class of a weight by the name that transformers or llama.cpp give it.
[[nodiscard]] std::string_view class_of_tensor(std::string_view name);

}  // namespace ironlaw::host
