#pragma once
#include <optional>
#include <string>
#include <vector>

namespace ironlaw::host {

/// What a program of the system makes of a text: reads it from its standard input, and tells its standard output. Nothing where
/// the program is not installed. Throws Error where it fails.
[[nodiscard]] std::optional<std::string> run_outside(const std::vector<std::string>& words, const std::string& input);

}  // namespace ironlaw::host
