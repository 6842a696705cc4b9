#pragma once
#include <string>
#include <vector>

namespace ironlaw::host {

/// Runs a program of the system and waits: false where it is not installed. Throws Error where it fails.
[[nodiscard]] bool run_outside(const std::vector<std::string>& words);

}  // namespace ironlaw::host
