// What is told, as text, Markdown and JSON.
#include "answer/answer_view.hpp"
#include "answer/facts_used.hpp"
#include "answer/provenance.hpp"
#include "layout/escapes.hpp"
#include "layout/layout.hpp"
#include "reference/page.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/questions/answered.hpp>

#include <algorithm>
#include <cctype>
#include <ostream>

namespace ironlaw::host {
namespace {

bool is_number(std::string_view text) {
  return text.empty() || std::isdigit(static_cast<unsigned char>(text[text[0] == '-' ? 1 : 0])) != 0;
}

Grid grid_of(const ToldPart& part) {
  Grid grid;
  if (part.header.empty()) {
    grid.right = {false, false, false};
    for (const auto& value : part.values) grid.rows.push_back({{value.name, value.text, value.why}, false});
    return grid;
  }
  grid.header = part.header;
  for (std::size_t c = 0; c < part.header.size(); ++c)
    grid.right.push_back(
        std::all_of(part.rows.begin(), part.rows.end(), [&](const auto& row) { return is_number(row[c].text); }));
  if (part.answer_row) {
    grid.header.insert(grid.header.begin(), "");
    grid.right.insert(grid.right.begin(), false);
  }
  for (std::size_t r = 0; r < part.rows.size(); ++r) {
    GridRow row;
    if (part.answer_row) row.cells.emplace_back(r == *part.answer_row ? "the answer" : "");
    for (const auto& cell : part.rows[r]) row.cells.push_back(cell.text);
    grid.rows.push_back(std::move(row));
  }
  return grid;
}

void print_text(const Told& told, const ReportOptions& options, std::ostream& out) {
  const Style style(options.colour);
  for (const auto& sentence : told.sentences) print_wrapped(sentence, options.width, "", out);
  for (const auto& part : told.parts) {
    Grid grid = grid_of(part);
    if (grid.rows.empty() && part.notes.empty()) continue;
    out << "\n" << style.heading(part.title) << "\n";
    const std::size_t room = options.width > 2 ? options.width - 2 : 0;
    if (part.header.empty()) {
      fit_columns(grid, room);
      print_grid(grid, style, "  ", out);
    } else {
      const std::size_t left_out = leave_out_columns(grid, room);
      if (!grid.rows.empty()) print_grid(grid, style, "  ", out);
      if (left_out > 0)
        out << "  " << left_out << (left_out == 1 ? " more column" : " more columns") << ": a wider screen, or --output json\n";
    }
    for (const auto& note : part.notes) print_wrapped("  " + note, options.width, "    ", out);
  }
  if (!told.notes.empty()) out << "\n";
  for (const auto& note : told.notes) print_wrapped(note, options.width, "  ", out);
}

void print_markdown_page(const Question& question, const Told& told, std::ostream& out) {
  out << "# " << markdown_text(question.asks()) << "\n\n";
  for (const auto& sentence : told.sentences) out << markdown_text(sentence) << "\n\n";
  for (const auto& part : told.parts) {
    Grid grid = grid_of(part);
    if (grid.rows.empty() && part.notes.empty()) continue;
    out << "## " << markdown_text(part.title) << "\n\n";
    if (grid.header.empty()) grid.header = {"what", "value", ""};
    if (!grid.rows.empty()) print_markdown(grid, out);
    if (!part.notes.empty()) out << "\n";
    for (const auto& note : part.notes) out << "- " << markdown_text(note) << "\n";
    out << "\n";
  }
  for (const auto& note : told.notes) out << markdown_text(note) << "\n";
}

Json part_json(const ToldPart& part, bool texts) {
  Json json{{"title", part.title}};
  if (part.header.empty()) {
    Json values = Json::array();
    for (const auto& value : part.values) {
      Json one{{"name", value.name}, {"text", value.text}};
      if (!value.why.empty()) one["why"] = value.why;
      values.push_back(std::move(one));
    }
    json["values"] = std::move(values);
  } else {
    Json rows = Json::array();
    for (const auto& row : part.rows) {
      Json one = Json::object();
      for (std::size_t c = 0; c < row.size(); ++c) one[part.header[c]] = Json::parse(row[c].json);
      rows.push_back(std::move(one));
    }
    json["rows"] = std::move(rows);
    if (part.answer_row) json["answer_row"] = *part.answer_row;
    if (texts) {
      json["header"] = part.header;
      for (const auto& row : part.rows) {
        Json cells = Json::array();
        for (const auto& cell : row) cells.push_back(cell.text);
        json["texts"].push_back(std::move(cells));
      }
    }
  }
  if (!part.notes.empty()) json["notes"] = part.notes;
  return json;
}

/// What every stage of the plan answers, in SI units.
Json stages_json(const Told& told) {
  Json stages = Json::object();
  for (const AnsweredStage& stage : answered_stages(*told.pipeline, *told.answer, false)) {
    Json outputs = Json::object();
    for (const ShownValue& value : stage.outputs) outputs[value.name] = value_json(value);
    stages[std::string(stage.name)] = {{"outputs", std::move(outputs)}};
  }
  return stages;
}

void print_json(const Question& question, const Told& told, const ReportOptions& options, std::ostream& out) {
  Json json{{"question", question.name()}, {"status", std::string(status_name(told.status))}, {"answer", told.sentences}};
  json["values"] = Json::parse(told.values);
  Json parts = Json::array();
  for (const auto& part : told.parts) parts.push_back(part_json(part, options.texts));
  json["parts"] = std::move(parts);
  json["notes"] = told.notes;
  if (told.plan) {
    json["plan"] = Json::parse(told.plan_text);
    if (Json includes = Json::parse(told.plan->bundle())["includes"]; !includes.empty()) json["includes"] = std::move(includes);
    json["stages"] = stages_json(told);
    json["facts"] = facts_used(*told.pipeline, options.kept ? Tables::whole : Tables::sums);
  }
  json["provenance"] = provenance(*told.pipeline, options);
  out << dump(json, 2) << "\n";
}

}  // namespace

void report_questions(std::span<const Question> questions, const ReportOptions& options, std::ostream& out) {
  PageTable table{"questions", {{"question"}, {"what it answers"}}, {}};
  for (const Question& question : questions) table.rows.push_back({question.name(), question.asks()});
  print_list(table, options, out);
}

void report_told(const Question& question, const Told& told, const ReportOptions& options, std::ostream& out) {
  switch (options.format) {
    case OutputFormat::text:
      print_text(told, options, out);
      break;
    case OutputFormat::markdown:
      print_markdown_page(question, told, out);
      break;
    case OutputFormat::json:
      return print_json(question, told, options, out);
    default:
      throw InputError("--output", "an answer in words is text, markdown or json");
  }
  if (options.kept) out << '\n' << stamp_text(*told.pipeline, options) << '\n';
}

}  // namespace ironlaw::host
