#include "table/column_blocks.hpp"

#include <algorithm>

namespace ironlaw::host {
namespace {

/// The named columns of a grid.
Grid chosen(const Grid& grid, const std::vector<std::size_t>& columns) {
  Grid part;
  for (const std::size_t c : columns) {
    part.header.push_back(grid.header[c]);
    part.right.push_back(grid.right[c]);
  }
  const bool has_last = columns.back() + 1 == grid.header.size();
  for (const GridRow& row : grid.rows) {
    GridRow& cells = part.rows.emplace_back();
    cells.alarm = row.alarm && has_last;  // the last cell is what alarms
    for (const std::size_t c : columns) cells.cells.push_back(row.cells[c]);
  }
  return part;
}

}  // namespace

bool fits(const std::vector<std::size_t>& widths, std::size_t width) {
  std::size_t used = widths.empty() ? 0 : column_gap * (widths.size() - 1);
  for (const std::size_t w : widths) used += w;
  return width == 0 || used <= width;
}

Grid turned_grid(const Grid& grid) {
  Grid turned;
  turned.right.assign(grid.rows.size() + 1, true);
  turned.right.front() = false;
  for (std::size_t c = 0; c < grid.header.size(); ++c) {
    GridRow& line = turned.rows.emplace_back();
    line.cells.push_back(grid.header[c]);
    for (const GridRow& row : grid.rows) line.cells.push_back(row.cells[c]);
  }
  return turned;
}

std::size_t key_columns(const std::vector<ResultColumn>& columns, const std::vector<std::size_t>& widths, std::size_t width) {
  std::size_t keys = 0;
  std::size_t used = 0;
  for (; keys < columns.size() && says_what_was_asked(columns[keys]); ++keys) {
    used += widths[keys] + column_gap;
    if (2 * used > width) break;
  }
  if (keys == 0 && !widths.empty() && 2 * widths.front() <= width) return 1;
  return keys;
}

std::vector<Grid> column_blocks(const Grid& grid, std::size_t keys, std::size_t width) {
  const auto widths = column_widths(grid);
  std::vector<std::size_t> leading(keys);
  for (std::size_t k = 0; k < keys; ++k) leading[k] = k;
  std::vector<Grid> blocks;
  for (std::size_t c = keys; c < grid.header.size();) {
    auto columns = leading;
    std::vector<std::size_t> taken(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(keys));
    do {
      columns.push_back(c);
      taken.push_back(widths[c]);
      ++c;
    } while (c < grid.header.size() && [&] {
      auto with = taken;
      with.push_back(widths[c]);
      return fits(with, width);
    }());
    fit_columns(blocks.emplace_back(chosen(grid, columns)), width);
  }
  return blocks;
}

}  // namespace ironlaw::host
