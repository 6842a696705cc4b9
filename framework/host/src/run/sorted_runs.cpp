#include "run/sorted_runs.hpp"

#include "value/bytes.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace ironlaw::host {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

[[noreturn]] void fail_spilling(const char* what, const std::error_code& why = {errno, std::generic_category()}) {
  throw InputError("--sort-memory", std::string("cannot ") + what + " rows in a temporary file: " + why.message() +
                                        "; give more, or another TMPDIR");
}

void put_row(std::string& bytes, const KeptRow& row) {
  const std::size_t begin = bytes.size();
  put(bytes, std::uint32_t{0});
  put(bytes, row.number);
  put(bytes, row.status);
  put(bytes, row.goals);
  put(bytes, row.cells);
  for (const auto& series : row.series) {
    put(bytes, static_cast<std::uint32_t>(series.size()));
    put(bytes, series);
  }
  bytes += row.error;
  const auto length = static_cast<std::uint32_t>(bytes.size() - begin - sizeof(std::uint32_t));
  std::memcpy(bytes.data() + begin, &length, sizeof length);
}

/// The rows of one run from the first on.
class RunReader {
 public:
  RunReader(int file, std::uint64_t begin, std::uint64_t end, const KeptRow& shape)
      : row(shape), file_(file), at_(begin), end_(end) {}

  /// Sets `row`; false behind the last.
  bool next() {
    if (!has(sizeof(std::uint32_t))) return false;
    const auto length = take<std::uint32_t>(rest_);
    has(length);
    std::string_view bytes = take(rest_, length);
    row.number = take<std::uint64_t>(bytes);
    row.status = take<RowStatus>(bytes);
    take_all(bytes, row.goals, row.goals.size());
    take_all(bytes, row.cells, row.cells.size());
    for (auto& series : row.series) take_all(bytes, series, take<std::uint32_t>(bytes));
    row.error = bytes;
    return true;
  }

  KeptRow row;

 private:
  /// So many bytes are in the buffer; false where the run has ended.
  bool has(std::size_t bytes) {
    if (rest_.size() >= bytes) return true;
    buffer_.erase(0, buffer_.size() - rest_.size());
    std::size_t filled = buffer_.size();
    const std::size_t wanted = std::max(bytes, buffer_bytes) - filled;
    buffer_.resize(filled + static_cast<std::size_t>(std::min<std::uint64_t>(wanted, end_ - at_)));
    while (filled < buffer_.size()) {
      const ssize_t n = pread(file_, buffer_.data() + filled, buffer_.size() - filled, static_cast<off_t>(at_));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail_spilling("read");
      filled += static_cast<std::size_t>(n);
      at_ += static_cast<std::uint64_t>(n);
    }
    rest_ = buffer_;
    return rest_.size() >= bytes;
  }

  int file_;
  std::uint64_t at_;
  std::uint64_t end_;
  std::string buffer_;
  std::string_view rest_;  ///< of the buffer
};

}  // namespace

SortedRuns::~SortedRuns() {
  if (file_ >= 0) close(file_);
}

void SortedRuns::open() {
  std::error_code ec;
  std::string name = (std::filesystem::temp_directory_path(ec) / "ironlaw-sort-XXXXXX").string();
  if (ec) fail_spilling("keep", ec);
  file_ = mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0) fail_spilling("keep");
  unlink(name.c_str());
}

void SortedRuns::append(const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = pwrite(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail_spilling("keep");
    done += static_cast<std::size_t>(n);
    size_ += static_cast<std::uint64_t>(n);
  }
}

void SortedRuns::add(const std::function<bool(KeptRow&)>& next) {
  if (file_ < 0) open();
  const std::uint64_t begin = size_;
  std::string bytes;
  for (KeptRow row; next(row);) {
    put_row(bytes, row);
    if (bytes.size() < buffer_bytes) continue;
    append(bytes);
    bytes.clear();
  }
  append(bytes);
  runs_.push_back({begin, size_});
}

void SortedRuns::merge(const Before& before, const KeptRow& shape, const std::function<void(const KeptRow&)>& visit) const {
  std::vector<RunReader> readers;
  readers.reserve(runs_.size());
  for (const Run& run : runs_) readers.emplace_back(file_, run.begin, run.end, shape);
  std::vector<RunReader*> heap;  // whose row comes first is at its top
  const auto later = [&before](const RunReader* a, const RunReader* b) { return before(b->row, a->row); };
  for (RunReader& reader : readers)
    if (reader.next()) heap.push_back(&reader);
  std::make_heap(heap.begin(), heap.end(), later);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), later);
    visit(heap.back()->row);
    if (heap.back()->next()) {
      std::push_heap(heap.begin(), heap.end(), later);
    } else {
      heap.pop_back();
    }
  }
}

}  // namespace ironlaw::host
