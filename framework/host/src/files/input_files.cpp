#include "files/input_files.hpp"

#include "files/descriptor.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/input_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <mutex>
#include <set>
#include <utility>

namespace ironlaw::host {
namespace {

/// By device and inode: names and links do not matter. Of the process, as readers are everywhere and none may be forgotten.
class InputFiles {
 public:
  void add(const struct stat& file) {
    const std::lock_guard lock(mutex_);
    files_.emplace(file.st_dev, file.st_ino);
  }
  bool contains(const struct stat& file) {
    const std::lock_guard lock(mutex_);
    return files_.contains({file.st_dev, file.st_ino});
  }

 private:
  std::mutex mutex_;
  std::set<std::pair<dev_t, ino_t>> files_;
};

InputFiles& input_files() {
  static InputFiles files;
  return files;
}

}  // namespace

void remember_input(int descriptor) {
  struct stat info {};
  if (fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode)) input_files().add(info);
}

bool is_input(const struct stat& file) { return input_files().contains(file); }

std::unique_ptr<std::istream> open_input(const std::filesystem::path& file) {
  auto in = std::make_unique<std::ifstream>(file, std::ios::binary);
  struct stat info {};
  if (!*in || stat(file.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) throw InputError(file.string(), "cannot be read");
  if (S_ISREG(info.st_mode)) input_files().add(info);
  return in;
}

std::string read_file(const std::filesystem::path& file) {
  const Descriptor in(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!in || fstat(in.number(), &info) != 0 || S_ISDIR(info.st_mode)) throw InputError(file.string(), "cannot be read");
  remember_input(in.number());
  // A regular file ends where its size says; a pipe where nothing more comes.
  const std::size_t whole = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
  constexpr std::size_t piece = 1 << 16;
  std::string text;
  for (std::size_t size = 0;;) {
    text.resize(size + (size == 0 && whole > 0 ? whole + 1 : piece));
    const ssize_t got = read(in.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw InputError(file.string(), "cannot be read");
    size += static_cast<std::size_t>(got);
    if (got > 0 && size != whole) continue;
    text.resize(size);
    return text;
  }
}

}  // namespace ironlaw::host
