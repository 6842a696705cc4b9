#include "python_solver.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/units.hpp>

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

namespace ironlaw::python {
namespace {

/// Held with the interpreter's lock.
std::optional<nb::python_error> pending;

using Matrix = nb::ndarray<nb::numpy, double, nb::ndim<2>>;

/// Numbers that live as long as an array of Python's looks at them.
struct Owned {
  std::shared_ptr<std::vector<double>> numbers;
  Matrix array;
  Owned(std::size_t columns, std::size_t rows)
      : numbers(std::make_shared<std::vector<double>>(columns * rows)),
        array(numbers->data(), {columns, rows},
              nb::capsule(new std::shared_ptr<std::vector<double>>(numbers),
                          [](void* p) noexcept { delete static_cast<std::shared_ptr<std::vector<double>>*>(p); })) {}
};

PortType type_of(const std::string& name) {
  if (name == "integer") return PortType::integer;
  if (name == "boolean") return PortType::boolean;
  if (name == "choice") return PortType::choice;
  if (name == "object") return PortType::object;
  return PortType::number;
}

host::Parsed unit_of(const PortSaid& said) {
  if (said.unit.empty()) return {1, {}};
  try {
    return host::parse_unit(said.unit);
  } catch (const host::UnitError& e) {
    throw InputError(said.name, e.what());
  }
}

template <class Interface>
nb::object column_of(const Column& cells, std::span<const std::size_t> rows, const std::shared_ptr<Refusals>& refusals) {
  ObjectColumn<Interface> column;
  for (const std::size_t r : rows) column.objects.push_back(static_cast<const Interface*>(cells[r].object));
  column.refusals = refusals;
  return nb::cast(std::move(column));
}

/// Objects live as long as their block: what a function keeps of them is empty afterwards.
class Lent {
 public:
  nb::list columns;
  Lent() = default;
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  ~Lent() {
    for (const nb::handle column : columns) {
      if (nb::isinstance<HardwareColumn>(column)) nb::cast<HardwareColumn&>(column).objects.clear();
      if (nb::isinstance<WorkloadColumn>(column)) nb::cast<WorkloadColumn&>(column).objects.clear();
    }
  }
};

}  // namespace

PythonSolver::PythonSolver(std::string name, std::string doc, std::string source, const std::vector<PortSaid>& inputs,
                           const std::vector<PortSaid>& outputs, nb::object function)
    : about_{keep(name), keep(doc), keep(source)}, function_(std::move(function)) {
  for (const PortSaid& said : inputs) {
    inputs_.push_back(port_of(said, true));
    input_scales_.push_back(unit_of(said).value);
  }
  for (const PortSaid& said : outputs) {
    outputs_.push_back(port_of(said, false));
    output_scales_.push_back(unit_of(said).value);
  }
}

/// The last to let go of a pipeline may be any thread of another library.
PythonSolver::~PythonSolver() {
  const nb::gil_scoped_acquire lock;
  if (lock) {
    function_.reset();
  } else {
    (void)function_.release();  // the interpreter has gone
  }
}

PortInfo PythonSolver::port_of(const PortSaid& said, bool input) {
  const host::Parsed unit = unit_of(said);
  PortInfo port;
  port.name = keep(said.name);
  port.doc = keep(said.doc);
  port.type = type_of(said.type);
  port.optional = said.optional;
  port.required = said.required;
  port.dimension = unit.dimension;
  port.fallback = absent_value;
  port.range = {said.low * unit.value, said.high * unit.value, said.above};
  if (unit.value != 1) port.display = keep(said.unit);
  auto& choices = choices_.emplace_back();
  for (const auto& choice : said.choices) choices.push_back(keep(choice));
  port.choices = choices;
  if (port.type == PortType::boolean) port.range = {0, 1};
  if (port.type == PortType::choice) port.range = {0, static_cast<double>(choices.size()) - 1};
  if (port.type == PortType::object) {
    port.interface = keep(said.interface);
    port.interface_layout = said.interface == Hardware::interface ? interface_layout<Hardware>() : interface_layout<Workload>();
    return port;
  }
  if (!input || said.fallback.is_none()) return port;
  if (nb::isinstance<nb::str>(said.fallback)) {
    const auto text = nb::cast<std::string>(said.fallback);
    const auto found = std::find(choices.begin(), choices.end(), text);
    if (port.type == PortType::choice) {
      if (found == choices.end()) throw InputError(said.name, "'" + text + "' is none of its choices");
      port.fallback = static_cast<double>(found - choices.begin());
    } else {
      port.fallback = host::parse_quantity(text, port.dimension).value;
    }
  } else {
    port.fallback = nb::cast<double>(said.fallback) * unit.value;
  }
  if (!port.range.contains(port.fallback)) throw InputError(said.name, "its default lies outside its range");
  return port;
}

void PythonSolver::do_evaluate(const Block& block) const {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < block.rows(); ++r)
    if (has_outputs(block.status[r])) rows.push_back(r);
  const nb::gil_scoped_acquire lock;
  if (!rows.empty()) evaluate(block, rows);
}

