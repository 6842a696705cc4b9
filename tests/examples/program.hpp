#pragma once
// The program, run as a user runs it.
#include <array>
#include <cstdio>
#include <string>

namespace ironlaw::tests {

/// What `ironlaw ARGUMENTS` prints on standard output.
inline std::string output_of(const std::string& arguments) {
  std::string text;
  FILE* pipe = popen((std::string("'" IRONLAW_PROGRAM "' ") + arguments + " 2>/dev/null").c_str(), "r");
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), n);
  pclose(pipe);
  return text;
}

}  // namespace ironlaw::tests
