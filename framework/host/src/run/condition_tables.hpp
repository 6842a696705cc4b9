#pragma once
// Conditions on inputs, asked once for each combination of the values that they read.
#include "plan/clauses.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ironlaw::host {

/// The first of a pipeline's conditions on inputs, as tables over the axes that each reads. A condition that reads too many
/// combinations, or an axis without values, ends them: rows are rejected in the name of the first that they break, so none behind
/// it can be looked up. Not changed once made; for any number of threads.
class ConditionTables {
 public:
  explicit ConditionTables(const Pipeline& pipeline);

  [[nodiscard]] std::size_t size() const { return tables_.size(); }
  /// Where the condition of a table stands among the pipeline's constraints.
  [[nodiscard]] std::size_t constraint(std::size_t table) const { return tables_[table].constraint; }

  /// Of the rows of the space from `first` on, as many as `left` has room for, writes those that break no condition to the front
  /// of `left`, ascending, and says how many. The others are added to `rejected`, by table.
  [[nodiscard]] std::size_t sift(std::uint64_t first, std::span<std::uint64_t> left, std::span<std::uint64_t> rejected) const;

 private:
  struct Table {
    std::size_t constraint;
    std::vector<std::uint8_t> holds;     ///< by combination
    std::vector<std::uint64_t> strides;  ///< by axis of the space; 0 where it reads none of the axis' inputs
  };
  [[nodiscard]] bool add(const Pipeline& pipeline, std::size_t constraint);

  std::vector<std::uint64_t> sizes_;  ///< values by axis
  std::vector<Table> tables_;
};

}  // namespace ironlaw::host
