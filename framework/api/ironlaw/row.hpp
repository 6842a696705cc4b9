#pragma once
// Rows and columns: how a block of configurations crosses the boundary.
#include <ironlaw/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace ironlaw {

/// What became of one row. Severity grows with the number up to `failed`.
enum class RowStatus : std::uint8_t {
  ok,
  infeasible,  ///< the outputs are valid, a hard limit is exceeded
  refused,     ///< bad input: a range, a rule, or a Refusal thrown; outputs absent
  failed,      ///< anything else was thrown, or a required output that is read is not finite; outputs absent
  skipped      ///< a stage upstream gave no value, or a guard vetoed
};

/// True where the row carries outputs.
constexpr bool has_outputs(RowStatus s) { return s <= RowStatus::infeasible; }

/// One value: numbers, counts, booleans and the ordinals of choices are doubles; objects are pointers to their interface.
union Cell {
  double number;
  const void* object;
};
static_assert(sizeof(Cell) == 8);

/// A column of a block; stride 0: the same value for every row.
struct Column {
  const Cell* data = nullptr;
  std::size_t stride = 0;
  [[nodiscard]] const Cell& operator[](std::size_t row) const { return data[row * stride]; }
};

/// Told of every row that is refused or fails. The views live only during the call.
class IRONLAW_API ErrorSink {
 public:
  virtual void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept = 0;

 protected:
  ErrorSink() = default;
  ErrorSink(const ErrorSink&) = default;
  ErrorSink& operator=(const ErrorSink&) = default;
  virtual ~ErrorSink();
};

/// What a solver keeps for the next block of a caller who has a memory.
class IRONLAW_API SolverMemory {
 public:
  virtual ~SolverMemory();

 protected:
  SolverMemory() = default;
  SolverMemory(const SolverMemory&) = default;
  SolverMemory& operator=(const SolverMemory&) = default;
};

/// A caller's memory of one solver, on one thread: what was checked, read and asked of columns that do not vary is good for the
/// next block too, while they hold the same cells. What cells point to lives, unchanged, as long as this does.
class IRONLAW_API BlockMemory {
 public:
  /// Whether the same columns do not vary as in the last block, and hold the same cells. If not, all is forgotten but they.
  [[nodiscard]] bool holds(std::span<const Column> in);
  /// The columns that vary.
  [[nodiscard]] std::span<const std::uint32_t> varying() const { return varying_; }
  void forget();

  std::unique_ptr<SolverMemory> of_solver;  ///< what the solver makes of it

 private:
  std::vector<std::uint64_t> cells_;   ///< bits of each column's cell
  std::vector<std::uint64_t> shared_;  ///< all bits where it does not vary, else none
  std::vector<std::uint32_t> varying_;
};

/// Rows to evaluate. `in` has a column an input port, `out` a column an output port (null: not wanted, and then it fails no row
/// unless a hard limit looks at it). Rows whose status is not
/// `ok` or `infeasible` on entry are left alone.
struct Block {
  std::span<const Column> in;
  std::span<Cell* const> out;
  std::span<RowStatus> status;
  ErrorSink* errors = nullptr;    ///< may be null
  BlockMemory* memory = nullptr;  ///< of a caller of many blocks; may be null
  [[nodiscard]] std::size_t rows() const { return status.size(); }
};

/// Marks a row, blanks its outputs and tells the sink: what a hand-written Solver does with a row that it cannot answer.
IRONLAW_API void reject_row(const Block& block, std::size_t row, RowStatus status, std::string_view port,
                            std::string_view what) noexcept;

}  // namespace ironlaw
