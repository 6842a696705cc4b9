#include "plugins/digest.hpp"

#include <ironlaw/error.hpp>

#include <sys/types.h>

#include <sha256.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace ironlaw::host {

std::string sha256_where_readable(const std::filesystem::path& file) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  return SHA256_File(file.c_str(), text.data()) == nullptr ? std::string() : text.data();
}

std::string sha256_of(const std::filesystem::path& file) {
  std::string text = sha256_where_readable(file);
  if (text.empty()) throw InputError(file.string(), "cannot be read: " + std::generic_category().message(errno));
  return text;
}

std::string sha256_text(std::string_view bytes) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  SHA256Data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), text.data());
  return text.data();
}

std::array<std::uint8_t, 32> sha256_of_bytes(std::string_view bytes) {
  static_assert(SHA256_DIGEST_LENGTH == 32);
  SHA256_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::array<std::uint8_t, 32> digest{};
  SHA256Final(digest.data(), &context);
  return digest;
}

}  // namespace ironlaw::host
