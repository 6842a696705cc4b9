#pragma once
#include <ironlaw/export.hpp>

#include <span>

namespace ironlaw::host {

/// From here on, a process that dies in a plugin, or that a plugin ends, leaves its name at `where`, which others can read.
IRONLAW_API void keep_dying_words(std::span<char> where);

}  // namespace ironlaw::host
