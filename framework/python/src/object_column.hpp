#pragma once
// What a solver in Python may ask of objects: columns of facts, in SI.
#include <ironlaw/hardware.hpp>
#include <ironlaw/workload.hpp>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ironlaw::python {

namespace nb = nanobind;

/// Rows of a block that an object cannot answer, with the reason.
using Refusals = std::map<std::size_t, std::string>;

using Numbers = nb::ndarray<nb::numpy, double, nb::ndim<1>>;

/// The objects of an input, row by row. A row whose object lacks the fact that is asked for is refused.
template <class Interface>
struct ObjectColumn {
  std::vector<const Interface*> objects;
  std::shared_ptr<Refusals> refusals;
};
using HardwareColumn = ObjectColumn<Hardware>;
using WorkloadColumn = ObjectColumn<Workload>;

/// An array that owns its numbers.
[[nodiscard]] Numbers numbers(std::vector<double> values);

void bind_object_columns(nb::module_& module);

}  // namespace ironlaw::python
