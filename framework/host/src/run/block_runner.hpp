#pragma once
#include "plan/clauses.hpp"
#include "plan/stage_tables.hpp"
#include "run/band_rows.hpp"
#include "run/callbacks.hpp"
#include "value/kept_values.hpp"

#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// Outputs of the plan that a run shows or asks for, by output.
[[nodiscard]] std::vector<char> wanted_outputs(const Pipeline& pipeline, const CallbackRun& callbacks);

/// Evaluates one block of a pipeline's rows; each worker has one. Knows nothing of the blocks before it, so any number of them
/// may run side by side and the answers are the same.
class BlockRunner {
 public:
  /// `tables` may be null; with callbacks, which watch every stage of a row, they are not used.
  BlockRunner(const Pipeline& pipeline, CallbackRun& callbacks, const StageTables* tables = nullptr);
  BlockRunner(const BlockRunner&) = delete;
  BlockRunner& operator=(const BlockRunner&) = delete;

  /// Evaluates rows [first, first + count); count is at most Plan::block_rows.
  void run(std::uint64_t first, std::size_t count);

  /// The block that run() evaluated; valid until the next.
  [[nodiscard]] ResultRows rows() const { return {first_, shown_, std::span(status_).first(count_), &errors_.lines, {}}; }
  /// For each row the constraint that took it out, counted from 1; 0 for rows that stay.
  [[nodiscard]] std::span<const std::uint16_t> rejected() const { return std::span(rejected_).first(count_); }
  /// Values of the goals of best, front and sort, in this order.
  [[nodiscard]] std::span<const std::vector<double>> goals() const { return goals_; }
  /// How often each wall stood in the way of rows that no constraint took out; empty where the report asks for no walls.
  [[nodiscard]] std::span<const WallTally> walls() const { return walls_; }
  [[nodiscard]] const std::string& stop_reason() const { return hooks_.stop_reason(); }
  /// What observers are told of the block, wherever they are.
  [[nodiscard]] std::span<const StageError> stage_errors() const { return errors_.parts; }
  [[nodiscard]] std::span<const double> stage_seconds() const { return hooks_.seconds(); }
  /// A column of an output of the plan that an observer asked for.
  [[nodiscard]] const Column& output(std::size_t output) const { return asked_[base_.size() + output]; }
  [[nodiscard]] Column used(std::size_t amendable) const { return hooks_.used(amendable); }
  /// The number of the stage that runs is to be seen there.
  void show_stage(std::atomic<std::uint32_t>& running) { hooks_.show_stage(running); }
  /// Tells the observers of the block.
  void observe();

 private:
  class Errors final : public ErrorSink {
   public:
    void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override;
    std::uint64_t first = 0;
    bool structured = false;  ///< observers want them in parts
    std::map<std::uint64_t, std::string> lines;
    std::vector<StageError> parts;
  };
  void fill_axes();
  void evaluate(const Block& block);
  void apply(bool before);
  void evaluate_expressions();
  void evaluate_walls();

  const Pipeline& pipeline_;
  const Clauses& clauses_;
  CallbackRun& callbacks_;
  const StageTables* tables_;
  GuardHooks hooks_;
  std::vector<Cell> base_;
  std::vector<std::uint64_t> inner_;           ///< rows for which the value of an axis stays
  std::vector<std::vector<Cell>> axis_cells_;  ///< by input on an axis
  std::vector<std::vector<Cell>> stored_;      ///< by output of the plan; empty where nobody wants it
  std::vector<std::vector<Cell>> derived_;     ///< by expression among the columns; behind them the binding wall and its margin
  SeriesArenas series_;                        ///< of the stored outputs
  std::vector<Column> asked_;                  ///< inputs of the plan, outputs behind them
  std::vector<Column> slots_;                  ///< the same, amended, as what is asked of rows that ran reads them
  std::vector<Cell*> out_;
  std::vector<Column> shown_;
  std::optional<BandRows> bands_;  ///< where the report asks for them
  std::vector<RowStatus> status_;
  std::vector<std::uint16_t> rejected_;
  std::vector<const Expression*> goal_expressions_;
  std::vector<std::vector<double>> goals_;
  std::vector<double> values_;
  std::vector<WallTally> walls_;
  Expression::Workspace workspace_;
  Errors errors_;
  BlockMemory memory_;
  std::uint64_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace ironlaw::host
