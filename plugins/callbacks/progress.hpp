#pragma once
#include <ironlaw/callback.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace ironlaw::callbacks {

/// How far the run is, on standard error: a line that is written over on a terminal, lines of their own elsewhere.
class Progress final : public Observer {
 public:
  static constexpr ObserverType::About about{"progress", "Prints how far the run is, and what is left, to standard error"};
  static constexpr std::array<OptionInfo, 1> options{OptionInfo{.name = "every",
                                                                .doc = "time between two lines",
                                                                .type = OptionType::quantity,
                                                                .dimension = dimension_of<Time>(),
                                                                .number_fallback = 0.5}};

  explicit Progress(const Options& given) : every_(given.quantity("every").number), terminal_(isatty(STDERR_FILENO) != 0) {}

  void run_begin(const PlanView& plan, Wants&) override { rows_ = plan.rows(); }
  void stage_end(const StageView& stage) override {
    const std::uint64_t done = stage.first_row() + stage.rows();
    if (done == done_) return;  // another stage of the same block
    done_ = done;
    const double elapsed = seconds();
    if (elapsed - printed_ < every_) return;
    printed_ = elapsed;
    const double share = static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(rows_, 1));
    std::fprintf(stderr, "%sprogress: %.1f %%, %llu of %llu rows, %.1f s left%s", terminal_ ? "\r" : "", 100 * share,
                 static_cast<unsigned long long>(done), static_cast<unsigned long long>(rows_), elapsed / share - elapsed,
                 terminal_ ? "   " : "\n");
  }
  void run_end() override {
    std::fprintf(stderr, "%sprogress: %llu rows in %.1f s\n", terminal_ ? "\r" : "", static_cast<unsigned long long>(done_),
                 seconds());
  }

 private:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  double every_;
  bool terminal_;
  std::uint64_t rows_ = 0;
  std::uint64_t done_ = 0;
  double printed_ = 0;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace ironlaw::callbacks
