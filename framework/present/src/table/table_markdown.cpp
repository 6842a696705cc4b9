#include "answer/walls.hpp"
#include "layout/escapes.hpp"
#include "table/collected_table.hpp"

#include <ostream>

namespace ironlaw::host {
namespace {

class MarkdownTable final : public CollectedTable {
 public:
  using CollectedTable::CollectedTable;

  void finish(const RunSummary& summary) override {
    std::size_t left_out = 0;
    Grid whole = grid(0, left_out);
    if (!all_ok()) append_reasons(whole);
    print_markdown(whole, source().out);
    for (const auto& note : summary.notes) source().out << "\n" << markdown_text(note) << "\n";
    if (!summary.walls.empty()) print_section(tally_table(summary.walls), source().options, source().out);
  }

 private:
  void append_reasons(Grid& whole) const {
    whole.header.emplace_back("reason");
    for (std::size_t r = 0; r < whole.rows.size(); ++r) {
      const auto reason = reasons().find(r);
      whole.rows[r].cells.push_back(reason == reasons().end() ? std::string() : reason->second);
    }
  }
};

}  // namespace

std::unique_ptr<TableWriter> markdown_table(const TableSource& source) { return std::make_unique<MarkdownTable>(source); }

}  // namespace ironlaw::host
