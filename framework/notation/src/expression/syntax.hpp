#pragma once
// The text of an expression as a list of nodes.
#include "expression/source.hpp"
#include "expression/symbols.hpp"

#include <ironlaw/notation/units.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace ironlaw::host {

enum class Op : std::uint8_t {
  // Operands.
  name,
  number,
  truth,
  quoted,
  // Of one operand.
  negate,
  power,
  absolute,
  square_root,
  round_down,
  round_up,
  logarithm,
  logarithm2,
  exponential,
  logical_not,
  // Of two.
  add,
  subtract,
  minimum,
  maximum,
  multiply,
  divide,
  less_equal,
  greater_equal,
  less,
  greater,
  equal,
  not_equal,
  logical_and,
  logical_or
};

constexpr bool is_comparison(Op op) { return op >= Op::less_equal && op <= Op::not_equal; }
/// Whether both operands need the same unit.
constexpr bool keeps_unit(Op op) { return (op >= Op::add && op <= Op::maximum) || is_comparison(op); }
/// As an expression writes it: "<=", "sqrt".
[[nodiscard]] std::string_view spelling(Op op);

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
