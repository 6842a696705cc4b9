#include "expression/operations.hpp"

namespace ironlaw::host {

std::string_view spelling(Op op) {
  for (const auto& binary : binary_operators)
    if (binary.op == op) return binary.spelling;
  for (const auto& function : functions)
    if (function.op == op || function.of_series == op) return function.name;
  return op == Op::negate ? "-" : op == Op::power ? "^" : op == Op::logical_not ? "not" : "";
}

}  // namespace ironlaw::host
