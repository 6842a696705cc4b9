#include "run/journal.hpp"

#include "value/bytes.hpp"

#include <boost/crc.hpp>

namespace ironlaw::host {
namespace {

constexpr std::string_view magic = "ironlaw rows 1\n";

std::uint32_t check_sum(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

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

JournalReader::JournalReader(const std::filesystem::path& file) : file_(file), in_(file, std::ios::binary) {
  std::error_code ec;
  size_ = std::filesystem::file_size(file, ec);
  std::string begin(magic.size(), '\0');
  if (ec || !in_.read(begin.data(), static_cast<std::streamsize>(begin.size())))
    throw InputError(file.string(), "cannot be read");
  bytes_ = begin.size();
  if (begin != magic || !read_record(head_)) throw InputError(file.string(), "holds no rows of ironlaw");
}

bool JournalReader::read_record(std::string& payload) {
  std::uint32_t sum = 0;
  std::uint64_t length = 0;
  constexpr std::uint64_t prefix = sizeof sum + sizeof length;
  if (size_ - bytes_ < prefix) return false;
  in_.read(reinterpret_cast<char*>(&length), sizeof length);
  in_.read(reinterpret_cast<char*>(&sum), sizeof sum);
  if (!in_ || length > size_ - bytes_ - prefix) return false;
  payload.resize(length);
  if (!in_.read(payload.data(), static_cast<std::streamsize>(length)) || check_sum(payload) != sum) return false;
  bytes_ += prefix + length;
  return true;
}

bool JournalReader::next(RunPosition& position, RowBatch& rows) {
  if (!read_record(payload_)) return false;
  std::string_view bytes = payload_;
  position.next = take<std::uint64_t>(bytes);
  position.bytes = take<std::uint64_t>(bytes);
  position.complete = take<bool>(bytes);
  position.summary = read_summary(bytes);
  rows.read(bytes);
  return true;
}

JournalWriter::JournalWriter(const std::filesystem::path& file, const std::string& head) : file_(file) {
  file_.stream() << magic;
  write_record(head);
  sync();
}

void JournalWriter::write_record(const std::string& payload) {
  std::string prefix;
  put(prefix, static_cast<std::uint64_t>(payload.size()));
  put(prefix, check_sum(payload));
  file_.stream() << prefix << payload;
}

void JournalWriter::add(const RunPosition& position, const RowBatch& rows) {
  std::string payload;
  put(payload, position.next);
  put(payload, position.bytes);
  put(payload, position.complete);
  write_summary(position.summary, payload);
  rows.write(payload);
  write_record(payload);
  file_.stream().flush();
}

}  // namespace ironlaw::host
