#pragma once
#include <ironlaw/host/session.hpp>

#include <atomic>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

namespace ironlaw::host {

/// How many requests a batch had.
struct BatchCount {
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;  ///< of them: those that could not be answered
};

/// One line, without its end, and how the request ended: an exit status of the program.
struct BatchAnswer {
  std::string text;
  int exit_status = 0;
};

/// Answers requests of one line each, in their order, from one process:
///   {"id": 7, "solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": 8}, "profile":
///   "native"}
///   {"id": "a", "config": {"version": 1, "stages": {...}}}
/// A request that cannot be answered gets a line with "error"; it never stops the others. Requests of the same solver and the
/// same inputs share one compiled pipeline.
class Batch {
 public:
  /// `profile` is used where a request names none; the limits hold for each. The session must outlive the batch.
  Batch(Session& session, std::string profile, const RequestLimits& limits = RequestLimits::of_service());
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// The answer to one line. May be asked on many threads at once; a run ends at its next block where `interrupt` becomes true.
  [[nodiscard]] BatchAnswer answer(std::string_view line, const std::atomic<bool>* interrupt = nullptr);
  /// Reads lines until the end; empty ones are passed over.
  BatchCount run(std::istream& in, std::ostream& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ironlaw::host
