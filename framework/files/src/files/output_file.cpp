#include <ironlaw/files/output_file.hpp>

#include "files/owned_file.hpp"

#include <ironlaw/callback_file.hpp>
#include <ironlaw/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <sstream>

namespace ironlaw::host {
namespace {

/// A name in the folder of `file` that nobody has.
std::filesystem::path unfinished_name(const std::filesystem::path& file) {
  std::random_device random;
  std::ostringstream name;
  name << ".ironlaw_" << std::hex << random() << random();
  return file.parent_path() / name.str();
}

/// A descriptor without a name in any folder; -1 where the file system has none.
int open_nameless(const std::filesystem::path& file) {
  if (access("/proc/self/fd", X_OK) != 0) return -1;  // by which it gets its name in the end
  const auto folder = file.parent_path();
  return open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
}

bool link_nameless(int descriptor, const std::filesystem::path& name) {
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  return linkat(AT_FDCWD, link.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

}  // namespace

DescriptorBuffer::DescriptorBuffer(int descriptor, std::string name, bool owned)
    : descriptor_(descriptor), name_(std::move(name)), owned_(owned), buffer_(std::size_t{1} << 16) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

DescriptorBuffer::~DescriptorBuffer() {
  if (owned_) close(descriptor_);
}

void DescriptorBuffer::flush_buffer() {
  const auto n = static_cast<std::size_t>(pptr() - pbase());
  setp(buffer_.data(), buffer_.data() + buffer_.size());  // what could not be written is not tried again
  write_out({buffer_.data(), n});
}

void DescriptorBuffer::write_out(std::string_view bytes) {
  write_all(descriptor_, bytes, name_);
  written_ += bytes.size();
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type c) {
  flush_buffer();
  if (c == traits_type::eof()) return 0;
  *pptr() = traits_type::to_char_type(c);
  pbump(1);
  return c;
}

std::streamsize DescriptorBuffer::xsputn(const char* text, std::streamsize n) {
  const auto size = static_cast<std::size_t>(n);
  if (n > epptr() - pptr()) flush_buffer();
  if (size > buffer_.size()) {
    write_out({text, size});
  } else {
    std::memcpy(pptr(), text, size);
    pbump(static_cast<int>(n));
  }
  return n;
}

int DescriptorBuffer::sync() {
  flush_buffer();
  return 0;
}

OutputFile::OutputFile(const std::filesystem::path& name)
    : name_(name), to_(destination_of(name)), buffer_(open(), name.string(), true), stream_(&buffer_) {
  stream_.exceptions(std::ios::badbit);
}

OutputFile::~OutputFile() {
  if (!unfinished_.empty()) unlink(unfinished_.c_str());
}

int OutputFile::open() {
  int descriptor = -1;
  switch (to_.kind) {
    case Destination::Kind::descriptor:
      descriptor = fcntl(to_.descriptor, F_DUPFD_CLOEXEC, 3);
      break;
    case Destination::Kind::stream:
      descriptor = ::open(to_.file.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
      break;
    case Destination::Kind::file:
      descriptor = open_nameless(to_.file);
      if (descriptor >= 0) break;
      unfinished_ = unfinished_name(to_.file);
      descriptor = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
      break;
  }
  if (descriptor >= 0) return descriptor;
  unfinished_.clear();
  fail_writing(name_.string());
}

void OutputFile::commit() {
  stream_.flush();
  if (to_.kind != Destination::Kind::file) return;
  const int descriptor = buffer_.descriptor();
  check_written_alone(descriptor, buffer_.written(), name_.string());
  if (fdatasync(descriptor) != 0) fail_writing(name_.string());
  (void)destination_of(to_.file);  // more may have been read since it was opened
  struct stat replaced {};
  if (stat(to_.file.c_str(), &replaced) == 0)
    (void)fchmod(descriptor, replaced.st_mode & 0777);  // some file systems have no modes
  const Descriptor folder = open_folder_of(to_.file);
  if (unfinished_.empty() && !link_nameless(descriptor, to_.file)) {
    if (errno != EEXIST) fail_writing(name_.string());
    const auto beside = unfinished_name(to_.file);
    if (!link_nameless(descriptor, beside)) fail_writing(name_.string());
    unfinished_ = beside;
  }
  if (!unfinished_.empty() && rename(unfinished_.c_str(), to_.file.c_str()) != 0) fail_writing(name_.string());
  unfinished_.clear();
  sync_folder(folder, to_.file);
}

}  // namespace ironlaw::host

namespace ironlaw {

struct CallbackFile::Impl {
  explicit Impl(std::string_view name) : file(name) {}
  host::OutputFile file;
};

CallbackFile::CallbackFile(std::string_view name) : impl_(std::make_unique<Impl>(name)) {}
CallbackFile::~CallbackFile() = default;

void CallbackFile::write(std::string_view bytes) {
  impl_->file.stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
void CallbackFile::commit() { impl_->file.commit(); }

}  // namespace ironlaw
