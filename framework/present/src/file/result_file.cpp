#include <ironlaw/present/result_file.hpp>

#include "file/question.hpp"
#include "files/check_sum.hpp"
#include "files/owned_file.hpp"
#include "plan/clauses.hpp"
#include "run/collector.hpp"
#include "run/journal.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/output_file.hpp>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <tuple>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

fs::path with_ending(fs::path file, const char* ending) { return file += ending; }

/// The rows of a shard: whole blocks, so that each is evaluated as without shards.
std::pair<std::uint64_t, std::uint64_t> rows_of(const Shard& shard, std::uint64_t rows) {
  const std::uint64_t blocks = (rows + Plan::block_rows - 1) / Plan::block_rows;
  const auto begin = [&](std::uint64_t i) {
    return std::min(rows, (blocks / shard.count * i + blocks % shard.count * i / shard.count) * Plan::block_rows);
  };
  return {begin(shard.index - 1), begin(shard.index)};
}

/// Where the rows are until the run ends.
enum class RowPlace {
  stream,   ///< behind each other in the result's partial file
  journal,  ///< in the journal: for a part, or for a table that is laid out at its end
  kept,     ///< in the selection; the journal has what came to be kept
};

RowPlace place_of(const Pipeline& pipeline, const ResultFile& result) {
  if (pipeline.clauses().selects()) return RowPlace::kept;
  if (result.shard) return RowPlace::journal;
  return info_of(result.report.format).streams ? RowPlace::stream : RowPlace::journal;
}

/// Rows behind each other in FILE.partial, written where a record of the journal says how far they go.
class RowStream {
 public:
  RowStream(OwnedFile file, std::uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {
    file_.truncate(bytes);
    text_.exceptions(std::ios::badbit);
  }
  [[nodiscard]] std::ostream& stream() { return text_; }
  /// Writes what came since the last call; tells where it ends and its check sum.
  void write(RunPosition& position) {
    const std::string_view text = text_.view();
    file_.append(text);
    position.bytes = bytes_ += text.size();
    position.sum = check_sum(text);
    text_.str({});
  }
  [[nodiscard]] OwnedFile& file() { return file_; }

 private:
  OwnedFile file_;
  std::uint64_t bytes_;
  std::ostringstream text_;
};

/// Records a run in its journal. A record ends by the count of rows, so that a part has the same bytes however often its run was
/// interrupted; what was recorded is on the disk after a second, or later where that takes long.
class FileRecorder final : public RunRecorder, public RowSink {
 public:
  FileRecorder(const Pipeline& pipeline, const ResultFile& result, const fs::path& target, Json question, std::uint64_t first)
      : pipeline_(pipeline),
        result_(result),
        place_(place_of(pipeline, result)),
        target_(target),
        journal_(OwnedFile::to_write_alone(with_ending(target, result.shard ? ".partial" : ".journal"))),
        rows_(pipeline) {
    position_.next = first;
    try {
      begin(std::move(question));
    } catch (...) {
      leave_nothing();
      throw;
    }
  }
  FileRecorder(const FileRecorder&) = delete;
  FileRecorder& operator=(const FileRecorder&) = delete;
  ~FileRecorder() override {
    leave_nothing();
    if (!writer_) return;
    try {
      writer_->sync();  // where the run failed, up to there
    } catch (const Error&) {
      // the disk is full: what was written before holds good
    }
  }

  std::uint64_t resume(RunSummary& summary, Selection& selection) override {
    add_counts(summary, position_.summary);
    if (place_ == RowPlace::kept) {
      replay([&](RowBatch& rows) { selection.take(rows.view()); });
      selection.all_recorded();
    }
    return position_.next;
  }

  void rows(const ResultRows& rows) override {
    if (place_ == RowPlace::stream) {
      table_->rows(rows);
    } else if (place_ == RowPlace::journal) {
      for (std::size_t r = 0; r < rows.status.size(); ++r) rows_.add(rows, r);
    }
  }

