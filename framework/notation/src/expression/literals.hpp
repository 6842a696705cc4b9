#pragma once
#include "expression/syntax.hpp"

#include <optional>

namespace ironlaw::host {

/// a * b^sign, or nothing where a power leaves the range of a dimension.
[[nodiscard]] std::optional<Dimension> combined(const Dimension& a, const Dimension& b, int sign);
[[nodiscard]] std::optional<Dimension> raised(const Dimension& dimension, int exponent);
/// Nothing where a power is odd.
[[nodiscard]] std::optional<Dimension> halved(const Dimension& dimension);

/// Whether a number without a unit may stand where `dimension` is needed: 0 anywhere, counts of tokens and requests.
[[nodiscard]] bool fits_bare(const Node& node, const Dimension& dimension);

/// Reads literals again whose unit depends on what stands beside them: "5 kg" is kgCO2e beside carbon and mass elsewhere.
void steer_literals(const Source& source, std::vector<Node>& nodes);

}  // namespace ironlaw::host
