#include "plugins/digest.hpp"

#include "files/descriptor.hpp"

#include <ironlaw/error.hpp>

#include <fcntl.h>
#include <nettle/sha2.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace ironlaw::host {
namespace {

constexpr std::size_t read_at_a_time = std::size_t{1} << 16;

class Sha256 {
 public:
  Sha256() { sha256_init(&context_); }
  void add(const char* bytes, std::size_t size) { sha256_update(&context_, size, reinterpret_cast<const std::uint8_t*>(bytes)); }
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest() {
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> bytes{};
    sha256_digest(&context_, bytes.size(), bytes.data());
    return bytes;
  }
  std::string text() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : digest()) {
      text += digits[byte >> 4U];
      text += digits[byte & 15U];
    }
    return text;
  }

 private:
  sha256_ctx context_{};
};

}  // namespace

std::string sha256_where_readable(const std::filesystem::path& file) {
  const Descriptor from(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from) return {};
  Sha256 sum;
  std::vector<char> bytes(read_at_a_time);
  while (true) {
    const ssize_t got = read(from.number(), bytes.data(), bytes.size());
    if (got == 0) return sum.text();
    if (got < 0 && errno != EINTR) return {};
    if (got > 0) sum.add(bytes.data(), static_cast<std::size_t>(got));
  }
}

std::string sha256_of(const std::filesystem::path& file) {
  std::string text = sha256_where_readable(file);
  if (text.empty()) throw InputError(file.string(), "cannot be read: " + std::generic_category().message(errno));
  return text;
}

std::string sha256_text(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes.data(), bytes.size());
  return sum.text();
}

std::array<std::uint8_t, 32> sha256_of_bytes(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes.data(), bytes.size());
  return sum.digest();
}

}  // namespace ironlaw::host
