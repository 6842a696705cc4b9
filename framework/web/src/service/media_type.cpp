#include "service/media_type.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace ironlaw::host {
namespace {

constexpr std::array<MediaType, 7> every_type{{{"application/json", OutputFormat::json},
                                               {"application/vnd.apache.arrow.stream", OutputFormat::arrows},
                                               {"application/vnd.apache.arrow.file", OutputFormat::arrow},
                                               {"text/csv", OutputFormat::csv},
                                               {"application/x-ndjson", OutputFormat::jsonl},
                                               {"text/markdown", OutputFormat::markdown},
                                               {"text/plain", OutputFormat::text}}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view take_until(std::string_view& rest, char end) {
  const auto one = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  return trimmed(one);
}

bool matches(std::string_view range, std::string_view type) {
  if (range == "*/*") return true;
  return range.ends_with("/*") ? type.starts_with(range.substr(0, range.size() - 1)) : range == type;
}

/// How much a header wants a type: the weight of the range that says most of it, 0 to 1000.
int weight_of(std::string_view accept, std::string_view type) {
  int weight = 0;
  std::size_t exactness = 0;
  while (!accept.empty()) {
    std::string_view parameters = take_until(accept, ',');
    const auto range = take_until(parameters, ';');
    if (!matches(range, type) || range.size() < exactness) continue;
    double quality = 1;
    while (!parameters.empty()) {
      const auto parameter = take_until(parameters, ';');
      if (parameter.starts_with("q=")) std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), quality);
    }
    exactness = range == "*/*" ? 0 : range.size();
    weight = static_cast<int>(std::clamp(quality, 0.0, 1.0) * 1000);
  }
  return weight;
}

}  // namespace

std::span<const MediaType> result_types() { return every_type; }

std::string_view accepted_type(std::string_view accept, std::span<const std::string_view> offered) {
  if (trimmed(accept).empty()) return offered.front();
  std::string_view best;
  int most = 0;
  for (const auto type : offered)
    if (const int weight = weight_of(accept, type); weight > most) {
      best = type;
      most = weight;
    }
  if (!best.empty()) return best;
  std::string all;
  for (const auto type : offered) all.append(all.empty() ? "" : ", ").append(type);
  throw InputError("Accept", "takes none of " + all);
}

const MediaType& accepted_result(std::string_view accept) {
  std::vector<std::string_view> names;
  for (const MediaType& type : every_type) names.push_back(type.type);
  const auto best = accepted_type(accept, names);
  return *std::find_if(every_type.begin(), every_type.end(), [&](const MediaType& type) { return type.type == best; });
}

}  // namespace ironlaw::host
