#pragma once
// A solver that calls others, with those that it calls.
#include <ironlaw/authored_solver.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ironlaw::host {

/// A solver with the ports that a call names, the others at their defaults.
class CalledSolver final : public Solver {
 public:
  /// Throws InputError at `where` for a port that the solver does not have, or has with another type or dimension, and for one
  /// that it needs and the call leaves out. `own`: the question is the caller's own, of which the solver takes the inputs that it
  /// has.
  CalledSolver(const SolverCall& call, bool own, const Solver& solver, const std::string& where);
  [[nodiscard]] const Solver& solver() const { return solver_; }

 private:
  const About& do_about() const noexcept override { return solver_.about(); }
  std::span<const PortInfo> do_inputs() const noexcept override { return call_.inputs; }
  std::span<const PortInfo> do_outputs() const noexcept override { return answers_; }
  void do_evaluate(const Block& block) const override;
  const SolverCall call_;
  const Solver& solver_;
  std::vector<PortInfo> answers_;     ///< the call's outputs, their series as long as the solver writes them
  std::vector<Cell> defaults_;        ///< by input of the solver
  std::vector<std::size_t> inputs_;   ///< by input of the call; behind the last where the solver has none of that name
  std::vector<std::size_t> outputs_;  ///< by output of the call
};

class BoundSolver final : public Solver, public SolverMembers {
 public:
  using Called = std::vector<std::unique_ptr<const CalledSolver>>;
  BoundSolver(const Solver& caller, const CallingSolver& calling, Called called);
  [[nodiscard]] const Called& called() const { return called_; }

 private:
  const About& do_about() const noexcept override { return caller_.about(); }
  std::span<const PortInfo> do_inputs() const noexcept override { return caller_.inputs(); }
  std::span<const PortInfo> do_outputs() const noexcept override { return caller_.outputs(); }
  std::span<const LimitInfo> do_limits() const noexcept override { return caller_.limits(); }
  std::span<const RuleInfo> do_rules() const noexcept override { return caller_.rules(); }
  std::span<const MonotoneInfo> do_monotone() const noexcept override { return caller_.monotone(); }
  void do_evaluate(const Block& block) const override { calling_.evaluate(block, solvers_); }
  bool do_explain(std::span<const Cell> in, std::span<const Cell> out, Working& working) const override {
    return calling_.explain(in, out, solvers_, working);
  }
  std::string_view do_without_port() const noexcept override;
  const Solver& caller_;
  const CallingSolver& calling_;
  const Called called_;
  std::vector<const Solver*> solvers_;
};

}  // namespace ironlaw::host
