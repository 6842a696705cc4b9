#include "layout/layout.hpp"

#include <algorithm>
#include <numeric>
#include <ostream>
#include <sstream>

namespace ironlaw::host {
namespace {

void measure(const std::vector<std::string>& cells, std::vector<std::size_t>& widths) {
  widths.resize(std::max(widths.size(), cells.size()));
  for (std::size_t c = 0; c < cells.size(); ++c) widths[c] = std::max(widths[c], display_width(cells[c]));
}

bool is_right(const std::vector<bool>& right, std::size_t column) { return column < right.size() && right[column]; }

/// Without blanks at the end.
void append_cells(const std::vector<bool>& right, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                  std::string& line) {
  const std::size_t begin = line.size();
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (c > 0) line.append(column_gap, ' ');
    const std::size_t blanks = widths[c] - std::min(widths[c], display_width(cells[c]));
    if (is_right(right, c)) {
      line.append(blanks, ' ').append(cells[c]);
    } else {
      line.append(cells[c]).append(blanks, ' ');
    }
  }
  const auto last = line.find_last_not_of(' ');
  line.resize(last == line.npos ? begin : std::max(begin, last + 1));
}

/// A line without blanks at its end.
std::string grid_line(const std::vector<bool>& right, const std::vector<std::string>& cells,
                      const std::vector<std::size_t>& widths) {
  std::string line;
  append_cells(right, cells, widths, line);
  return line;
}

std::string alarming(std::string line, std::string_view last, const Style& style) {
  return line.replace(line.size() - last.size(), last.size(), style.alarm(last));
}

/// Lines of at most `width`, or of one word.
std::vector<std::string> wrapped_lines(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (lines.empty() || display_width(lines.back()) + 1 + display_width(word) > width) {
      lines.push_back(word);
    } else {
      lines.back() += ' ' + word;
    }
  }
  return lines;
}

void append_markdown_cell(std::string_view text, std::string& line) {
  for (const char c : text) {
    if (c == '|' || c == '\\') line += '\\';
    line += c == '\n' ? ' ' : c;
  }
}

void append_markdown_line(const std::vector<std::string>& cells, std::string& lines) {
  lines += '|';
  for (const auto& cell : cells) {
    lines += ' ';
    append_markdown_cell(cell, lines);
    lines += " |";
  }
  lines += '\n';
}

}  // namespace

std::string Style::wrapped(std::string_view code, std::string_view text) const {
  if (!colour_ || text.empty()) return std::string(text);
  return std::string(code).append(text).append("\033[0m");
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

std::vector<std::size_t> column_widths(const Grid& grid) {
  std::vector<std::size_t> widths;
  measure(grid.header, widths);
  for (const auto& row : grid.rows) measure(row.cells, widths);
  return widths;
}

namespace {

constexpr std::size_t least_wrapped = 30;

}  // namespace

std::size_t leave_out_columns(Grid& grid, std::size_t width) {
  const auto widths = column_widths(grid);
  std::size_t kept = widths.size();
  const auto taken = [&] {
    const std::size_t before =
        std::accumulate(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(kept - 1), column_gap * (kept - 1));
    return before + std::min(widths[kept - 1], least_wrapped);
  };
  while (width > 0 && kept > 1 && taken() > width) --kept;
  grid.header.resize(kept);
  for (auto& row : grid.rows) row.cells.resize(kept);
  return widths.size() - kept;
}

std::string more_columns(std::size_t left_out) {
  return std::to_string(left_out) + (left_out == 1 ? " more column" : " more columns") + ": --output csv\n";
}

void wrap_last_column(Grid& grid, std::size_t width) {
  const auto widths = column_widths(grid);
  if (width == 0 || widths.empty()) return;
  const std::size_t before = std::accumulate(widths.begin(), widths.end() - 1, column_gap * (widths.size() - 1));
  const std::size_t room = std::max(width - std::min(width, before), least_wrapped);
  std::vector<GridRow> rows;
  for (GridRow& row : grid.rows) {
    const bool breaks = row.cells.size() == widths.size() && display_width(row.cells.back()) > room;
    const auto lines = breaks ? wrapped_lines(row.cells.back(), room) : std::vector<std::string>{};
    if (breaks) row.cells.back() = lines.front();
    const bool alarm = row.alarm;
    rows.push_back(std::move(row));
    for (std::size_t i = 1; i < lines.size(); ++i) {
      rows.push_back({std::vector<std::string>(widths.size()), alarm});
      rows.back().cells.back() = lines[i];
    }
  }
  grid.rows = std::move(rows);
}

void print_grid(const Grid& grid, const Style& style, std::string_view indent, std::ostream& out) {
  const auto widths = column_widths(grid);
  if (!grid.header.empty()) out << indent << style.heading(grid_line(grid.right, grid.header, widths)) << '\n';
  std::string line;
  for (const auto& row : grid.rows) {
    line.clear();
    append_row(row, grid.right, widths, style, line);
    out << indent << line;
  }
}

void append_row(const GridRow& row, const std::vector<bool>& right, const std::vector<std::size_t>& widths, const Style& style,
                std::string& lines) {
  if (row.alarm) {
    lines += alarming(grid_line(right, row.cells, widths), row.cells.back(), style);
  } else {
    append_cells(right, row.cells, widths, lines);
  }
  lines += '\n';
}

void print_markdown(const Grid& grid, std::ostream& out) {
  std::string lines;
  append_markdown_line(grid.header, lines);
  lines += '|';
  for (std::size_t c = 0; c < grid.header.size(); ++c) lines += is_right(grid.right, c) ? " ---: |" : " --- |";
  lines += '\n';
  for (const auto& row : grid.rows) append_markdown_row(row, lines);
  out << lines;
}

void append_markdown_row(const GridRow& row, std::string& lines) { append_markdown_line(row.cells, lines); }

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

}  // namespace ironlaw::host
