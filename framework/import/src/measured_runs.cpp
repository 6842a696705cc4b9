#include <ironlaw/import/measured_runs.hpp>

#include "serving_benchmark.hpp"
#include "training_log.hpp"

#include <ironlaw/files/input_file.hpp>

#include <iterator>

namespace ironlaw::host {
namespace {

/// Python writes numbers that JSON does not know; of a rate, no end is what is said by leaving it out.
std::string without_infinities(std::string text) {
  for (const std::string_view word : {": Infinity", ": -Infinity", ": NaN"})
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at)) text.replace(at, word.size(), ": null");
  return text;
}

/// One JSON, a list of results, or a result a line.
std::vector<MeasuredRun> read_benchmarks(const std::string& text, const std::string& file) {
  std::vector<MeasuredRun> runs;
  if (Json::accept(text)) {
    const Json json = parse_json(text, file);
    if (!json.is_array()) return {read_benchmark(json, file)};
    for (std::size_t i = 0; i < json.size(); ++i) runs.push_back(read_benchmark(json[i], file + pointer("#", i)));
    return runs;
  }
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const std::string where = file + ":" + std::to_string(number);
    runs.push_back(read_benchmark(parse_json(line, where), where));
  }
  return runs;
}

}  // namespace

std::vector<MeasuredRun> read_measured_runs(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  if (is_training_log(text)) return {read_training_log(text, file.string())};
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != text.npos && (text[first] == '{' || text[first] == '['))
    return read_benchmarks(without_infinities(text), file.string());
  return {};
}

}  // namespace ironlaw::host
