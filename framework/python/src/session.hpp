#pragma once
#include <nanobind/nanobind.h>

namespace ironlaw::python {

void bind_config(nanobind::module_& module);
void bind_session(nanobind::module_& module);

}  // namespace ironlaw::python
