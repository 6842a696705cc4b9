#pragma once
// What an expression makes of a series: one number a row.
#include "expression/syntax.hpp"

#include <ironlaw/series.hpp>

namespace ironlaw::host {

/// `argument` is the place of `at`, from 0 on, and the share of `percentile` in percent; between two values both go by a straight
/// line. NaN of an absent or empty series, and beyond its ends or 0 to 100; only the count of an empty one is 0.
[[nodiscard]] double reduce(Op op, const SeriesCell* series, double argument);

}  // namespace ironlaw::host
