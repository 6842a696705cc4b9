#pragma once
// A table in each format.
#include "table/row_reasons.hpp"

#include <iosfwd>
#include <ironlaw/present/report.hpp>

namespace ironlaw::host {

/// Takes blocks of rows, then the end.
class TableWriter {
 public:
  TableWriter() = default;
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;
  virtual ~TableWriter();
  virtual void rows(const ResultRows& rows) = 0;
  virtual void finish(const RunSummary& summary) = 0;
};

/// What a writer needs to know of its table.
struct TableSource {
  const Pipeline& pipeline;
  std::vector<ResultColumn> columns;
  ReportOptions options;
  std::ostream& out;

  /// The value of a column in a row.
  [[nodiscard]] ShownValue shown(std::size_t column, const Cell& cell) const;
};

[[nodiscard]] std::unique_ptr<TableWriter> csv_table(const TableSource& source);
[[nodiscard]] std::unique_ptr<TableWriter> jsonl_table(const TableSource& source);
[[nodiscard]] std::unique_ptr<TableWriter> json_table(const TableSource& source);
[[nodiscard]] std::unique_ptr<TableWriter> text_table(const TableSource& source);
[[nodiscard]] std::unique_ptr<TableWriter> markdown_table(const TableSource& source);
[[nodiscard]] std::unique_ptr<TableWriter> arrow_table(const TableSource& source);
[[nodiscard]] std::unique_ptr<TableWriter> make_table(const TableSource& source);

}  // namespace ironlaw::host
