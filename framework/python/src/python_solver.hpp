#pragma once
// A solver whose equations are a function of Python.
#include "object_column.hpp"

#include <ironlaw/solver.hpp>

#include <deque>

namespace ironlaw::python {

/// What Python says of a port; texts and numbers as PortInfo has them.
struct PortSaid {
  std::string name, doc, type, unit, interface;
  std::vector<std::string> choices;
  bool optional = false;
  bool required = false;
  nb::object fallback;  ///< in the port's unit, or a choice
  double low, high;
  bool above = false;
};

/// Calls `function(columns, objects, out)`: a row of `columns` and of `out` for each input and output port, `objects` in place of
/// those that are objects. What it raises costs the rows that make it so.
class PythonSolver final : public Solver {
 public:
  /// Throws InputError for a unit or a default that cannot be read.
  PythonSolver(std::string name, std::string doc, std::string source, const std::vector<PortSaid>& inputs,
               const std::vector<PortSaid>& outputs, nb::object function);
  ~PythonSolver() override;

 private:
  class Rows;
  const About& do_about() const noexcept override { return about_; }
  std::span<const PortInfo> do_inputs() const noexcept override { return inputs_; }
  std::span<const PortInfo> do_outputs() const noexcept override { return outputs_; }
  void do_evaluate(const Block& block) const override;
  void evaluate(const Block& block, std::span<const std::size_t> rows) const;
  void store(const Block& block, std::span<const std::size_t> rows, const std::vector<double>& out,
             const Refusals& refused) const;
  std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }
  PortInfo port_of(const PortSaid& said, bool input);

  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> choices_;
  About about_;
  std::vector<PortInfo> inputs_;
  std::vector<PortInfo> outputs_;
  std::vector<double> input_scales_;   ///< of the unit that the function has each in
  std::vector<double> output_scales_;  ///< the same
  nb::object function_;
};

/// What a solver raised that is no error of its rows, such as KeyboardInterrupt; raised again where the run ends.
void raise_pending();

void bind_python_solver(nb::module_& module);

}  // namespace ironlaw::python
