#pragma once
#include "run/block_runner.hpp"

namespace ironlaw::host {

/// Which rows of the blocks reach the sink: all that no constraint takes out, the best, the Pareto front, sorted or as they come.
/// Only rows that are ok can be best or on the front. Memory grows with what is kept.
class Selection {
 public:
  Selection(const Pipeline& pipeline, RowSink& sink, bool every_row);
  void take(const BlockRunner& block);
  /// Hands over what was kept for the end.
  void finish();

 private:
  struct Row {
    std::uint64_t number;
    RowStatus status;
    std::vector<double> goals;  ///< smaller is better
    std::vector<Cell> cells;    ///< by column
    std::string error;
  };
  void forward(const BlockRunner& block);
  void keep_best(const BlockRunner& block);
  void keep_front(const BlockRunner& block);
  void keep_all(const BlockRunner& block);
  [[nodiscard]] Row row_of(const BlockRunner& block, std::size_t r) const;
  [[nodiscard]] double goal(const BlockRunner& block, std::size_t g, std::size_t r) const;
  [[nodiscard]] bool shown(const BlockRunner& block, std::size_t r) const;
  void sort_kept();

  const Pipeline& pipeline_;
  const Clauses& clauses_;
  RowSink& sink_;
  bool every_row_;
  std::vector<bool> maximise_;  ///< by goal: best, front, sort
  std::size_t sort_begin_;      ///< of the sort goals among them
  std::vector<Row> kept_;
};

}  // namespace ironlaw::host
