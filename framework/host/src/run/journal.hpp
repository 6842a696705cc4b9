#pragma once
#include "files/owned_file.hpp"
#include "run/row_batch.hpp"

#include <optional>

namespace ironlaw::host {

/// How far a run came.
struct RunPosition {
  std::uint64_t next = 0;   ///< the first row that is missing
  std::uint64_t bytes = 0;  ///< of the result that are written, where that is another file
  std::uint64_t sum = 0;    ///< check sum of those of them that came since the record before
  bool complete = false;    ///< no more rows come
  RunSummary summary;       ///< of the rows before `next`
};

/// The records of a file that a run appends to: a head that says which question it answers, then positions with the rows that
/// came since the one before. Each record has its length and a check sum, so that one that was cut off or changed shows.
class IRONLAW_API JournalReader {
 public:
  /// The file must outlive it.
  explicit JournalReader(const OwnedFile& file);
  /// Whether the file was begun by this program; what was not is never written to.
  [[nodiscard]] bool is_journal() const { return is_journal_; }
  /// Empty where it broke off before it had one.
  [[nodiscard]] const std::string& head() const { return head_; }
  /// The next record; false at the end of the whole ones.
  bool next(RunPosition& position, RowBatch& rows);
  /// Where the whole records read so far end.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Whether next() ended at a record that is all there and is not what was written.
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  bool read_record(std::string& payload);
  const OwnedFile& file_;
  std::uint64_t size_;
  std::uint64_t bytes_ = 0;
  bool is_journal_ = false;
  bool damaged_ = false;
  std::string head_;
  std::string payload_;
};

/// Appends records to a file. They are there for another process after sync().
class IRONLAW_API JournalWriter {
 public:
  /// Begins the file anew.
  JournalWriter(OwnedFile& file, const std::string& head);
  /// Goes on behind what a reader found whole.
  JournalWriter(OwnedFile& file, std::uint64_t from);
  void add(const RunPosition& position, const RowBatch& rows);
  void sync();

 private:
  void write_record(const std::string& payload);
  void flush();
  OwnedFile& file_;
  std::string pending_;
};

void write_summary(const RunSummary& summary, std::string& bytes);
[[nodiscard]] RunSummary read_summary(std::string_view& bytes);

}  // namespace ironlaw::host
