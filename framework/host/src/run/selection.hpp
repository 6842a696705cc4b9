#pragma once
#include "plan/clauses.hpp"
#include "run/front.hpp"

namespace ironlaw::host {

/// Which rows reach the sink: all that no constraint takes out, the best, the Pareto front, sorted or as they come. Only rows
/// that are ok can be best or on the front. Memory grows with what is kept. Which rows are kept does not depend on the order in
/// which they come, so that parts of a run may be selected apart and joined.
class IRONLAW_API Selection {
 public:
  Selection(const Pipeline& pipeline, RowSink& sink, bool every_row = false);
  Selection(const Selection&) = delete;
  Selection& operator=(const Selection&) = delete;
  ~Selection();
  void take(const EvaluatedBlock& block);
  /// Appends the rows that came to be kept since the last call, by their numbers.
  void take_unrecorded(RowBatch& batch);
  /// How many rows that has to look through.
  [[nodiscard]] std::size_t looked_through() const;
  /// What is kept was recorded elsewhere.
  void all_recorded();
  /// Hands over what was kept for the end.
  void finish();

 private:
  void forward(const EvaluatedBlock& block);
  void keep_best(const EvaluatedBlock& block);
  void keep_front(const EvaluatedBlock& block);
  void keep_all(const EvaluatedBlock& block);
  [[nodiscard]] KeptRow row_of(const EvaluatedBlock& block, std::size_t r) const;
  [[nodiscard]] bool shown(const EvaluatedBlock& block, std::size_t r) const;
  [[nodiscard]] bool keeps_all() const;
  void sort_kept();
  /// Of what the request may take, so many rows are kept now.
  void count_rows(std::size_t rows);

  const Pipeline& pipeline_;
  const Clauses& clauses_;
  RowSink& sink_;
  bool every_row_;             ///< nothing is chosen or sorted
  std::vector<double> signs_;  ///< by goal: best, front, sort; -1 where larger is better
  std::size_t sort_begin_;     ///< of the sort goals among them
  std::vector<KeptRow> kept_;
  std::size_t all_recorded_to_ = 0;  ///< of the kept, where they stay in place
  Front front_;
  std::size_t row_bytes_;      ///< of a kept row, about
  std::size_t most_rows_ = 0;  ///< that were kept at once
};

}  // namespace ironlaw::host
