#pragma once
// The text of an expression as a list of nodes.
#include "expression/operations.hpp"
#include "expression/source.hpp"
#include "expression/symbols.hpp"

#include <ironlaw/notation/units.hpp>

#include <limits>
#include <vector>

namespace ironlaw::host {

struct Node {
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  Op op = Op::name;
  std::size_t begin = 0, end = 0;  ///< in the text, parentheses included
  std::size_t at = 0;              ///< what an error points to
  std::size_t left = none, right = none;
  Parsed quantity{};               ///< of a number, in SI; of a truth 0 or 1
  bool has_unit = false;           ///< of a number
  int exponent = 1;                ///< of a power
  const Symbol* symbol = nullptr;  ///< of a name
};

/// Reads text from `begin` to its end. Operands stand before the node they go into, in the order in which a stack machine takes
/// them; the last node is the whole. Throws InputError.
[[nodiscard]] std::vector<Node> parse_syntax(const Source& source, std::size_t begin, const Symbols& symbols);

}  // namespace ironlaw::host
