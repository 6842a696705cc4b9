#pragma once
#include "run/row_batch.hpp"

#include <ironlaw/host/output_file.hpp>

#include <chrono>
#include <fstream>
#include <optional>

namespace ironlaw::host {

/// How far a run came.
struct RunPosition {
  std::uint64_t next = 0;   ///< the first row that is missing
  std::uint64_t bytes = 0;  ///< of the result that are written, where that is another file
  bool complete = false;    ///< no more rows come
  RunSummary summary;       ///< of the rows before `next`
};

/// The records of a file that a run appends to: a head that says which question it answers, then positions with the rows that
/// came since the one before. Each record has its length and a check sum, so that one that was cut off shows.
class IRONLAW_API JournalReader {
 public:
  /// Throws InputError where the file cannot be read or does not begin with a head.
  explicit JournalReader(const std::filesystem::path& file);
  [[nodiscard]] const std::string& head() const { return head_; }
  /// The next record; false at the end of the whole ones.
  bool next(RunPosition& position, RowBatch& rows);
  /// Where the whole records read so far end.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  bool read_record(std::string& payload);
  std::filesystem::path file_;
  std::ifstream in_;
  std::uint64_t size_;
  std::uint64_t bytes_ = 0;
  std::string head_;
  std::string payload_;
};

/// Appends records to a new file, or behind those that a reader found whole.
class IRONLAW_API JournalWriter {
 public:
  JournalWriter(const std::filesystem::path& file, const std::string& head);
  JournalWriter(const std::filesystem::path& file, std::uint64_t from) : file_(file, from) {}
  void add(const RunPosition& position, const RowBatch& rows);
  /// What was added is on the disk.
  void sync() { file_.sync(); }

 private:
  void write_record(const std::string& payload);
  OpenFile file_;
};

void write_summary(const RunSummary& summary, std::string& bytes);
[[nodiscard]] RunSummary read_summary(std::string_view& bytes);

}  // namespace ironlaw::host
