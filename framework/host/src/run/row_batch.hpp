#pragma once
// Rows apart from the block in which they were evaluated: kept, recorded, or sent.
#include "value/kept_values.hpp"

#include <ironlaw/host/run.hpp>

#include <cstring>

namespace ironlaw::host {

/// Rows of whole blocks as an evaluator left them, wherever it ran.
struct EvaluatedBlock {
  ResultRows rows;
  std::span<const std::uint16_t> rejected;     ///< by row, the constraint that took it out, from 1; empty: none was taken out
  std::span<const std::vector<double>> goals;  ///< by goal of best, front and sort
  std::string_view stop;                       ///< why the run is to end after these rows, or empty
  std::span<const WallTally> walls{};          ///< of the rows, where the report asks for them
  /// All rows at once.
  [[nodiscard]] bool rejects_none() const {
    return rejected.empty() || (rejected.front() == 0 && std::memcmp(rejected.data(), rejected.data() + 1,
                                                                     rejected.size_bytes() - sizeof rejected[0]) == 0);
  }
  [[nodiscard]] bool is_rejected(std::size_t row) const { return !rejected.empty() && rejected[row] != 0; }
};

/// A row apart from all others.
struct KeptRow {
  std::uint64_t number = 0;
  RowStatus status = RowStatus::ok;
  std::vector<double> goals;  ///< as the expressions gave them
  std::vector<Cell> cells;    ///< by column that is not an input: inputs follow from the number
  std::string error;
  std::vector<std::vector<double>> series{};  ///< by column that is a series, whose cell is 1 where one is there
};

/// Whether the cells of a column point to series that live no longer than the block which they come from.
[[nodiscard]] inline bool is_series_of_block(const ResultColumn& column) {
  return column.port.type == PortType::series && column.from == ResultColumn::From::output;
}

/// The inputs of any row, which follow from its number.
class RowInputs {
 public:
  explicit RowInputs(const Pipeline& pipeline);
  /// The cell of a column that is an input.
  [[nodiscard]] Cell cell(std::size_t column, std::uint64_t number) const;

 private:
  struct Source {
    const std::vector<Cell>* values = nullptr;  ///< of its axis; null: the same in every row
    std::uint64_t inner = 1;                    ///< rows for which the axis keeps a value
    Cell base{};
  };
  std::vector<Source> sources_;  ///< by column
};

/// Rows that can become bytes and come back in another process. Columns that are inputs are not among the bytes: they follow from
/// the number of the row.
class IRONLAW_API RowBatch {
 public:
  explicit RowBatch(const Pipeline& pipeline);

  void add(const ResultRows& rows, std::size_t row);
  void add(const KeptRow& row);
  void clear();
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

  /// Valid until the batch changes.
  [[nodiscard]] EvaluatedBlock view(std::size_t first, std::size_t count);
  [[nodiscard]] EvaluatedBlock view() { return view(0, size()); }
  /// Rows from `first` on that were evaluated in one block.
  [[nodiscard]] std::size_t same_block(std::size_t first) const;

  void write(std::string& bytes) const;
  /// Takes the place of what is there, and its bytes off the front. Throws InputError where the bytes are no batch.
  void read(std::string_view& bytes);

 private:
  /// What is known of a column's cells.
  enum class Kind : std::uint8_t { input, series, other };
  void add_cell(std::size_t column, const Cell& cell);
  const Pipeline& pipeline_;
  RowInputs inputs_;
  std::vector<Kind> kinds_;  ///< by column
  std::vector<std::uint64_t> numbers_;
  std::vector<RowStatus> status_;
  std::vector<std::vector<Cell>> cells_;  ///< by column
  KeptValues kept_;                       ///< what those of series point to
  std::vector<std::vector<double>> goals_;
  std::map<std::uint64_t, std::string> errors_;
  std::vector<Column> view_columns_;
  std::vector<std::vector<double>> view_goals_;
};

}  // namespace ironlaw::host
