#include "chart/content_policy.hpp"
#include "chart/picture.hpp"
#include "chart/script.hpp"
#include "document/document.hpp"
#include "layout/escapes.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace ironlaw::host {
namespace {

class HtmlWriter {
 public:
  std::ostringstream out;

  void operator()(const Scorecard& card) {
    out << "<div class=\"card\">\n";
    for (const auto& score : card) {
      const bool good = score.verdict == Score::Verdict::good;
      const bool bad = score.verdict == Score::Verdict::bad;
      out << "<div class=\"score "
          << (good  ? "good"
              : bad ? "bad"
                    : "open")
          << "\"><b>" << html_text(score.question) << "</b><span class=\"verdict\">"
          << (good  ? "yes"
              : bad ? "no"
                    : "open")
          << "</span><ul>";
      for (const auto& line : score.lines) out << "<li>" << html_text(line) << "</li>";
      out << "</ul></div>\n";
    }
    out << "</div>\n";
  }
  void operator()(const Paragraph& p) { out << (p.leads ? "<p class=\"lead\">" : "<p>") << html_text(p.text) << "</p>\n"; }
  /// Many rows are folded behind the first.
  void operator()(const Grid& grid) {
    const bool folds = grid.rows.size() > rows_at_once + rows_at_once / 2;
    const std::size_t first = folds ? rows_at_once : grid.rows.size();
    table(grid, 0, first);
    if (!folds) return;
    out << "<details class=\"rows\"><summary>" << grid.rows.size() - first << " more rows</summary>\n";
    table(grid, first, grid.rows.size());
    out << "</details>\n";
  }
  void operator()(const WallBars& bars) {
    const Grid grid = wall_grid(bars);
    constexpr std::size_t share = 4;
    begin_table(grid);
    row(grid, {grid.header, false}, "th");
    out << "</thead>\n<tbody>\n";
    for (std::size_t r = 0; r < bars.size(); ++r) {
      GridRow cells = grid.rows[r];
      const std::string meter = "<meter min=\"0\" max=\"1\" high=\"0.9\" value=\"" +
                                (std::isfinite(bars[r].share) ? std::to_string(std::min(bars[r].share, 1.0)) : std::string("1")) +
                                "\"></meter> ";
      row(grid, cells, "td", share, meter);
    }
    out << "</tbody></table></div>\n";
  }
  void operator()(const Steps& steps) {
    out << "<div class=\"steps\">\n";
    for (const auto& pieces : steps.pieces) {
      out << "<div>";
      for (const auto& piece : pieces) {
        const bool source = piece.starts_with("[");
        out << (source ? "<i>" : "") << html_text(piece) << (source ? "</i>" : "") << ' ';
      }
      out << "</div>\n";
    }
    out << "</div>\n";
  }
  void operator()(const Diagram& diagram) {
    if (diagram.svg.empty()) {
      out << "<pre>" << html_text(diagram.mermaid) << "</pre>\n";
    } else {
      out << "<div class=\"plan\">" << without_styles(diagram.svg) << "</div>\n";
    }
  }
  void operator()(const Chart& chart) {
    const std::string id = "chart" + std::to_string(++charts_);
    out << "<div class=\"chart\" id=\"" << id << "\">" << without_styles(chart_svg(chart))
        << "</div>\n<script type=\"application/json\" id=\"" << id << "_model\">" << script_json(chart_json(chart))
        << "</script>\n";
  }
  [[nodiscard]] bool has_charts() const { return charts_ > 0; }

 private:
  /// Whether the last column is prose: where a page is narrow, that stands below the others.
  static bool ends_in_prose(const Grid& grid) {
    constexpr std::size_t most_columns = 8;  // for which the page has a style
    const std::size_t last = grid.header.size() - 1;
    if (last == 0 || last >= most_columns || (last < grid.right.size() && grid.right[last])) return false;
    return std::any_of(grid.rows.begin(), grid.rows.end(),
                       [&](const GridRow& r) { return r.cells.size() > last && r.cells[last].find(' ') != std::string::npos; });
  }
  void begin_table(const Grid& grid) {
    out << "<div class=\"wide\" tabindex=\"0\"><table";
    if (ends_in_prose(grid)) out << " class=\"prose over" << grid.header.size() - 1 << '"';
    out << ">\n<thead>";
  }
  void table(const Grid& grid, std::size_t first, std::size_t last) {
    begin_table(grid);
    row(grid, {grid.header, false}, "th");
    out << "</thead>\n<tbody>\n";
    for (std::size_t r = first; r < last; ++r) row(grid, grid.rows[r], "td");
    out << "</tbody></table></div>\n";
  }
  /// `before`: what stands before the text of the column `at`.
  void row(const Grid& grid, const GridRow& cells, std::string_view element, std::size_t at = ~std::size_t{0},
           std::string_view before = {}) {
    out << "<tr" << (cells.alarm ? " class=\"alarm\"" : "") << ">";
    for (std::size_t c = 0; c < cells.cells.size(); ++c) {
      const bool right = c < grid.right.size() && grid.right[c];
      out << '<' << element << (right ? " class=\"number\">" : ">") << (c == at ? before : std::string_view())
          << html_text(cells.cells[c]) << "</" << element << '>';
    }
    out << "</tr>\n";
  }
  int charts_ = 0;
};

}  // namespace

std::string html_document(const Document& document) {
  HtmlWriter writer;
  for (const auto& section : document.sections) {
    if (section.folded)
      writer.out << "<details><summary><h2>" << html_text(section.title) << "</h2></summary>\n";
    else if (!section.title.empty())
      writer.out << "<h2>" << html_text(section.title) << "</h2>\n";
    for (const auto& block : section.blocks) std::visit(writer, block);
    if (section.folded) writer.out << "</details>\n";
  }
  return filled_page("report.html", document.title, writer.out.str(), writer.has_charts());
}

}  // namespace ironlaw::host
