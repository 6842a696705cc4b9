#include "run/block_copy.hpp"

#include "plan/plan.hpp"
#include "run/row_batch.hpp"

#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {

bool can_be_of(const PortInfo& port, const Cell& cell) {
  const double v = cell.number;
  if (port.type == PortType::number || is_kept(port) || std::isnan(v)) return true;
  if (port.type == PortType::object) return false;
  const double choices = port.type == PortType::choice ? static_cast<double>(port.choices.size()) : 2;
  return port.type == PortType::integer || (v >= 0 && v < choices && v == std::floor(v));
}

BlockCopy::BlockCopy(std::span<const ResultColumn> columns, std::size_t goals, std::size_t constraints)
    : of_(columns),
      constraints_(constraints),
      status_(Plan::block_rows),
      rejected_(Plan::block_rows),
      cells_(columns.size(), std::vector<Cell>(Plan::block_rows)),
      goals_(goals, std::vector<double>(Plan::block_rows)) {
  for (const auto& cells : cells_) columns_.push_back({cells.data(), 1});
}

std::vector<std::size_t> BlockCopy::take(const SharedBlock& block, std::size_t rows) {
  std::copy_n(block.status(), rows, status_.begin());
  std::copy_n(block.rejected(), rows, rejected_.begin());
  for (std::size_t g = 0; g < goals_.size(); ++g) std::copy_n(block.goal(g), rows, goals_[g].begin());
  for (std::size_t c = 0; c < cells_.size(); ++c)
    if (of_[c].from != ResultColumn::From::input && !is_series_of_block(of_[c]))
      std::copy_n(block.column(c), rows, cells_[c].begin());
  series_.clear();
  std::vector<std::size_t> spoiled;
  for (std::size_t r = 0; r < rows; ++r) {
    if (can_be(r) && copy_series(block, r)) continue;
    spoil(r);
    spoiled.push_back(r);
  }
  return spoiled;
}

/// False where a length is none.
bool BlockCopy::copy_series(const SharedBlock& block, std::size_t row) {
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    if (!is_series_of_block(of_[c])) continue;
    const double size = block.column(c)[row].number;
    cells_[c][row].number = absent_value;
    if (std::isnan(size)) continue;
    if (!(size >= 0 && size <= of_[c].port.longest && size == std::floor(size))) return false;
    cells_[c][row] = series_.series({block.series(c, row), static_cast<std::size_t>(size)});
  }
  return true;
}

bool BlockCopy::can_be(std::size_t row) const {
  if (status_[row] > RowStatus::skipped || rejected_[row] > constraints_) return false;
  for (std::size_t c = 0; c < cells_.size(); ++c)
    if (of_[c].from != ResultColumn::From::input && !can_be_of(of_[c].port, cells_[c][row])) return false;
  return true;
}

void BlockCopy::spoil(std::size_t row) {
  status_[row] = RowStatus::failed;
  rejected_[row] = 0;
  for (std::size_t c = 0; c < cells_.size(); ++c)
    if (of_[c].from != ResultColumn::From::input) cells_[c][row].number = absent_value;
  for (auto& goal : goals_) goal[row] = absent_value;
}

}  // namespace ironlaw::host
