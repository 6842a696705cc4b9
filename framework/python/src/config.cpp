#include "session.hpp"

#include <ironlaw/host/config.hpp>
#include <ironlaw/pages/chart.hpp>

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace ironlaw::python {

namespace nb = nanobind;

void bind_config(nb::module_& module) {
  using host::Config;
  using Texts = std::vector<std::string>;
  nb::class_<Config>(module, "Config", "A question, as a config file says it.")
      .def_static("read", [](const std::filesystem::path& file) { return Config::read(file); })
      .def_static("parse", [](const std::string& text, const std::string& file) { return Config::parse(text, file); })
      .def_static("of_solver", [](const std::string& solver) { return Config::of_solver(solver); })
      .def_static("of_roofline", [](const Texts& hardware, const Texts& workload,
                                    const Texts& batch_size) { return host::roofline_config(hardware, workload, batch_size); })
      .def_static("of_bundle", [](const std::string& text) { return Config::of_bundle(text, "config"); })
      .def("bundle", &Config::bundle)
      .def_prop_ro("name", [](const Config& c) { return c.name(); })
      .def("set", [](Config& c, const std::string& name, const std::string& value,
                     const std::string& where) { c.set(name, value, where); })
      .def("add_axis", [](Config& c, const std::string& name, const Texts& values,
                          const std::string& where) { c.add_axis(name, values, where); })
      .def("use_study", [](Config& c, const std::string& name) { c.use_study(name); })
      .def("set_study_option", [](Config& c, const std::string& name, const Texts& values,
                                  const std::string& where) { c.set_study_option(name, values, where); })
      .def("compare_with_file",
           [](Config& c, const std::filesystem::path& file, const std::string& where) { c.compare_with_file(file, where); })
      .def("compare_with_value", [](Config& c, const std::string& name, const std::string& value,
                                    const std::string& where) { c.compare_with_value(name, value, where); })
      .def("report_walls", &Config::report_walls);
}

}  // namespace ironlaw::python
