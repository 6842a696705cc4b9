#pragma once
#include <ironlaw/export.hpp>

namespace ironlaw::host {

/// What the plugin is called whose code the calling thread runs ("plugin mine (/lib/mine.so), solver twice"), or null. May be
/// asked in a signal handler: a program that dies in a plugin can say whose fault it is.
[[nodiscard]] IRONLAW_API const char* plugin_at_work() noexcept;

}  // namespace ironlaw::host
