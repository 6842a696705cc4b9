#include <ironlaw/import/trace.hpp>

#include <ironlaw/error.hpp>
#include <ironlaw/files/input_file.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_set>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;
using TraceJson = nlohmann::json;

constexpr double mooncake_block = 512;  // tokens
constexpr std::size_t most_periods = 100'000;
constexpr std::uint64_t most_of_a_line = std::uint64_t{64} << 20;  // bytes

struct TracedRequest {
  double at = 0;
  double prompt = 0;
  double output = 0;
  std::vector<std::uint64_t> blocks;
};

[[noreturn]] void refuse_line(const fs::path& file, std::size_t line, const std::string& what) {
  throw InputError(file.string() + ":" + std::to_string(line), what);
}

std::optional<double> trace_number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '"')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '"' || text.back() == '\r')) text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

/// "2023-11-16 18:15:46.6805900", with or without an offset from UTC, to seconds.
std::optional<double> date_seconds(std::string_view text) {
  const auto field = [&](std::size_t from, std::size_t size) -> std::optional<int> {
    int value = 0;
    if (from + size > text.size()) return {};
    const auto [end, error] = std::from_chars(text.data() + from, text.data() + from + size, value);
    return error == std::errc() && end == text.data() + from + size ? std::optional<int>(value) : std::nullopt;
  };
  const auto year = field(0, 4), month = field(5, 2), day = field(8, 2), hour = field(11, 2), minute = field(14, 2);
  if (!year || !month || !day || !hour || !minute || text.size() < 19) return {};
  std::size_t end = 17;
  while (end < text.size() && (text[end] == '.' || (text[end] >= '0' && text[end] <= '9'))) ++end;
  const auto second = trace_number(text.substr(17, end - 17));
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!second || !date.ok()) return {};
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return static_cast<double>(days) * 86400.0 + *hour * 3600.0 + *minute * 60.0 + *second;
}

std::vector<std::string> trace_cells(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\r') continue;
    if (c == ',')
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

/// Names of the three columns, and whether arrivals are dates.
struct TraceColumns {
  std::string_view arrival, prompt, output;
  bool dates = false;
};
constexpr std::array<TraceColumns, 3> csv_forms{{{"arrival", "prompt", "output"},
                                                 {"TIMESTAMP", "ContextTokens", "GeneratedTokens", true},
                                                 {"Timestamp", "Request tokens", "Response tokens"}}};

class CsvTrace {
 public:
  CsvTrace(const fs::path& file, const std::string& heading) : file_(file) {
    const auto names = trace_cells(heading);
    const auto at = [&](std::string_view name) {
      return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    };
    for (const TraceColumns& form : csv_forms) {
      columns_ = {at(form.arrival), at(form.prompt), at(form.output)};
      dates_ = form.dates;
      if (*std::max_element(columns_.begin(), columns_.end()) < names.size()) return;
    }
    refuse_line(
        file, 1,
        "no trace of requests: allowed are columns arrival, prompt, output; TIMESTAMP, ContextTokens, GeneratedTokens; or "
        "Timestamp, Request tokens, Response tokens");
  }
  [[nodiscard]] TracedRequest read(const std::string& line, std::size_t number) const {
    const auto cells = trace_cells(line);
    if (cells.size() <= *std::max_element(columns_.begin(), columns_.end()))
      refuse_line(file_, number, std::to_string(cells.size()) + " values; the first line names more");
    const auto value = [&](std::size_t column) {
      const std::string& text = cells[columns_[column]];
      const auto parsed = column == 0 && dates_ ? date_seconds(text) : trace_number(text);
      if (!parsed) refuse_line(file_, number, "'" + text + "' is no " + (column == 0 ? "time" : "count of tokens"));
      return *parsed;
    };
    return {value(0), value(1), value(2), {}};
  }

 private:
  const fs::path& file_;
  std::array<std::size_t, 3> columns_{};
  bool dates_ = false;
};

TracedRequest read_json_request(const fs::path& file, const std::string& line, std::size_t number) {
  const TraceJson row = TraceJson::parse(line, nullptr, false);
  if (!row.is_object()) refuse_line(file, number, "no JSON object");
  const bool mooncake = row.contains("input_length");
  const auto value = [&](const char* key) {
    const auto found = row.find(key);
    if (found == row.end() || !found->is_number())
      refuse_line(file, number,
                  std::string("needs the number ") + key +
                      "; allowed: arrival, prompt, output, or timestamp, "
                      "input_length, output_length, hash_ids");
    return found->get<double>();
  };
  if (!mooncake) return {value("arrival"), value("prompt"), value("output"), {}};
  TracedRequest r{value("timestamp") / 1000, value("input_length"), value("output_length"), {}};
  if (const auto blocks = row.find("hash_ids"); blocks != row.end() && blocks->is_array())
    for (const auto& block : *blocks)
      if (block.is_number_integer()) r.blocks.push_back(block.get<std::uint64_t>());
  return r;
}

/// Sums of a period.
struct PeriodSums {
  double requests = 0, prompt = 0, prompt_squares = 0, output = 0, output_squares = 0, hits = 0;
  double last = 0, gaps = 0, gap_sum = 0, gap_squares = 0;

  void add(const TracedRequest& r, double hit) {
    if (requests > 0) {
      const double gap = r.at - last;
      ++gaps;
      gap_sum += gap;
      gap_squares += gap * gap;
    }
    last = r.at;
    ++requests;
    prompt += r.prompt;
    prompt_squares += r.prompt * r.prompt;
    output += r.output;
    output_squares += r.output * r.output;
    hits += hit;
  }
};

double variation_of(double count, double sum, double squares) {
  if (count < 2 || sum <= 0) return 0;
  const double mean = sum / count;
  return std::sqrt(std::max(0.0, squares / count / (mean * mean) - 1));
}

TracePeriod period_of(const PeriodSums& s, const PeriodSums& whole, double seconds) {
  const PeriodSums& lengths = s.requests > 0 ? s : whole;
  TracePeriod p;
  p.requests = static_cast<std::uint64_t>(s.requests);
  p.rate = s.requests / seconds;
  if (s.gaps >= 2 && s.gap_sum > 0) p.arrival_variation = variation_of(s.gaps, s.gap_sum, s.gap_squares);
  p.prompt_tokens = lengths.prompt / lengths.requests;
  p.output_tokens = lengths.output / lengths.requests;
  p.prompt_variation = variation_of(lengths.requests, lengths.prompt, lengths.prompt_squares);
  p.output_variation = variation_of(lengths.requests, lengths.output, lengths.output_squares);
  p.prefix_hit_rate = lengths.hits / lengths.prompt;
  return p;
}

}  // namespace

