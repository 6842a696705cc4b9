#include "reference/page.hpp"

#include "layout/escapes.hpp"
#include "layout/layout.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <ostream>

namespace ironlaw::host {
namespace {

Json row_json(const PageTable& table, const std::vector<PageCell>& row, std::size_t first) {
  Json object = Json::object();
  for (std::size_t c = first; c < row.size(); ++c)
    if (table.columns[c].readers != PageColumn::For::people) object[table.columns[c].name] = row[c].data;
  return object;
}

Json page_json(const Page& page) {
  Json json = Json::object();
  for (const auto& [name, cell] : page.facts) json[name] = cell.data;
  for (const PageTable& table : page.tables) {
    if (table.in_json == InJson::list) json[table.name] = list_json(table);
    if (table.in_json != InJson::by_name) continue;
    Json& rows = json[table.name] = Json::object();
    for (const auto& row : table.rows) rows[row.front().text] = row_json(table, row, 1);
  }
  return json;
}

Grid grid_of(const PageTable& table) {
  Grid grid;
  const auto shown = [&](std::size_t c) { return table.columns[c].readers != PageColumn::For::programs; };
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (shown(c)) grid.header.push_back(table.columns[c].name);
  for (const auto& row : table.rows) {
    GridRow& cells = grid.rows.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c)
      if (shown(c)) cells.cells.push_back(row[c].text);
  }
  return grid;
}

Grid facts_grid(const Page& page) {
  Grid grid;
  for (const auto& [name, cell] : page.facts)
    if (!cell.text.empty()) grid.rows.push_back({{name, cell.text}, false});
  return grid;
}

std::string csv_cell(const PageCell& cell) {
  if (cell.data.is_null()) return {};
  if (cell.data.is_string()) return csv_field(cell.data.get<std::string>());
  return csv_field(cell.data.is_structured() ? cell.text : dump(cell.data));
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const auto& field : fields) line += (&field == fields.data() ? "" : ",") + field;
  return line + '\n';
}

void print_list_csv(const PageTable& table, std::ostream& out) {
  const auto meant = [&](std::size_t c) { return table.columns[c].readers != PageColumn::For::people; };
  std::vector<std::string> header;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (meant(c)) header.push_back(csv_field(table.columns[c].name));
  out << csv_line(header);
  for (const auto& row : table.rows) {
    std::vector<std::string> fields;
    for (std::size_t c = 0; c < row.size(); ++c)
      if (meant(c)) fields.push_back(csv_cell(row[c]));
    out << csv_line(fields);
  }
}

/// The page as one list: facts have a name and a value, the tables share the columns that have the same name.
PageTable flattened(const Page& page) {
  PageTable all{"", {{"section"}, {"name"}, {"value"}}, {}};
  const auto index_of = [&](const std::string& name) {
    const auto at = std::find_if(all.columns.begin(), all.columns.end(), [&](const PageColumn& c) { return c.name == name; });
    return static_cast<std::size_t>(at - all.columns.begin());
  };
  for (const auto& [name, cell] : page.facts) all.rows.push_back({"about", name, cell});
  for (const PageTable& table : page.tables)
    for (std::size_t c = 1; c < table.columns.size(); ++c)
      if (index_of(table.columns[c].name) == all.columns.size()) all.columns.push_back(table.columns[c]);
  for (const PageTable& table : page.tables) {
    for (const auto& row : table.rows) {
      auto& cells = all.rows.emplace_back(all.columns.size(), PageCell("", Json()));
      cells[0] = table.name;
      cells[1] = row.front();
      for (std::size_t c = 1; c < row.size(); ++c) cells[index_of(table.columns[c].name)] = row[c];
    }
  }
  for (auto& row : all.rows) row.resize(all.columns.size(), PageCell("", Json()));
  return all;
}

void print_fitting(Grid grid, const ReportOptions& options, std::string_view indent, std::ostream& out) {
  fit_columns(grid, options.width > indent.size() ? options.width - indent.size() : 0);
  print_grid(grid, Style(options.colour), indent, out);
}

void print_page_text(const Page& page, const ReportOptions& options, std::ostream& out) {
  const Style style(options.colour);
  out << style.heading(page.title) << '\n';
  print_fitting(facts_grid(page), options, "  ", out);
  for (const PageTable& table : page.tables) {
    if (table.rows.empty()) continue;
    out << '\n' << style.heading(table.name) << '\n';
    print_fitting(grid_of(table), options, "  ", out);
  }
}

void print_page_markdown(const Page& page, std::ostream& out) {
  out << "### " << markdown_text(page.title) << "\n\n";
  Grid facts = facts_grid(page);
  facts.header = {"fact", "value"};
  print_markdown(facts, out);
  for (const PageTable& table : page.tables) {
    if (table.rows.empty()) continue;
    out << "\n#### " << markdown_text(table.name) << "\n\n";
    print_markdown(grid_of(table), out);
  }
}

void print_list_text(const PageTable& table, const ReportOptions& options, std::ostream& out) {
  Grid grid = grid_of(table);
  const std::size_t left_out = table.narrows ? leave_out_columns(grid, options.width) : 0;
  print_fitting(std::move(grid), options, "", out);
  if (left_out > 0) out << more_columns(left_out);
}

[[noreturn]] void refuse_rows_only(const ReportOptions& options) {
  throw InputError("--output " + std::string(info_of(options.format).name), "holds the rows of an answer; a page has none");
}

}  // namespace

Json list_json(const PageTable& table) {
  Json list = Json::array();
  for (const auto& row : table.rows) list.push_back(row_json(table, row, 0));
  return list;
}

void print_section(const PageTable& table, const ReportOptions& options, std::ostream& out) {
  if (options.format == OutputFormat::markdown) {
    out << "\n### " << table.name << "\n\n";
    print_markdown(grid_of(table), out);
    return;
  }
  out << '\n' << Style(options.colour).heading(table.name) << '\n';
  print_fitting(grid_of(table), options, "  ", out);
}

void print_list(const PageTable& table, const ReportOptions& options, std::ostream& out) {
  switch (options.format) {
    case OutputFormat::text:
      print_list_text(table, options, out);
      break;
    case OutputFormat::markdown:
      print_markdown(grid_of(table), out);
      break;
    case OutputFormat::csv:
      print_list_csv(table, out);
      break;
    case OutputFormat::json:
      out << dump(Json{{table.name, list_json(table)}}, 2) << '\n';
      break;
    case OutputFormat::jsonl:
      for (const auto& row : table.rows) out << dump(row_json(table, row, 0)) << '\n';
      break;
    default:
      refuse_rows_only(options);
  }
}

void print_page(const Page& page, const ReportOptions& options, std::ostream& out) {
  switch (options.format) {
    case OutputFormat::text:
      print_page_text(page, options, out);
      break;
    case OutputFormat::markdown:
      print_page_markdown(page, out);
      break;
    case OutputFormat::csv:
      print_list_csv(flattened(page), out);
      break;
    case OutputFormat::json:
      out << dump(page_json(page), 2) << '\n';
      break;
    case OutputFormat::jsonl:
      out << dump(page_json(page)) << '\n';
      break;
    default:
      refuse_rows_only(options);
  }
}

}  // namespace ironlaw::host
