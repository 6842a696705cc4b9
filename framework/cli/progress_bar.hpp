#pragma once
#include <ironlaw/host/run.hpp>

#include <chrono>

namespace ironlaw::cli {

/// Shows on a terminal's standard error how far a run is that takes longer than a moment; elsewhere it only passes rows on.
class ProgressBar final : public host::RowSink {
 public:
  ProgressBar(host::RowSink& next, std::uint64_t total);
  void rows(const host::ResultRows& rows) override;
  /// Takes the bar off the screen.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  void draw();
  host::RowSink& next_;
  double total_;
  std::uint64_t done_ = 0;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point next_draw_;
};

}  // namespace ironlaw::cli
