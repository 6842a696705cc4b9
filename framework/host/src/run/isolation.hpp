#pragma once
#include "run/collector.hpp"
#include "run/observer_process.hpp"

#include <functional>

namespace ironlaw::host {

/// Evaluates blocks in worker processes, so that a plugin that crashes or hangs costs the rows that made it so: a block whose
/// worker died is halved until one row is left, which fails with the reason. Columns are in shared memory.
class Isolation {
 public:
  /// Of a pipeline that has an origin. The process must have no other thread, now and while it runs. Throws InputError or
  /// PluginError where the workers cannot compile it. `observers` may be null; they are told of each block before it is handed
  /// over.
  Isolation(const Pipeline& pipeline, std::size_t workers, ObserverProcess* observers);
  Isolation(const Isolation&) = delete;
  Isolation& operator=(const Isolation&) = delete;
  ~Isolation();

  /// Evaluates the rows from `first` on and hands the blocks over in row order, until one is not taken or `interrupted`.
  void run(std::uint64_t first, std::uint64_t end, const std::function<bool()>& interrupted,
           const std::function<bool(const EvaluatedBlock&)>& take);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ironlaw::host
