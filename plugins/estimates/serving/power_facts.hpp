#pragma once
// What the power of a device under an iteration takes: its limits, and arithmetic at peak.
#include <ironlaw/quantity.hpp>

namespace ironlaw::estimates {

struct PowerFacts {
  static constexpr double idle_share = 0.12;  ///< of the design power: nvidia-smi of idle H100, H200, B200 lies at 0.11 to 0.14
  Maybe<Power> design;                        ///< absent: the device does not say, and nothing is said of energy
  Power idle{};
  Time row{};      ///< of dense products, a row of the rank
  Time all_row{};  ///< of experts, a row of the replica
  Time result{};   ///< of the head, a row
  FlopRate pair_peak{};
};

}  // namespace ironlaw::estimates
