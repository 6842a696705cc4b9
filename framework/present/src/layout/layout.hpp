#pragma once
// Putting text into columns. What steers a screen is spelled out here, where it is measured and printed.
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// Colours of a terminal, or nothing.
class Style {
 public:
  explicit Style(bool colour) : colour_(colour) {}
  [[nodiscard]] std::string heading(std::string_view text) const { return wrapped("\033[1m", text); }
  [[nodiscard]] std::string alarm(std::string_view text) const { return wrapped("\033[31m", text); }

 private:
  [[nodiscard]] std::string wrapped(std::string_view code, std::string_view text) const;
  bool colour_;
};

/// Columns that a text takes on a terminal, as it is shown: a UTF-8 sequence counts once.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Lines of at most `width`, broken between words; inside of one only where it is longer than a line.
[[nodiscard]] std::vector<std::string> wrapped_lines(std::string_view text, std::size_t width);

/// Blanks between two columns.
inline constexpr std::size_t column_gap = 2;

/// A row of a grid; the last cell of an alarming row is in the alarm colour.
struct GridRow {
  std::vector<std::string> cells;
  bool alarm = false;
};

/// Cells in aligned columns, under a header unless that is empty.
struct Grid {
  std::vector<std::string> header;
  std::vector<bool> right;  ///< columns aligned to the right
  std::vector<GridRow> rows;
};

/// Width of each column.
[[nodiscard]] std::vector<std::size_t> column_widths(const Grid& grid);

/// Breaks the texts of the last column between words, so that the grid is at most `width` wide; those of all columns where the
/// others leave it no room for a few words. Columns of a few letters stay, however many there are; 0 breaks nothing.
void fit_columns(Grid& grid, std::size_t width);

/// A line, broken between words where it is wider than `width`; 0 breaks nothing. The lines behind the first are indented.
void print_wrapped(std::string_view text, std::size_t width, std::string_view indent, std::ostream& out);

/// Leaves out last columns until the others fit, the last of them wrapped; how many. Width 0 fits all.
[[nodiscard]] std::size_t leave_out_columns(Grid& grid, std::size_t width);

/// The line that says so.
[[nodiscard]] std::string more_columns(std::size_t left_out);

void print_grid(const Grid& grid, const Style& style, std::string_view indent, std::ostream& out);

/// The line of a row in columns of these widths; a wider cell moves the rest of its own line.
void append_row(const GridRow& row, const std::vector<bool>& right, const std::vector<std::size_t>& widths, const Style& style,
                std::string& lines);

/// The same as a table of GitHub's Markdown, and the line of a row.
void print_markdown(const Grid& grid, std::ostream& out);
void append_markdown_row(const GridRow& row, std::string& lines);

}  // namespace ironlaw::host
