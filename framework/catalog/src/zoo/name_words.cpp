#include "zoo/name_words.hpp"

#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace ironlaw::host {
namespace {

constexpr int weight_of_maker = 1, weight_of_aside = 1, weight_of_date = 2, weight_of_size = 4, weight_of_format = 8;

bool digit_in_name(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view word) { return !word.empty() && std::all_of(word.begin(), word.end(), digit_in_name); }
int whole_of(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// A day or a month as makers of models write it: 0528, 1124, 2507. Another "v2" is another model.
bool is_date(std::string_view word) {
  if (word.size() != 4 || !all_digits(word)) return false;
  const int first = whole_of(word.substr(0, 2)), second = whole_of(word.substr(2));
  const auto between = [](int low, int value, int high) { return low <= value && value <= high; };
  return (between(1, first, 12) && between(1, second, 31)) || (between(23, first, 29) && between(1, second, 12));
}

/// "00001 of 00003" begins at this word: a file that is one of several of a model.
bool is_shard(const std::vector<std::string>& words, std::size_t at) {
  const auto counts = [](const std::string& word) { return word.size() == 5 && all_digits(word); };
  return at + 2 < words.size() && counts(words[at]) && words[at + 1] == "of" && counts(words[at + 2]);
}

/// "80gb", "24 gb", "480gb", "1.5tb"; 0 for what is no size.
double size_said(const std::vector<std::string>& words, std::size_t at, std::size_t& count) {
  const auto ends_with_unit = [](std::string_view rest) { return rest == "gb" || rest == "gib" || rest == "g"; };
  double value = 0;
  const std::string& word = words[at];
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || value <= 0) return 0;
  const std::string_view rest(end, static_cast<std::size_t>(word.data() + word.size() - end));
  if (ends_with_unit(rest)) {
    count = 1;
    return value;
  }
  if (!rest.empty() || at + 1 == words.size() || !ends_with_unit(words[at + 1]) || words[at + 1] == "g") return 0;
  count = 2;
  return value;
}

}  // namespace

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  bool apart = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool point = c == '.' && i > 0 && i + 1 < name.size() && digit_in_name(name[i - 1]) && digit_in_name(name[i + 1]);
    if (!point && std::string_view(" -_.,:/()[]@").find(c) != std::string_view::npos) {
      apart = true;
      continue;
    }
    if (std::exchange(apart, false)) words.emplace_back();
    words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return words;
}

std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts;
  char before = ' ';
  const auto kind = [](char c) {
    return c >= '0' && c <= '9' ? '0' : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? 'a' : ' ';
  };
  for (const char c : name) {
    if (kind(c) != ' ' && kind(c) != kind(before)) parts.emplace_back();
    if (kind(c) != ' ') parts.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    before = c;
  }
  return parts;
}

bool begins_with(std::string_view name, std::string_view beginning) {
  const auto whole = parts_of(name), part = parts_of(beginning);
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

NameWords::NameWords(const std::vector<std::filesystem::path>& zoo_folders) {
  std::vector<std::filesystem::path> paths;
  for (const auto& folder : zoo_folders) {
    std::error_code none;  // most folders have no words of their own
    for (const FolderEntry& entry : entries_of(folder / "names", none))
      if (entry.is_file && entry.path.extension() == ".json") paths.push_back(entry.path);
  }
  for (const auto& path : paths) files_.push_back(read_json(path));
  for (std::size_t i = 0; i < paths.size(); ++i) read(files_[i], paths[i].string() + "#");
  std::stable_sort(phrases_.begin(), phrases_.end(),
                   [](const Phrase& a, const Phrase& b) { return a.words.size() > b.words.size(); });
}

void NameWords::read(const Json& file, const std::string& where) {
  constexpr std::array<std::string_view, 5> keys{"makers", "asides", "formats", "size_field", "part_field"};
  if (!file.is_object()) throw InputError(where, "takes an object with makers, asides, formats, size_field and part_field");
  for (const auto& [key, value] : file.items()) {
    const std::string here = pointer(where, std::string_view(key));
    if (key == "makers" && value.is_object()) {
      for (const auto& [maker, words] : value.items())
        add(words, pointer(here, std::string_view(maker)), weight_of_maker, maker, nullptr);
    } else if (key == "asides") {
      add(value, here, weight_of_aside, "", nullptr);
    } else if (key == "formats" && value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        const std::string one = pointer(here, i);
        const auto has = [&row = value[i]](const char* name) { return row.contains(name) ? &row[name] : nullptr; };
        const Json* fields = value[i].is_object() ? has("fields") : nullptr;
        if (fields == nullptr || !fields->is_object() || fields->empty() || has("words") == nullptr || has("says") == nullptr ||
            !has("says")->is_string())
          throw InputError(one, "takes an object with words, says and fields");
        add(value[i]["words"], pointer(one, std::string_view("words")), weight_of_format, "", &value[i]);
      }
    } else if ((key == "size_field" || key == "part_field") && value.is_string()) {
      (key == "size_field" ? size_field_ : part_field_) = value.get<std::string>();
    } else {
      throw InputError(here, std::find(keys.begin(), keys.end(), key) == keys.end()
                                 ? "unknown key '" + key + "'" + did_you_mean(key, keys)
                                 : "does not take " + shown_json(value));
    }
  }
}

void NameWords::add(const Json& words, const std::string& where, int weight, const std::string& maker, const Json* format) {
  if (!words.is_array()) throw InputError(where, "takes a list of words, not " + shown_json(words));
  for (const Json& word : words) {
    if (!word.is_string()) throw InputError(where, "takes a list of words, not " + shown_json(words));
    phrases_.push_back({words_of(word.get<std::string>()), weight, maker, format});
  }
}

std::vector<Aside> NameWords::asides(const std::vector<std::string>& words) const {
  std::vector<Aside> found;
  for (std::size_t at = 0; at < words.size();) {
    Aside aside;
    aside.first = at;
    const auto rest = words.size() - at;
    const auto phrase = std::find_if(phrases_.begin(), phrases_.end(), [&](const Phrase& p) {
      return p.words.size() <= rest &&
             std::equal(p.words.begin(), p.words.end(), words.begin() + static_cast<std::ptrdiff_t>(at));
    });
    if (phrase != phrases_.end()) {
      aside.count = phrase->words.size();
      aside.weight = phrase->weight;
      aside.maker = phrase->maker;
      aside.format = phrase->format;
    } else if (aside.size = size_said(words, at, aside.count); aside.size > 0) {
      aside.weight = weight_of_size;
    } else if (is_shard(words, at)) {
      aside.count = 3;
      aside.weight = weight_of_aside;
    } else if (is_date(words[at])) {
      aside.count = 1;
      aside.weight = weight_of_date;
    }
    if (aside.count != 0) found.push_back(aside);
    at += std::max<std::size_t>(aside.count, 1);
  }
  return found;
}

}  // namespace ironlaw::host
