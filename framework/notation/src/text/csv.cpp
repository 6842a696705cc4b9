#include <ironlaw/notation/csv.hpp>

#include "text/excerpt.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/utf8.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// Takes rows off the front of a text, counting lines.
class CsvScan {
 public:
  CsvScan(std::string_view text, const std::string& file) : text_(text), file_(file) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // spreadsheets write it
  }
  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] std::size_t line() const { return line_; }
  [[noreturn]] void fail(const std::string& what) const { throw InputError(file_ + ":" + std::to_string(line_), what); }

  std::vector<std::string> row() {
    line_ = next_line_++;
    std::vector<std::string> cells;
    do {
      cells.push_back(cell());
    } while (take(','));
    if (!text_.empty() && !take_line_end()) fail("a comma or the end of the line stands behind a quoted cell");
    return cells;
  }

 private:
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_line_end() {
    const bool returned = take('\r');
    return take('\n') || (returned && text_.empty());
  }
  std::string cell() {
    if (take('"')) return quoted();
    const auto end = std::min(text_.find_first_of(",\r\n"), text_.size());
    std::string_view plain = text_.substr(0, end);
    text_.remove_prefix(end);
    while (!plain.empty() && (plain.front() == ' ' || plain.front() == '\t')) plain.remove_prefix(1);
    while (!plain.empty() && (plain.back() == ' ' || plain.back() == '\t')) plain.remove_suffix(1);
    return std::string(plain);
  }
  /// Two quotes in a quoted cell are one.
  std::string quoted() {
    std::string content;
    for (;;) {
      const auto quote = text_.find('"');
      if (quote == text_.npos) fail("a quote is not closed");
      content += text_.substr(0, quote);
      text_.remove_prefix(quote + 1);
      if (!take('"')) break;
      content += '"';
    }
    next_line_ += static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
    return content;
  }
  std::string_view text_;
  const std::string& file_;
  std::size_t line_ = 1;
  std::size_t next_line_ = 1;
};

}  // namespace

CsvHeading csv_heading(std::string_view text) {
  const auto open = text.find('[');
  const auto close = text.rfind(']');
  std::string name(text.substr(0, open));
  name.erase(name.find_last_not_of(' ') + 1);
  if (open == text.npos || close == text.npos || close < open) return {std::move(name), {}};
  return {std::move(name), std::string(text.substr(open + 1, close - open - 1))};
}

CsvTable read_csv(std::string_view text, const std::string& file) {
  if (!is_utf8(text)) throw InputError(file, "is no UTF-8");
  CsvTable table;
  CsvScan scan(text, file);
  while (!scan.at_end()) {
    auto cells = scan.row();
    if (cells.size() == 1 && cells.front().empty()) continue;
    if (table.headings.empty()) {
      for (const std::string& cell : cells) {
        table.headings.push_back(csv_heading(cell));
        const std::string& name = table.headings.back().name;
        if (name.empty()) scan.fail("a column has no name");
        if (std::count_if(table.headings.begin(), table.headings.end(), [&](const CsvHeading& h) { return h.name == name; }) > 1)
          scan.fail("two columns are named '" + excerpt(name) + "'");
      }
      continue;
    }
    if (cells.size() != table.headings.size())
      scan.fail(std::to_string(cells.size()) + (cells.size() == 1 ? " value" : " values") + "; the first line names " +
                std::to_string(table.headings.size()));
    table.rows.push_back(std::move(cells));
    table.lines.push_back(scan.line());
  }
  if (table.headings.empty()) throw InputError(file, "has no line of names");
  return table;
}

}  // namespace ironlaw::host
