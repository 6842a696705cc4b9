#pragma once
// The candidate a misspelt word most likely meant, for the end of an error message.
#include <ironlaw/export.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace ironlaw::host {

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`, byte by byte.
IRONLAW_API std::size_t edit_distance(std::string_view a, std::string_view b, bool ignore_case = false);

/// The candidate closest to `word`, letter case counting least; the first of equals. A word without a dot is held against what
/// follows the last dot of each ("node.latency" for "latency"). Empty when the closest is further than a third of the word (at
/// least one edit), or shares nothing with it; then the shortest that the word begins.
IRONLAW_API std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ironlaw::host
