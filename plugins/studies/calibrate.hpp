#pragma once
#include <ironlaw/study.hpp>

#include <array>

namespace ironlaw::studies {

/// Constants of a pipeline that make an output agree with measurements: the config's one axis holds the measured rows, `observed`
/// what was measured in them. Logarithms of the constants are moved, robustly (soft-L1 on ln(predicted / measured)), with the
/// config's values as priors, since a few rows cannot overrule what is known. Without constants one common factor is fitted.
class Calibrate : public Study {
 public:
  static constexpr About about{"calibrate", "Constants that make an output agree with measured rows, and how sure they are"};
  static constexpr std::array<OptionInfo, 5> options{
      OptionInfo{.name = "predicts", .doc = "the output that was measured", .type = OptionType::outputs, .required = true},
      OptionInfo{.name = "observed",
                 .doc = "what was measured, a number a row, in SI base units; --measured FILE says rows and numbers",
                 .type = OptionType::texts,
                 .required = true},
      OptionInfo{.name = "constants",
                 .doc = "inputs to fit, from the values that the config gives them; none: one common factor",
                 .type = OptionType::inputs},
      OptionInfo{.name = "spread",
                 .doc = "standard deviation of the logarithm of a constant around its prior",
                 .type = OptionType::quantity,
                 .number_fallback = 0.25},
      OptionInfo{.name = "noise",
                 .doc = "relative error of a measurement: rows that are further off count less and less",
                 .type = OptionType::quantity,
                 .number_fallback = 0.05}};

 private:
  void do_run(Bench& bench, const Options& given) const override;
};

}  // namespace ironlaw::studies
