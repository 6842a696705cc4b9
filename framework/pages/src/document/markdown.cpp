#include "document/document.hpp"

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
  void operator()(const Paragraph& p) { out << p.text << '\n'; }
  void operator()(const Grid& grid) { print_markdown(grid, out); }
  void operator()(const Steps& steps) {
    out << "```\n";
    for (const auto& pieces : steps.pieces) {
      for (std::size_t i = 0; i < pieces.size(); ++i) out << (i > 0 ? "    " : "") << pieces[i] << '\n';
    }
    out << "```\n";
  }
  void operator()(const Diagram& diagram) { out << "```mermaid\n" << diagram.mermaid << "```\n"; }
  void operator()(const Chart& chart) { out << chart.title << ": drawn in the page of this report (`-o report.html`).\n"; }
};

}  // namespace

std::string markdown_document(const Document& document) {
  MarkdownWriter writer;
  writer.out << "# " << document.title << '\n';
  for (const auto& section : document.sections) {
    writer.out << "\n## " << section.title << '\n';
    for (const auto& block : section.blocks) {
      writer.out << '\n';
      std::visit(writer, block);
    }
  }
  return writer.out.str();
}

}  // namespace ironlaw::host
