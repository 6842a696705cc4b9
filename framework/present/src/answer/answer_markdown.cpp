#include "answer/answers.hpp"
#include "answer/operator_table.hpp"
#include "answer/working_text.hpp"
#include "layout/escapes.hpp"
#include "layout/layout.hpp"

#include <ostream>

namespace ironlaw::host {
namespace {

/// `absent` stands for a value that is not there; without it the line is left out.
void print_values(const char* what, const std::vector<ShownValue>& values, std::ostream& out, std::string_view absent = {}) {
  Grid grid{{what, "value"}, {}, {}};
  const bool banded = has_ends(values);
  if (banded) grid.header.emplace_back("10 to 90 %");
  for (const ShownValue& value : values) {
    if (is_absent(value) && absent.empty()) continue;
    grid.rows.push_back({{value.name, is_absent(value) ? std::string(absent) : value_text(value)}, false});
    if (banded) grid.rows.back().cells.push_back(band_text(value));
  }
  out << '\n';
  print_markdown(grid, out);
}

void print_walls(const AnsweredStage& stage, std::ostream& out) {
  if (stage.walls.empty()) return;
  Grid grid{{"limit", "used of bound", "exceeded"}, {}, {}};
  for (const Wall& wall : stage.walls)
    grid.rows.push_back(
        {{std::string(wall.limit->name), wall_text(wall), wall.exceeded() ? (wall.limit->hard ? "yes" : "yes (soft)") : "no"},
         false});
  out << '\n';
  print_markdown(grid, out);
}

/// Equations in code spans, as their stars are no emphasis.
void print_working(const AnsweredStage& stage, std::ostream& out) {
  if (!stage.working.empty()) out << '\n';
  std::size_t number = 0;
  for (const WorkingLine& line : stage.working) {
    out << ++number << '.';
    for (const std::string& piece : working_pieces(line)) {
      const bool plain = !line.note.empty() || piece.starts_with('[');
      out << ' ' << (plain ? markdown_text(piece) : markdown_code(piece));
    }
    out << '\n';
  }
  if (stage.operators.empty()) return;
  out << '\n';
  print_markdown(operator_grid(stage.operators), out);
}

void print_stage(const AnsweredStage& stage, bool all, std::ostream& out) {
  out << "### " << markdown_text(heading_of(stage)) << '\n';
  if (stage.status != RowStatus::ok) out << "\n**" << status_name(stage.status) << "**\n";
  if (!has_outputs(stage.status)) return;
  if (!stage.working.empty()) print_values("input", shown_inputs(stage, all), out);
  print_working(stage, out);
  print_values("output", stage.outputs, out);
  print_walls(stage, out);
}

}  // namespace

void print_answer_markdown(const std::vector<AnsweredStage>& stages, const std::vector<ShownValue>& derived,
                           const std::vector<std::string>& bands, const ReportOptions& options, std::ostream& out) {
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (s > 0) out << '\n';
    print_stage(stages[s], options.all, out);
  }
  if (!derived.empty()) print_values("derived", derived, out, "absent");
  for (const auto& line : bands) out << '\n' << markdown_text(line) << '\n';
}

}  // namespace ironlaw::host
