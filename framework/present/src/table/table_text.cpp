#include "answer/walls.hpp"
#include "table/collected_table.hpp"

#include <ironlaw/visible_text.hpp>

#include <ostream>

namespace ironlaw::host {
namespace {

class TextTable final : public CollectedTable {
 public:
  explicit TextTable(const TableSource& source) : CollectedTable(source), style_(source.options.colour) {}

  void finish(const RunSummary& summary) override {
    end();
    print_reasons();
    if (left_out() > 0) source().out << more_columns(left_out());
    for (const auto& note : summary.notes) source().out << visible_text(note) << "\n";
    if (!summary.walls.empty()) print_section(tally_table(summary.walls), source().options, source().out);
  }

 private:
  [[nodiscard]] std::size_t width() const override { return source().options.width; }
  void begin(const Grid& grid) override {
    widths_ = column_widths(grid);
    right_ = grid.right;
    print_grid(grid, style_, "", source().out);
  }
  void more(const GridRow& row) override { append_row(row, right_, widths_, style_, lines_); }
  void flush() override {
    source().out.write(lines_.data(), static_cast<std::streamsize>(lines_.size()));
    lines_.clear();
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
};

}  // namespace

std::unique_ptr<TableWriter> text_table(const TableSource& source) { return std::make_unique<TextTable>(source); }

}  // namespace ironlaw::host