  void reached(std::uint64_t next, const RunSummary& summary, Selection& selection) override {
    const std::uint64_t rows = place_ == RowPlace::kept ? selection.looked_through() : 0;
    if (next - position_.next < std::max<std::uint64_t>(Plan::block_rows, rows)) return;
    record(next, false, summary, selection);
    if (Clock::now() >= due_) sync();
  }
  void ended(std::uint64_t next, const RunSummary& summary, Selection& selection) override {
    // A part's records are where an uninterrupted run's would be.
    if (!position_.complete && !(summary.interrupted && result_.shard)) record(next, !summary.interrupted, summary, selection);
    sync();
  }

  /// Every recorded row again, in the order of the records.
  template <class Take>
  void replay(const Take& take) const {
    JournalReader reader(journal_);
    RunPosition position;
    RowBatch rows(pipeline_);
    while (reader.next(position, rows)) take(rows);
  }

  /// The stream gets its end and its name.
  void finish_stream(const RunSummary& summary) {
    table_->finish(summary);
    stream_->write(position_);
    stream_->file().sync();
    stream_->file().rename(target_);
  }
  [[nodiscard]] RowPlace place() const { return place_; }
  [[nodiscard]] OwnedFile& journal() { return journal_; }

 private:
  /// Goes on where a run of the same question stopped, else begins. Throws before it changes anything.
  void begin(Json question) {
    const JournalReader reader(journal_);
    if (journal_.size() > 0 && !reader.is_journal()) {
      recorded_ = true;  // by somebody else
      throw InputError(journal_.name(), "was not begun by ironlaw; move it away, or give another --out");
    }
    Json begun = Json::parse(reader.head(), nullptr, false);
    std::uint64_t inode = 0;
    if (!reader.head().empty()) {
      recorded_ = true;
      if (begun.contains("partial")) inode = begun["partial"];
      begun.erase("partial");
      if (dump(begun) != dump(question))
        throw InputError(journal_.name(), "holds the rows of another run; remove it to start anew, or give another --out");
    }
    const std::uint64_t records = read_records(reader.bytes(), inode);
    if (place_ == RowPlace::stream) {
      open_table();
      question["partial"] = stream_->file().inode();
    }
    if (records > 0) {
      writer_.emplace(journal_, records);
    } else {
      writer_.emplace(journal_, dump(question));
    }
  }

  /// Of a run that was refused, or failed before its first record.
  void leave_nothing() {
    if (recorded_) return;
    if (stream_) stream_->file().remove();
    journal_.remove();
  }

  /// Sets the position to where the records that hold good end, and tells where that is in the journal; 0: there are none.
  /// Rows of a stream hold good where they are the bytes that were written.
  std::uint64_t read_records(std::uint64_t from, std::uint64_t inode) {
    const auto first = position_.next;
    const fs::path partial = with_ending(target_, ".partial");
    std::error_code ec;
    const bool streams = place_ == RowPlace::stream;
    const bool there = streams && fs::exists(fs::symlink_status(partial, ec));
    if (there) stream_file_.emplace(OwnedFile::to_write(partial));
    std::uint64_t good = 0;
    bool begun_here = !there || stream_file_->size() == 0 || (from > 0 && stream_file_->inode() == inode);
    JournalReader reader(journal_);
    RunPosition position;
    std::string text;
    while (from > 0 && reader.next(position, rows_)) {
      if (streams) {
        if (!there || position.bytes < position_.bytes) break;
        text.resize(position.bytes - position_.bytes);
        if (!stream_file_->read(position_.bytes, text) || check_sum(text) != position.sum) break;
        begun_here |= !text.empty();
      }
      position_ = position;
      good = reader.bytes();
    }
    rows_.clear();
    if (!begun_here) throw InputError(partial.string(), "was not begun by ironlaw; move it away, or give another --out");
    if (good == 0) {
      position_ = {};
      position_.next = first;
    }
    return good;
  }

  void open_table() {
    const fs::path partial = with_ending(target_, ".partial");
    if (!stream_file_) stream_file_.emplace(OwnedFile::to_write(partial));
    stream_.emplace(std::move(*stream_file_), position_.bytes);
    auto options = result_.report;
    if (position_.bytes > 0) options.earlier = {partial, position_.bytes};
    table_.emplace(pipeline_, options, stream_->stream());
  }

