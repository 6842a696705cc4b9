#pragma once
// Reads the manifest of a plugin out of its ELF file, as plain bytes: nothing of the file is executed or trusted.
#include <ironlaw/catalog/plugins.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace ironlaw::host {

/// Fills `into` with the bytes from `at` on; false where they end earlier.
using ReadAt = std::function<bool(std::uint64_t at, std::span<std::byte> into)>;

[[nodiscard]] ReadAt read_from(std::span<const std::byte> bytes);

/// Fills in everything of `record` but the file. Where the manifest is readable but does not suit this host, name, version,
/// licence, fingerprint and provides are filled in nevertheless.
void read_manifest(const ReadAt& read, PluginRecord& record);

}  // namespace ironlaw::host
