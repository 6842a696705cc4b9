#pragma once
#include "plan/clauses.hpp"
#include "run/front.hpp"
#include "run/kept_rows.hpp"
#include "run/sorted_runs.hpp"

namespace ironlaw::host {

/// Which rows reach the sink: all that no constraint takes out, the best, the Pareto front, sorted or as they come. Only rows
/// that are ok can be best or on the front. Memory grows with what is kept; a sort keeps what exceeds its memory on the disk.
/// Which rows are kept does not depend on the order in which they come, so that parts of a run may be selected apart and joined.
class IRONLAW_API Selection {
 public:
  Selection(const Pipeline& pipeline, RowSink& sink, const RunOptions& options);
  Selection(const Selection&) = delete;
  Selection& operator=(const Selection&) = delete;
  ~Selection();
  void take(const EvaluatedBlock& block);
  /// Appends the rows that came to be kept since the last call, by their numbers.
  void take_unrecorded(RowBatch& batch);
  /// How many rows that has to look through, about: the same wherever the run was interrupted.
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
  void settle();
  void recorded();
  void spill();
  [[nodiscard]] bool shown(const EvaluatedBlock& block, std::size_t r) const;
  [[nodiscard]] bool keeps_all() const;
  /// The goals that the rows are sorted by.
  struct SortGoals {
    std::size_t begin;
    std::size_t end;
  };
  [[nodiscard]] SortGoals sort_goals() const;
  [[nodiscard]] std::vector<std::uint32_t> sorted_places() const;
  template <class Row, class Goal>
  [[nodiscard]] bool comes_before(const Row& a, const Row& b, const Goal& goal) const;
  /// Of what the request may take, so many rows are kept now.
  void count_rows();

  const Pipeline& pipeline_;
  const Clauses& clauses_;
  RowSink& sink_;
  bool every_row_;              ///< nothing is chosen or sorted
  bool recorded_elsewhere_;     ///< by a recorder, who is to see each row before it goes to the disk
  std::size_t most_in_memory_;  ///< rows that a sort keeps there
  std::vector<double> signs_;   ///< by goal: best, front, sort; -1 where larger is better
  std::size_t sort_begin_;      ///< of the sort goals among them
  KeptRows kept_;
  std::vector<std::uint32_t> heap_;  ///< places of the best, the worst of them at its top
  std::vector<char> recorded_;       ///< by place; those behind were not
  std::size_t front_recorded_ = 0;   ///< rows of the front when it was recorded last
  Front front_;
  SortedRuns runs_;
  std::size_t most_rows_ = 0;  ///< that were kept in memory at once
};

}  // namespace ironlaw::host
