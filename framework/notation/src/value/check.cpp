#include "check.hpp"

#include "value/port_values.hpp"

#include <algorithm>
#include <cmath>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace ironlaw::host {
namespace {

constexpr double huge = std::numeric_limits<double>::max();

constexpr double rounder = 6755399441055744.0;  // 1.5 * 2^52: added and taken away, it leaves a whole number below 2^51

bool whole(double v) { return v == std::floor(v); }
/// Whether a cell surely may enter; false may also mean one to be looked at.
[[gnu::always_inline]] inline bool surely_accepted(const PortInfo& port, const Cell& cell) {
  if (port.type == PortType::object) return cell.object != nullptr || port.optional;
  if (is_kept(port)) return false;
  const double v = cell.number;
  const bool high_enough = port.range.above ? v > port.range.low : v >= port.range.low;
  if (high_enough && v <= port.range.high && std::abs(v) <= huge)
    return port.type == PortType::number || (v + rounder) - rounder == v;
  return std::isnan(v) && port.optional;
}

}  // namespace

bool accepts(const PortInfo& port, const Cell& cell) {
  const PortValues& values = values_of(port.type);
  if (port.type == PortType::object || is_kept(port) ? values.absent(cell) : std::isnan(cell.number)) return port.optional;
  return values.accepts(port, cell);
}

std::string allowed(const PortInfo& port) { return values_of(port.type).allowed(port); }

std::string reason_refused(const PortInfo& port, const Cell& cell) { return values_of(port.type).reason_refused(port, cell); }

