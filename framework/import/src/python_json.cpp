#include "python_json.hpp"

#include "files/input_files.hpp"

namespace ironlaw::host {

Json read_python_json(const std::filesystem::path& file) {
  std::string text = read_file(file);
  std::string strict;
  strict.reserve(text.size());
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      strict += c;
      if (c == '\\' && i + 1 < text.size()) strict += text[++i];
      quoted = c != '"';
      continue;
    }
    quoted = c == '"';
    const auto rest = std::string_view(text).substr(i);
    std::string_view word;
    for (const std::string_view known : {"-Infinity", "Infinity", "NaN"})
      if (word.empty() && rest.starts_with(known)) word = known;
    if (word.empty()) {
      strict += c;
    } else {
      strict.append("\"").append(word).append("\"");
      i += word.size() - 1;
    }
  }
  return parse_json(strict, file.string());
}

}  // namespace ironlaw::host
