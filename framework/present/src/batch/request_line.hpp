#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>

namespace ironlaw::host {

/// The next line, of which no more is kept than a request may have and one byte; false at the end.
[[nodiscard]] bool read_line(std::istream& in, std::uint64_t most, std::string& line);

}  // namespace ironlaw::host
