#include "report/collected_table.hpp"

#include <numeric>
#include <ostream>

namespace ironlaw::host {
namespace {

/// How many rows share a status and a reason, in the order of their first rows.
struct ReasonCount {
  std::string text;
  std::size_t rows = 0;
};

class TextTable final : public CollectedTable {
 public:
  using CollectedTable::CollectedTable;

  void finish(const RunSummary&) override {
    Grid whole = grid();
    const std::size_t dropped = fit(whole);
    const Style style(source().options.colour);
    print_grid(whole, style, "", source().out);
    print_reasons(style);
    if (dropped > 0) source().out << dropped << (dropped == 1 ? " more column" : " more columns") << ": --output csv\n";
  }

 private:
  /// Leaves out columns from the right until the rest fits; the first and the status stay. Returns how many were left out.
  std::size_t fit(Grid& whole) const {
    const std::size_t page = source().options.width;
    if (page == 0) return 0;
    const auto widths = column_widths(whole);
    const std::size_t kept_at_end = all_ok() ? 0 : 1;
    std::size_t width = std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + 2 * (widths.size() - 1);
    std::size_t end = widths.size() - kept_at_end;
    while (end > 1 && width > page) width -= widths[--end] + 2;
    const std::size_t dropped = widths.size() - kept_at_end - end;
    erase_columns(whole, end, dropped);
    return dropped;
  }

  static void erase_columns(Grid& whole, std::size_t first, std::size_t count) {
    const auto erase = [&](auto& row) {
      const auto begin = row.begin() + static_cast<std::ptrdiff_t>(first);
      row.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
    if (count == 0) return;
    erase(whole.header);
    erase(whole.right);
    for (GridRow& row : whole.rows) erase(row.cells);
  }

  [[nodiscard]] std::vector<ReasonCount> count_reasons() const {
    std::vector<ReasonCount> counts;
    std::map<std::string, std::size_t> index;
    for (const auto& [row, reason] : reasons()) {
      if (reason.empty()) continue;
      const std::string text = std::string(status_name(status(row))) + ": " + reason;
      const auto [at, added] = index.try_emplace(text, counts.size());
      if (added) counts.push_back({text, 0});
      ++counts[at->second].rows;
    }
    return counts;
  }

  void print_reasons(const Style& style) const {
    constexpr std::size_t most = 5;
    const auto counts = count_reasons();
    for (std::size_t i = 0; i < counts.size() && i < most; ++i)
      source().out << style.alarm(counts[i].text) << " (" << counts[i].rows << (counts[i].rows == 1 ? " row)\n" : " rows)\n");
    if (counts.size() > most)
      source().out << counts.size() - most << (counts.size() == most + 1 ? " more reason" : " more reasons") << ": --output csv\n";
  }
};

}  // namespace

std::unique_ptr<TableWriter> text_table(const TableSource& source) { return std::make_unique<TextTable>(source); }

}  // namespace ironlaw::host
