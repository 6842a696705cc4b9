#pragma once
#include "text/json.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// Words of a name that may be left out of it to find an entry, and what they say of it.
struct Aside {
  std::size_t first = 0, count = 0;  ///< words of the name
  int weight = 1;                    ///< the least is left out first
  std::string_view maker;            ///< the entry's vendor has this in it
  double size = 0;                   ///< of a device's memory, in the unit that it is sold in
  const Json* format = nullptr;      ///< "says" and "fields", which stand over the entry's
};

/// What people put around names, as files in the folders "names" of zoo folders have it.
class NameWords {
 public:
  /// Throws InputError for a file that is none of words.
  explicit NameWords(const std::vector<std::filesystem::path>& zoo_folders);
  /// Of a name's words, longest first where they overlap.
  [[nodiscard]] std::vector<Aside> asides(const std::vector<std::string>& words) const;
  /// Field that a size of memory stands for; empty: none.
  [[nodiscard]] const std::string& size_field() const { return size_field_; }
  /// Field with the part of a whole that a format is said of; empty: none.
  [[nodiscard]] const std::string& part_field() const { return part_field_; }

 private:
  struct Phrase {
    std::vector<std::string> words;
    int weight;
    std::string maker;
    const Json* format;
  };
  void read(const Json& file, const std::string& where);
  void add(const Json& words, const std::string& where, int weight, const std::string& maker, const Json* format);

  std::vector<Json> files_;
  std::vector<Phrase> phrases_;
  std::string size_field_, part_field_;
};

/// Small letters, apart at blanks and signs; a dot between two digits belongs to its word.
[[nodiscard]] std::vector<std::string> words_of(std::string_view name);
/// Runs of letters and of digits, in small letters: "Llama-3.1 70B" is llama 3 1 70 b.
[[nodiscard]] std::vector<std::string> parts_of(std::string_view name);
/// Whether the parts of a name begin with those of another: "Qwen3.5-397B-A17B" with "qwen3.5 397b".
[[nodiscard]] bool begins_with(std::string_view name, std::string_view beginning);

}  // namespace ironlaw::host
