#include "layout/layout.hpp"

#include "layout/escapes.hpp"

#include <ironlaw/visible_text.hpp>

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

/// What is shown as it is: most cells are.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}
/// What Markdown takes as it is, too.
bool is_alphanumeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ' ' ||
           c == '_';
  });
}

/// Without blanks at the end.
void append_cells(const std::vector<bool>& right, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                  std::string& line) {
  const std::size_t begin = line.size();
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (c > 0) line.append(column_gap, ' ');
    const bool as_it_is = is_plain(cells[c]);
    const std::string shown = as_it_is ? std::string() : visible_text(cells[c]);
    const std::string& cell = as_it_is ? cells[c] : shown;
    const std::size_t blanks = widths[c] - std::min(widths[c], as_it_is ? cell.size() : display_width(cell));
    if (is_right(right, c)) {
      line.append(blanks, ' ').append(cell);
    } else {
      line.append(cell).append(blanks, ' ');
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

/// The last cell of a line in the alarm colour.
std::string alarming(const std::string& line, std::string_view last_cell, const Style& style) {
  std::string last = visible_text(last_cell);
  last.erase(last.find_last_not_of(' ') + 1);
  return line.substr(0, line.size() - last.size()) + style.alarm(last);
}

/// Bytes of the most that a line of `width` takes of a word that is longer: up to a joint of names and addresses, where it has
/// one.
std::size_t cut_of(std::string_view word, std::size_t width) {
  std::size_t at = 0;
  std::size_t joint = 0;
  for (std::size_t used = 0; used < width && at < word.size(); ++used) {
    do {
      ++at;
    } while (at < word.size() && (static_cast<unsigned char>(word[at]) & 0xC0) == 0x80);
    if (std::string_view("_./;,-=&?").find(word[at - 1]) != std::string_view::npos) joint = at;
  }
  return 2 * joint > at ? joint : at;
}

void append_markdown_line(const std::vector<std::string>& cells, std::string& lines) {
  lines += '|';
  for (const auto& cell : cells) {
    lines += ' ';
    if (is_alphanumeric(cell)) {
      lines += cell;
    } else {
      lines += markdown_text(cell);
    }
    lines += " |";
  }
  lines += '\n';
}

}  // namespace

std::string Style::wrapped(std::string_view code, std::string_view text) const {
  std::string shown = visible_text(text);
  if (!colour_ || shown.empty()) return shown;
  return std::string(code).append(shown).append("\033[0m");
}

std::size_t display_width(std::string_view text) {
  if (is_plain(text)) return text.size();
  const std::string shown = visible_text(text);
  return static_cast<std::size_t>(
      std::count_if(shown.begin(), shown.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

std::vector<std::string> wrapped_lines(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::istringstream words{std::string(text)};
  for (std::string raw; words >> raw;) {
    std::string word = visible_text(raw);
    if (!lines.empty() && display_width(lines.back()) + 1 + display_width(word) <= width) {
      lines.back() += ' ' + word;
      continue;
    }
    while (display_width(word) > width) {
      const std::size_t cut = cut_of(word, width);
      lines.push_back(word.substr(0, cut));
      word.erase(0, cut);
    }
    lines.push_back(std::move(word));
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

std::vector<std::size_t> column_widths(const Grid& grid) {
  std::vector<std::size_t> widths;
  measure(grid.header, widths);
  for (const auto& row : grid.rows) measure(row.cells, widths);
  return widths;
}

namespace {

constexpr std::size_t least_wrapped = 30;  // of a last column that others go before
constexpr std::size_t least_column = 8;

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

namespace {

/// What each column may take, so that a line is at most `width`: the last one gives way, and where that leaves it too little all
/// do, the widest first.
std::vector<std::size_t> rooms_of(const std::vector<std::size_t>& widths, std::size_t width) {
  auto rooms = widths;
  const std::size_t gaps = column_gap * (widths.size() - 1);
  const std::size_t before = std::accumulate(widths.begin(), widths.end() - 1, gaps);
  if (before + widths.back() <= width) return rooms;
  if (before + least_wrapped <= width) {
    rooms.back() = width - before;
    return rooms;
  }
  std::size_t level = *std::max_element(rooms.begin(), rooms.end());
  const auto taken = [&] {
    return std::accumulate(rooms.begin(), rooms.end(), gaps,
                           [&](std::size_t sum, std::size_t r) { return sum + std::min(r, level); });
  };
  while (level > least_column && taken() > width) --level;
  for (auto& room : rooms) room = std::min(room, level);
  return rooms;
}

/// The lines that a row takes.
void append_broken(GridRow row, const std::vector<std::size_t>& rooms, std::vector<GridRow>& rows) {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (std::size_t c = 0; c < row.cells.size(); ++c) {
    const bool breaks = display_width(row.cells[c]) > rooms[c];
    cells.push_back(breaks ? wrapped_lines(row.cells[c], rooms[c]) : std::vector{std::move(row.cells[c])});
    height = std::max(height, cells.back().size());
  }
  for (std::size_t line = 0; line < height; ++line) {
    GridRow& broken = rows.emplace_back(GridRow{std::vector<std::string>(cells.size()), row.alarm});
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (line < cells[c].size()) broken.cells[c] = std::move(cells[c][line]);
  }
}

}  // namespace

void fit_columns(Grid& grid, std::size_t width) {
  const auto widths = column_widths(grid);
  if (width == 0 || widths.empty()) return;
  const auto rooms = rooms_of(widths, width);
  if (rooms == widths) return;
  std::vector<GridRow> rows;
  for (GridRow& row : grid.rows) append_broken(std::move(row), rooms, rows);
  grid.rows = std::move(rows);
  if (grid.header.empty()) return;
  std::vector<GridRow> header;
  append_broken({std::move(grid.header), false}, rooms, header);
  grid.header = std::move(header.front().cells);
  // The rest of a name that is wider than its column stands above the rows.
  for (std::size_t line = header.size() - 1; line > 0; --line) grid.rows.insert(grid.rows.begin(), std::move(header[line]));
}

void print_wrapped(std::string_view text, std::size_t width, std::string_view indent, std::ostream& out) {
  if (width == 0 || display_width(text) <= width) {
    out << visible_text(text) << '\n';
    return;
  }
  const std::string_view begin = text.substr(0, std::min(text.find_first_not_of(' '), text.size()));
  const std::size_t margin = std::min(width - 1, std::max(begin.size(), indent.size()));
  const auto lines = wrapped_lines(text, width - margin);
  for (const auto& line : lines) out << (&line == lines.data() ? begin : indent) << line << '\n';
}

void print_grid(const Grid& grid, const Style& style, std::string_view indent, std::ostream& out) {
  const auto widths = column_widths(grid);
  std::string lines;
  if (!grid.header.empty()) lines.append(indent).append(style.heading(grid_line(grid.right, grid.header, widths))).append("\n");
  for (const auto& row : grid.rows) append_row(row, grid.right, widths, style, lines.append(indent));
  out << lines;
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

}  // namespace ironlaw::host
