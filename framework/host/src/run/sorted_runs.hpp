#pragma once
#include "run/row_batch.hpp"

#include <functional>

namespace ironlaw::host {

/// Sorted rows on the disk, in a file without a name where temporary files go (TMPDIR): what a sort does not keep in memory.
/// Throws InputError where the file cannot be made, written or read.
class IRONLAW_API SortedRuns {
 public:
  using Before = std::function<bool(const KeptRow&, const KeptRow&)>;

  SortedRuns() = default;
  SortedRuns(const SortedRuns&) = delete;
  SortedRuns& operator=(const SortedRuns&) = delete;
  ~SortedRuns();

  [[nodiscard]] bool empty() const { return runs_.empty(); }
  /// A new run: `next` gives its rows in order, and false behind the last.
  void add(const std::function<bool(KeptRow&)>& next);
  /// All rows of all runs in order; each has as many goals and cells as `shape`.
  void merge(const Before& before, const KeptRow& shape, const std::function<void(const KeptRow&)>& visit) const;

 private:
  struct Run {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  void open();
  void append(const std::string& bytes);

  int file_ = -1;
  std::uint64_t size_ = 0;
  std::vector<Run> runs_;
};

}  // namespace ironlaw::host
