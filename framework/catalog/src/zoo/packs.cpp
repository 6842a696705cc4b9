#include "zoo/packs.hpp"

#include "plugins/file_trust.hpp"

#include <ironlaw/catalog/installation.hpp>

#include <ironlaw/error.hpp>

#include <algorithm>
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
    std::vector<fs::path> here;
    for (fs::directory_iterator entry(data / "zoo.d", failure), end; !failure && entry != end; entry.increment(failure)) {
      if (entry->is_directory(failure)) here.push_back(entry->path());
    }
    std::sort(here.begin(), here.end());
    packs.insert(packs.end(), here.begin(), here.end());
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
