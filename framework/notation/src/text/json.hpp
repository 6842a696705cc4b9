#pragma once
// JSON as the host reads it: keys keep their order, a key given twice is an error, and errors say line and column.
#include <ironlaw/export.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ironlaw::host {

using Json = nlohmann::ordered_json;

/// Levels of a tree, read from JSON or YAML.
inline constexpr std::size_t most_nesting = 200;

/// What a tree may be.
struct TreeLimits {
  std::size_t depth = most_nesting;
  /// Told of memory as the tree takes it; may throw.
  std::function<void(std::uint64_t)> takes_memory = {};
};

/// Throws InputError: "FILE:LINE:COLUMN: what".
[[nodiscard]] IRONLAW_API Json parse_json(std::string_view text, const std::string& file, const TreeLimits& limits = {});

/// Reads and parses a file; throws InputError where it cannot be read.
[[nodiscard]] IRONLAW_API Json read_json(const std::filesystem::path& file);

/// A value in a message, cut where it is long.
[[nodiscard]] IRONLAW_API std::string shown_json(const Json& value);

/// One step of a JSON pointer, escaped: pointer("/stages", "a/b") is "/stages/a~1b".
[[nodiscard]] IRONLAW_API std::string pointer(const std::string& parent, std::string_view key);
[[nodiscard]] IRONLAW_API std::string pointer(const std::string& parent, std::size_t index);

}  // namespace ironlaw::host
