#pragma once
// What a solver written with the SDK may be beside a Solver.
#include <ironlaw/solver.hpp>

namespace ironlaw {

/// A solver that another one has answer a part of its question. Ports that the call does not name are at their defaults.
struct SolverCall {
  std::string_view solver;              ///< "single_node", or "roofline/single_node" where several plugins bring the name
  std::span<const PortInfo> inputs{};   ///< that the caller gives
  std::span<const PortInfo> outputs{};  ///< that it reads
};

/// A solver that calls others. The host finds them by name when a pipeline is compiled, and hands them over with every block:
/// they answer columns of rows as any solver does. Where one refuses a row, that row is refused.
class IRONLAW_API CallingSolver {
 public:
  [[nodiscard]] std::span<const SolverCall> calls() const noexcept { return do_calls(); }
  /// As Solver::evaluate, without its check of inputs. `called` are solvers with the ports of calls(), in their order.
  void evaluate(const Block& block, std::span<const Solver* const> called) const { do_evaluate_calling(block, called); }
  /// As Solver::explain.
  bool explain(std::span<const Cell> in, std::span<const Cell> out, std::span<const Solver* const> called,
               Working& working) const {
    return do_explain_calling(in, out, called, working);
  }

 protected:
  CallingSolver() = default;
  CallingSolver(const CallingSolver&) = default;
  CallingSolver& operator=(const CallingSolver&) = default;
  virtual ~CallingSolver();

 private:
  virtual std::span<const SolverCall> do_calls() const noexcept = 0;
  virtual void do_evaluate_calling(const Block& block, std::span<const Solver* const> called) const = 0;
  virtual bool do_explain_calling(std::span<const Cell> in, std::span<const Cell> out, std::span<const Solver* const> called,
                                  Working& working) const = 0;
};

/// What a solver's structs hold beside its ports.
class IRONLAW_API SolverMembers {
 public:
  /// "Inputs has 8 bytes behind 'batch_size'" where a member is no port, else empty. Members that fit into padding are not seen.
  [[nodiscard]] std::string_view without_port() const noexcept { return do_without_port(); }

 protected:
  SolverMembers() = default;
  SolverMembers(const SolverMembers&) = default;
  SolverMembers& operator=(const SolverMembers&) = default;
  virtual ~SolverMembers();

 private:
  virtual std::string_view do_without_port() const noexcept = 0;
};

}  // namespace ironlaw
