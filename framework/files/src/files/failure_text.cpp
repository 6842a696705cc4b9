#include <ironlaw/files/failure_text.hpp>

#include <filesystem>
#include <new>
#include <system_error>

namespace ironlaw::host {

std::string failure_text(const std::exception& failure) {
  if (const auto* of_file = dynamic_cast<const std::filesystem::filesystem_error*>(&failure)) {
    const std::string reason = of_file->code().message();
    return of_file->path1().empty() ? reason : of_file->path1().string() + ": " + reason;
  }
  if (const auto* of_system = dynamic_cast<const std::system_error*>(&failure)) return of_system->code().message();
  if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr) return "out of memory";
  return failure.what();
}

}  // namespace ironlaw::host
