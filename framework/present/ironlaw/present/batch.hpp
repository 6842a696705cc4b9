#pragma once
#include <ironlaw/host/session.hpp>

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

  /// The answer to one line, as one line without its end.
  [[nodiscard]] std::string answer(std::string_view line);
  /// Reads lines until the end; empty ones are passed over.
  BatchCount run(std::istream& in, std::ostream& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ironlaw::host
