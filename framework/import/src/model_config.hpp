#pragma once
#include "text/json.hpp"

#include <span>

namespace ironlaw::host {

/// A config.json, read key by key. A null is as good as absent. Everything throws InputError with file and JSON pointer.
class ModelConfig {
 public:
  explicit ModelConfig(const std::filesystem::path& file);

  [[nodiscard]] double count(std::string_view key) const;
  [[nodiscard]] double count_or(std::string_view key, double otherwise) const;
  /// As count_or, and zero is allowed.
  [[nodiscard]] double number_or(std::string_view key, double otherwise) const;
  [[nodiscard]] bool flag_or(std::string_view key, bool otherwise) const;
  [[nodiscard]] std::string text_or(std::string_view key, const std::string& otherwise) const;
  /// The first text of a list.
  [[nodiscard]] std::string first_text(std::string_view key, const std::string& otherwise) const;
  /// Whole numbers of a list; empty where absent.
  [[nodiscard]] std::vector<double> numbers(std::string_view key) const;
  /// The one of `known` that the text at `key` is; another is refused as an unknown `what`.
  [[nodiscard]] std::string one_of(std::string_view key, const std::string& text, std::span<const std::string_view> known,
                                   std::string_view what) const;
  [[noreturn]] void refuse(std::string_view key, const std::string& what) const;
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  [[nodiscard]] const Json* find(std::string_view key) const;
  [[nodiscard]] double whole(const Json& value, std::string_view key, double least) const;
  std::filesystem::path file_;
  Json root_;
};

}  // namespace ironlaw::host
