// Tables for programs: written block by block, in memory that does not grow.
#include "answer/facts_used.hpp"
#include "answer/provenance.hpp"
#include "answer/walls.hpp"
#include "layout/escapes.hpp"
#include "layout/layout.hpp"
#include "plan/environment.hpp"
#include "table/table.hpp"
#include "units/decimal.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/series.hpp>

#include <cmath>
#include <ostream>

namespace ironlaw::host {
namespace {

/// Of a series, in JSON and in CSV.
void append_list(const SeriesCell& series, std::string& text) {
  text += '[';
  for (std::uint32_t i = 0; i < series.size; ++i) {
    if (i > 0) text += ',';
    append_exact(text, series.data[i]);
  }
  text += ']';
}

/// Gathers the text of a block before it is written.
class StreamTable : public TableWriter {
 public:
  explicit StreamTable(const TableSource& source) : source_(source), reasons_(source.pipeline, source.columns) {
    for (const ResultColumn& column : source.columns) forms_.push_back(values_of(column.port.type).form());
  }

  void rows(const ResultRows& rows) final {
    text_.clear();
    for (std::size_t r = 0; r < rows.status.size(); ++r) append_row(rows, r);
    source_.out.write(text_.data(), static_cast<std::streamsize>(text_.size()));
  }

 protected:
  [[nodiscard]] const std::vector<ResultColumn>& columns() const { return source_.columns; }
  virtual void append_row(const ResultRows& rows, std::size_t row) = 0;

  /// A cell as JSON.
  void append_json(const ResultRows& rows, std::size_t column, std::size_t row) {
    const Cell& cell = rows.columns[column][row];
    if (forms_[column] == ValueForm::number && std::isfinite(cell.number)) {
      append_exact(text_, cell.number);
    } else if (forms_[column] == ValueForm::list && !absent_cell(cell)) {
      append_list(*series_of(cell), text_);
    } else {
      text_ += dump(scalar_json(value(column, cell)));
    }
  }
  [[nodiscard]] ShownValue value(std::size_t column, const Cell& cell) const { return source_.shown(column, cell); }

  TableSource source_;
  RowReasons reasons_;
  std::vector<ValueForm> forms_;  ///< by column
  std::string text_;
};

class CsvTable final : public StreamTable {
 public:
  explicit CsvTable(const TableSource& source) : StreamTable(source) {
    if (source.options.earlier) return;
    std::string line;
    for (const ResultColumn& column : columns()) {
      const std::string unit = si_unit(column.port.dimension);
      line += csv_field(unit.empty() ? column.name : column.name + " [" + unit + "]") + ",";
    }
    source.out << line << "status,reason\n";
  }
  void finish(const RunSummary&) override {}

 private:
  void append_row(const ResultRows& rows, std::size_t row) override {
    for (std::size_t c = 0; c < columns().size(); ++c) {
      append_cell(c, rows.columns[c][row]);
      text_ += ',';
    }
    text_ += status_name(rows.status[row]);
    text_ += ',';
    if (const std::string reason = reasons_.of(rows, row); !reason.empty()) text_ += csv_field(reason);
    text_ += '\n';
  }
  void append_cell(std::size_t column, const Cell& cell) {
    if (forms_[column] == ValueForm::number) {
      if (std::isfinite(cell.number)) append_exact(text_, cell.number);
      return;
    }
    if (forms_[column] == ValueForm::list) {
      std::string list;
      if (!absent_cell(cell)) append_list(*series_of(cell), list);
      text_ += csv_field(list);
      return;
    }
    const Json scalar = scalar_json(value(column, cell));
    if (!scalar.is_null()) text_ += csv_field(scalar.is_string() ? scalar.get<std::string>() : dump(scalar));
  }
};

class JsonLinesTable final : public StreamTable {
 public:
  explicit JsonLinesTable(const TableSource& source) : StreamTable(source) {
    for (const ResultColumn& column : columns()) keys_.push_back(dump(column.name) + ":");
  }
  void finish(const RunSummary&) override {}

 private:
  void append_row(const ResultRows& rows, std::size_t row) override {
    text_ += '{';
    for (std::size_t c = 0; c < keys_.size(); ++c) {
      text_ += keys_[c];
      append_json(rows, c, row);
      text_ += ',';
    }
    text_.append("\"status\":\"").append(status_name(rows.status[row])).append("\"");
    if (const std::string reason = reasons_.of(rows, row); !reason.empty()) text_ += ",\"reason\":" + dump(reason);
    text_ += "}\n";
  }
  std::vector<std::string> keys_;
};

/// Without the seconds: the same run prints the same bytes.
Json summary_json(const RunSummary& summary) {
  Json json{{"rows", summary.rows},       {"ok", summary.ok},         {"infeasible", summary.infeasible},
            {"refused", summary.refused}, {"failed", summary.failed}, {"skipped", summary.skipped}};
  if (!summary.rejected.empty()) json["rejected"] = Json::array();
  for (const auto& [constraint, rows] : summary.rejected)
    json["rejected"].push_back({{"constraint", constraint}, {"rows", rows}});
  if (!summary.stopped.empty()) json["stopped"] = summary.stopped;
  if (!summary.notes.empty()) json["notes"] = summary.notes;
  return json;
}

class JsonTable final : public StreamTable {
 public:
  explicit JsonTable(const TableSource& source) : StreamTable(source) {
    Json described = Json::array();
    for (const ResultColumn& column : columns())
      described.push_back({{"name", column.name}, {"unit", si_unit(column.port.dimension)}});
    for (const char* name : {"status", "reason"}) described.push_back({{"name", name}, {"unit", ""}});
    source.out << "{\"columns\":" << dump(described) << ",\n\"rows\":[";
  }
  void finish(const RunSummary& summary) override {
    source_.out << "\n],\n\"summary\":" << dump(summary_json(summary));
    if (!summary.walls.empty()) source_.out << ",\n\"walls\":" << dump(list_json(tally_table(summary.walls)));
    if (!source_.options.question.empty()) {
      const Json facts = facts_used(source_.pipeline, source_.options.kept ? Tables::whole : Tables::sums);
      source_.out << ",\n\"question\":" << source_.options.question << ",\n\"facts\":" << dump(facts);
    }
    source_.out << ",\n\"provenance\":" << dump(provenance(source_.pipeline, source_.options)) << "}\n";
  }

 private:
  void append_row(const ResultRows& rows, std::size_t row) override {
    text_ += first_ ? "\n[" : ",\n[";
    first_ = false;
    for (std::size_t c = 0; c < columns().size(); ++c) {
      append_json(rows, c, row);
      text_ += ',';
    }
    text_.append("\"").append(status_name(rows.status[row])).append("\",").append(dump(reasons_.of(rows, row))).append("]");
  }
  bool first_ = true;
};

}  // namespace

TableWriter::~TableWriter() = default;

ShownValue TableSource::shown(std::size_t column, const Cell& cell) const {
  const ResultColumn& shown = columns[column];
  return {shown.name, &shown.port, cell, object_name(pipeline.environment().zoo(), shown.port, cell)};
}

std::unique_ptr<TableWriter> csv_table(const TableSource& source) { return std::make_unique<CsvTable>(source); }
std::unique_ptr<TableWriter> jsonl_table(const TableSource& source) { return std::make_unique<JsonLinesTable>(source); }
std::unique_ptr<TableWriter> json_table(const TableSource& source) { return std::make_unique<JsonTable>(source); }

}  // namespace ironlaw::host
