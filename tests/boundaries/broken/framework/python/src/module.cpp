#include <nanobind/nanobind.h>
#include <pybind11/pybind11.h>
#include <ironlaw/host/session.hpp>
