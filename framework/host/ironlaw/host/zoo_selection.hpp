#pragma once
// Entries of the zoo by a condition, as an axis over the zoo and `zoo list` take it.
#include <ironlaw/catalog/zoo.hpp>

namespace ironlaw::host {

/// Entries of a kind, or of what it serves as, that meet `condition` ("vendor == 'NVIDIA' and memory_capacity >= 24 GB"); all of
/// them where it is empty. An entry whose kind lacks a field that is asked for does not meet it. Throws InputError at `where`
/// for an unknown kind, at `condition_where` for a condition that cannot be read.
[[nodiscard]] IRONLAW_API std::vector<ZooEntryInfo> select_entries(Zoo& zoo, const std::string& kind,
                                                                   const std::string& condition, const std::string& where,
                                                                   const std::string& condition_where);

}  // namespace ironlaw::host
