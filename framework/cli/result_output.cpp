#include "result_output.hpp"

#include "last_words.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <iostream>

namespace ironlaw::cli {
namespace {

constexpr int unsettled = -1;
std::atomic<int> settled{unsettled};
std::atomic<bool> interrupted{false};
std::atomic<int> signal_number{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

/// For work that looks at no interrupt and no limit of time.
constexpr unsigned grace_seconds = 5;

extern "C" void interrupt_run(int number) {
  end_plugins_after(grace_seconds);
  signal_number = number;
  interrupted = true;
  std::signal(number, SIG_DFL);
}

void append_count(std::uint64_t count, std::string_view what, std::string& line) {
  if (count > 0) line.append(", ").append(std::to_string(count)).append(" ").append(what);
}

}  // namespace

Interrupt::Interrupt() {
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, interrupt_run);
}
Interrupt::~Interrupt() {
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
}
const std::atomic<bool>& Interrupt::flag() { return interrupted; }
int Interrupt::exit_status() const { return 128 + signal_number; }

host::RunOptions run_options(const GlobalFlags& flags, const Interrupt& interrupt, host::Ranks* ranks) {
  if (flags.max_seconds) end_plugins_after(grace_seconds + static_cast<unsigned>(std::min(*flags.max_seconds, 1e8)));
  host::RunOptions options;
  options.threads = flags.threads;
  options.sort_memory = flags.sort_memory;
  options.ranks = ranks;
  options.interrupt = &interrupt.flag();
  return options;
}

std::unique_ptr<host::Ranks> ranks_of(const GlobalFlags& flags) {
  if (flags.shard != "mpi") return {};
  if (flags.isolate) throw InputError("--isolate", "does not go with --shard mpi: a rank must not fork");
  return host::open_mpi_ranks();
}

std::optional<host::Shard> shard_of(const GlobalFlags& flags) {
  if (flags.shard.empty() || flags.shard == "mpi") return {};
  host::Shard shard;
  const char* end = flags.shard.data() + flags.shard.size();
  const auto index = std::from_chars(flags.shard.data(), end, shard.index);
  const bool slash = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
  const auto count = slash ? std::from_chars(index.ptr + 1, end, shard.count) : index;
  if (!slash || count.ec != std::errc() || count.ptr != end || shard.index < 1 || shard.index > shard.count ||
      shard.count > 1'000'000)
    throw InputError("--shard", "takes mpi, or i/n with 1 <= i <= n <= 1000000, not '" + flags.shard + "'");
  if (!flags.out.ends_with(".part"))
    throw InputError("--out", "a shard is written as a part, whose name ends in .part; ironlaw merge makes the table of them");
  return shard;
}

void settle_status(int status) { settled = status; }
std::optional<int> settled_status() { return settled == unsettled ? std::nullopt : std::optional(settled.load()); }

void print_summary(const host::RunSummary& summary, std::uint64_t rows, bool resumable) {
  if (summary.interrupted)
    print_message("interrupted after " + std::to_string(summary.rows) + " of " + std::to_string(rows) + " rows" +
                  (resumable ? "; the same command goes on from there" : ""));
  if (!summary.stopped.empty()) print_message("stopped after " + std::to_string(summary.rows) + " rows: " + summary.stopped);
  if (summary.ok == summary.rows) return;
  std::string line = std::to_string(summary.rows) + " rows: " + std::to_string(summary.ok) + " ok";
  append_count(summary.infeasible, "infeasible", line);
  append_count(summary.refused, "refused", line);
  append_count(summary.failed, "failed", line);
  append_count(summary.skipped, "skipped", line);
  for (const auto& [constraint, count] : summary.rejected) append_count(count, "rejected by " + constraint, line);
  if (!summary.first_error.empty()) line += "; first: " + summary.first_error;
  print_message(line);
}

}  // namespace ironlaw::cli
