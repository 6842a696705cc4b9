#pragma once
// Lists and pages about what there is, as one model that every format prints.
#include "text/json.hpp"

#include <iosfwd>
#include <ironlaw/present/report.hpp>
#include <string>
#include <vector>

namespace ironlaw::host {

/// A fact as people read it and as programs do. CSV takes the text of a list or an object.
struct PageCell {
  std::string text;
  Json data;
  PageCell(std::string both) : text(std::move(both)), data(text) {}
  PageCell(std::string_view both) : PageCell(std::string(both)) {}
  PageCell(const char* both) : PageCell(std::string(both)) {}
  PageCell(std::string shown, Json value) : text(std::move(shown)), data(std::move(value)) {}
};

struct PageColumn {
  enum class For { all, people, programs };
  std::string name;
  For readers = For::all;
};

/// How a table of a page looks in JSON: an object by the first column, which is then unique; a list; or not at all, where it is
/// a legend of what JSON spells out.
enum class InJson { by_name, list, no };

/// A named table.
struct PageTable {
  std::string name;
  std::vector<PageColumn> columns;
  std::vector<std::vector<PageCell>> rows;
  InJson in_json = InJson::by_name;
  bool narrows = false;  ///< a page that is too narrow may leave out its last columns
};

/// What there is to say of one thing.
struct Page {
  std::string title;
  std::vector<std::pair<std::string, PageCell>> facts;
  std::vector<PageTable> tables;
};

/// The rows as programs read them.
[[nodiscard]] Json list_json(const PageTable& table);

/// A table of another page, under a heading: for people.
void print_section(const PageTable& table, const ReportOptions& options, std::ostream& out);

/// A table alone: in JSON a list under its name.
void print_list(const PageTable& table, const ReportOptions& options, std::ostream& out);

/// A page: in JSON the facts and tables at the top; in CSV one table with the columns of all, led by "section".
void print_page(const Page& page, const ReportOptions& options, std::ostream& out);

}  // namespace ironlaw::host
