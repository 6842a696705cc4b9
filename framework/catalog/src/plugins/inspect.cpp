#include "plugins/inspect.hpp"

#include "files/descriptor.hpp"
#include "files/input_files.hpp"
#include "plugins/file_trust.hpp"
#include "plugins/manifest_file.hpp"

#include <ironlaw/files/folder.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

namespace ironlaw::host {
namespace {

bool is_regular(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

bool read_at(int descriptor, std::uint64_t at, std::span<std::byte> into) {
  constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (at > last || into.size() > last - at) return false;
  while (!into.empty()) {
    const ssize_t n = pread(descriptor, into.data(), into.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  return true;
}

}  // namespace

void refuse(PluginRecord& record, LoadStatus status, std::string detail) {
  record.status = status;
  record.detail = std::move(detail);
}

PluginRecord inspect_file(const std::filesystem::path& file) {
  PluginRecord record;
  record.file = file;
  std::error_code failure;
  const auto canonical = canonical_path(file, failure);
  if (failure) {
    refuse(record, LoadStatus::not_found, "expected a plugin, found nothing (" + failure.message() + "): check the path");
    return record;
  }
  record.file = canonical;
  // Without O_NONBLOCK a pipe of that name would hang the scan.
  const Descriptor opened(open(canonical.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened) {
    refuse(record, LoadStatus::not_found,
           "cannot be read (" + std::generic_category().message(errno) + "): check its permissions");
  } else if (!is_regular(opened.number())) {
    refuse(record, LoadStatus::not_a_plugin, "expected a regular file, found a folder or a device: name the .so file itself");
  } else if (auto reason = distrust_folder(canonical.parent_path()); !reason.empty()) {
    refuse(record, LoadStatus::insecure, std::move(reason));
  } else if (reason = distrust_file(opened.number(), canonical); !reason.empty()) {
    refuse(record, LoadStatus::insecure, std::move(reason));
  } else {
    remember_input(opened.number());
    read_manifest([&](std::uint64_t at, std::span<std::byte> into) { return read_at(opened.number(), at, into); }, record);
  }
  return record;
}

}  // namespace ironlaw::host
