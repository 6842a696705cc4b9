#include "document/document.hpp"
#include "layout/escapes.hpp"

#include <ironlaw/visible_text.hpp>

#include <sstream>

namespace ironlaw::host {
namespace {

std::string_view verdict_text(Score::Verdict verdict) {
  return verdict == Score::Verdict::good ? "yes" : verdict == Score::Verdict::bad ? "no" : "open";
}

class MarkdownWriter {
 public:
  std::ostringstream out;

  void operator()(const Scorecard& card) {
    Grid grid{{"question", "answer", "because"}, {}, {}};
    for (const auto& score : card) {
      std::string lines;
      for (const auto& line : score.lines) lines += (lines.empty() ? "" : "; ") + line;
      grid.rows.push_back({{score.question, std::string(verdict_text(score.verdict)), lines}, false});
    }
    print_markdown(grid, out);
  }
  void operator()(const Paragraph& p) { out << markdown_text(p.text) << '\n'; }
  void operator()(const Grid& grid) { print_markdown(grid, out); }
  void operator()(const WallBars& bars) { print_markdown(wall_grid(bars), out); }
  void operator()(const Steps& steps) {
    std::string lines;
    for (const auto& pieces : steps.pieces) {
      for (std::size_t i = 0; i < pieces.size(); ++i) lines += (i > 0 ? "    " : "") + visible_text(pieces[i]) + '\n';
    }
    out << markdown_block({}, lines);
  }
  void operator()(const Diagram& diagram) { out << markdown_block("mermaid", diagram.mermaid); }
  void operator()(const Chart& chart) {
    out << markdown_text(chart.title) << ": drawn in the page of this report (`-o report.html`).\n";
  }
};

}  // namespace

std::string markdown_document(const Document& document) {
  MarkdownWriter writer;
  writer.out << "# " << markdown_text(document.title) << '\n';
  for (const auto& section : document.sections) {
    if (!section.title.empty()) writer.out << "\n## " << markdown_text(section.title) << '\n';
    for (const auto& block : section.blocks) {
      writer.out << '\n';
      std::visit(writer, block);
    }
  }
  return writer.out.str();
}

}  // namespace ironlaw::host
