#pragma once
#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>
#include <ironlaw/working.hpp>

namespace ironlaw {

/// Where a value of a limit stands: the n-th input or output port.
struct PortReference {
  enum class Side : std::uint8_t { input, output };
  Side side = Side::output;
  std::size_t index = 0;
};

/// A wall: `used` must not exceed `bound`. A hard limit that is exceeded makes the row infeasible, a soft one is reported.
/// Absent values on either side switch it off.
struct LimitInfo {
  std::string_view name;  ///< "memory"
  std::string_view doc;   ///< "weights and cache must fit"
  bool hard = true;
  PortReference used;
  PortReference bound;
  std::string_view equation;                ///< "W + KV <= M", or empty
  std::span<const std::size_t> tightens{};  ///< inputs of which more never mends a limit that is exceeded
  std::span<const std::size_t> loosens{};   ///< inputs of which less never does
};

/// A question about the inputs alone that refuses a row cheaply, without an exception.
struct RuleInfo {
  std::string_view text;  ///< "tensor_parallel must divide the devices"
};

/// What an author promises: more of an input never makes an output smaller (`rises`) or larger.
struct MonotoneInfo {
  std::size_t input = 0;
  std::size_t output = 0;
  bool rises = true;
};

/// One closed-form model: a pure function from typed inputs to typed outputs, over columns of rows.
/// Stateless; `evaluate` may run on many threads at once.
class IRONLAW_API Solver {
 public:
  /// What an author says of a solver: its name, what it answers, and whose equations it uses.
  struct About {
    std::string_view name;
    std::string_view doc;
    std::string_view source;
  };

  Solver() = default;
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;
  virtual ~Solver();

  [[nodiscard]] const About& about() const noexcept { return do_about(); }
  [[nodiscard]] std::span<const PortInfo> inputs() const noexcept { return do_inputs(); }
  [[nodiscard]] std::span<const PortInfo> outputs() const noexcept { return do_outputs(); }
  [[nodiscard]] std::span<const LimitInfo> limits() const noexcept { return do_limits(); }
  [[nodiscard]] std::span<const RuleInfo> rules() const noexcept { return do_rules(); }
  [[nodiscard]] std::span<const MonotoneInfo> monotone() const noexcept { return do_monotone(); }

  /// Checks every input column against its port, then evaluates the rows that passed. An error costs its row: nothing is thrown
  /// for what a row brings, and whatever plugin code lets out becomes a PluginError.
  void evaluate(const Block& block) const;

  /// Writes the working of one evaluated row; false where the solver shows none. Throws PluginError.
  bool explain(std::span<const Cell> in, std::span<const Cell> out, Working& working) const;

 private:
  virtual const About& do_about() const noexcept = 0;
  virtual std::span<const PortInfo> do_inputs() const noexcept = 0;
  virtual std::span<const PortInfo> do_outputs() const noexcept = 0;
  virtual std::span<const LimitInfo> do_limits() const noexcept { return {}; }
  virtual std::span<const RuleInfo> do_rules() const noexcept { return {}; }
  virtual std::span<const MonotoneInfo> do_monotone() const noexcept { return {}; }
  /// Inputs are in range; rows whose status has no outputs are to be left alone.
  virtual void do_evaluate(const Block& block) const = 0;
  virtual bool do_explain(std::span<const Cell>, std::span<const Cell>, Working&) const { return false; }
};

}  // namespace ironlaw
