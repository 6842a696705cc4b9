#include "text/shared_folder.hpp"

#include <dlfcn.h>

namespace ironlaw::host {

std::filesystem::path shared_folder(const std::string& name) {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&shared_folder), &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code ec;
  const auto library = std::filesystem::canonical(info.dli_fname, ec);
  for (auto folder = library.parent_path(); folder.has_relative_path(); folder = folder.parent_path())
    if (const auto found = folder / "share" / "ironlaw" / name; std::filesystem::is_directory(found, ec)) return found;
  return {};
}

}  // namespace ironlaw::host
