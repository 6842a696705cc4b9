#pragma once
#include <ironlaw/export.hpp>

#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <string>

namespace ironlaw::host {

/// Bytes that are read whole of a file, and of what has no size and may never end (a pipe, a device).
inline constexpr std::size_t most_of_a_file = std::size_t{1} << 30;
inline constexpr std::size_t most_of_a_stream = std::size_t{1} << 28;

/// A file to read piece by piece; no output of this process takes its place. Throws InputError.
[[nodiscard]] IRONLAW_API std::unique_ptr<std::istream> open_input(const std::filesystem::path& file);
/// The whole text of a file, which the same holds for. Throws InputError, where it is longer than is read, too.
[[nodiscard]] IRONLAW_API std::string read_file(const std::filesystem::path& file);
/// The rest of a stream, which `where` calls by name. Throws InputError where it is longer than most_of_a_stream.
[[nodiscard]] IRONLAW_API std::string read_rest(std::istream& in, const std::string& where);
/// The next line, without its end, of which no more is kept than `most` and one byte; false where there is none. Throws InputError
/// where it goes on for most_of_a_stream behind that.
[[nodiscard]] IRONLAW_API bool read_line(std::istream& in, std::uint64_t most, const std::string& where, std::string& line);

}  // namespace ironlaw::host
