#pragma once
#include "layout/layout.hpp"

#include <ironlaw/pages/chart.hpp>
#include <ironlaw/pages/document.hpp>

#include <variant>

namespace ironlaw::host {

/// One question of the scorecard.
struct Score {
  enum class Verdict { good, bad, open };
  std::string question;  ///< "fast enough"
  Verdict verdict = Verdict::open;
  std::vector<std::string> lines;
};
using Scorecard = std::vector<Score>;

/// Sentences.
struct Paragraph {
  std::string text;
};

/// One step of a working: an equation, the same with numbers, the result and whose it is.
struct Steps {
  std::vector<std::vector<std::string>> pieces;
};

/// A shape of the plan: what it reads as, and for pages what it looks like.
struct Diagram {
  std::string mermaid;
  std::string svg;  ///< empty where nothing on this machine draws it
};

using DocumentBlock = std::variant<Scorecard, Paragraph, Grid, Steps, Diagram, Chart>;

struct DocumentSection {
  std::string title;
  std::vector<DocumentBlock> blocks;
};

struct Document {
  std::string title;
  std::vector<DocumentSection> sections;
};

[[nodiscard]] Document make_document(const Pipeline& pipeline, const DocumentText& text);
[[nodiscard]] std::string html_document(const Document& document);
[[nodiscard]] std::string markdown_document(const Document& document);

}  // namespace ironlaw::host
