#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/files/folder.hpp>

#include <dlfcn.h>

#include <cstdlib>
#include <system_error>

namespace ironlaw::host {

namespace fs = std::filesystem;

// The library lies in <prefix>/lib or <prefix>/lib/<architecture>.
fs::path data_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&data_folder), &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code failure;
  const auto library = canonical_path(info.dli_fname, failure);
  for (auto folder = library.parent_path(); folder.has_relative_path(); folder = folder.parent_path())
    if (auto data = folder / "share" / "ironlaw"; fs::is_directory(data, failure)) return data;
  return {};
}

std::string shown_path(const fs::path& file) {
  const fs::path data = data_folder();
  if (data.empty()) return file.string();
  const fs::path inside = file.lexically_relative(data.parent_path().parent_path());
  return inside.empty() || *inside.begin() == ".." ? file.string() : inside.string();
}

fs::path user_data_folder() {
  const char* data = secure_getenv("XDG_DATA_HOME");
  if (data != nullptr && fs::path(data).is_absolute()) return fs::path(data) / "ironlaw";
  const char* home = secure_getenv("HOME");
  if (home != nullptr && fs::path(home).is_absolute()) return fs::path(home) / ".local" / "share" / "ironlaw";
  return {};
}

}  // namespace ironlaw::host
