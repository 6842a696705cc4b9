#pragma once
// The process that tells the observers of an isolated run or study of the rows that come back.
#include "process/shared_memory.hpp"
#include "run/callbacks.hpp"
#include "run/row_batch.hpp"

#include <sys/types.h>

#include <set>

namespace ironlaw::host {

/// What observers are told of a block, as its workers left it.
struct ObservedBlock {
  std::uint64_t first = 0;
  std::span<const RowStatus> status{};
  std::span<const Column> told{};  ///< by ObserverProcess::columns()
  std::vector<double> seconds{};   ///< by stage
  std::vector<StageError> errors{};
  std::span<const Column> in{};  ///< by input of the pipeline; empty where inputs follow from the numbers of the rows
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
  /// What workers leave for observers of a block: those outputs, then inputs as guards amended them.
  [[nodiscard]] std::span<const ResultColumn> columns() const { return columns_; }
  /// Tells it of a block, in row order. Throws what an observer throws, and PluginError where one ends or holds up its process.
  void observe(const ObservedBlock& block);
  /// The run is over.
  void end();

 private:
  struct Page;
  void put_inputs(std::string& bytes, const ObservedBlock& block) const;
  [[noreturn]] void serve(int socket, pid_t parent);
  /// Sends bytes and waits for the answer.
  void ask(std::string_view bytes, double most_seconds);
  void wait_for_answer(double most_seconds);
  [[nodiscard]] Page& page() const;

  const Pipeline& pipeline_;
  SharedMemory memory_;
  const std::set<const void*> objects_;  ///< that it has too
  std::vector<std::size_t> wanted_;
  std::vector<ResultColumn> columns_;
  int socket_ = -1;
  pid_t process_ = -1;
  std::uint32_t asked_ = 0;
};

}  // namespace ironlaw::host
