#pragma once
// What a question gave: rows in memory, and how they are shown.
#include <ironlaw/present/result_table.hpp>

#include <nanobind/nanobind.h>

#include <optional>

namespace ironlaw::python {

namespace nb = nanobind;

struct Result {
  std::shared_ptr<const host::Pipeline> pipeline;
  std::shared_ptr<const host::ResultTable> table;
  std::optional<host::Answer> answer;  ///< of a question without axes
  host::RunSummary summary;
  bool single = false;  ///< of one solver
  std::string name;     ///< of the config
};

/// Name and version, as provenance has it.
inline const std::string program = "ironlaw " IRONLAW_VERSION;

void bind_result(nb::module_& module);

}  // namespace ironlaw::python
