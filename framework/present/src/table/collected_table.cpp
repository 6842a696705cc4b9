#include "table/collected_table.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_reasons = 1000;

std::size_t last_width(const Grid& grid) {
  std::size_t width = display_width(grid.header.back());
  for (const GridRow& row : grid.rows) width = std::max(width, display_width(row.cells.back()));
  return width;
}

void erase_last(Grid& grid) {
  grid.header.pop_back();
  grid.right.pop_back();
  for (GridRow& row : grid.rows) row.cells.pop_back();
}

}  // namespace

CollectedTable::CollectedTable(const TableSource& source)
    : source_(source), row_reasons_(source.pipeline, source.columns), cells_(source.columns.size()) {}

void CollectedTable::rows(const ResultRows& rows) {
  const std::size_t count = rows.status.size();
  std::size_t r = 0;
  for (; r < count && !laid_out_; ++r) {
    if (status_.size() == first_rows) {
      lay_out(false);
      break;
    }
    for (std::size_t c = 0; c < cells_.size(); ++c) cells_[c].push_back(rows.columns[c][r]);
    status_.push_back(rows.status[r]);
    row_reason_.push_back(row_reasons_.of(rows, r));
    count_reason(rows.status[r], row_reason_.back());
  }
  if (r == count) return;
  Grid grid;
  for (; r < count; ++r) {
    GridRow& row = grid.rows.emplace_back();
    row.cells.reserve(shown_.size() + 2);
    for (const Shown& shown : shown_) row.cells.push_back(text_of(shown, rows.columns[shown.column][r]));
    std::string reason = row_reasons_.of(rows, r);
    count_reason(rows.status[r], reason);
    append_status(rows.status[r], std::move(reason), row);
  }
  more(grid);
}

void CollectedTable::end() {
  if (!laid_out_) lay_out(true);
}

void CollectedTable::count_reason(RowStatus status, const std::string& reason) {
  if (status == RowStatus::ok || reason.empty()) return;
  std::string text = std::string(status_name(status)) + ": " + reason;
  const auto known = reason_index_.find(text);
  if (known != reason_index_.end()) {
    ++reasons_[known->second].rows;
  } else if (reasons_.size() == most_reasons) {
    ++other_rows_;
  } else {
    reason_index_.emplace(text, reasons_.size());
    reasons_.push_back({std::move(text), 1});
  }
}

/// The author's unit, or the one that suits the median magnitude; empty where the column has none.
std::string CollectedTable::unit_of(std::size_t column) const {
  const PortInfo& port = source_.columns[column].port;
  if (port.type != PortType::number) return {};
  if (auto unit = preferred_unit(port); !unit.empty()) return unit;
  std::vector<double> magnitudes;
  for (const Cell& cell : cells_[column])
    if (std::isfinite(cell.number) && cell.number != 0) magnitudes.push_back(std::abs(cell.number));
  if (magnitudes.empty()) return readable_unit(0, port.dimension).unit;
  const auto middle = magnitudes.begin() + static_cast<std::ptrdiff_t>(magnitudes.size() / 2);
  std::nth_element(magnitudes.begin(), middle, magnitudes.end());
  return readable_unit(*middle, port.dimension).unit;
}

CollectedTable::Shown CollectedTable::shown_column(std::size_t column) const {
  const PortInfo& port = source_.columns[column].port;
  Shown shown{column, unit_of(column), {}};
  if (port.type == PortType::number) shown.numbers.emplace(port.dimension, shown.unit, shown_digits);
  return shown;
}

/// A number stands without its unit, which the header has.
std::string CollectedTable::text_of(const Shown& shown, const Cell& cell) const {
  if (shown.numbers && std::isfinite(cell.number)) return shown.numbers->text(cell.number);
  return value_text(source_.shown(shown.column, cell));
}

void CollectedTable::append_status(RowStatus status, std::string reason, GridRow& row) const {
  if (!has_status_) return;
  row.cells.emplace_back(status_name(status));
  row.alarm = status != RowStatus::ok;
  if (has_reasons()) row.cells.push_back(std::move(reason));
}

/// Where more rows follow, some of them may be not ok.
void CollectedTable::lay_out(bool whole) {
  laid_out_ = true;
  has_status_ = !whole || std::any_of(status_.begin(), status_.end(), [](RowStatus s) { return s != RowStatus::ok; });
  Grid grid;
  grid.rows.resize(status_.size());
  std::size_t used = 0;
  if (has_status_) {
    used = std::string_view("status").size();
    for (const RowStatus status : status_) used = std::max(used, status_name(status).size());
  }
  for (std::size_t c = 0; c < cells_.size() && left_out_ == 0; ++c) {
    Shown shown = shown_column(c);
    const ResultColumn& column = source_.columns[c];
    grid.header.push_back(shown.unit.empty() ? column.name : column.name + " [" + shown.unit + "]");
    grid.right.push_back(column.port.type == PortType::number || column.port.type == PortType::integer);
    for (std::size_t r = 0; r < grid.rows.size(); ++r) grid.rows[r].cells.push_back(text_of(shown, cells_[c][r]));
    used += (used > 0 ? column_gap : 0) + last_width(grid);
    if (width() == 0 || used <= width() || c == 0) {
      shown_.push_back(std::move(shown));
      continue;
    }
    erase_last(grid);
    left_out_ = cells_.size() - c;
  }
  if (has_status_) {
    grid.header.emplace_back("status");
    grid.right.push_back(false);
    if (has_reasons()) {
      grid.header.emplace_back("reason");
      grid.right.push_back(false);
    }
    for (std::size_t r = 0; r < grid.rows.size(); ++r) append_status(status_[r], std::move(row_reason_[r]), grid.rows[r]);
  }
  begin(grid);
  cells_.clear();
  status_.clear();
  row_reason_.clear();
}

}  // namespace ironlaw::host
