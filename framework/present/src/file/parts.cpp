// Joining the shards of a run.
#include <ironlaw/present/result_file.hpp>

#include "file/question.hpp"
#include "run/collector.hpp"
#include "run/journal.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>

namespace ironlaw::host {
namespace {

Json head_of(const std::filesystem::path& file) {
  const std::string head = JournalReader(file).head();
  Json json = Json::parse(head, nullptr, false);
  if (json.is_discarded() || !json.contains("shard")) throw InputError(file.string(), "is no shard; write one with --shard i/n");
  return json;
}

}  // namespace

Parts::Parts(std::vector<std::filesystem::path> files) : config_(Config::of_solver("")) {
  if (files.empty()) throw InputError("merge", "needs the files that --shard wrote");
  for (const auto& file : files) {
    Json head = head_of(file);
    const auto index = head["shard"]["index"].get<std::size_t>();
    const auto count = head["shard"]["of"].get<std::size_t>();
    head.erase("shard");
    if (files_.empty()) {
      files_.resize(count);
      question_ = dump(head);
      config_ = config_of(head, file.string());
      profile_ = head["profile"];
    }
    if (dump(head) != question_ || count != files_.size() || index < 1 || index > count)
      throw InputError(file.string(), "is a shard of another run than " + files.front().string());
    auto& place = files_[index - 1];
    if (!place.empty()) throw InputError(file.string(), "is the same shard as " + place.string());
    place = file;
  }
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (files_[i].empty())
      throw InputError("merge", "shard " + std::to_string(i + 1) + "/" + std::to_string(files_.size()) + " is missing");
}

RunSummary Parts::rows(const Pipeline& pipeline, const std::string& program, RowSink& sink) const {
  if (dump(question_of(config_, pipeline, program)) != question_)
    throw InputError(files_.front().string(), "was run with other facts, plugins or version of ironlaw; run the shards anew");
  Collector collector(pipeline, sink, {});
  RowBatch rows(pipeline);
  for (const auto& file : files_) {
    JournalReader reader(file);
    RunPosition position;
    while (reader.next(position, rows)) collector.take({}, rows, position.next);
    if (!position.complete) throw InputError(file.string(), "is not whole; run this shard again");
    rows.clear();
    if (!collector.take(position.summary, rows, position.next)) break;
  }
  collector.finish();
  return collector.summary;
}

}  // namespace ironlaw::host
