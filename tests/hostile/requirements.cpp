#include "requirements.hpp"

#include <ironlaw/visible_text.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <sstream>
#include <vector>

namespace ironlaw::hostile {
namespace {

using namespace std::string_literals;

constexpr std::size_t longest_message = 1100;  // bytes, with "ironlaw: "

std::string start_of(std::string_view text) { return visible_text(text.substr(0, 300)); }

/// Fields of CSV (RFC 4180), by record.
std::vector<std::vector<std::string>> records_of(std::string_view text) {
  std::vector<std::vector<std::string>> records(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& field = records.back().back();
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      records.back().emplace_back();
    } else if (!quoted && c == '\n') {
      records.emplace_back(1);
    } else {
      field += c;
    }
  }
  require(!quoted, "CSV ends within quotes: " + start_of(text));
  require(records.back().size() == 1 && records.back()[0].empty(), "CSV does not end with a line: " + start_of(text));
  records.pop_back();
  return records;
}

bool is_number(const std::string& field) {
  char* end = nullptr;
  std::strtod(field.c_str(), &end);
  return end != field.c_str() && *end == '\0';
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

}  // namespace

void require_visible(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);)
    require(visible_text(line) == line, "what a screen would obey or not show: " + start_of(line));
}

void require_outsides(std::string_view text) {
  for (const char* inside :
       {"json.exception", "basic_string", "std::", "vector::", "filesystem error", "bad_alloc", "stod", "stoi", "stoul",
        "map::at", "bad_function", "regex_error", "CLI::", "Assertion", "type_error", "basic_ios", "iostream"})
    require(text.find(inside) == text.npos, "the insides of a library in a message: " + start_of(text));
}

void require_message(std::string_view line) {
  require_visible(line);
  require(!line.empty() && line.find('\n') == line.npos, "no single line: " + start_of(line));
  require(line.size() <= longest_message, std::to_string(line.size()) + " bytes in a message: " + start_of(line));
  require_outsides(line);
}

void require_json(std::string_view text) {
  require_visible(text);
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (event == nlohmann::json::parse_event_t::object_start) keys.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end) keys.pop_back();
    if (event == nlohmann::json::parse_event_t::key)
      require(keys.back().insert(value.get<std::string>()).second, "a key twice in JSON: " + start_of(value.dump()));
    return true;
  };
  const auto json = nlohmann::json::parse(text, watch, false);
  require(!json.is_discarded(), "broken JSON: " + start_of(text));
}

void require_csv(std::string_view text) {
  require_visible(text);
  const auto records = records_of(text);
  for (const auto& record : records) {
    require(record.size() == records.front().size(), "records of CSV differ in length: " + start_of(text));
    for (const auto& field : record) {
      const auto first = field.find_first_not_of(' ');
      const bool formula = field.size() > 1 && first != field.npos && "=+-@"s.find(field[first]) != std::string::npos;
      require(!formula || is_number(field), "a formula in CSV: " + start_of(field));
    }
  }
}

void require_markdown(std::string_view text) {
  require_visible(text);
  std::istringstream lines{std::string(text)};
  std::string fence;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
    if (fence.empty() && ticks >= 3) {
      fence.assign(ticks, '`');
    } else if (!fence.empty() && ticks == fence.size() && line.size() == ticks) {
      fence.clear();
    } else if (fence.empty()) {
      std::string outside;
      for (std::size_t at = 0; at < line.size();) {
        if (line[at] == '\\') {
          at += 2;
          continue;
        }
        if (line[at] != '`') {
          outside += line[at++];
          continue;
        }
        const std::size_t run = std::min(line.find_first_not_of('`', at), line.size()) - at;
        std::size_t end = at + run;
        for (; end < line.size(); ++end) {
          if (line[end] != '`') continue;
          const std::size_t closing = std::min(line.find_first_not_of('`', end), line.size()) - end;
          if (closing == run) break;
          end += closing - 1;
        }
        require(end < line.size(), "code that does not end in Markdown: " + start_of(line));
        at = end + run;
      }
      require(outside.find('<') == outside.npos, "HTML in Markdown: " + start_of(line));
      require(outside.find("](") == outside.npos, "a link in Markdown: " + start_of(line));
    }
  }
  require(fence.empty(), "a block of code that does not end in Markdown");
}

void require_page(std::string_view text) {
  require(
      text.find("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-") != text.npos,
      "a page without a policy");
  for (const char* never : {"<script>alert", "<img", " onerror=alert(1)>", "</title><script>", "\" onload=\"", "' onload='"})
    require(text.find(never) == text.npos, "a page that runs what it was given: "s + never);
  require(count(text, "<title>") == count(text, "</title>"), "a title that does not end");
}

}  // namespace ironlaw::hostile