namespace {

#if defined(__SSE2__)
/// Whether all rows lie in [low, high], and are whole numbers where that is asked; false may also mean one to be looked at, since
/// an absent value fails both comparisons. Two at a time: g++ 12 makes no vectors of the plain loop.
template <bool whole_numbers>
bool accepted_in_twos(const double* v, std::size_t rows, double low, double high) {
  const __m128d lows = _mm_set1_pd(low);
  const __m128d highs = _mm_set1_pd(high);
  const __m128d rounders = _mm_set1_pd(rounder);
  __m128d good = _mm_cmpeq_pd(rounders, rounders);
  std::size_t r = 0;
  for (; r + 2 <= rows; r += 2) {
    const __m128d x = _mm_loadu_pd(v + r);
    good = _mm_and_pd(good, _mm_and_pd(_mm_cmpge_pd(x, lows), _mm_cmple_pd(x, highs)));
    if constexpr (whole_numbers) good = _mm_and_pd(good, _mm_cmpeq_pd(_mm_sub_pd(_mm_add_pd(x, rounders), rounders), x));
  }
  bool ok = _mm_movemask_pd(good) == 3;
  for (; r < rows; ++r) ok &= v[r] >= low && v[r] <= high && (!whole_numbers || whole(v[r]));
  return ok;
}
/// Eight at a time, where the machine has AVX2; the rest is looked at in twos.
template <bool whole_numbers>
[[gnu::target("avx2")]] bool accepted_in_eights(const double* v, std::size_t rows, double low, double high) {
  const __m256d lows = _mm256_set1_pd(low);
  const __m256d highs = _mm256_set1_pd(high);
  const __m256d rounders = _mm256_set1_pd(rounder);
  __m256d good = _mm256_cmp_pd(rounders, rounders, _CMP_EQ_OQ);
  std::size_t r = 0;
  for (; r + 8 <= rows; r += 8) {
    const __m256d x = _mm256_loadu_pd(v + r);
    const __m256d y = _mm256_loadu_pd(v + r + 4);
    good = _mm256_and_pd(good, _mm256_and_pd(_mm256_cmp_pd(x, lows, _CMP_GE_OQ), _mm256_cmp_pd(x, highs, _CMP_LE_OQ)));
    good = _mm256_and_pd(good, _mm256_and_pd(_mm256_cmp_pd(y, lows, _CMP_GE_OQ), _mm256_cmp_pd(y, highs, _CMP_LE_OQ)));
    if constexpr (whole_numbers) {
      good = _mm256_and_pd(good, _mm256_cmp_pd(_mm256_sub_pd(_mm256_add_pd(x, rounders), rounders), x, _CMP_EQ_OQ));
      good = _mm256_and_pd(good, _mm256_cmp_pd(_mm256_sub_pd(_mm256_add_pd(y, rounders), rounders), y, _CMP_EQ_OQ));
    }
  }
  return _mm256_movemask_pd(good) == 15 && accepted_in_twos<whole_numbers>(v + r, rows - r, low, high);
}
template <bool whole_numbers>
bool surely_accepted(const double* v, std::size_t rows, double low, double high) {
  constexpr std::size_t worth_it = 16;
  return rows >= worth_it && __builtin_cpu_supports("avx2") ? accepted_in_eights<whole_numbers>(v, rows, low, high)
                                                            : accepted_in_twos<whole_numbers>(v, rows, low, high);
}
#else
template <bool whole_numbers>
bool surely_accepted(const double* v, std::size_t rows, double low, double high) {
  bool ok = true;
  for (std::size_t r = 0; r < rows; ++r) ok &= (v[r] >= low) & (v[r] <= high) & (!whole_numbers || whole(v[r]));
  return ok;
}
#endif

/// True where every number of a varying column may enter the port.
bool column_accepted(const PortInfo& port, const Column& column, std::size_t rows) {
  if (port.type == PortType::object) {
    bool ok = true;
    for (std::size_t r = 0; r < rows; ++r) ok &= column.data[r].object != nullptr;
    return ok || port.optional;
  }
  const double low = port.range.above ? std::nextafter(port.range.low, std::numeric_limits<double>::max()) : port.range.low;
  const double high = std::min(port.range.high, huge);
  if (is_kept(port)) {
    bool ok = true;
    for (std::size_t r = 0; r < rows; ++r) {
      if (r > 0 && column.data[r].object == column.data[r - 1].object) continue;  // rows that share one
      const SeriesCell* series = port.type == PortType::series ? series_of(column.data[r]) : nullptr;
      const bool in_range = series != nullptr && series->size >= port.shortest &&
                            (port.longest == 0 || series->size <= port.longest) &&
                            surely_accepted<false>(series->data, series->size, std::max(low, -huge), high);
      ok &= in_range || accepts(port, column.data[r]);
    }
    return ok;
  }
  const double* const first = &column.data->number;
  if (port.type == PortType::number ? surely_accepted<false>(first, rows, std::max(low, -huge), high)
                                    : surely_accepted<true>(first, rows, std::max(low, -huge), high))
    return true;
  bool ok = true;
  for (std::size_t r = 0; r < rows; ++r) ok &= accepts(port, column.data[r]);
  return ok;
}

/// One value for all rows, or of one row alone: mostly accepted here, and looked at again if not.
[[gnu::always_inline]] inline bool accepted_at_sight(const PortInfo& port, const Column& column, bool alone) {
  return (alone || column.stride == 0) && surely_accepted(port, column.data[0]);
}

/// Whether all rows keep their place.
[[gnu::noinline]] bool check_column(const Block& block, const PortInfo& port, const Column& column) {
  const bool one = column.stride == 0 || block.rows() == 1;
  if (one ? accepts(port, column.data[0]) : column_accepted(port, column, block.rows())) return true;
  for (std::size_t r = 0; r < block.rows(); ++r) {
    if (!has_outputs(block.status[r]) || accepts(port, column[r])) continue;
    reject_row(block, r, RowStatus::refused, port.name, block.errors != nullptr ? reason_refused(port, column[r]) : "");
  }
  return false;
}

/// Without what a memory holds.
[[gnu::noinline]] void check_all_inputs(std::span<const PortInfo> ports, const Block& block, bool alone) {
  bool shared_accepted = true;
  for (std::size_t k = 0; k < ports.size(); ++k) {
    const Column& column = block.in[k];
    if (accepted_at_sight(ports[k], column, alone)) continue;
    shared_accepted &= check_column(block, ports[k], column) || column.stride != 0;
  }
  if (!shared_accepted && block.memory != nullptr) block.memory->forget();
}

}  // namespace

void check_inputs(std::span<const PortInfo> ports, const Block& block) {
  const bool alone = block.rows() == 1;
  if (block.memory == nullptr || !block.memory->holds(block.in)) return check_all_inputs(ports, block, alone);
  for (const std::uint32_t k : block.memory->varying())
    if (!accepted_at_sight(ports[k], block.in[k], alone)) check_column(block, ports[k], block.in[k]);
}

}  // namespace ironlaw::host
