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
  bool leads = false;  ///< says the answer, above everything
};

/// How near the walls are, the closest first.
struct WallBar {
  std::string stage, wall, doc, used, bound;
  double share = 0;  ///< of the bound that is used; infinite where the bound is none
  bool hard = true;
  bool target = false;  ///< somebody set the bound
};
using WallBars = std::vector<WallBar>;

/// One step of a working: an equation, the same with numbers, the result and whose it is.
struct Steps {
  std::vector<std::vector<std::string>> pieces;
};

/// A shape of the plan: what it reads as, and for pages what it looks like.
struct Diagram {
  std::string mermaid;
  std::string svg;  ///< empty where nothing on this machine draws it
};

using DocumentBlock = std::variant<Scorecard, Paragraph, Grid, Steps, Diagram, Chart, WallBars>;

struct DocumentSection {
  std::string title;  ///< empty: none
  std::vector<DocumentBlock> blocks;
  bool folded = false;  ///< a page shows it when it is asked to
};

/// Rows of a table that a page shows before it is asked for all.
inline constexpr std::size_t rows_at_once = 12;

struct Document {
  std::string title;
  std::vector<DocumentSection> sections;
};

/// The walls as a table: stage, wall, used, of, share, kind, what it says.
[[nodiscard]] Grid wall_grid(const WallBars& bars);

[[nodiscard]] Document make_document(const Pipeline& pipeline, const DocumentText& text);
[[nodiscard]] std::string html_document(const Document& document);
[[nodiscard]] std::string markdown_document(const Document& document);

}  // namespace ironlaw::host
