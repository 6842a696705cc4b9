#pragma once
#include <ironlaw/study.hpp>

#include <array>

namespace ironlaw::studies {

/// How outputs answer to each input of a design, or of each design that the axes span. The elasticity is d ln y / d ln x by
/// central differences in ln x with Richardson's extrapolation (1911) down to the least error estimate (Ridders 1982); inputs
/// that are counts move by 1.
class Sensitivity : public Study {
 public:
  static constexpr About about{"sensitivity", "Elasticities of outputs to inputs: d ln y / d ln x, kinks and feasibility cliffs"};
  static constexpr std::array<OptionInfo, 3> options{
      OptionInfo{.name = "outputs", .doc = "outputs to look at; none: every number", .type = OptionType::outputs},
      OptionInfo{.name = "inputs",
                 .doc = "inputs or fields of objects to move; none: every number that has a value, fields of devices, fleets and "
                        "sites among them",
                 .type = OptionType::inputs},
      OptionInfo{.name = "step",
                 .doc = "relative size of the finite step beside the derivative",
                 .type = OptionType::quantity,
                 .number_fallback = 0.1}};

 private:
  void do_run(Bench& bench, const Options& given) const override;
};

}  // namespace ironlaw::studies
