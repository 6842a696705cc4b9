#pragma once
#include <ironlaw/host/pipeline.hpp>
#include <ironlaw/host/wall_tally.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <optional>

namespace ironlaw::host {

/// Rows of a result as they come, in row order. Cells are by column; `errors` has a line for each row without outputs.
struct ResultRows {
  std::uint64_t first = 0;
  std::span<const Column> columns;
  std::span<const RowStatus> status;
  const std::map<std::uint64_t, std::string>* errors = nullptr;  ///< by number of the row
  std::span<const std::uint64_t> numbers;                        ///< of the rows; empty: they follow `first`
  [[nodiscard]] std::uint64_t number(std::size_t row) const { return numbers.empty() ? first + row : numbers[row]; }
};

/// Takes the rows of a run.
class IRONLAW_API RowSink {
 public:
  virtual ~RowSink();
  virtual void rows(const ResultRows& rows) = 0;
};

/// How many rows ended how.
struct RunSummary {
  std::uint64_t rows = 0;
  std::uint64_t ok = 0;
  std::uint64_t infeasible = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  std::uint64_t skipped = 0;
  std::vector<std::pair<std::string, std::uint64_t>> rejected;  ///< rows that each constraint took out; not in the counts above
  std::string stopped;                                          ///< why a guard ended the run early, or empty
  std::uint64_t amended = 0;                                    ///< of a study: rows in which a guard amended an input
  std::optional<RowStatus> outcome;                             ///< of a study: the best row of its table
  std::vector<std::string> notes;                               ///< what a study says beside its table
  std::vector<WallTally> walls;                                 ///< where the config's report asks for walls
  std::string first_error;                                      ///< of the first row without outputs, one line
  bool interrupted = false;                                     ///< ended by RunOptions::interrupt; rows are missing
  double seconds = 0;
  /// Exit status of a table: 0 where any row is ok; else bad input 1, plugin failure 4, infeasible 2, constraints 3.
  [[nodiscard]] IRONLAW_API int exit_status() const;
};

class RunRecorder;
class Ranks;

/// How rows are run, and which.
struct RunOptions {
  std::size_t threads = 0;                           ///< 0: as many as the machine has; processes where rows are isolated
  std::uint64_t first = 0;                           ///< rows to run: whole blocks of 1,024
  std::uint64_t end = ~std::uint64_t{0};             ///< one behind the last, or more than there are
  const std::atomic<bool>* interrupt = nullptr;      ///< ends the run at the next block where true
  Ranks* ranks = nullptr;                            ///< share the rows among these; rank 0 has the result
  RunRecorder* recorder = nullptr;                   ///< remembers how far the run came
  std::function<void(std::uint64_t)> progress = {};  ///< told how many rows are done, after each block, from one thread at a time
  std::size_t sort_memory = std::size_t{512} << 20;  ///< bytes; a sort keeps on the disk what exceeds them
  bool every_row = false;  ///< whatever the report would choose and sort; constraints still take rows out
};

/// Runs a pipeline over all its rows and hands them to the sink in order, from one thread at a time. Memory is bounded by a few
/// blocks, whatever the number of rows; what the sink gets does not depend on the number of threads.
IRONLAW_API RunSummary run(const Pipeline& pipeline, RowSink& sink, const RunOptions& options = {});

/// One row, with every value of every stage.
struct Answer {
  RowStatus status = RowStatus::ok;
  std::vector<std::string> errors;    ///< one line each: "stage.port: what"
  std::vector<Cell> inputs;           ///< by input of the pipeline
  std::vector<Cell> outputs;          ///< by output of the pipeline
  std::vector<Cell> derived;          ///< by expression among the columns; behind them the binding wall and its margin
  std::vector<std::string> violated;  ///< constraints that do not hold
  std::shared_ptr<const void> kept;   ///< what the cells of series point to

  /// What became of an amendable input.
  struct Amended {
    Cell asked{};
    Cell used{};
    [[nodiscard]] bool differs() const {
      return !(asked.number == used.number) && (asked.number == asked.number || used.number == used.number);
    }
  };
  std::vector<Amended> amended;  ///< by amendable input of the pipeline; `inputs` and `outputs` have what was used

  /// Values with every band at one end; absent where the bands move nothing.
  struct End {
    std::vector<Cell> outputs;
    std::vector<Cell> derived;
  };
  std::vector<End> ends;                 ///< the low and the high one, where the report asks for bands; else empty
  std::vector<std::string> band_faults;  ///< what does not lie between its ends, and estimates without a band: a line each
  [[nodiscard]] const Cell& cell(const ResultColumn& column) const {
    if (column.from == ResultColumn::From::input) return inputs[column.index];
    if (column.from == ResultColumn::From::used) return amended[column.index].used;
    if (column.from == ResultColumn::From::asked) return amended[column.index].asked;
    const bool output = column.from == ResultColumn::From::output;
    if (column.end == ResultColumn::End::none) return output ? outputs[column.index] : derived[column.index];
    const End& end = ends[column.end == ResultColumn::End::low ? 0 : 1];
    return output ? end.outputs[column.index] : end.derived[column.index];
  }
  [[nodiscard]] IRONLAW_API int exit_status() const;
};

/// Evaluates the pipeline at its base; `inputs` replaces it where not empty.
IRONLAW_API Answer answer(const Pipeline& pipeline, std::span<const Cell> inputs = {});

/// The working of a row: for each stage that shows one, its steps. Throws PluginError.
IRONLAW_API void explain(const Pipeline& pipeline, const Answer& answer, std::string_view stage, Working& working);

/// One line for a row's error: "port: what", or what alone.
[[nodiscard]] IRONLAW_API std::string error_line(std::string_view port, std::string_view what);

}  // namespace ironlaw::host
