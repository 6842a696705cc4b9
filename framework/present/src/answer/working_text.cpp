#include "answer/working_text.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// Part of a name; the bytes of other alphabets count as letters.
bool in_name(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string number_text(const Value& value) {
  return std::isnan(value.number) ? "absent" : format_quantity(value.number, value.dimension, {}, shown_digits);
}

std::string result_text(const WorkingLine& line) {
  if (line.output == nullptr) return number_text(line.result);
  Cell cell;
  cell.number = line.result.number;
  const std::string text = value_text({line.what, line.output, cell, {}});
  return text.empty() ? "absent" : text;
}

/// Index of the longest symbol that stands at `at` as a name of its own, or the number of terms.
std::size_t term_at(const WorkingLine& line, std::size_t at) {
  const std::string_view rest = std::string_view(line.equation).substr(at);
  std::size_t found = line.terms.size();
  std::size_t longest = 0;
  for (std::size_t t = 0; t < line.terms.size(); ++t) {
    const std::string& symbol = line.terms[t].first;
    if (symbol.size() <= longest || !rest.starts_with(symbol)) continue;
    if (rest.size() > symbol.size() && in_name(rest[symbol.size()]) && in_name(symbol.back())) continue;
    found = t;
    longest = symbol.size();
  }
  return found;
}

/// The equation with numbers for its symbols; `used` marks those that were found.
std::string substituted(const WorkingLine& line, std::vector<bool>& used) {
  std::string text;
  for (std::size_t i = 0; i < line.equation.size();) {
    const bool begins = i == 0 || !in_name(line.equation[i - 1]) || !in_name(line.equation[i]);
    const std::size_t term = begins ? term_at(line, i) : line.terms.size();
    if (term == line.terms.size()) {
      text += line.equation[i++];
      continue;
    }
    used[term] = true;
    text += number_text(line.terms[term].second);
    i += line.terms[term].first.size();
  }
  return text;
}

/// "(where a = 1 s, b = 2)" for the terms that the equation does not spell.
std::string legend(const WorkingLine& line, const std::vector<bool>& used) {
  std::string text;
  for (std::size_t t = 0; t < line.terms.size(); ++t) {
    if (used[t]) continue;
    text += (text.empty() ? "(where " : ", ") + line.terms[t].first + " = " + number_text(line.terms[t].second);
  }
  return text.empty() ? text : text + ")";
}

}  // namespace

std::vector<std::string> working_pieces(const WorkingLine& line) {
  if (!line.note.empty()) return {line.note};
  std::vector<bool> used(line.terms.size(), false);
  std::vector<std::string> pieces{line.equation.empty() ? line.what : line.what + " = " + line.equation};
  const std::string numbers = substituted(line, used);
  const std::string result = result_text(line);
  if (std::find(used.begin(), used.end(), true) != used.end() && numbers != result) pieces.push_back("= " + numbers);
  pieces.push_back("= " + result);
  if (const std::string rest = legend(line, used); !rest.empty()) pieces.push_back(rest);
  if (!line.source.empty()) pieces.push_back("[" + line.source + "]");
  return pieces;
}

}  // namespace ironlaw::host
