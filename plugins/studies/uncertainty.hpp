#pragma once
#include <ironlaw/study.hpp>

#include <array>

namespace ironlaw::studies {

/// What outputs do where inputs are uncertain: the config's axes are the random inputs (a distribution, or values that are
/// equally likely). Mean, standard deviation and quantiles; which input carries the variance, by first-order and total indices
/// (Sobol 1993; estimators of Jansen 1999 on the design of Saltelli 2010).
class Uncertainty : public Study {
 public:
  static constexpr About about{"uncertainty", "Mean, quantiles and variance shares of outputs where inputs are random"};
  static constexpr std::array<OptionInfo, 4> options{
      OptionInfo{.name = "outputs", .doc = "outputs to look at; none: every number", .type = OptionType::outputs},
      OptionInfo{.name = "samples", .doc = "draws of all inputs", .type = OptionType::quantity, .number_fallback = 4096},
      OptionInfo{.name = "sampling",
                 .doc = "sobol (a low-discrepancy sequence, shifted by the seed) or monte_carlo",
                 .type = OptionType::text,
                 .text_fallback = "sobol"},
      OptionInfo{.name = "indices",
                 .doc = "whether to share out the variance, which takes (inputs + 2) times the rows",
                 .type = OptionType::boolean,
                 .number_fallback = 1}};

 private:
  void do_run(Bench& bench, const Options& given) const override;
};

}  // namespace ironlaw::studies
