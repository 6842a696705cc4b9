#include "expression/words.hpp"

#include "units/decimal.hpp"
#include "units/unit_table.hpp"

#include <ironlaw/notation/nearest.hpp>

#include <algorithm>
#include <vector>

namespace ironlaw::host {
namespace {

/// Letters beyond ASCII are let through: "µs" is a unit, and what is none is then told of by the reader of units.
bool begins_unit(char c) { return begins_name(c) || c == '%' || c == '$' || static_cast<unsigned char>(c) >= 0x80; }

std::size_t unit_word_end(std::string_view text, std::size_t at) {
  if (!begins_unit(char_at(text, at))) return at;
  while (begins_unit(char_at(text, at)) || is_digit(char_at(text, at))) ++at;
  return at;
}

/// A word that can be no unit, wherever it stands: a keyword, "$name", "stage.port" or a call.
bool is_no_unit(std::string_view text, std::size_t begin, std::size_t end) {
  const auto word = text.substr(begin, end - begin);
  if (word == "and" || word == "or" || word == "not") return true;
  if (word.size() > 1 && word[0] == '$') return true;
  return (char_at(text, end) == '.' && in_name(char_at(text, end + 1))) || char_at(text, skip_blanks(text, end)) == '(';
}

/// Behind '/' or '*' a name may follow as well as a unit. A word that is neither goes where a near spelling is.
bool is_name(std::string_view text, std::size_t begin, std::size_t end, const Symbols& symbols) {
  if (symbols.bare && begins_name(text[begin]) && read_name(text, begin, symbols).symbol) return true;
  const auto word = text.substr(begin, end - begin);
  if (find_unit(word, false)) return false;
  return !name_hint(word, symbols).empty();
}

/// A unit and its exponent, at a word; `at` where there is none.
std::size_t factor_end(std::string_view text, std::size_t at) {
  std::size_t end = unit_word_end(text, at);
  const std::size_t caret = skip_blanks(text, end);
  if (char_at(text, caret) != '^') return end;
  end = caret + 1 + (char_at(text, caret + 1) == '-' ? 1 : 0);
  while (is_digit(char_at(text, end))) ++end;
  return end;
}

std::size_t trimmed_run(std::string_view text, std::size_t begin, std::size_t end) {
  while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  return end;
}

}  // namespace

bool reads_names(std::string_view text) {
  for (std::size_t at = text.find('$'); at != text.npos; at = text.find('$', at + 1))
    if (begins_name(char_at(text, at + 1))) return true;
  return false;
}

Name read_name(std::string_view text, std::size_t at, const Symbols& symbols) {
  const std::size_t begin = at + (char_at(text, at) == '$' ? 1 : 0);
  std::size_t end = begin;
  while (in_name(char_at(text, end)) || char_at(text, end) == '.' || char_at(text, end) == '-') ++end;
  end = trimmed_run(text, begin, end);
  const auto run = text.substr(begin, end - begin);
  for (std::size_t length = run.size(); length > 0; length = run.substr(0, length).rfind('-')) {
    if (length == run.npos) break;
    const auto found = symbols.by_name.find(run.substr(0, length));
    if (found != symbols.by_name.end()) return {run.substr(0, length), begin + length, &found->second};
  }
  const auto first = run.substr(0, std::min(run.find('-'), run.size()));
  return {first, begin + first.size(), nullptr};
}

std::size_t literal_end(std::string_view text, std::size_t at, const Symbols& symbols) {
  const bool dollar = text[at] == '$';
  auto rest = text.substr(at + (dollar ? 1 : 0));
  Decimal::take(rest);
  std::size_t end = text.size() - rest.size();
  std::size_t begin = skip_blanks(text, end);
  if (const std::size_t word = unit_word_end(text, begin); word > begin) {
    if (is_no_unit(text, begin, word)) return end;
    end = factor_end(text, begin);
  }
  const bool has_unit = end > begin || dollar;
  for (bool first = !has_unit;; first = false) {
    const std::size_t op = skip_blanks(text, end);
    if (char_at(text, op) != '/' && (first || char_at(text, op) != '*')) return end;
    begin = skip_blanks(text, op + 1);
    const std::size_t word = unit_word_end(text, begin);
    if (word == begin || is_no_unit(text, begin, word) || is_name(text, begin, word, symbols)) return end;
    end = factor_end(text, begin);
  }
}

std::string name_hint(std::string_view word, const Symbols& symbols) {
  std::vector<std::string_view> names;
  for (const auto& [name, symbol] : symbols.by_name) names.push_back(name);
  const std::string best(nearest(word, names));
  if (best.empty()) return {};
  return "; did you mean '" + (symbols.bare || best.find('.') != best.npos ? best : "$" + best) + "'?";
}

}  // namespace ironlaw::host
