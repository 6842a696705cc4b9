#pragma once
#include <ironlaw/host/pipeline.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value/value.hpp"

namespace ironlaw::host {

/// A row of a table of kernel rates that was fitted to measured rows.
struct CalibratedRate {
  std::string stage;                                   ///< that asks for the record
  std::vector<std::pair<std::string, double>> fitted;  ///< columns, in SI
  double band_low = absent_value;                      ///< of ln(measured / predicted); absent: too few rows
  double band_high = absent_value;
};

/// The input of a stage that takes records of kernels; the count of the plan's inputs where it has none.
[[nodiscard]] std::size_t rates_input(const Plan& plan, std::string_view stage);

/// An entry of the zoo with that one row: what was fitted, and of the record that answered what was not. It is asked before the
/// records that answered. Throws InputError where the measured rows are of more than one record.
[[nodiscard]] Json calibrated_rates(const Pipeline& pipeline, const CalibratedRate& rate);

}  // namespace ironlaw::host
