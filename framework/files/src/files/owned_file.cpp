#include "files/owned_file.hpp"

#include "files/input_files.hpp"

#include <ironlaw/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace ironlaw::host {
namespace {

constexpr int own_flags = O_RDWR | O_CREAT | O_NOFOLLOW;

struct stat status_of(int descriptor, const std::string& name) {
  struct stat info {};
  if (fstat(descriptor, &info) != 0) fail_writing(name);
  return info;
}

/// A run that was killed leaves no lock behind, but its workers need a moment to end.
bool lock(int descriptor) {
  constexpr auto patience = std::chrono::milliseconds(500);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() > end) {
      errno = EWOULDBLOCK;
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace

void fail_writing(const std::string& name) { throw InputError(name, std::string("cannot be written: ") + std::strerror(errno)); }

void write_all(int descriptor, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_writing(name);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void check_written_alone(int descriptor, std::uint64_t end, const std::string& name) {
  if (lseek(descriptor, 0, SEEK_CUR) == static_cast<off_t>(end)) return;
  throw PluginError({}, name, "a plugin wrote into the result; --isolate opens plugins in processes of their own");
}

Descriptor open_folder_of(const std::filesystem::path& file) {
  const auto folder = file.parent_path();
  return Descriptor(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

void sync_folder(const Descriptor& folder, const std::filesystem::path& file) {
  // A folder that may be written and not be read, and file systems that know no such thing.
  if (!folder) return;
  if (fsync(folder.number()) != 0 && errno != EINVAL)
    throw InputError(file.string(),
                     std::string("is written, but a power cut may take its name away again: ") + std::strerror(errno));
}

OwnedFile::OwnedFile(const std::filesystem::path& name, int flags)
    : name_(name.string()), descriptor_(open(name_.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0666)) {
  if (!descriptor_ && errno == ELOOP)
    throw InputError(name_, "is a link, which is not followed; remove it, or give another --out");
  if (!descriptor_ && (flags & O_CREAT) != 0) fail_writing(name_);
  if (!descriptor_) throw InputError(name_, "cannot be read");
  if (!S_ISREG(status_of(descriptor_.number(), name_).st_mode)) throw InputError(name_, "is not a regular file");
}

OwnedFile OwnedFile::to_read(const std::filesystem::path& name) {
  OwnedFile file(name, O_RDONLY);
  remember_input(file.descriptor_.number());
  return file;
}

OwnedFile OwnedFile::to_write(const std::filesystem::path& name) { return {name, own_flags}; }

OwnedFile OwnedFile::to_write_alone(const std::filesystem::path& name) {
  for (;;) {
    OwnedFile file(name, own_flags);
    if (!lock(file.descriptor_.number())) {
      if (errno == EWOULDBLOCK) throw InputError(file.name_, "another run is writing it");
      throw InputError(file.name_, std::string("cannot be locked: ") + std::strerror(errno));
    }
    // The run that had it may have taken its name away meanwhile.
    struct stat named {};
    if (stat(file.name_.c_str(), &named) == 0 && named.st_ino == file.inode()) return file;
  }
}

std::uint64_t OwnedFile::size() const { return static_cast<std::uint64_t>(status_of(descriptor_.number(), name_).st_size); }
std::uint64_t OwnedFile::inode() const { return status_of(descriptor_.number(), name_).st_ino; }

bool OwnedFile::read(std::uint64_t at, std::span<char> into) const {
  while (!into.empty()) {
    const ssize_t got = pread(descriptor_.number(), into.data(), into.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw InputError(name_, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
    at += static_cast<std::uint64_t>(got);
  }
  return true;
}

void OwnedFile::truncate(std::uint64_t size) {
  end_ = size;
  const auto end = static_cast<off_t>(size);
  if (ftruncate(descriptor_.number(), end) != 0 || lseek(descriptor_.number(), end, SEEK_SET) != end) fail_writing(name_);
}

void OwnedFile::check_end() const { check_written_alone(descriptor_.number(), end_, name_); }

void OwnedFile::append(std::string_view bytes) {
  check_end();
  write_all(descriptor_.number(), bytes, name_);
  end_ += bytes.size();
}

void OwnedFile::sync() {
  check_end();
  if (fdatasync(descriptor_.number()) != 0) fail_writing(name_);
}

void OwnedFile::rename(const std::filesystem::path& to) {
  struct stat replaced {};
  if (stat(to.c_str(), &replaced) == 0) {
    if (is_input(to)) throw InputError(to.string(), "is read by this run, and a result never takes its place");
    (void)fchmod(descriptor_.number(), replaced.st_mode & 0777);  // some file systems have no modes
  }
  const Descriptor folder = open_folder_of(to);
  if (::rename(name_.c_str(), to.c_str()) != 0) fail_writing(to.string());
  sync_folder(folder, to);
}

void OwnedFile::remove() { unlink(name_.c_str()); }

}  // namespace ironlaw::host
