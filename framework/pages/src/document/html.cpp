#include "chart/content_policy.hpp"
#include "chart/picture.hpp"
#include "chart/script.hpp"
#include "document/document.hpp"
#include "layout/escapes.hpp"

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
  void operator()(const Paragraph& p) { out << "<p>" << html_text(p.text) << "</p>\n"; }
  void operator()(const Grid& grid) {
    out << "<div class=\"wide\"><table>\n<thead>";
    row(grid, {grid.header, false}, "th");
    out << "</thead>\n<tbody>\n";
    for (const auto& r : grid.rows) row(grid, r, "td");
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
  void row(const Grid& grid, const GridRow& cells, std::string_view element) {
    out << "<tr" << (cells.alarm ? " class=\"alarm\"" : "") << ">";
    for (std::size_t c = 0; c < cells.cells.size(); ++c) {
      const bool right = c < grid.right.size() && grid.right[c];
      out << '<' << element << (right ? " class=\"number\">" : ">") << html_text(cells.cells[c]) << "</" << element << '>';
    }
    out << "</tr>\n";
  }
  int charts_ = 0;
};

}  // namespace

std::string html_document(const Document& document) {
  HtmlWriter writer;
  for (const auto& section : document.sections) {
    writer.out << "<h2>" << html_text(section.title) << "</h2>\n";
    for (const auto& block : section.blocks) std::visit(writer, block);
  }
  return filled_page("report.html", document.title, writer.out.str(), writer.has_charts());
}

}  // namespace ironlaw::host
