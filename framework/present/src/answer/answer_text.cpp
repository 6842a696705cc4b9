#include "answer/answers.hpp"
#include "answer/operator_table.hpp"
#include "answer/working_text.hpp"
#include "layout/layout.hpp"

#include <ironlaw/visible_text.hpp>

#include <algorithm>
#include <ostream>

namespace ironlaw::host {
namespace {

constexpr std::string_view left_margin = "  ";

/// `absent` stands for a value that is not there; without it the line is left out.
void print_values(const std::vector<ShownValue>& values, const ReportOptions& options, std::ostream& out,
                  std::string_view absent = {}) {
  Grid grid;
  const bool banded = has_ends(values);
  for (const ShownValue& value : values) {
    if (is_absent(value) && absent.empty()) continue;
    grid.rows.push_back({{value.name, is_absent(value) ? std::string(absent) : value_text(value)}, false});
    if (banded) grid.rows.back().cells.push_back(band_text(value));
  }
  fit_columns(grid, options.width > left_margin.size() ? options.width - left_margin.size() : 0);
  print_grid(grid, Style(options.colour), left_margin, out);
}

void print_walls(const AnsweredStage& stage, const Style& style, std::ostream& out) {
  for (const Wall& wall : stage.walls) {
    const std::string line = visible_text(std::string(wall.limit->name) + ": " + wall_text(wall));
    out << left_margin << (wall.exceeded() ? style.alarm(line + (wall.limit->hard ? ", exceeded" : ", exceeded (soft)")) : line)
        << '\n';
  }
}

/// Names of the hard limits that are exceeded, and what they are there for.
void print_infeasible(const AnsweredStage& stage, const ReportOptions& options, const Style& style, std::ostream& out) {
  if (stage.status != RowStatus::infeasible) return;
  std::string line = "infeasible";
  std::string_view before = ": ";
  for (const Wall& wall : stage.walls) {
    if (!wall.limit->hard || !wall.exceeded()) continue;
    line.append(before).append(wall.limit->name).append(" ").append(wall_text(wall));
    if (!wall.limit->doc.empty()) line.append(", ").append(wall.limit->doc);
    before = "; ";
  }
  const std::size_t width = options.width > 0 ? options.width : line.size();
  for (const auto& broken : wrapped_lines(line, width)) out << style.alarm(broken) << '\n';
}

/// The pieces of a line, those that are wider than the page broken between words.
std::vector<std::string> fitting_pieces(const WorkingLine& line, std::size_t room) {
  std::vector<std::string> pieces;
  for (const std::string& piece : working_pieces(line)) {
    if (room == 0 || display_width(piece) <= room) {
      pieces.push_back(visible_text(piece));
    } else {
      for (auto& part : wrapped_lines(piece, room)) pieces.push_back(std::move(part));
    }
  }
  return pieces;
}

/// A line that is longer than the page is broken between its pieces.
void print_working_line(std::size_t number, const WorkingLine& line, std::size_t width, std::ostream& out) {
  const std::string begin = std::string(left_margin) + std::to_string(number) + ". ";
  const std::size_t indent = begin.size() + 2;
  std::size_t column = 0;
  for (const std::string& piece : fitting_pieces(line, width > indent ? width - indent : 0)) {
    const std::string_view gap = column == 0 ? "" : piece.starts_with('[') ? "   " : " ";
    const bool breaks = column > 0 && width > 0 && column + gap.size() + display_width(piece) > width;
    if (breaks) out << '\n' << std::string(indent, ' ');
    if (column == 0) out << begin;
    if (!breaks) out << gap;
    column = (breaks || column == 0 ? begin.size() + (breaks ? 2 : 0) : column + gap.size()) + display_width(piece);
    out << piece;
  }
  out << '\n';
}

void print_working(const AnsweredStage& stage, const ReportOptions& options, const Style& style, std::ostream& out) {
  if (stage.working.empty()) return;
  out << left_margin << style.heading("working") << '\n';
  std::size_t number = 0;
  for (const WorkingLine& line : stage.working) print_working_line(++number, line, options.width, out);
}

void print_operators(const AnsweredStage& stage, const ReportOptions& options, const Style& style, std::ostream& out) {
  if (stage.operators.empty()) return;
  out << left_margin << style.heading("operators") << '\n';
  Grid grid = operator_grid(stage.operators);
  grid.header.pop_back();  // the sources stand below, once each
  grid.right.pop_back();
  std::vector<std::pair<std::string, std::string>> sources;
  for (std::size_t o = 0; o < grid.rows.size(); ++o) {
    grid.rows[o].cells.pop_back();
    const OperatorLine& line = stage.operators[o];
    const std::pair said{line.record, line.source};
    if (!line.source.empty() && std::find(sources.begin(), sources.end(), said) == sources.end()) sources.push_back(said);
  }
  fit_columns(grid, options.width);
  print_grid(grid, style, left_margin, out);
  for (const auto& [record, source] : sources)
    print_wrapped(std::string(left_margin) + "record " + record + ": " + source, options.width, "    ", out);
}

void print_stage(const AnsweredStage& stage, const ReportOptions& options, const Style& style, std::ostream& out) {
  out << style.heading(heading_of(stage)) << '\n';
  if (!has_outputs(stage.status)) {
    out << left_margin << style.alarm(status_name(stage.status)) << '\n';
    return;
  }
  if (options.explain) {
    out << left_margin << style.heading("inputs") << '\n';
    print_values(shown_inputs(stage, options.all), options, out);
    print_working(stage, options, style, out);
    out << left_margin << style.heading("outputs") << '\n';
  }
  print_values(stage.outputs, options, out);
  if (!stage.walls.empty()) out << left_margin << style.heading("limits") << '\n';
  print_walls(stage, style, out);
  print_infeasible(stage, options, style, out);
  print_operators(stage, options, style, out);
}

}  // namespace

void print_answer_text(const std::vector<AnsweredStage>& stages, const std::vector<ShownValue>& derived,
                       const std::vector<std::string>& bands, const ReportOptions& options, std::ostream& out) {
  const Style style(options.colour);
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (s > 0) out << '\n';
    print_stage(stages[s], options, style, out);
  }
  if (!derived.empty()) {
    out << '\n' << style.heading("derived") << '\n';
    print_values(derived, options, out, "absent");
  }
  if (!bands.empty()) out << '\n';
  for (const auto& line : bands) print_wrapped(line, options.width, left_margin, out);
}

}  // namespace ironlaw::host
