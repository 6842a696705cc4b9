#pragma once
// Which inputs of a plan say where in the bands of its estimates an answer stands, and what follows from them.
#include "expression/expression.hpp"
#include "plan/plan.hpp"

#include <ironlaw/host/pipeline.hpp>

#include <array>
#include <deque>

namespace ironlaw::host {

/// The input by which a solver is asked for another place in its band than the estimate itself (sdk/band.hpp).
inline constexpr std::string_view band_input = "band_quantile";
/// Where the low and the high ends of a band are.
inline constexpr std::array<double, 2> band_quantiles{0.1, 0.9};

/// A column of a result and those of its ends, by index.
struct BandedColumn {
  std::size_t estimate;
  std::size_t low;
  std::size_t high;
};

/// All bands of a plan are moved together: a record that is slow in one stage is slow in all.
class Bands {
 public:
  /// Throws InputError at `where` where no stage has a band that is not placed already.
  Bands(const Plan& plan, const std::vector<Axis>& axes, const std::string& where);

  /// Inputs that say where the answer stands.
  [[nodiscard]] const std::vector<std::size_t>& inputs() const { return inputs_; }
  /// An estimate with a band of its own, by output of the plan.
  struct Estimate {
    std::size_t output;
    std::size_t low;
    std::size_t high;
  };
  [[nodiscard]] const std::vector<Estimate>& estimates() const { return estimates_; }
  /// Whether an output of the plan follows from an estimate with a band.
  [[nodiscard]] bool moves(std::size_t output) const { return moves_[output] != 0; }
  /// The same of an expression over inputs and outputs behind them.
  [[nodiscard]] bool moves(const Expression& expression) const;

  /// Puts the ends of every number that moves behind it. `derived` are the expressions among the columns.
  void add_columns(const std::deque<Expression>& derived, std::vector<ResultColumn>& columns);
  /// The columns that have ends.
  [[nodiscard]] const std::vector<BandedColumn>& columns() const { return columns_; }

 private:
  [[nodiscard]] bool is_end(std::size_t output) const;
  void find_estimates(const Plan& plan);
  std::size_t plan_inputs_;
  std::vector<std::size_t> inputs_;
  std::vector<char> moves_;
  std::vector<Estimate> estimates_;
  std::vector<BandedColumn> columns_;
};

/// Whether a cell of a port is a value, and points to nothing that ends with its block.
[[nodiscard]] inline bool is_plain(const PortInfo& port) { return port.type != PortType::series && port.type != PortType::text; }

/// Whether a value lies between its ends, whichever of them is the larger.
[[nodiscard]] bool between_ends(double low, double value, double high);
/// Whether moving the bands moved a value at all.
[[nodiscard]] bool moved(double low, double value, double high);

/// Whether every result of a row lies between its ends: behind the walls among the columns.
[[nodiscard]] PortInfo monotone_port();

}  // namespace ironlaw::host
