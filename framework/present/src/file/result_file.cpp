#include <ironlaw/present/result_file.hpp>

#include "file/question.hpp"
#include "plan/clauses.hpp"
#include "run/collector.hpp"
#include "run/journal.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <chrono>
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
  switch (result.report.format) {
    case OutputFormat::csv:
    case OutputFormat::jsonl:
    case OutputFormat::arrow:
      return RowPlace::stream;
    case OutputFormat::text:
    case OutputFormat::json:
    case OutputFormat::markdown:
      break;
  }
  return RowPlace::journal;
}

/// Records a run in its journal, once a second at most, and less often where that takes long.
class FileRecorder final : public RunRecorder, public RowSink {
 public:
  FileRecorder(const Pipeline& pipeline, const ResultFile& result, fs::path journal, std::string head, std::uint64_t first)
      : pipeline_(pipeline), result_(result), place_(place_of(pipeline, result)), file_(std::move(journal)), rows_(pipeline) {
    position_.next = first;
    if (!find_records(head)) {
      position_ = {};
      position_.next = first;
      writer_.emplace(file_, head);
    }
    if (place_ != RowPlace::stream) return;
    out_.emplace(result.file, OutputFile::Uncommitted::keep, position_.bytes);
    auto options = result.report;
    options.continued = position_.bytes > 0;
    table_.emplace(pipeline, options, out_->stream());
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
    constexpr std::size_t most_pending = 1 << 16;
    if (rows_.size() >= most_pending || Clock::now() >= due_) record(next, false, summary, selection);
  }
  void ended(std::uint64_t next, const RunSummary& summary, Selection& selection) override {
    record(next, !summary.interrupted, summary, selection);
  }

  /// Every recorded row again, in the order of the records.
  template <class Take>
  void replay(const Take& take) {
    if (!replayable_) return;
    JournalReader reader(file_);
    RunPosition position;
    RowBatch rows(pipeline_);
    while (reader.next(position, rows)) take(rows);
  }

  /// The stream gets its end and its name.
  void finish_stream(const RunSummary& summary) {
    table_->finish(summary);
    out_->commit();
  }
  [[nodiscard]] RowPlace place() const { return place_; }
  [[nodiscard]] const fs::path& file() const { return file_; }

 private:
  /// Goes on where a run of the same question stopped; false where there is nothing to go on with.
  bool find_records(const std::string& head) {
    std::error_code ec;
    if (!fs::exists(file_, ec)) return false;
    std::optional<JournalReader> reader;
    try {
      reader.emplace(file_);
    } catch (const InputError&) {
      return false;  // it broke off before it had a head
    }
    if (reader->head() != head)
      throw InputError(file_.string(), "holds the rows of another run; remove it to start anew, or give another --out");
    while (reader->next(position_, rows_)) replayable_ = true;
    rows_.clear();
    if (place_ == RowPlace::stream && (!replayable_ || !stream_is_there())) return false;
    writer_.emplace(file_, reader->bytes());
    return true;
  }
  [[nodiscard]] bool stream_is_there() const {
    std::error_code ec;
    const auto size = fs::file_size(OutputFile::partial_name(result_.file), ec);
    return !ec && size >= position_.bytes;
  }

  void record(std::uint64_t next, bool complete, const RunSummary& summary, Selection& selection) {
    const auto begin = Clock::now();
    if (place_ == RowPlace::stream) position_.bytes = out_->sync();
    if (place_ == RowPlace::kept) selection.take_unrecorded(rows_);
    position_.next = next;
    position_.complete = complete;
    position_.summary = summary;
    writer_->add(position_, rows_);
    rows_.clear();
    replayable_ = true;
    if (!complete && begin < due_) return;
    writer_->sync();
    const auto end = Clock::now();
    constexpr int share = 20;  // recording takes one part in so many of the time
    due_ = end + std::max<Clock::duration>(std::chrono::seconds(1), share * (end - begin));
  }

  const Pipeline& pipeline_;
  const ResultFile& result_;
  const RowPlace place_;
  fs::path file_;
  RunPosition position_;
  RowBatch rows_;
  bool replayable_ = false;
  std::optional<JournalWriter> writer_;
  std::optional<OutputFile> out_;
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
RunSummary run_shard(const Pipeline& pipeline, const ResultFile& result, FileRecorder& recorder, const RunOptions& options) {
  auto summary = host::run(pipeline, recorder, options);
  if (summary.interrupted) return summary;
  std::error_code ec;
  fs::rename(recorder.file(), result.file, ec);
  if (ec) throw InputError(result.file.string(), "cannot be written: " + ec.message());
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
  fs::remove(recorder.file());
  return summary;
}

}  // namespace

RunSummary run_to_file(const Config& config, const Pipeline& pipeline, const ResultFile& result) {
  Json head = question_of(config, pipeline, result.report.program);
  auto options = result.run;
  if (result.shard) {
    head["shard"] = {{"index", result.shard->index}, {"of", result.shard->count}};
    std::tie(options.first, options.end) = rows_of(*result.shard, pipeline.rows());
  } else if (place_of(pipeline, result) == RowPlace::stream) {
    head["format"] = static_cast<int>(result.report.format);
  }
  const auto journal = result.shard ? OutputFile::partial_name(result.file) : with_ending(result.file, ".journal");
  FileRecorder recorder(pipeline, result, journal, dump(head), options.first);
  options.recorder = &recorder;
  return result.shard ? run_shard(pipeline, result, recorder, options) : run_whole(pipeline, result, recorder, options);
}

}  // namespace ironlaw::host
