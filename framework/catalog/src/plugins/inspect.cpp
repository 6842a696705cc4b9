#include "plugins/inspect.hpp"

#include "plugins/file_trust.hpp"
#include "plugins/manifest_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

namespace ironlaw::host {
namespace {

/// An open file, read by position.
class Descriptor {
 public:
  // Without O_NONBLOCK a pipe of that name would hang the scan.
  explicit Descriptor(const std::filesystem::path& file) : number_(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_regular() const {
    struct stat status {};
    return fstat(number_, &status) == 0 && S_ISREG(status.st_mode);
  }
  [[nodiscard]] bool read(std::uint64_t at, std::span<std::byte> into) const {
    constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
    if (at > last || into.size() > last - at) return false;
    while (!into.empty()) {
      const ssize_t n = pread(number_, into.data(), into.size(), static_cast<off_t>(at));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      into = into.subspan(static_cast<std::size_t>(n));
      at += static_cast<std::uint64_t>(n);
    }
    return true;
  }

 private:
  int number_;
};

}  // namespace

void refuse(PluginRecord& record, LoadStatus status, std::string detail) {
  record.status = status;
  record.detail = std::move(detail);
}

PluginRecord inspect_file(const std::filesystem::path& file) {
  PluginRecord record;
  record.file = file;
  std::error_code failure;
  const auto canonical = std::filesystem::canonical(file, failure);
  if (failure) {
    refuse(record, LoadStatus::not_found, "expected a plugin, found nothing (" + failure.message() + "): check the path");
    return record;
  }
  record.file = canonical;
  const Descriptor descriptor(canonical);
  if (descriptor.number() < 0) {
    refuse(record, LoadStatus::not_found,
           "cannot be read (" + std::generic_category().message(errno) + "): check its permissions");
  } else if (!descriptor.is_regular()) {
    refuse(record, LoadStatus::not_a_plugin, "expected a regular file, found a folder or a device: name the .so file itself");
  } else if (auto reason = distrust_folder(canonical.parent_path()); !reason.empty()) {
    refuse(record, LoadStatus::insecure, std::move(reason));
  } else if (reason = distrust_file(descriptor.number(), canonical); !reason.empty()) {
    refuse(record, LoadStatus::insecure, std::move(reason));
  } else {
    read_manifest([&descriptor](std::uint64_t at, std::span<std::byte> into) { return descriptor.read(at, into); }, record);
  }
  return record;
}

}  // namespace ironlaw::host