namespace {

/// Every request of a trace with its line, in the order of arrival.
template <class Each>
void each_request(const fs::path& file, Each each) {
  const auto in = open_input(file);
  std::optional<CsvTrace> csv;
  std::string line;
  double last = -std::numeric_limits<double>::infinity();
  for (std::size_t number = 1; read_line(*in, most_of_a_line, file.string(), line); ++number) {
    if (line.empty() || line == "\r") continue;
    if (!csv && line.front() != '{') {
      if (number > 1) refuse_line(file, number, "no JSON object");
      csv.emplace(file, line);
      continue;
    }
    const TracedRequest r = csv ? csv->read(line, number) : read_json_request(file, line, number);
    if (r.prompt < 0 || r.output < 0) refuse_line(file, number, "a request of fewer than no tokens");
    if (r.at < last) refuse_line(file, number, "arrives before the request above it; a trace is in order of arrival");
    last = r.at;
    each(r, number);
  }
}

[[noreturn]] void refuse_empty(const fs::path& file) {
  throw InputError(file.string(), "an empty trace: it holds no request that was answered");
}
bool answered(const TracedRequest& r) { return r.prompt >= 1 && r.output >= 1; }

}  // namespace

std::vector<TraceRequest> read_requests(const fs::path& file) {
  std::vector<TraceRequest> requests;
  each_request(file, [&](const TracedRequest& r, std::size_t) {
    if (answered(r)) requests.push_back({r.at, r.prompt, r.output});
  });
  if (requests.empty()) refuse_empty(file);
  return requests;
}

RequestTrace read_trace(const fs::path& file, double period_seconds) {
  RequestTrace trace;
  std::vector<PeriodSums> sums;
  PeriodSums whole;
  std::unordered_set<std::uint64_t> known;
  double first = 0, last = 0;
  each_request(file, [&](const TracedRequest& r, std::size_t number) {
    if (trace.requests + trace.without_answer == 0) first = r.at;
    last = r.at;
    double hit = 0;
    for (const std::uint64_t block : r.blocks) {
      if (!known.contains(block)) break;
      hit += mooncake_block;
    }
    known.insert(r.blocks.begin(), r.blocks.end());
    if (!answered(r)) {
      ++trace.without_answer;
      return;
    }
    const double period = std::floor((r.at - first) / period_seconds);
    if (period >= most_periods)
      refuse_line(file, number, "is more than " + std::to_string(most_periods) + " periods after the first; give a longer one");
    if (static_cast<std::size_t>(period) >= sums.size()) sums.resize(static_cast<std::size_t>(period) + 1);
    sums[static_cast<std::size_t>(period)].add(r, std::min(hit, r.prompt));
    whole.add(r, std::min(hit, r.prompt));
    ++trace.requests;
  });
  if (trace.requests == 0) refuse_empty(file);
  // The last period ends with the last request, where the trace is not shorter than one.
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double rest = last - first - static_cast<double>(i) * period_seconds;
    const double seconds = i + 1 < sums.size() || rest <= 0 ? period_seconds : std::min(period_seconds, rest);
    trace.periods.push_back(period_of(sums[i], whole, seconds));
  }
  return trace;
}

}  // namespace ironlaw::host
