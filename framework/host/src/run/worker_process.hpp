#pragma once
#include "run/callbacks.hpp"
#include "run/row_batch.hpp"

#include <sys/types.h>

#include <atomic>
#include <deque>
#include <optional>

namespace ironlaw::host {

/// Memory that parent and workers share.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes);
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();
  [[nodiscard]] std::byte* data() const { return data_; }

 private:
  std::byte* data_;
  std::size_t bytes_;
};

/// The columns of one block, in shared memory.
class SharedBlock {
 public:
  SharedBlock(std::size_t columns, std::size_t goals);
  [[nodiscard]] Cell* column(std::size_t c) const;
  [[nodiscard]] double* goal(std::size_t g) const;
  [[nodiscard]] RowStatus* status() const;
  [[nodiscard]] std::uint16_t* rejected() const;

 private:
  std::size_t columns_;
  std::size_t goals_;
  SharedMemory memory_;
};

/// Rows of a block that a worker is to evaluate.
struct Piece {
  std::size_t block;     ///< among the shared blocks
  std::uint64_t first;   ///< row of the run
  std::uint32_t offset;  ///< of that row in the block
  std::uint32_t rows;
};

/// What a worker tells of a piece beside its columns.
struct PieceReport {
  std::map<std::uint64_t, std::string> errors;
  std::string stop;
  bool retires = false;  ///< the worker has grown and ends
};

/// One process that evaluates pieces.
class WorkerProcess {
 public:
  /// Forks.
  WorkerProcess(const Pipeline& pipeline, CallbackRun& callbacks, const std::deque<SharedBlock>& blocks);
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Kills it.
  ~WorkerProcess();

  void start(const Piece& piece);
  /// Of the piece that was started; nothing where the process ended instead.
  [[nodiscard]] std::optional<PieceReport> report();
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Ends it, if need be, and says how it ended: "crashed (Segmentation fault)".
  [[nodiscard]] std::string end();
  /// The stage that it was in, or empty.
  [[nodiscard]] std::string stage() const;

 private:
  const Pipeline& pipeline_;
  SharedMemory running_;  ///< number of the stage
  int descriptor_ = -1;
  pid_t process_ = -1;
};

}  // namespace ironlaw::host
