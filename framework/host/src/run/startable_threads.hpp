#pragma once
#include <ironlaw/export.hpp>

#include <cstddef>

namespace ironlaw::host {

/// How many of `wanted` threads, the caller among them, the system lets run. oneTBB ends the process where it cannot make one, and
/// a pool of Boost.Asio waits for ever.
[[nodiscard]] IRONLAW_API std::size_t startable_threads(std::size_t wanted);

}  // namespace ironlaw::host
