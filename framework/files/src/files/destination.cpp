// What the name of an output stands for.
#include "files/input_files.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>
#include <ironlaw/files/output_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

/// The number in /dev/fd/3, /proc/self/fd/3 and what leads there; -1 where it is another name.
int named_descriptor(const fs::path& name) {
  const std::string text = name.filename().string();
  int number = -1;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size() || number < 0) return -1;
  std::error_code ignored;
  const auto folder = canonical_path(name.parent_path(), ignored);
  const std::string own = "/proc/" + std::to_string(getpid()) + "/";
  return folder.filename() == "fd" && folder.string().starts_with(own) ? number : -1;
}

Destination open_descriptor(const fs::path& name, int number) {
  const int flags = fcntl(number, F_GETFL);
  if (flags < 0) throw InputError(name.string(), "is not open");
  if ((flags & O_ACCMODE) == O_RDONLY) throw InputError(name.string(), "is open for reading only");
  return {Destination::Kind::descriptor, name, number};
}

/// A link stays one, and what it leads to is written, there or not.
fs::path followed(const fs::path& name) {
  constexpr int most_links = 40;
  fs::path file = name;
  for (int links = 0; links < most_links && named_descriptor(file) < 0; ++links) {
    std::error_code ec;
    if (!fs::is_symlink(fs::symlink_status(file, ec))) return file;
    const auto target = fs::read_symlink(file, ec);
    if (ec) throw InputError(name.string(), "cannot be written: " + ec.message());
    file = file.parent_path() / target;
  }
  if (named_descriptor(file) >= 0) return file;
  throw InputError(name.string(), "cannot be written: links lead in a circle");
}

}  // namespace

Destination destination_of(const fs::path& name) {
  if (name.empty()) throw InputError("", "an output needs the name of a file");
  const fs::path file = followed(name);
  if (const int number = named_descriptor(file); number >= 0) return open_descriptor(name, number);
  struct stat info {};
  if (stat(file.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) throw InputError(name.string(), "is a folder; give the name of a file to write");
    if (!S_ISREG(info.st_mode)) return {Destination::Kind::stream, file};
    if (is_input(file))
      throw InputError(name.string(), "is read by this run, and a result never takes its place; give another name");
  } else if (errno != ENOENT && errno != ENOTDIR) {
    throw InputError(name.string(), std::string("cannot be written: ") + std::strerror(errno));
  }
  const fs::path folder = file.parent_path();
  std::error_code ec;
  if (!folder.empty() && !fs::is_directory(folder, ec))
    throw InputError(name.string(), "cannot be written: there is no folder '" + folder.string() + "'");
  if (access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0)
    throw InputError(name.string(), "cannot be written: the folder: " + std::string(std::strerror(errno)));
  return {Destination::Kind::file, file};
}

}  // namespace ironlaw::host
