#pragma once
#include <ironlaw/export.hpp>

#include <functional>
#include <string>

namespace ironlaw::host {

/// Does a task, and says which file it asked for first: "/etc/passwd", or an empty text. What it asks for is not there. Only in a
/// child: from here on no file can be opened. Nothing is seen where the kernel has no seccomp, and under a sanitizer.
[[nodiscard]] IRONLAW_API std::string file_asked_for(const std::function<void()>& task);

}  // namespace ironlaw::host
