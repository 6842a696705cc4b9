#pragma once
// A counted model as the fields of a zoo entry.
#include "model_facts.hpp"
#include "tensor_formats.hpp"

namespace ironlaw::host {

/// The fields, "kind" first: of a transformer, a state space model, a diffusion model, a network, or a composite of them. `bits`
/// says in how many bits its tensors are stored.
[[nodiscard]] Json entry_of(const CountedNetwork& network, const StoredBits& bits);

}  // namespace ironlaw::host
