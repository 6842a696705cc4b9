#pragma once
#include "plan/axis_subset.hpp"
#include "plan/plan.hpp"
#include "value/kept_values.hpp"

#include <map>
#include <mutex>

namespace ironlaw::host {

/// What a stage gives for each combination of the axes that reach it.
struct StageTable {
  struct Error {
    RowStatus status;
    std::string where;  ///< "stage.port"
    std::string what;
  };
  std::size_t subset = 0;                            ///< of the axes, in StageTables::subsets()
  std::vector<std::vector<Cell>> outputs;            ///< by output; empty where nobody reads it
  std::vector<std::unique_ptr<SeriesArena>> series;  ///< by output; of a series that somebody reads
  std::vector<char> looked_up;                       ///< by output: a stage without a table reads it
  std::vector<RowStatus> status;                     ///< by row of the subset
  bool clean = true;                                 ///< every row is ok
  std::multimap<std::size_t, Error> errors;          ///< by row of the subset
  std::vector<std::unique_ptr<ObjectArena>> made;    ///< what the outputs of a maker stage point to, by block
};

/// Evaluation order apart from row order. A stage that only inner axes reach would run again for every value of the outer ones;
/// such a stage is evaluated once for each combination of its own axes before the run, and the rows look its outputs up.
/// Row order, statuses and errors are those of a run without tables.
class StageTables {
 public:
  /// Makes the tables that save most of a stage's runs, within `most_bytes` in all; `wanted` says by output of the plan whether
  /// the rows show it.
  StageTables(const Plan& plan, std::span<const Axis> axes, const std::vector<char>& wanted, std::size_t threads);
  StageTables(const StageTables&) = delete;
  StageTables& operator=(const StageTables&) = delete;

  static constexpr std::uint64_t most_bytes = std::uint64_t{128} << 20;

  /// Null where the stage runs with the rows.
  [[nodiscard]] const StageTable* of(std::size_t stage) const { return tables_[stage].get(); }
  [[nodiscard]] std::size_t subsets() const { return subsets_.size(); }
  /// Rows of the subset for the rows of the run from `first` on; true where it is one for all.
  bool locate(std::size_t subset, std::uint64_t first, std::span<std::uint32_t> rows) const {
    return all_.locate(subsets_[subset], axes_, first, rows);
  }

 private:
  class Errors;
  struct Inputs {
    std::vector<std::vector<Cell>> columns;
    std::vector<Column> in;
  };
  void find_axes();
  void choose(const std::vector<char>& wanted);
  [[nodiscard]] bool worth_a_table(std::size_t stage) const;
  [[nodiscard]] std::vector<std::size_t> with_sources(std::size_t stage) const;
  [[nodiscard]] bool stored(std::size_t stage, std::size_t output, const std::vector<char>& wanted) const;
  void fill(std::size_t stage, std::size_t threads);
  void fill_block(std::size_t stage, std::size_t block);
  [[nodiscard]] Inputs inputs_of(const PlanStage& stage, const AxisSubset& subset, std::size_t first,
                                 std::span<RowStatus> status) const;

  const Plan& plan_;
  std::span<const Axis> axes_;
  AxisSubset all_;
  std::vector<const std::vector<Cell>*> values_;      ///< by input of the plan: of its axis, or null
  std::vector<std::size_t> axis_of_;                  ///< by input of the plan, where it has values
  std::vector<std::vector<std::size_t>> reached_by_;  ///< by stage: axes
  std::vector<AxisSubset> subsets_;
  std::vector<std::unique_ptr<StageTable>> tables_;  ///< by stage
  std::mutex mutex_;                                 ///< of the errors while tables are filled
};

}  // namespace ironlaw::host
