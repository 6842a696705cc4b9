#pragma once
#include <ironlaw/export.hpp>

#include <filesystem>
#include <istream>
#include <memory>

namespace ironlaw::host {

/// A file to read piece by piece; no output of this process takes its place. Throws InputError.
[[nodiscard]] IRONLAW_API std::unique_ptr<std::istream> open_input(const std::filesystem::path& file);

}  // namespace ironlaw::host
