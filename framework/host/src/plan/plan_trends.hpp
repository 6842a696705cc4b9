#pragma once
#include "expression/trend.hpp"
#include "plan/plan.hpp"

#include <vector>

namespace ironlaw::host {

/// Where the values of an input can lie.
struct InputSign {
  bool non_negative = false;
  bool positive = false;
};
[[nodiscard]] InputSign sign_of(const Range& range);

/// Which way outputs and limits of a plan go where one of its inputs grows: what the solvers of its stages promise, followed
/// along its wires. A promise holds between any two rows that have outputs, so it holds for several inputs at once.
class PlanTrends {
 public:
  /// `signs`: one an input. `grows`: the inputs to follow, others are known to stay; empty: all.
  PlanTrends(const Plan& plan, std::span<const InputSign> signs, const std::vector<bool>& grows = {});

  [[nodiscard]] Trend output(std::size_t output, std::size_t input) const { return outputs_[output][input].trend; }
  /// As an expression over the plan reads it.
  [[nodiscard]] const Trended& trended(std::size_t output, std::size_t input) const { return outputs_[output][input]; }
  /// Of what the used side of a limit has over its bound.
  [[nodiscard]] Trend excess(std::size_t limit, std::size_t input) const { return excess_[limit][input]; }

 private:
  class Walk;
  std::vector<std::vector<Trended>> outputs_;  ///< by output, by input
  std::vector<std::vector<Trend>> excess_;     ///< by limit, by input
};

}  // namespace ironlaw::host
