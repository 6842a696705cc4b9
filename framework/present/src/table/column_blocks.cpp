#include "table/column_blocks.hpp"

#include <algorithm>
#include <utility>

namespace ironlaw::host {
namespace {

/// The named columns of a grid: the first `keys` are copied, the others are taken from its rows.
Grid taken(Grid& grid, const std::vector<std::size_t>& columns, std::size_t keys) {
  Grid part;
  for (const std::size_t c : columns) {
    part.header.push_back(grid.header[c]);
    part.right.push_back(grid.right[c]);
  }
  const bool has_last = columns.back() + 1 == grid.header.size();
  part.rows.reserve(grid.rows.size());
  for (GridRow& row : grid.rows) {
    GridRow& cells = part.rows.emplace_back();
    cells.alarm = row.alarm && has_last;  // the last cell is what alarms
    cells.cells.reserve(columns.size());
    for (const std::size_t c : columns) {
      if (c < keys) {
        cells.cells.push_back(row.cells[c]);
      } else {
        cells.cells.push_back(std::move(row.cells[c]));
      }
    }
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

std::vector<Grid> column_blocks(Grid grid, std::size_t keys, std::size_t width) {
  const auto widths = column_widths(grid);
  std::vector<std::size_t> leading(keys);
  for (std::size_t k = 0; k < keys; ++k) leading[k] = k;
  std::vector<Grid> blocks;
  for (std::size_t c = keys; c < grid.header.size();) {
    auto columns = leading;
    std::vector<std::size_t> used(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(keys));
    do {
      columns.push_back(c);
      used.push_back(widths[c]);
      ++c;
    } while (c < grid.header.size() && [&] {
      auto with = used;
      with.push_back(widths[c]);
      return fits(with, width);
    }());
    Grid& block = blocks.emplace_back(taken(grid, columns, keys));
    if (!fits(used, width)) fit_columns(block, width);
  }
  return blocks;
}

}  // namespace ironlaw::host
