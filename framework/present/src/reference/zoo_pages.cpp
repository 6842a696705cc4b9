// Lists and pages of the zoo's entries.
#include "reference/page.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/record_table.hpp>

#include <algorithm>
#include <ostream>

namespace ironlaw::host {
namespace {

PageCell year_cell(int year) { return year == 0 ? PageCell("", Json()) : PageCell(std::to_string(year), Json(year)); }

std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

/// Sources in the order of their first mention, numbered from 1.
class SourceList {
 public:
  PageCell cite(const SourceReference* source) {
    if (source == nullptr || source->title.empty()) return {"", Json()};
    const auto known = std::find_if(sources_.begin(), sources_.end(), [&](const SourceReference* s) {
      return s->title == source->title && s->publisher == source->publisher && s->date == source->date && s->url == source->url;
    });
    const auto number = static_cast<std::size_t>(known - sources_.begin()) + 1;
    if (known == sources_.end()) sources_.push_back(source);
    return {"[" + std::to_string(number) + "]",
            Json{{"title", source->title}, {"publisher", source->publisher}, {"date", source->date}, {"url", source->url}}};
  }
  [[nodiscard]] PageTable table() const {
    PageTable table{"sources", {{"number"}, {"title"}, {"publisher"}, {"date"}, {"url"}}, {}, InJson::no};
    for (std::size_t i = 0; i < sources_.size(); ++i)
      table.rows.push_back(
          {"[" + std::to_string(i + 1) + "]", sources_[i]->title, sources_[i]->publisher, sources_[i]->date, sources_[i]->url});
    return table;
  }

 private:
  std::vector<const SourceReference*> sources_;
};

/// The field's own source, else the entry's; a value that is the kind's default has none.
const SourceReference* source_of(const ZooEntryInfo& entry, const PortInfo& field, const Cell& cell) {
  if (const auto own = entry.sources.find(std::string(field.name)); own != entry.sources.end()) return &own->second;
  if (field.type != PortType::object && !field.required && cell.number == field.fallback) return nullptr;
  const auto common = entry.sources.find("");
  return common == entry.sources.end() ? nullptr : &common->second;
}

PageTable field_table(const ZooEntryInfo& entry, const ZooObject& object, const Zoo& zoo, SourceList& sources) {
  PageTable table{"fields", {{"name"}, {"value"}, {"unit", PageColumn::For::programs}, {"source"}}, {}};
  const auto fields = object.kind->fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const ShownValue value{std::string(fields[i].name), &fields[i], object.fields[i],
                           object_name(zoo, fields[i], object.fields[i])};
    if (is_absent(value) || takes_table(fields[i])) continue;
    table.rows.push_back({value.name,
                          {value_text(value), scalar_json(value)},
                          si_unit(fields[i].dimension),
                          sources.cite(source_of(entry, fields[i], value.cell))});
  }
  return table;
}

/// The rows of a field that is a table; columns that no row fills are left out.
PageTable rows_of(const PortInfo& field, const RecordTable& records) {
  PageTable page{std::string(field.name), {}, std::vector<std::vector<PageCell>>(records.rows), InJson::list};
  for (std::size_t c = 0; c < records.columns.size(); ++c) {
    const TableColumn& column = records.columns[c];
    const bool texts = column.numbers.empty();
    const std::string_view display = c < field.columns.size() ? field.columns[c].display : std::string_view();
    const bool filled = texts ? std::any_of(column.texts.begin(), column.texts.end(), [](auto t) { return !t.empty(); })
                              : std::any_of(column.numbers.begin(), column.numbers.end(), [](double v) { return v == v; });
    if (!filled) continue;
    page.columns.push_back({std::string(column.name)});
    for (std::size_t row = 0; row < records.rows; ++row) {
      if (texts) {
        page.rows[row].emplace_back(std::string(column.texts[row]));
      } else if (const double v = column.numbers[row]; v == v) {
        page.rows[row].emplace_back(format_quantity(v, column.dimension, display), Json(v));
      } else {
        page.rows[row].emplace_back("", Json());
      }
    }
  }
  return page;
}

}  // namespace

void report_zoo_list(std::span<const ZooEntryInfo> entries, const ReportOptions& options, std::ostream& out) {
  constexpr auto programs = PageColumn::For::programs;
  PageTable table{
      "entries", {{"key"}, {"label"}, {"kind"}, {"vendor"}, {"category"}, {"year"}, {"note", programs}, {"file", programs}}, {}};
  table.narrows = true;
  for (const ZooEntryInfo& e : entries)
    table.rows.push_back({e.key, e.label, e.kind, e.vendor, e.category, year_cell(e.year), e.note, shown_path(e.file)});
  print_list(table, options, out);
}

void report_zoo_entry(const ZooEntryInfo& entry, const ZooObject& object, const Zoo& zoo, const ReportOptions& options,
                      std::ostream& out) {
  Page page{entry.label.empty() ? entry.key : entry.label,
            {{"key", entry.key},
             {"kind", entry.kind},
             {"label", entry.label},
             {"vendor", entry.vendor},
             {"category", entry.category},
             {"year", year_cell(entry.year)},
             {"aliases", listed(entry.aliases)},
             {"note", entry.note},
             {"file", shown_path(entry.file)}},
            {}};
  SourceList sources;
  page.tables.push_back(field_table(entry, object, zoo, sources));
  const auto fields = object.kind->fields();
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (takes_table(fields[i]) && object.fields[i].object != nullptr)
      page.tables.push_back(rows_of(fields[i], *static_cast<const RecordTable*>(object.fields[i].object)));
  page.tables.push_back(sources.table());
  print_page(page, options, out);
}

}  // namespace ironlaw::host
