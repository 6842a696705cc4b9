#include "module_expression.hpp"

#include <array>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_characters = 2000;

/// What Python writes, and POSIX in its place.
constexpr std::array<std::array<std::string_view, 2>, 6> python_words{
    {{"(?:", "("}, {"[\\d]", "[0-9]"}, {"\\d", "[0-9]"}, {"{1,}", "+"}, {".*?", ".*"}, {".+?", ".+"}}};

std::string posix(std::string_view python) {
  std::string text;
  while (!python.empty()) {
    std::array<std::string_view, 2> word{python.substr(0, 1), python.substr(0, 1)};
    for (const auto& known : python_words)
      if (python.starts_with(known[0])) {
        word = known;
        break;
      }
    text += word[1];
    python.remove_prefix(word[0].size());
  }
  return text;
}

/// Look-aheads and counts; groups that repeat, and references to what was found before, would cost more than the name is long.
bool beyond_posix(const std::string& text) {
  for (std::size_t at = text.find('\\'); at != text.npos && at + 1 < text.size(); at = text.find('\\', at + 2))
    if (text[at + 1] >= '1' && text[at + 1] <= '9') return true;
  if (text.find(")*") != text.npos || text.find(")+") != text.npos) return true;
  return text.find("(?") != text.npos || text.find('{') != text.npos;
}

}  // namespace

ModuleExpression::ModuleExpression(std::string_view python) {
  const std::string text = posix(python);
  if (python.size() > most_characters || beyond_posix(text)) return;
  if (regcomp(&begin_, ("^(" + text + ")").c_str(), REG_EXTENDED | REG_NOSUB) != 0) return;
  readable_ = regcomp(&whole_, ("^(" + text + ")$").c_str(), REG_EXTENDED | REG_NOSUB) == 0;
  if (!readable_) regfree(&begin_);
}

ModuleExpression::~ModuleExpression() {
  if (!readable_) return;
  regfree(&begin_);
  regfree(&whole_);
}

bool ModuleExpression::begins(const std::string& name) const {
  return readable_ && regexec(&begin_, name.c_str(), 0, nullptr, 0) == 0;
}

bool ModuleExpression::is(const std::string& name) const {
  return readable_ && regexec(&whole_, name.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace ironlaw::host
