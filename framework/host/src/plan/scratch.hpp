#pragma once
#include "plan/plan.hpp"
#include "plan/row_runs.hpp"
#include "value/kept_values.hpp"

namespace ironlaw::host {

/// What the stages keep for a caller of many blocks.
struct Plan::Memory final : SolverMemory {
  explicit Memory(std::size_t count) : stages(count) {}
  std::vector<BlockMemory> stages;
};

/// What one worker needs to run a block; made once and reused.
struct Plan::Scratch {
  struct Stage {
    std::vector<std::vector<Cell>> buffers;  ///< by output; empty where nobody reads it
    std::vector<Column> out;
    std::vector<RowStatus> status;
    SeriesArenas series;  ///< of its buffers
    bool clean = true;    ///< every row has outputs
  };
  std::vector<Stage> stages;
  std::vector<Column> in;
  std::vector<Cell*> out;
  std::vector<Cell*> own;  ///< of `out`, those that are buffers of the stage
  std::vector<std::vector<Cell>> compacted;
  std::vector<std::uint8_t> changed = std::vector<std::uint8_t>(block_rows);
  Runs runs{std::vector<std::uint32_t>(block_rows), 0, 0, false};
  ObjectArena arena;
  RowContext context;
  Memory* memory = nullptr;  ///< of the caller, while his block is evaluated
  /// Rows of the tables of one subset of the axes.
  struct Located {
    std::vector<std::uint32_t> rows;
    bool one = false;  ///< the same for the whole block
  };
  std::vector<Located> located;  ///< by subset of the context's tables
};

}  // namespace ironlaw::host
