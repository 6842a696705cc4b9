#pragma once
// What the metadata of a GGUF file says of the model, as fields of an entry.
#include "tensor_files.hpp"

namespace ironlaw::host {

/// A network, or a transformer with the geometry that the keys of its architecture give; only what they say. `where` names the
/// file. Throws InputError.
[[nodiscard]] Json gguf_entry(const StoredModel& stored, const std::string& where);

}  // namespace ironlaw::host
