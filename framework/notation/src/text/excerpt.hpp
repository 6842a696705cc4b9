#pragma once
#include <string>
#include <string_view>

namespace ironlaw::host {

/// A text for a message of one line: what steers a screen spelled out, cut between characters where it is long.
[[nodiscard]] std::string excerpt(std::string_view text);

}  // namespace ironlaw::host
