#include "answer/walls.hpp"
#include "table/collected_table.hpp"

#include <ironlaw/visible_text.hpp>

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

  void finish(const RunSummary& summary) override {
    std::size_t left_out = 0;
    const Grid shown = grid(source().options.width, left_out);
    const Style style(source().options.colour);
    print_grid(shown, style, "", source().out);
    print_reasons(style);
    if (left_out > 0) source().out << more_columns(left_out);
    for (const auto& note : summary.notes) source().out << visible_text(note) << "\n";
    if (!summary.walls.empty()) print_section(tally_table(summary.walls), source().options, source().out);
  }

 private:
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
      source().out << counts.size() - most << (counts.size() == most + 1 ? " more reason" : " more reasons")
                   << ": --output csv\n";
  }
};

}  // namespace

std::unique_ptr<TableWriter> text_table(const TableSource& source) { return std::make_unique<TextTable>(source); }

}  // namespace ironlaw::host