/// Where the function raises, halves of the rows are tried, until it is known which one made it so.
void PythonSolver::evaluate(const Block& block, std::span<const std::size_t> rows) const {
  const auto fail = [&](RowStatus status, const std::string& what) { reject_row(block, rows[0], status, {}, what); };
  try {
    const auto refusals = std::make_shared<Refusals>();
    const Owned in(inputs_.size(), rows.size());
    const Owned out(outputs_.size(), rows.size());
    Lent objects;
    for (std::size_t k = 0; k < inputs_.size(); ++k) {
      const Column& column = block.in[k];
      if (inputs_[k].type == PortType::object) {
        objects.columns.append(inputs_[k].interface == Hardware::interface ? column_of<Hardware>(column, rows, refusals)
                                                                           : column_of<Workload>(column, rows, refusals));
        continue;
      }
      double* to = in.numbers->data() + k * rows.size();
      const double scale = input_scales_[k];
      for (const std::size_t r : rows) *to++ = column[r].number / scale;
    }
    function_(in.array, objects.columns, out.array);
    store(block, rows, *out.numbers, *refusals);
  } catch (nb::python_error& e) {
    if (!e.matches(PyExc_Exception)) {
      if (!pending) pending.emplace(e);
      for (const std::size_t r : rows) reject_row(block, r, RowStatus::failed, {}, "was interrupted");
    } else if (rows.size() > 1) {
      evaluate(block, rows.first(rows.size() / 2));
      evaluate(block, rows.subspan(rows.size() / 2));
    } else {
      const nb::object refusal = nb::module_::import_("ironlaw._errors").attr("Refusal");
      const std::string text = nb::cast<std::string>(nb::str(e.value()));
      if (e.matches(refusal)) {
        fail(RowStatus::refused, text);
      } else {
        fail(RowStatus::failed, nb::cast<std::string>(e.type().attr("__name__")) + (text.empty() ? "" : ": " + text));
      }
    }
  } catch (const std::exception& e) {
    for (const std::size_t r : rows) reject_row(block, r, RowStatus::failed, {}, e.what());
  }
}

void PythonSolver::store(const Block& block, std::span<const std::size_t> rows, const std::vector<double>& out,
                         const Refusals& refused) const {
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    if (block.out[k] == nullptr) continue;
    const double* from = out.data() + k * rows.size();
    for (const std::size_t r : rows) block.out[k][r].number = *from++ * output_scales_[k];
  }
  for (const auto& [i, what] : refused) reject_row(block, rows[i], RowStatus::refused, {}, what);
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    const double* from = out.data() + k * rows.size();
    const bool feasible = outputs_[k].name == "feasible" && outputs_[k].type == PortType::boolean;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      RowStatus& status = block.status[rows[i]];
      if (!std::isfinite(from[i] * output_scales_[k]) && !outputs_[k].optional && has_outputs(status)) {
        reject_row(block, rows[i], RowStatus::failed, outputs_[k].name, "is not finite");
      } else if (feasible && from[i] == 0 && status == RowStatus::ok) {
        status = RowStatus::infeasible;
      }
    }
  }
}

void raise_pending() {
  if (!pending) return;
  const nb::python_error error = *pending;
  pending.reset();
  throw nb::python_error(error);
}

void bind_python_solver(nb::module_& module) {
  nb::class_<PortSaid>(module, "Port")
      .def(
          "__init__",
          [](PortSaid* self, std::string name, std::string doc, std::string type, std::string unit, std::string interface,
             std::vector<std::string> choices, bool optional, bool required, nb::object fallback, double low, double high,
             bool above) {
            new (self) PortSaid{std::move(name),
                                std::move(doc),
                                std::move(type),
                                std::move(unit),
                                std::move(interface),
                                std::move(choices),
                                optional,
                                required,
                                std::move(fallback),
                                low,
                                high,
                                above};
          },
          nb::arg("name"), nb::arg("doc"), nb::arg("type"), nb::arg("unit"), nb::arg("interface"), nb::arg("choices"),
          nb::arg("optional"), nb::arg("required"), nb::arg("fallback").none(), nb::arg("low"), nb::arg("high"),
          nb::arg("above"));
}

}  // namespace ironlaw::python
