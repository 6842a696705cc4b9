#pragma once
#include "run/selection.hpp"

namespace ironlaw::host {

/// Remembers how far a run came; asked from one thread at a time.
class RunRecorder {
 public:
  virtual ~RunRecorder() = default;
  /// Gives back what was recorded before: the counts, the rows that were kept, and the first row that is missing.
  virtual std::uint64_t resume(RunSummary& summary, Selection& selection) = 0;
  /// All rows before `next` are in the sink, in the selection and in the summary.
  virtual void reached(std::uint64_t next, const RunSummary& summary, Selection& selection) = 0;
  /// No more rows come, at the end or because the run was interrupted.
  virtual void ended(std::uint64_t next, const RunSummary& summary, Selection& selection) = 0;
};

/// Adds the counts of `part`, whose rows come behind.
IRONLAW_API void add_counts(RunSummary& summary, const RunSummary& part);

/// Takes evaluated rows in row order: counts them, selects, tells the recorder.
class IRONLAW_API Collector {
 public:
  Collector(const Pipeline& pipeline, RowSink& sink, const RunOptions& options);

  /// Both are false where the run is to end after these rows.
  bool take(const EvaluatedBlock& block);
  /// Rows up to `end` that were counted and selected elsewhere.
  bool take(const RunSummary& part, RowBatch& rows, std::uint64_t end);
  /// The first row that has not come yet.
  [[nodiscard]] std::uint64_t next() const { return next_; }
  [[nodiscard]] Selection& selection() { return selection_; }
  /// Rows that are kept reach the sink, unless the run was interrupted and can go on.
  void finish();

  RunSummary summary;

 private:
  void count(const EvaluatedBlock& block);
  bool reached(std::uint64_t next);
  Selection selection_;
  RunRecorder* recorder_;
  std::uint64_t next_;
};

}  // namespace ironlaw::host
