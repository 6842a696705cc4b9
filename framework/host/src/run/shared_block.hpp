#pragma once
#include "process/shared_memory.hpp"

#include <ironlaw/host/run.hpp>

#include <atomic>
#include <span>
#include <vector>

namespace ironlaw::host {

/// The columns of one block, in memory that workers write and the run reads. The cell of a series holds how many values it has,
/// and those stand apart: no pointer that a worker wrote is followed.
class SharedBlock {
 public:
  SharedBlock(std::span<const ResultColumn> columns, std::size_t goals);
  [[nodiscard]] Cell* column(std::size_t c) const;
  /// Values of a series, row by row; each row has room for the longest.
  [[nodiscard]] double* series(std::size_t c, std::size_t row) const;
  /// Writes rows of a column from `offset` on: of a series how long it is, and its values.
  void write(std::size_t c, const Column& from, std::size_t offset, std::size_t rows) const;
  [[nodiscard]] double* goal(std::size_t g) const;
  [[nodiscard]] RowStatus* status() const;
  [[nodiscard]] std::uint16_t* rejected() const;

 private:
  std::size_t columns_;
  std::size_t goals_;
  std::vector<std::size_t> longest_;  ///< by column; 0: no series
  SharedMemory memory_;
};

/// What a worker tells beside the columns: which stage runs, and the errors of its piece.
class SharedReport {
 public:
  static constexpr std::size_t most_bytes = std::size_t{4} << 20;

  SharedReport();
  [[nodiscard]] std::atomic<std::uint32_t>& stage() const;
  [[nodiscard]] char* text() const;

 private:
  SharedMemory memory_;
};

}  // namespace ironlaw::host
