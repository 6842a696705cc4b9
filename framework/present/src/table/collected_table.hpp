#pragma once
#include "layout/layout.hpp"
#include "table/table.hpp"

namespace ironlaw::host {

/// A table for people, kept until its end: each column has one readable unit, chosen by the middle of its values.
class CollectedTable : public TableWriter {
 public:
  explicit CollectedTable(const TableSource& source);
  void rows(const ResultRows& rows) final;

 protected:
  /// All rows as text. A column "status" follows where some row is not ok, and it and the first always stay; of the others, those
  /// are left out from the right that do not fit a page of `width` (0: all fit). `left_out` counts them.
  [[nodiscard]] Grid grid(std::size_t width, std::size_t& left_out) const;
  [[nodiscard]] bool all_ok() const { return reasons_.empty(); }
  /// By row; of each that is not ok.
  [[nodiscard]] const std::map<std::size_t, std::string>& reasons() const { return reasons_; }
  [[nodiscard]] RowStatus status(std::size_t row) const { return status_[row]; }
  [[nodiscard]] const TableSource& source() const { return source_; }

 private:
  [[nodiscard]] std::string unit_of(std::size_t column) const;
  [[nodiscard]] std::string text_of(std::size_t column, const Cell& cell, const std::string& unit) const;
  void append_column(std::size_t column, Grid& grid) const;
  void append_status(Grid& grid) const;
  TableSource source_;
  RowReasons row_reasons_;
  KeptValues kept_;
  std::vector<std::vector<Cell>> cells_;  ///< by column
  std::vector<RowStatus> status_;
  std::map<std::size_t, std::string> reasons_;
};

}  // namespace ironlaw::host
