#include <pybind11/pybind11.h>
#include <nanobind/nanobind.h>
#include <ironlaw/host/session.hpp>
