#include "plan/row_runs.hpp"

#include <algorithm>
#include <cstring>

namespace ironlaw::host {
namespace {

std::uint64_t bits(const Cell& c) {
  std::uint64_t b;
  std::memcpy(&b, &c, sizeof b);
  return b;
}

}  // namespace

bool all_ok(std::span<const RowStatus> status) {
  return status.empty() ||
         (status.front() == RowStatus::ok && std::memcmp(status.data(), status.data() + 1, status.size() - 1) == 0);
}

void find_runs(std::span<const Column> in, std::size_t rows, std::vector<std::uint8_t>& changed, Runs& runs) {
  constexpr std::size_t probe = 64;
  runs.rows = rows;
  runs.count = rows;
  runs.compact = false;
  if (std::none_of(in.begin(), in.end(), [](const Column& c) { return c.stride != 0; })) {
    runs.starts[0] = 0;
    runs.count = 1;
    runs.compact = true;
    return;
  }
  if (rows == 1) return;
  std::fill_n(changed.begin(), rows, std::uint8_t{0});
  const auto compare = [&](std::size_t begin, std::size_t end) {
    for (const Column& c : in) {
      if (c.stride == 0) continue;
      for (std::size_t r = begin; r < end; ++r) changed[r] |= static_cast<std::uint8_t>(bits(c.data[r]) != bits(c.data[r - 1]));
    }
  };
  const std::size_t first = std::min(rows, probe);
  compare(1, first);
  const auto changes = std::count(changed.begin() + 1, changed.begin() + static_cast<std::ptrdiff_t>(first), std::uint8_t{1});
  if (static_cast<std::size_t>(changes) + 1 == first) return;
  compare(first, rows);
  std::size_t n = 0;
  runs.starts[n++] = 0;
  for (std::size_t r = 1; r < rows; ++r) {
    runs.starts[n] = static_cast<std::uint32_t>(r);
    n += changed[r];
  }
  if (2 * n > rows) return;  // compacting would cost more than it saves
  runs.count = n;
  runs.compact = true;
}

void widen(Cell* column, const Runs& runs) {
  for (std::size_t i = runs.count; i-- > 0;) std::fill(column + runs.begin(i), column + runs.end(i), column[i]);
}

}  // namespace ironlaw::host