  void record(std::uint64_t next, bool complete, const RunSummary& summary, Selection& selection) {
    if (stream_) stream_->write(position_);
    if (place_ == RowPlace::kept) selection.take_unrecorded(rows_);
    position_.next = next;
    position_.complete = complete;
    position_.summary = summary;
    writer_->add(position_, rows_);
    rows_.clear();
    recorded_ = true;
  }
  void sync() {
    const auto begin = Clock::now();
    if (stream_) stream_->file().sync();
    writer_->sync();
    const auto end = Clock::now();
    constexpr int share = 20;  // it takes one part in so many of the time
    due_ = end + std::max<Clock::duration>(std::chrono::seconds(1), share * (end - begin));
  }

  const Pipeline& pipeline_;
  const ResultFile& result_;
  const RowPlace place_;
  const fs::path target_;
  OwnedFile journal_;
  RunPosition position_;
  RowBatch rows_;
  bool recorded_ = false;  ///< there is something to go on from, or of somebody else
  std::optional<JournalWriter> writer_;
  std::optional<OwnedFile> stream_file_;  ///< until it is the stream's
  std::optional<RowStream> stream_;
  std::optional<TableReport> table_;
  Clock::time_point due_ = Clock::now() + std::chrono::seconds(1);
};

/// A table that begins when its rows are all there.
class WholeTable final : public RowSink {
 public:
  WholeTable(const Pipeline& pipeline, const ResultFile& result) : pipeline_(pipeline), result_(result) {}
  void rows(const ResultRows& rows) override {
    begin();
    table_->rows(rows);
  }
  void finish(const RunSummary& summary) {
    begin();
    table_->finish(summary);
    file_->commit();
  }

 private:
  void begin() {
    if (table_) return;
    file_.emplace(result_.file);
    table_.emplace(pipeline_, result_.report, file_->stream());
  }
  const Pipeline& pipeline_;
  const ResultFile& result_;
  std::optional<OutputFile> file_;
  std::optional<TableReport> table_;
};

/// Hands rows on in the blocks in which they were evaluated.
void hand_over(RowBatch& rows, RowSink& sink) {
  for (std::size_t first = 0; first < rows.size();) {
    const std::size_t count = rows.same_block(first);
    sink.rows(rows.view(first, count).rows);
    first += count;
  }
}

/// A part is a journal that came to its end.
RunSummary run_shard(const Pipeline& pipeline, const fs::path& target, FileRecorder& recorder, const RunOptions& options) {
  auto summary = host::run(pipeline, recorder, options);
  if (!summary.interrupted) recorder.journal().rename(target);
  return summary;
}

RunSummary run_whole(const Pipeline& pipeline, const ResultFile& result, FileRecorder& recorder, const RunOptions& options) {
  WholeTable table(pipeline, result);
  const bool kept = recorder.place() == RowPlace::kept;
  auto summary = host::run(pipeline, kept ? static_cast<RowSink&>(table) : recorder, options);
  if (summary.interrupted) return summary;
  if (recorder.place() == RowPlace::stream) {
    recorder.finish_stream(summary);
  } else {
    if (!kept) recorder.replay([&](RowBatch& rows) { hand_over(rows, table); });
    table.finish(summary);
  }
  recorder.journal().remove();
  return summary;
}

}  // namespace

RunSummary run_to_file(const Config& config, const Pipeline& pipeline, const ResultFile& result) {
  const Destination to = destination_of(result.file);
  if (to.kind != Destination::Kind::file)
    throw InputError(result.file.string(), "is not a regular file, from which a run could go on");
  Json question = question_of(config, pipeline, result.report.program);
  auto options = result.run;
  if (result.shard) {
    question["shard"] = {{"index", result.shard->index}, {"of", result.shard->count}};
    std::tie(options.first, options.end) = rows_of(*result.shard, pipeline.rows());
  } else if (place_of(pipeline, result) == RowPlace::stream) {
    question["format"] = static_cast<int>(result.report.format);
  }
  FileRecorder recorder(pipeline, result, to.file, std::move(question), options.first);
  options.recorder = &recorder;
  return result.shard ? run_shard(pipeline, to.file, recorder, options) : run_whole(pipeline, result, recorder, options);
}

}  // namespace ironlaw::host
