#include "answer/provenance.hpp"
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
    end();
    for (const auto& note : summary.notes) source().out << "\n" << markdown_text(note) << "\n";
    if (!summary.walls.empty()) print_section(tally_table(summary.walls), source().options, source().out);
    if (source().options.kept) source().out << '\n' << stamp_text(source().pipeline, source().options) << '\n';
  }

 private:
  [[nodiscard]] bool has_reasons() const override { return true; }
  void begin(const Grid& grid, bool) override { print_markdown(grid, source().out); }
  void more(const GridRow& row) override { append_markdown_row(row, lines_); }
  void flush() override {
    source().out.write(lines_.data(), static_cast<std::streamsize>(lines_.size()));
    lines_.clear();
  }
  std::string lines_;
};

}  // namespace

std::unique_ptr<TableWriter> markdown_table(const TableSource& source) { return std::make_unique<MarkdownTable>(source); }

}  // namespace ironlaw::host
