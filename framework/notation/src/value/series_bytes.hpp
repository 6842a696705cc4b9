#pragma once
// A series as bytes of this machine.
#include "value/bytes.hpp"
#include "value/kept_values.hpp"

namespace ironlaw::host {

inline constexpr std::uint32_t absent_series = ~std::uint32_t{0};

inline void put_series(std::string& bytes, const Cell& cell) {
  const SeriesCell* series = series_of(cell);
  put(bytes, series != nullptr ? series->size : absent_series);
  if (series != nullptr) bytes.append(reinterpret_cast<const char*>(series->data), series->size * sizeof(double));
}

/// Throws InputError where there are fewer bytes.
inline Cell take_series(std::string_view& bytes, KeptValues& kept) {
  const auto size = take<std::uint32_t>(bytes);
  if (size == absent_series) return Cell{absent_value};
  std::vector<double> values;
  take_all(bytes, values, size);
  return kept.series(values);
}

}  // namespace ironlaw::host
