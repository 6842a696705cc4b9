#pragma once
// How far a question goes beyond the sizes that records were fitted on.
#include <ironlaw/sdk/lanes.hpp>

#include <algorithm>
#include <limits>

#include "rate_search.hpp"

namespace ironlaw::estimates {

/// Sizes behind some records: the narrowest of them all. A record that does not say bounds nothing.
struct RecordRange {
  double from = 0;
  double to = std::numeric_limits<double>::infinity();
  void narrow(const RateFound& found) {
    if (found.rate == nullptr) return;
    from = std::max(from, found->from.value_or(from));
    to = std::min(to, found->to.value_or(to));
  }
  /// How far a size lies outside: above 1 it does.
  template <class N>
  [[nodiscard]] N outside(const N& size) const {
    return select(size > 0.0, larger(N(size / to), N(from / size)), N(0.0));
  }
};

}  // namespace ironlaw::estimates
