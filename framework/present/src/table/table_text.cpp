#include "answer/provenance.hpp"
#include "answer/walls.hpp"
#include "table/collected_table.hpp"
#include "table/column_blocks.hpp"

#include <ironlaw/visible_text.hpp>

#include <ostream>

namespace ironlaw::host {
namespace {

/// Every column is printed. Where they are wider than the page, a few rows stand beside one another, a line a column; more rows
/// stand in blocks of columns, one below the other.
class TextTable final : public CollectedTable {
 public:
  explicit TextTable(const TableSource& source) : CollectedTable(source), style_(source.options.colour) {}

  void finish(const RunSummary& summary) override {
    end();
    print_blocks();
    print_reasons();
    for (const auto& note : summary.notes) source().out << visible_text(note) << "\n";
    if (!summary.walls.empty()) print_section(tally_table(summary.walls), source().options, source().out);
    if (source().options.kept) source().out << '\n' << stamp_text(source().pipeline, source().options) << '\n';
  }

 private:
  void begin(const Grid& grid, bool whole) override {
    widths_ = column_widths(grid);
    const std::size_t width = source().options.width;
    if (fits(widths_, width)) {
      right_ = grid.right;
      print_grid(grid, style_, "", source().out);
    } else if (auto turned = turned_grid(grid); whole && grid.rows.size() <= most_beside && fits(column_widths(turned), width)) {
      print_grid(turned, style_, "", source().out);
    } else {
      keys_ = key_columns(source().columns, widths_, width);
      waiting_ = grid;
      print_blocks();
      in_blocks_ = true;
    }
  }
  void more(const GridRow& row) override {
    if (!in_blocks_) {
      append_row(row, right_, widths_, style_, lines_);
      return;
    }
    waiting_.rows.push_back(row);
    if (waiting_.rows.size() == first_rows) print_blocks();
  }
  void flush() override {
    source().out.write(lines_.data(), static_cast<std::streamsize>(lines_.size()));
    lines_.clear();
  }

  /// The rows that wait, in blocks of columns that fit.
  void print_blocks() {
    if (waiting_.rows.empty()) return;
    Grid now{waiting_.header, waiting_.right, std::move(waiting_.rows)};
    for (const Grid& block : column_blocks(std::move(now), keys_, source().options.width)) {
      if (printed_) source().out << '\n';
      printed_ = true;
      print_grid(block, style_, "", source().out);
    }
    waiting_.rows.clear();
  }

  void print_reasons() const {
    constexpr std::size_t most = 5;
    const auto& counts = reasons();
    for (std::size_t i = 0; i < counts.size() && i < most; ++i)
      source().out << style_.alarm(counts[i].text) << " (" << counts[i].rows << (counts[i].rows == 1 ? " row)\n" : " rows)\n");
    if (counts.size() > most)
      source().out << (other_rows() > 0 ? "more than " : "") << counts.size() - most
                   << (counts.size() == most + 1 ? " more reason" : " more reasons") << ": --output csv\n";
  }
  Style style_;
  std::vector<std::size_t> widths_;
  std::vector<bool> right_;
  std::string lines_;
  Grid waiting_;  ///< header, and rows that are printed in blocks
  std::size_t keys_ = 0;
  bool in_blocks_ = false;
  bool printed_ = false;
};

}  // namespace

std::unique_ptr<TableWriter> text_table(const TableSource& source) { return std::make_unique<TextTable>(source); }

}  // namespace ironlaw::host
