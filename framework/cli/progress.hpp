#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace ironlaw::cli {

/// How far a long run is, on standard error: nothing in the first second, then one line that is overwritten on a terminal, and a
/// new line every few seconds elsewhere.
class Progress {
 public:
  Progress(std::uint64_t rows, bool terminal);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Takes the line off the terminal.
  ~Progress();

  void at(std::uint64_t rows);

 private:
  using Clock = std::chrono::steady_clock;
  std::uint64_t rows_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point next_ = begin_ + std::chrono::seconds(1);
};

/// "1200000 of 10000000 rows, 12 %, about 40 s left".
[[nodiscard]] std::string progress_line(std::uint64_t done, std::uint64_t rows, double seconds);

}  // namespace ironlaw::cli
