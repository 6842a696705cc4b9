#include "plugins/digest.hpp"

#include <sys/types.h>

#include <sha256.h>

#include <array>

namespace ironlaw::host {

std::string sha256_of(const std::filesystem::path& file) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  return SHA256_File(file.c_str(), text.data()) == nullptr ? std::string() : text.data();
}

}  // namespace ironlaw::host
