#include "plugins/search.hpp"

#include "plugins/file_trust.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/files/folder.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;
constexpr const char* path_variable = "IRONLAW_PLUGIN_PATH";

void add_once(std::vector<fs::path>& to, const fs::path& path) {
  const auto same = [&path](const fs::path& other) { return other.native() == path.native(); };
  if (std::none_of(to.begin(), to.end(), same)) to.push_back(path);
}

/// Looks into a folder. Not ok: status and detail say why nothing of it is used.
PluginRecord scan(const fs::path& folder, PluginFiles& files) {
  PluginRecord record;
  record.file = folder;
  add_once(files.folders, folder);
  std::error_code failure;
  const fs::path canonical = canonical_path(folder, failure);
  if (failure || !fs::is_directory(canonical, failure)) {
    record.status = LoadStatus::not_found;
    record.detail = "expected a folder of plugins, found none: check the path";
  } else if (record.detail = distrust_folder(canonical); !record.detail.empty()) {
    record.status = LoadStatus::insecure;
  } else {
    for (const FolderEntry& entry : entries_of(canonical, failure))
      if (entry.path.extension() == ".so") add_once(files.found, entry.path);
    if (failure) {
      record.status = LoadStatus::not_found;
      record.detail = "cannot be read (" + failure.message() + "): check its permissions";
    }
  }
  return record;
}

void scan_named(const std::vector<fs::path>& folders, PluginFiles& files) {
  for (const fs::path& folder : folders) {
    const PluginRecord record = scan(folder, files);
    if (record.status != LoadStatus::ok) throw InputError(folder.string(), record.detail);
  }
}

void scan_environment(PluginFiles& files) {
  const char* value = secure_getenv(path_variable);
  std::string_view rest = value == nullptr ? "" : value;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const fs::path folder = rest.substr(0, colon);
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    if (folder.empty()) continue;
    PluginRecord record;
    if (folder.is_absolute()) {
      record = scan(folder, files);
    } else {
      record.file = folder;
      record.status = LoadStatus::insecure;
      record.detail = "expected an absolute folder, found a relative one: write it from / on";
    }
    if (record.status == LoadStatus::ok) continue;
    record.detail = "$" + std::string(path_variable) + ": " + record.detail;
    files.refused.push_back(std::move(record));
  }
}

/// Defaults that do not exist are no news; one that others could write is.
void scan_default(const fs::path& folder, PluginFiles& files) {
  PluginRecord record = scan(folder, files);
  if (record.status == LoadStatus::insecure) files.refused.push_back(std::move(record));
}

fs::path user_folder() {
  const fs::path data = user_data_folder();
  return data.empty() ? data : data / "plugins";
}

/// An installation has <libdir>/ironlaw/plugins, a build tree <libdir>/plugins.
fs::path host_folder() {
  static const char inside_host = 0;
  Dl_info info{};
  if (dladdr(&inside_host, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code failure;
  const fs::path library = canonical_path(info.dli_fname, failure);
  if (failure) return {};
  const fs::path installed = library.parent_path() / "ironlaw" / "plugins";
  const fs::path built = library.parent_path() / "plugins";
  return !fs::exists(installed, failure) && fs::exists(built, failure) ? built : installed;
}

}  // namespace

PluginFiles find_plugin_files(const PluginSearch& search) {
  PluginFiles files;
  for (const fs::path& file : search.files) {
    if (!file.has_parent_path()) {
      throw InputError(file.string(),
                       "expected a path with a folder in it: write ./" + file.string() + " for the working directory");
    }
    std::error_code failure;
    const fs::path canonical = canonical_path(file, failure);
    add_once(files.named, failure ? file : canonical);
  }
  scan_named(search.folders, files);
  if (search.environment) scan_environment(files);
  if (search.defaults) {
    for (const fs::path& folder : {user_folder(), host_folder()}) {
      if (!folder.empty()) scan_default(folder, files);
    }
  }
  return files;
}

}  // namespace ironlaw::host
