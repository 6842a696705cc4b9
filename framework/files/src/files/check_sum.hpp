#pragma once
#include <ironlaw/export.hpp>

#include <cstdint>
#include <string_view>

namespace ironlaw::host {

/// XXH3 of 64 bits: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md.
[[nodiscard]] IRONLAW_API std::uint64_t check_sum(std::string_view bytes);

}  // namespace ironlaw::host
