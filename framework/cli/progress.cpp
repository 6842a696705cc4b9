#include "progress.hpp"

#include <cmath>
#include <iostream>

namespace ironlaw::cli {
namespace {

std::string duration(double seconds) {
  const auto s = std::llround(seconds);
  if (s < 120) return std::to_string(s) + " s";
  return s < 7200 ? std::to_string(s / 60) + " min" : std::to_string(s / 3600) + " h";
}

}  // namespace

std::string progress_line(std::uint64_t done, std::uint64_t rows, double seconds) {
  const double share = static_cast<double>(done) / static_cast<double>(rows);
  std::string line =
      std::to_string(done) + " of " + std::to_string(rows) + " rows, " + std::to_string(static_cast<int>(100 * share)) + " %";
  if (done > 0) line += ", about " + duration(seconds * (1 / share - 1)) + " left";
  return line;
}

Progress::Progress(std::uint64_t rows, bool terminal) : rows_(rows), terminal_(terminal) {}

Progress::~Progress() {
  if (shown_ && terminal_) std::cerr << "\r\033[K" << std::flush;
}

void Progress::at(std::uint64_t rows) {
  const auto now = Clock::now();
  if (now < next_ || rows >= rows_) return;
  next_ = now + (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(5));
  const std::string line = "ironlaw: " + progress_line(rows, rows_, std::chrono::duration<double>(now - begin_).count());
  std::cerr << (terminal_ ? "\r" + line + "\033[K" : line + "\n") << std::flush;
  shown_ = true;
}

}  // namespace ironlaw::cli
