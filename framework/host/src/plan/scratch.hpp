#pragma once
#include "plan/plan.hpp"

namespace ironlaw::host {

/// Rows that a stage evaluates: all, or the first of each run of equal rows. `starts[i]` is the block's row of evaluated row i.
struct Runs {
  std::vector<std::uint32_t> starts;
  std::size_t count = 0;
  std::size_t rows = 0;
  bool compact = false;
  [[nodiscard]] std::size_t begin(std::size_t i) const { return compact ? starts[i] : i; }
  [[nodiscard]] std::size_t end(std::size_t i) const { return compact ? (i + 1 < count ? starts[i + 1] : rows) : i + 1; }
};

/// What one worker needs to run a block; made once and reused.
struct Plan::Scratch {
  struct Stage {
    std::vector<std::vector<Cell>> buffers;  ///< by output; empty where nobody reads it
    std::vector<Column> out;
    std::vector<RowStatus> status;
    bool clean = true;  ///< every row has outputs
  };
  std::vector<Stage> stages;
  std::vector<Column> in;
  std::vector<Cell*> out;
  std::vector<std::vector<Cell>> compacted;
  std::vector<std::uint8_t> changed = std::vector<std::uint8_t>(block_rows);
  Runs runs{std::vector<std::uint32_t>(block_rows), 0, 0, false};
  ObjectArena arena;
  RowContext context;
  /// Rows of the tables of one subset of the axes.
  struct Located {
    std::vector<std::uint32_t> rows;
    bool one = false;  ///< the same for the whole block
  };
  std::vector<Located> located;  ///< by subset of the context's tables
};

}  // namespace ironlaw::host
