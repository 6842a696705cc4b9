#include "table/collected_table.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

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
  for (std::size_t c = 0; c < cells_.size(); ++c)
    for (std::size_t r = 0; r < count; ++r) {
      const Cell& cell = rows.columns[c][r];
      cells_[c].push_back(source_.columns[c].from == ResultColumn::From::output ? kept_.keep(source_.columns[c].port, cell)
                                                                                : cell);
    }
  for (std::size_t r = 0; r < count; ++r)
    if (rows.status[r] != RowStatus::ok) reasons_.emplace_hint(reasons_.end(), status_.size() + r, row_reasons_.of(rows, r));
  status_.insert(status_.end(), rows.status.begin(), rows.status.end());
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

/// A number stands without its unit, which the header has.
std::string CollectedTable::text_of(std::size_t column, const Cell& cell, const std::string& unit) const {
  const ShownValue value = source_.shown(column, cell);
  if (value.port->type != PortType::number || is_absent(value)) return value_text(value);
  const std::string text = format_quantity(cell.number, value.port->dimension, unit, shown_digits);
  return text.substr(0, text.find(' '));
}

void CollectedTable::append_column(std::size_t column, Grid& grid) const {
  const ResultColumn& shown = source_.columns[column];
  const std::string unit = unit_of(column);
  grid.header.push_back(unit.empty() ? shown.name : shown.name + " [" + unit + "]");
  grid.right.push_back(shown.port.type == PortType::number || shown.port.type == PortType::integer);
  for (std::size_t r = 0; r < grid.rows.size(); ++r) grid.rows[r].cells.push_back(text_of(column, cells_[column][r], unit));
}

void CollectedTable::append_status(Grid& grid) const {
  if (all_ok()) return;
  grid.header.emplace_back("status");
  grid.right.push_back(false);
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    grid.rows[r].cells.emplace_back(status_name(status_[r]));
    grid.rows[r].alarm = status_[r] != RowStatus::ok;
  }
}

Grid CollectedTable::grid(std::size_t width, std::size_t& left_out) const {
  Grid status;
  status.rows.resize(status_.size());
  append_status(status);
  Grid grid;
  grid.rows.resize(status_.size());
  std::size_t used = status.header.empty() ? 0 : last_width(status);
  left_out = 0;
  for (std::size_t c = 0; c < cells_.size() && left_out == 0; ++c) {
    append_column(c, grid);
    used += (used > 0 ? column_gap : 0) + last_width(grid);
    if (width == 0 || used <= width || c == 0) continue;
    erase_last(grid);
    left_out = cells_.size() - c;
  }
  append_status(grid);
  return grid;
}

}  // namespace ironlaw::host
