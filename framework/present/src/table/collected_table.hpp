#pragma once
#include "layout/layout.hpp"
#include "table/table.hpp"
#include "units/numbers_in_unit.hpp"

#include <optional>
#include <unordered_map>

namespace ironlaw::host {

/// A table for people: each column has one readable unit and one width, chosen by its first rows; what comes behind them is
/// written as it comes, in memory that does not grow.
class CollectedTable : public TableWriter {
 public:
  static constexpr std::size_t first_rows = 1024;

  explicit CollectedTable(const TableSource& source);
  void rows(const ResultRows& rows) final;

 protected:
  /// The header and the first rows; all of them where `whole`.
  virtual void begin(const Grid& grid, bool whole) = 0;
  /// A row behind those, with cells for the same columns; more of them follow until flush().
  virtual void more(const GridRow& row) = 0;
  virtual void flush() {}
  /// Whether a column says why a row is not ok, where some may be.
  [[nodiscard]] virtual bool has_reasons() const { return false; }

  /// There are no more rows.
  void end();
  [[nodiscard]] const TableSource& source() const { return source_; }

  /// How many rows share a status and a reason.
  struct ReasonCount {
    std::string text;
    std::size_t rows = 0;
  };
  /// In the order of their first rows; what comes behind many is not kept.
  [[nodiscard]] const std::vector<ReasonCount>& reasons() const { return reasons_; }
  /// Of rows whose reason is not among them.
  [[nodiscard]] std::size_t other_rows() const { return other_rows_; }

 private:
  /// A column that is shown.
  struct Shown {
    std::size_t column;
    std::string unit;
    std::optional<NumbersInUnit> numbers;  ///< of a number
    std::optional<Cell> written;           ///< of the row before: outer axes repeat
  };
  void lay_out(bool whole);
  void count_reason(RowStatus status, const std::string& reason);
  [[nodiscard]] std::string unit_of(std::size_t column) const;
  [[nodiscard]] Shown shown_column(std::size_t column) const;
  void write_cell(const Shown& shown, const Cell& cell, std::string& text) const;
  void write_row(RowStatus status, std::string_view reason, std::size_t cells, GridRow& row) const;

  TableSource source_;
  RowReasons row_reasons_;
  KeptValues kept_;                       ///< what the cells of series among them point to
  std::vector<std::vector<Cell>> cells_;  ///< of the first rows, by column, until the table is laid out
  std::vector<RowStatus> status_;
  std::vector<std::string> row_reason_;
  std::vector<ReasonCount> reasons_;
  std::unordered_map<std::string, std::size_t> reason_index_;
  std::size_t other_rows_ = 0;
  bool laid_out_ = false;
  bool has_status_ = false;
  std::vector<Shown> shown_;
  GridRow row_;  ///< one for all that come behind the first, whose texts keep their memory
};

}  // namespace ironlaw::host
