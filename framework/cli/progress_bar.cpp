#include "progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <iomanip>
#include <iostream>

namespace ironlaw::cli {
namespace {

constexpr auto patience = std::chrono::seconds(1);
constexpr auto between_draws = std::chrono::milliseconds(100);

}  // namespace

ProgressBar::ProgressBar(host::RowSink& next, std::uint64_t total)
    : next_(next),
      total_(static_cast<double>(total)),
      // Where the table goes to the terminal too, a bar would stand in its lines.
      terminal_(isatty(STDERR_FILENO) != 0 && isatty(STDOUT_FILENO) == 0),
      next_draw_(Clock::now() + patience) {}

void ProgressBar::rows(const host::ResultRows& rows) {
  next_.rows(rows);
  done_ = rows.status.empty() ? done_ : rows.number(rows.status.size() - 1) + 1;
  if (!terminal_ || Clock::now() < next_draw_) return;
  next_draw_ = Clock::now() + between_draws;
  draw();
}

void ProgressBar::draw() {
  constexpr std::size_t width = 30;
  const double share = std::min(1.0, static_cast<double>(done_) / total_);
  std::string bar(static_cast<std::size_t>(share * static_cast<double>(width)), '#');
  bar.resize(width, '.');
  std::cerr << "\r[" << bar << "] " << std::setw(3) << static_cast<int>(share * 100) << " %  " << done_ << " rows" << std::flush;
  drawn_ = true;
}

void ProgressBar::clear() {
  if (drawn_) std::cerr << "\r\033[K" << std::flush;
}

}  // namespace ironlaw::cli
