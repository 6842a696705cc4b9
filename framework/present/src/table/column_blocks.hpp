#pragma once
// A grid that is wider than its page: turned, or in blocks of columns.
#include "layout/layout.hpp"

#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// Rows that may stand beside one another.
inline constexpr std::size_t most_beside = 8;

/// Whether columns of these widths are at most `width` wide; 0 is without end.
[[nodiscard]] bool fits(const std::vector<std::size_t>& widths, std::size_t width);

/// Each column as a line, under its own name.
[[nodiscard]] Grid turned_grid(const Grid& grid);

/// How many of the first columns say which row it is, and so lead every block: inputs, as far as they take half of the width.
[[nodiscard]] std::size_t key_columns(const std::vector<ResultColumn>& columns, const std::vector<std::size_t>& widths,
                                      std::size_t width);

/// All columns of a grid, in grids that are at most `width` wide, each led by the first `keys` columns. A column that is wider
/// than that alone is broken between words.
[[nodiscard]] std::vector<Grid> column_blocks(Grid grid, std::size_t keys, std::size_t width);

}  // namespace ironlaw::host
