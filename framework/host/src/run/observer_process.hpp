#pragma once
// The process that tells the observers of an isolated run of the rows that come back.
#include "process/shared_memory.hpp"
#include "run/callbacks.hpp"
#include "run/row_batch.hpp"

#include <sys/types.h>

namespace ironlaw::host {

/// What observers are told of a block beside what the table shows, as its workers left it.
struct ObservedBlock {
  std::uint64_t first = 0;
  std::span<const RowStatus> status;
  std::span<const Column> outputs;  ///< by output that an observer wants
  std::span<const Column> used;     ///< by amendable input
  std::vector<double> seconds;      ///< by stage
  std::vector<StageError> errors;
};

class ObserverProcess {
 public:
  /// Forks it, and waits until its observers said what they want. Throws what they throw, and PluginError where the process does
  /// not live to tell. The process must have no other thread.
  explicit ObserverProcess(const Pipeline& pipeline);
  ObserverProcess(const ObserverProcess&) = delete;
  ObserverProcess& operator=(const ObserverProcess&) = delete;
  /// Kills it: files that observers have not finished are gone.
  ~ObserverProcess();

  /// Outputs of the plan that observers want.
  [[nodiscard]] const std::vector<std::size_t>& wanted() const { return wanted_; }
  /// Tells it of a block, in row order. Throws what an observer throws, and PluginError where one ends or holds up its process.
  void observe(const ObservedBlock& block);
  /// The run is over.
  void end();

 private:
  struct Page;
  [[noreturn]] void serve(int socket, pid_t parent);
  /// Sends bytes and waits for the answer.
  void ask(std::string_view bytes, double most_seconds);
  void wait_for_answer(double most_seconds);
  [[nodiscard]] Page& page() const;

  const Pipeline& pipeline_;
  SharedMemory memory_;
  std::vector<std::size_t> wanted_;
  int socket_ = -1;
  pid_t process_ = -1;
  std::uint32_t asked_ = 0;
};

}  // namespace ironlaw::host
