#include "table/collected_table.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_reasons = 1000;

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
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const Cell& cell = rows.columns[c][r];
      cells_[c].push_back(source_.columns[c].from == ResultColumn::From::output ? kept_.keep(source_.columns[c].port, cell)
                                                                                : cell);
    }
    status_.push_back(rows.status[r]);
    row_reason_.push_back(row_reasons_.of(rows, r));
    count_reason(rows.status[r], row_reason_.back());
  }
  if (r == count) return;
  for (; r < count; ++r) {
    row_.cells.resize(std::max(row_.cells.size(), shown_.size()));
    for (std::size_t c = 0; c < shown_.size(); ++c) {
      const Cell& cell = rows.columns[shown_[c].column][r];
      auto& written = shown_[c].written;
      if (written && std::memcmp(&*written, &cell, sizeof cell) == 0) continue;
      write_cell(shown_[c], cell, row_.cells[c]);
      written = cell;
    }
    const std::string reason = row_reasons_.of(rows, r);
    count_reason(rows.status[r], reason);
    write_row(rows.status[r], reason, shown_.size(), row_);
    more(row_);
  }
  flush();
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
  Shown shown{column, unit_of(column), {}, {}};
  if (port.type == PortType::number) shown.numbers.emplace(port.dimension, shown.unit, shown_digits);
  return shown;
}

/// A number stands without its unit, which the header has.
void CollectedTable::write_cell(const Shown& shown, const Cell& cell, std::string& text) const {
  constexpr double most_whole = 1e15;
  const PortInfo& port = source_.columns[shown.column].port;
  const double v = cell.number;
  text.clear();
  if (port.type == PortType::object || is_kept(port)) {
    text = value_text(source_.shown(shown.column, cell));
  } else if (!std::isfinite(v)) {
    // absent
  } else if (shown.numbers) {
    shown.numbers->append(v, text);
  } else if (port.type == PortType::choice && v >= 0 && v < static_cast<double>(port.choices.size())) {
    text = port.choices[static_cast<std::size_t>(v)];
  } else if (port.type == PortType::boolean) {
    text = v != 0 ? "yes" : "no";
  } else if (port.type == PortType::integer && port.dimension.dimensionless() && std::abs(v) < most_whole && v == std::floor(v)) {
    std::array<char, 24> digits;
    text.assign(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<std::int64_t>(v)).ptr);
  } else {
    text = value_text(source_.shown(shown.column, cell));
  }
}

/// What follows the `cells` of the columns.
void CollectedTable::write_row(RowStatus status, std::string_view reason, std::size_t cells, GridRow& row) const {
  if (!has_status_) return;
  row.cells.resize(cells + (has_reasons() ? 2 : 1));
  row.cells[cells] = status_name(status);
  row.alarm = status != RowStatus::ok;
  if (has_reasons()) row.cells[cells + 1] = reason;
}

/// Where more rows follow, some of them may be not ok.
void CollectedTable::lay_out(bool whole) {
  laid_out_ = true;
  has_status_ = !whole || std::any_of(status_.begin(), status_.end(), [](RowStatus s) { return s != RowStatus::ok; });
  Grid grid;
  grid.rows.resize(status_.size());
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    Shown& shown = shown_.emplace_back(shown_column(c));
    const ResultColumn& column = source_.columns[c];
    grid.header.push_back(shown.unit.empty() ? column.name : column.name + " [" + shown.unit + "]");
    grid.right.push_back(column.port.type == PortType::number || column.port.type == PortType::integer);
    for (std::size_t r = 0; r < grid.rows.size(); ++r) write_cell(shown, cells_[c][r], grid.rows[r].cells.emplace_back());
  }
  if (has_status_) {
    grid.header.emplace_back("status");
    grid.right.push_back(false);
    if (has_reasons()) {
      grid.header.emplace_back("reason");
      grid.right.push_back(false);
    }
    for (std::size_t r = 0; r < grid.rows.size(); ++r) write_row(status_[r], row_reason_[r], shown_.size(), grid.rows[r]);
  }
  begin(grid, whole);
  cells_.clear();
  status_.clear();
  row_reason_.clear();
}

}  // namespace ironlaw::host
