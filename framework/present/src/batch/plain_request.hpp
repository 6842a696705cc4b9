#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// An input of a plain request, as it stands in the line.
struct PlainInput {
  enum class Kind : std::uint8_t { number, text, truth };
  std::string_view name;
  std::string_view value;  ///< of a text what stands between the quotes
  Kind kind = Kind::number;
};

/// A request of one solver whose values are plain: views into its line, no tree. Most requests are.
struct PlainRequest {
  std::string_view id = "null";  ///< as its answer says it
  std::string_view solver;
  std::optional<std::string_view> profile;
  std::vector<PlainInput> inputs;
};

/// False where the line is anything but that - a config, a list, an escape, a reference, a name twice, a fault - and has to be
/// read as a tree.
[[nodiscard]] bool read_plain(std::string_view line, PlainRequest& request);

}  // namespace ironlaw::host
