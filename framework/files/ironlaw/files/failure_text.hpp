#pragma once
#include <ironlaw/export.hpp>

#include <exception>
#include <string>

namespace ironlaw::host {

/// What an exception says for people. Of the file system: which file, and why, as of other faults; the standard library's own
/// words name its functions.
[[nodiscard]] IRONLAW_API std::string failure_text(const std::exception& failure);

}  // namespace ironlaw::host
