#include "zoo/packs.hpp"

#include "plugins/file_trust.hpp"

#include <ironlaw/catalog/installation.hpp>

#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>

#include <system_error>

namespace ironlaw::host {

namespace fs = std::filesystem;

namespace {

/// A pack is read unasked, so its facts must be the user's or root's.
void refuse_untrusted(const std::vector<fs::path>& packs) {
  for (const fs::path& pack : packs)
    if (const std::string reason = distrust_tree(pack); !reason.empty())
      throw InputError(pack.string(), "a pack of the zoo that is not trusted: " + reason);
}

}  // namespace

std::vector<fs::path> installed_packs() {
  std::vector<fs::path> packs;
  for (const fs::path& data : {data_folder(), user_data_folder()}) {
    if (data.empty()) continue;
    std::error_code failure;
    for (FolderEntry& entry : entries_of(data / "zoo.d", failure))
      if (entry.is_folder) packs.push_back(std::move(entry.path));
  }
  refuse_untrusted(packs);
  return packs;
}

std::vector<fs::path> plugin_packs(const std::vector<PluginRecord>& records) {
  std::vector<fs::path> packs;
  for (const PluginRecord& record : records) {
    std::error_code failure;
    const fs::path pack = fs::path(record.file).replace_extension(".zoo");
    if (record.status == LoadStatus::ok && fs::is_directory(pack, failure)) packs.push_back(pack);
  }
  refuse_untrusted(packs);
  return packs;
}

}  // namespace ironlaw::host
