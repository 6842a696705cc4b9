// Runs a fuzz target without a fuzzer: every file of a corpus as it is, then damaged in ways that the same seed repeats.
// Use: <target> FOLDER [MUTATIONS_PER_FILE]
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A few bytes overwritten, a cut, or a piece copied elsewhere.
Bytes damaged(Bytes bytes, std::mt19937_64& random) {
  const auto below = [&random](std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(random() % n); };
  if (bytes.empty()) return bytes;
  const std::size_t changes = 1 + below(8);
  for (std::size_t i = 0; i < changes; ++i) {
    constexpr std::uint8_t extremes[]{0x00, 0x01, 0x7F, 0x80, 0xFF};
    bytes[below(bytes.size())] = random() % 2 == 0 ? extremes[below(std::size(extremes))] : static_cast<std::uint8_t>(random());
  }
  if (random() % 8 == 0) bytes.resize(below(bytes.size()));
  if (bytes.size() > 16 && random() % 8 == 0) {
    const std::size_t length = 1 + below(16);
    std::copy_n(Bytes(bytes).begin() + static_cast<std::ptrdiff_t>(below(bytes.size() - length)), length,
                bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size() - length)));
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "use: %s FOLDER [MUTATIONS_PER_FILE]\n", argv[0]);
    return 2;
  }
  const unsigned long mutations = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1000;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::mt19937_64 random(1);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(in), {}};
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    for (unsigned long i = 0; i < mutations; ++i) {
      const Bytes other = damaged(bytes, random);
      LLVMFuzzerTestOneInput(other.data(), other.size());
    }
  }
  std::printf("%zu files, %lu mutations each\n", files.size(), mutations);
  return files.empty() ? 1 : 0;
}
