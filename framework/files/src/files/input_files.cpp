#include "files/input_files.hpp"

#include "files/descriptor.hpp"

#include <ironlaw/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>

namespace ironlaw::host {
namespace {

/// What a file is, whatever it is called. The number of an inode is given again once its file is gone, so its birth counts too.
using Identity = std::tuple<std::uint32_t, std::uint32_t, std::uint64_t, std::int64_t, std::uint32_t>;

/// Of a descriptor, or where that is AT_FDCWD of a name; nothing where it is not a regular file.
std::optional<Identity> identity_of(int descriptor, const char* name) {
  struct statx info {};
  const int flags = descriptor == AT_FDCWD ? 0 : AT_EMPTY_PATH;
  if (statx(descriptor, name, flags, STATX_TYPE | STATX_INO | STATX_BTIME, &info) != 0 || !S_ISREG(info.stx_mode)) return {};
  return Identity{info.stx_dev_major, info.stx_dev_minor, info.stx_ino, info.stx_btime.tv_sec, info.stx_btime.tv_nsec};
}

/// Of the process, as readers are everywhere and none may be forgotten.
class InputFiles {
 public:
  void add(const std::optional<Identity>& file) {
    if (!file) return;
    const std::lock_guard lock(mutex_);
    files_.insert(*file);
  }
  bool contains(const std::optional<Identity>& file) {
    const std::lock_guard lock(mutex_);
    return file && files_.contains(*file);
  }

 private:
  std::mutex mutex_;
  std::set<Identity> files_;
};

InputFiles& input_files() {
  static InputFiles files;
  return files;
}

void check_length(const std::string& where, std::size_t size, std::size_t most) {
  if (size > most) throw InputError(where, "is longer than " + std::to_string(most >> 20) + " MiB, the most that is read of it");
}

}  // namespace

void remember_input(int descriptor) { input_files().add(identity_of(descriptor, "")); }

bool is_input(const std::filesystem::path& file) { return input_files().contains(identity_of(AT_FDCWD, file.c_str())); }

std::unique_ptr<std::istream> open_input(const std::filesystem::path& file) {
  auto in = std::make_unique<std::ifstream>(file, std::ios::binary);
  struct stat info {};
  if (!*in || stat(file.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) throw InputError(file.string(), "cannot be read");
  input_files().add(identity_of(AT_FDCWD, file.c_str()));
  return in;
}

std::string read_file(const std::filesystem::path& file) {
  const Descriptor in(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!in || fstat(in.number(), &info) != 0 || S_ISDIR(info.st_mode)) throw InputError(file.string(), "cannot be read");
  remember_input(in.number());
  // A regular file ends where its size says; a pipe where nothing more comes.
  const std::size_t whole = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
  const std::size_t most = S_ISREG(info.st_mode) ? most_of_a_file : most_of_a_stream;
  check_length(file.string(), whole, most);
  constexpr std::size_t piece = 1 << 16;
  std::string text;
  for (std::size_t size = 0;;) {
    text.resize(size + (size == 0 && whole > 0 ? whole + 1 : piece));
    const ssize_t got = read(in.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw InputError(file.string(), "cannot be read");
    size += static_cast<std::size_t>(got);
    check_length(file.string(), size, most);
    if (got > 0 && size != whole) continue;
    text.resize(size);
    return text;
  }
}

std::string read_rest(std::istream& in, const std::string& where) {
  std::string text;
  for (std::array<char, 1 << 16> piece; in.read(piece.data(), piece.size()) || in.gcount() > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    check_length(where, text.size(), most_of_a_stream);
  }
  return text;
}

bool read_line(std::istream& in, std::uint64_t most, const std::string& where, std::string& line) {
  line.clear();
  std::array<char, 1 << 12> part;
  for (std::size_t length = 0; in.good();) {
    in.get(part.data(), part.size(), '\n');
    const auto size = static_cast<std::size_t>(in.gcount());
    if (line.size() <= most) line.append(part.data(), size);
    length += size;
    if (length > most && length - most > most_of_a_stream) throw InputError(where, "have a line that does not end");
    if (in.eof()) return !line.empty();
    if (in.bad()) return false;
    in.clear();  // an empty part of a line counts as a failure
    if (in.peek() != '\n') continue;
    in.ignore();
    return true;
  }
  return false;
}

}  // namespace ironlaw::host
