// The host as a module of Python: ironlaw._core, over which the package ironlaw stands.
#include "object_column.hpp"
#include "python_solver.hpp"
#include "result.hpp"
#include "session.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/output_file.hpp>
#include <ironlaw/visible_text.hpp>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace {

/// The host's line, as an exception of the package's.
void raise(const char* type, const std::exception& e) {
  const nb::object errors = nb::module_::import_("ironlaw._errors");
  PyErr_SetString(errors.attr(type).ptr(), ironlaw::message_line(e.what()).c_str());
}

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const ironlaw::PluginError& e) {
    raise("PluginError", e);
  } catch (const ironlaw::InputError& e) {
    raise("InputError", e);
  } catch (const ironlaw::Refusal& e) {
    raise("Refusal", e);
  } catch (const ironlaw::Error& e) {
    raise("Error", e);
  }
}

void write_file(const std::string& file, const nb::bytes& content) {
  ironlaw::host::OutputFile out(file);
  out.stream().write(content.c_str(), static_cast<std::streamsize>(content.size()));
  out.commit();
}

}  // namespace

NB_MODULE(_core, module) {
  nb::set_leak_warnings(false);  // a session lives as long as the interpreter
  nb::register_exception_translator(translate);
  module.attr("version") = IRONLAW_VERSION;
  module.def("write_file", &write_file, "Writes a file whole or not at all, and never over what was read.");
  ironlaw::python::bind_object_columns(module);
  ironlaw::python::bind_python_solver(module);
  ironlaw::python::bind_config(module);
  ironlaw::python::bind_result(module);
  ironlaw::python::bind_session(module);
}
