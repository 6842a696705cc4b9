#pragma once
// Rows that repeat: found by comparing each varying column with the row above, so that every hoist is found without knowing axes.
#include <ironlaw/row.hpp>

#include <span>
#include <vector>

namespace ironlaw::host {

/// Whether every row is ok, as nearly all are: told by comparing a whole block at once.
[[nodiscard]] bool all_ok(std::span<const RowStatus> status);

/// Rows that a stage evaluates: all, or the first of each run of equal rows. `starts[i]` is the block's row of evaluated row i.
struct Runs {
  std::vector<std::uint32_t> starts;
  std::size_t count = 0;
  std::size_t rows = 0;
  bool compact = false;
  [[nodiscard]] std::size_t begin(std::size_t i) const { return compact ? starts[i] : i; }
  [[nodiscard]] std::size_t end(std::size_t i) const { return compact ? (i + 1 < count ? starts[i + 1] : rows) : i + 1; }
};

/// Finds the runs of rows in which no varying column changes. Gives up early where every row differs.
void find_runs(std::span<const Column> in, std::size_t rows, std::vector<std::uint8_t>& changed, Runs& runs);

/// Spreads one value a run over the rows of the run, in place, from the back.
void widen(Cell* column, const Runs& runs);

}  // namespace ironlaw::host
