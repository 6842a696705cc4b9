#pragma once
#include <ironlaw/export.hpp>

#include <span>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// From here on, a process that dies in a plugin, or that a plugin ends, leaves its name at `where`, which others can read.
IRONLAW_API void keep_dying_words(std::span<char> where);

/// Throws what became of a process that opens plugins, as the fault of whom it named.
[[noreturn]] void blame_for_end(std::string_view dying_words, const std::string& how);

}  // namespace ironlaw::host
