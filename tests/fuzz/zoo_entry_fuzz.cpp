// Arbitrary bytes as a zoo file: entries and faults, each fault one line; never anything else.
#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/error.hpp>

#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace {

using namespace ironlaw;

/// A folder of this process, removed at exit.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("ironlaw_zoo_fuzz_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void write(const std::uint8_t* data, std::size_t size) const {
    std::ofstream(path_ / "entries.json", std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

bool one_line(std::string_view text) { return !text.empty() && text.find('\n') == text.npos; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  static host::Plugins plugins({});
  folder.write(data, size);
  try {
    host::Zoo zoo(plugins, {folder.path()}, {});
    for (const auto& fault : zoo.check())
      if (!one_line(fault)) std::abort();
    (void)zoo.list({});
  } catch (const Error& e) {
    if (!one_line(e.what())) std::abort();
  }
  return 0;
}
