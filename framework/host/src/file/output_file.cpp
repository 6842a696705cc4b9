#include <ironlaw/host/output_file.hpp>

#include <ironlaw/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ironlaw::host {
namespace {

[[noreturn]] void fail(const std::string& name, const char* what) {
  throw InputError(name, std::string(what) + ": " + std::strerror(errno));
}

/// A link is followed, so that it stays one; a folder or a device is nothing that a rename may replace.
std::filesystem::path target_of(const std::filesystem::path& file) {
  std::error_code ec;
  const auto status = std::filesystem::status(file, ec);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw InputError(file.string(), "is not a regular file; give the name of a file to write");
  if (const auto folder = file.parent_path(); !folder.empty() && !std::filesystem::is_directory(folder, ec))
    throw InputError(file.string(), "cannot be written: there is no folder '" + folder.string() + "'");
  const auto target = std::filesystem::canonical(file, ec);
  return ec ? file : target;
}

int open_from(const std::string& name, std::uint64_t from) {
  const int descriptor = open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(name, "cannot be written");
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor);
    throw InputError(name, "another run is writing it");
  }
  struct stat info {};
  const auto end = static_cast<off_t>(from);
  if (fstat(descriptor, &info) != 0 || info.st_size < end || ftruncate(descriptor, end) != 0 ||
      lseek(descriptor, end, SEEK_SET) != end) {
    close(descriptor);
    throw InputError(name, "is shorter than it was; remove it to start anew");
  }
  return descriptor;
}

}  // namespace

DescriptorBuffer::DescriptorBuffer(int descriptor, std::string name, bool owned)
    : descriptor_(descriptor), name_(std::move(name)), owned_(owned), buffer_(std::size_t{1} << 16) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

DescriptorBuffer::~DescriptorBuffer() {
  if (owned_) close(descriptor_);
}

void DescriptorBuffer::write_all(const char* text, std::size_t n) {
  while (n > 0) {
    const ssize_t written = ::write(descriptor_, text, n);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(name_, "cannot be written");
    text += written;
    n -= static_cast<std::size_t>(written);
  }
}

void DescriptorBuffer::flush_buffer() {
  const auto n = static_cast<std::size_t>(pptr() - pbase());
  setp(buffer_.data(), buffer_.data() + buffer_.size());  // what could not be written is not tried again
  write_all(buffer_.data(), n);
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
    write_all(text, size);
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

OpenFile::OpenFile(const std::filesystem::path& name, std::uint64_t from)
    : name_(name.string()), buffer_(open_from(name_, from), name_, true), stream_(&buffer_) {
  stream_.exceptions(std::ios::badbit);
}

std::uint64_t OpenFile::sync() {
  stream_.flush();
  const off_t end = lseek(buffer_.descriptor(), 0, SEEK_CUR);
  if (end < 0 || fdatasync(buffer_.descriptor()) != 0) fail(name_, "cannot be written");
  return static_cast<std::uint64_t>(end);
}

std::filesystem::path OutputFile::partial_name(const std::filesystem::path& file) {
  auto name = file;
  return name += ".partial";
}

OutputFile::OutputFile(const std::filesystem::path& file, Uncommitted uncommitted, std::uint64_t from)
    : file_(target_of(file)), uncommitted_(uncommitted), partial_(partial_name(file_), from) {}

OutputFile::~OutputFile() {
  if (!committed_ && uncommitted_ == Uncommitted::remove) unlink(partial_name(file_).c_str());
}

void OutputFile::commit() {
  sync();
  if (rename(partial_name(file_).c_str(), file_.c_str()) != 0) fail(file_.string(), "cannot be written");
  committed_ = true;
}

}  // namespace ironlaw::host
