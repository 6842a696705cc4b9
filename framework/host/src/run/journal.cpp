#include "run/journal.hpp"

#include "files/check_sum.hpp"
#include "value/bytes.hpp"

namespace ironlaw::host {
namespace {

constexpr std::string_view magic = "ironlaw rows 2\n";

/// What stands before the payload of a record.
struct RecordHead {
  std::uint64_t length;
  std::uint64_t sum;
};

}  // namespace

void write_summary(const RunSummary& summary, std::string& bytes) {
  for (const std::uint64_t count :
       {summary.rows, summary.ok, summary.infeasible, summary.refused, summary.failed, summary.skipped})
    put(bytes, count);
  put(bytes, static_cast<std::uint32_t>(summary.rejected.size()));
  for (const auto& [constraint, rows] : summary.rejected) {
    put(bytes, std::string_view(constraint));
    put(bytes, rows);
  }
  put(bytes, static_cast<std::uint32_t>(summary.walls.size()));
  for (const auto& wall : summary.walls) {
    put(bytes, std::string_view(wall.wall));
    for (const std::uint64_t count : {wall.rows, wall.exceeded, wall.binds}) put(bytes, count);
    put(bytes, wall.least_margin);
  }
  put(bytes, std::string_view(summary.stopped));
  put(bytes, std::string_view(summary.first_error));
}

RunSummary read_summary(std::string_view& bytes) {
  RunSummary summary;
  for (std::uint64_t* count :
       {&summary.rows, &summary.ok, &summary.infeasible, &summary.refused, &summary.failed, &summary.skipped})
    *count = take<std::uint64_t>(bytes);
  for (auto n = take<std::uint32_t>(bytes); n > 0; --n) {
    auto constraint = take_text(bytes);
    summary.rejected.emplace_back(std::move(constraint), take<std::uint64_t>(bytes));
  }
  for (auto n = take<std::uint32_t>(bytes); n > 0; --n) {
    WallTally& wall = summary.walls.emplace_back();
    wall.wall = take_text(bytes);
    for (std::uint64_t* count : {&wall.rows, &wall.exceeded, &wall.binds}) *count = take<std::uint64_t>(bytes);
    wall.least_margin = take<double>(bytes);
  }
  summary.stopped = take_text(bytes);
  summary.first_error = take_text(bytes);
  return summary;
}

JournalReader::JournalReader(const OwnedFile& file) : file_(file), size_(file.size()) {
  std::string begin(magic.size(), '\0');
  is_journal_ = size_ >= begin.size() && file_.read(0, begin) && begin == magic;
  if (!is_journal_) return;
  bytes_ = begin.size();
  if (!read_record(head_)) head_.clear();
}

bool JournalReader::read_record(std::string& payload) {
  RecordHead head{};
  if (size_ - bytes_ < sizeof head || !file_.read(bytes_, {reinterpret_cast<char*>(&head), sizeof head})) return false;
  if (head.length > size_ - bytes_ - sizeof head) return false;
  payload.resize(head.length);
  if (!file_.read(bytes_ + sizeof head, payload)) return false;
  damaged_ = check_sum(payload) != head.sum;
  if (damaged_) return false;
  bytes_ += sizeof head + head.length;
  return true;
}

bool JournalReader::next(RunPosition& position, RowBatch& rows) {
  if (!read_record(payload_)) return false;
  std::string_view bytes = payload_;
  position.next = take<std::uint64_t>(bytes);
  position.bytes = take<std::uint64_t>(bytes);
  position.sum = take<std::uint64_t>(bytes);
  position.complete = take<bool>(bytes);
  position.summary = read_summary(bytes);
  rows.read(bytes);
  return true;
}

JournalWriter::JournalWriter(OwnedFile& file, const std::string& head) : file_(file), pending_(magic) {
  file_.truncate(0);
  write_record(head);
  sync();
}

JournalWriter::JournalWriter(OwnedFile& file, std::uint64_t from) : file_(file) { file_.truncate(from); }

void JournalWriter::write_record(const std::string& payload) {
  put(pending_, RecordHead{payload.size(), check_sum(payload)});
  pending_ += payload;
}

void JournalWriter::add(const RunPosition& position, const RowBatch& rows) {
  std::string payload;
  put(payload, position.next);
  put(payload, position.bytes);
  put(payload, position.sum);
  put(payload, position.complete);
  write_summary(position.summary, payload);
  rows.write(payload);
  write_record(payload);
  constexpr std::size_t most_pending = 1 << 16;
  if (pending_.size() >= most_pending) flush();
}

void JournalWriter::flush() {
  file_.append(pending_);
  pending_.clear();
}

void JournalWriter::sync() {
  flush();
  file_.sync();
}

}  // namespace ironlaw::host
