#pragma once
#include "expression/program.hpp"

namespace ironlaw::host {

/// A program with what its value is.
struct Bound {
  Program program;
  bool truth = false;     ///< true or false, else a number
  Dimension dimension{};  ///< of a number
};

/// Checks types and dimensions of nodes whose literals are steered. Throws InputError.
[[nodiscard]] Bound bind_nodes(const Source& source, const std::vector<Node>& nodes, const Symbols& symbols);

}  // namespace ironlaw::host
