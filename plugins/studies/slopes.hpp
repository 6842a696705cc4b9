#pragma once
#include "rows.hpp"

#include <cmath>

namespace ironlaw::studies {

/// How an output answers to an input at one point.
struct Slope {
  double elasticity = absent_value;  ///< d ln output / d ln input
  double up = absent_value;          ///< relative change of the output over the finite step upwards
  double down = absent_value;
  double left = absent_value;  ///< elasticity from below, at a kink or an edge
  double right = absent_value;
  const char* kind = "smooth";  ///< smooth, flat, kink, edge, zero, no value
  [[nodiscard]] double weight() const {
    double w = 0;
    for (const double v : {elasticity, left, right})
      if (std::isfinite(v)) w = std::max(w, std::abs(v));
    return w;
  }
};

/// Elasticities by differences: the rows around one value of an input, evaluated, from which the slope of each output is read by
/// Richardson's extrapolation at several step sizes, of which the surest counts.
class SlopeProbe {
 public:
  /// Evaluates; `step` is the finite step, a share of the value.
  SlopeProbe(Rows& rows, std::size_t input, double step);
  [[nodiscard]] Slope slope_of(std::size_t output) const;
  /// The rows of the finite step.
  [[nodiscard]] std::size_t row_above() const { return finite_up_; }
  [[nodiscard]] std::size_t row_below() const { return finite_up_ + 1; }

 private:
  [[nodiscard]] double one_sided(std::size_t output, std::size_t first) const;
  [[nodiscard]] double central(std::size_t output, double otherwise) const;
  [[nodiscard]] double relative(std::size_t output, std::size_t row) const {
    return rows_.value(output, row) / rows_.value(output, 0);
  }
  [[nodiscard]] double moved(std::size_t row) const;

  const Rows& rows_;
  std::size_t input_;
  std::size_t first_central_ = 0;  ///< [step][level]: up, then down
  std::size_t first_up_ = 0;       ///< [step][level]
  std::size_t first_down_ = 0;
  std::size_t finite_up_ = 0;
};

}  // namespace ironlaw::studies
