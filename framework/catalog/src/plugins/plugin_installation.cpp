#include <ironlaw/catalog/plugin_installation.hpp>

#include <ironlaw/notation/nearest.hpp>

#include "files/input_files.hpp"
#include "plugins/component_name.hpp"
#include "plugins/digest.hpp"
#include "plugins/file_trust.hpp"
#include "plugins/plugin_bundle.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>
#include <ironlaw/files/output_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

fs::path user_plugins() {
  const fs::path data = user_data_folder();
  if (data.empty()) throw InputError("plugin install", "there is no home folder to install into: set $HOME or $XDG_DATA_HOME");
  return data / "plugins";
}
fs::path user_packs() { return user_data_folder() / "zoo.d"; }

/// Made where it is not there, for its owner alone to write.
void make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw InputError(folder.string(), "cannot be made: " + failure.message());
  if (const std::string reason = distrust_folder(folder); !reason.empty()) throw InputError(folder.string(), reason);
}

/// What is written beside its place, and takes it at once; gone again where it does not come so far.
class Beside {
 public:
  explicit Beside(fs::path to)
      : to_(std::move(to)), part_(to_.parent_path() / ("." + to_.filename().string() + ".part" + std::to_string(getpid()))) {}
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside() {
    std::error_code ignored;
    fs::remove_all(part_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return part_; }
  void commit() {
    // What was there is gone with this, and never before the other is in its place.
    if (renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, to_.c_str(), RENAME_EXCHANGE) == 0) return;
    std::error_code failure;
    if (fs::is_directory(to_, failure)) fs::remove_all(to_, failure);  // a file system that exchanges nothing
    fs::rename(part_, to_, failure);
    if (failure) throw InputError(to_.string(), "cannot be written: " + failure.message());
  }

 private:
  fs::path to_;
  fs::path part_;
};

void write_text(const fs::path& file, std::string_view text) {
  OutputFile out(file);
  out.stream() << text;
  out.commit();
  std::error_code failure;
  fs::permissions(file, fs::perms::group_write | fs::perms::others_write, fs::perm_options::remove, failure);
  if (failure) throw InputError(file.string(), "cannot be written: " + failure.message());
}

/// A pack holds entries and nothing else; what holds more, or leads elsewhere, is somebody's own and not to be lost.
void check_is_pack(const fs::path& folder) {
  const auto refuse = [](const fs::path& own) {
    throw InputError(own.string(), "was not put there by plugin install, and would be lost: move it away");
  };
  std::error_code failure;
  const auto status = fs::symlink_status(folder, failure);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status)) refuse(folder);
  for (const FolderEntry& entry : entries_below(folder, failure))
    if (entry.is_link || !(entry.is_folder || entry.path.extension() == ".json")) refuse(entry.path);
  if (failure) throw InputError(folder.string(), "cannot be read: " + failure.message());
}

void check_elsewhere(const fs::path& from, const fs::path& to) {
  std::error_code none_there;
  if (fs::equivalent(from, to, none_there)) throw InputError(from.string(), "is installed: it lies where it would be copied to");
}

void write_pack(const PackFiles& files, const fs::path& folder) {
  for (const auto& [name, text] : files) {
    make_folder((folder / name).parent_path());
    write_text(folder / name, text);
  }
}

/// The pack of a plugin: what it carries, else the folder beside it.
PackFiles pack_of(const fs::path& plugin, std::string_view bytes) {
  if (PackFiles carried = bundled_files(bytes, plugin.string()); !carried.empty()) return carried;
  const fs::path folder = fs::path(plugin).replace_extension(".zoo");
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return {};
  if (const std::string reason = distrust_tree(folder); !reason.empty()) throw InputError(folder.string(), reason);
  return read_pack(folder);
}

/// Throws InputError where the name stands for another plugin already.
std::string replaced_version(const PluginRecord& record, const fs::path& to, const std::vector<PluginRecord>& found) {
  std::string replaced;
  for (const PluginRecord& other : found) {
    if (other.name != record.name || other.file == record.file) continue;
    std::error_code none_there;
    if (other.file == to || fs::equivalent(other.file, to, none_there)) {
      replaced = other.version;
    } else {
      throw InputError(record.file.string(), "the name '" + record.name + "' is that of " + other.file.string() +
                                                 ", which would be taken for it: build it under another name");
    }
  }
  return replaced;
}

InstalledPlugin install_one(const fs::path& file, const std::vector<PluginRecord>& found) {
  const PluginRecord record = Plugins::inspect(file);
  if (record.status != LoadStatus::ok) throw InputError(file.string(), record.detail);
  const fs::path to = user_plugins() / (record.name + ".so");
  const fs::path zoo = fs::path(to).replace_extension(".zoo");
  check_elsewhere(record.file, to);
  check_is_pack(zoo);
  InstalledPlugin installed{record.name, record.version, {}, to, 0, replaced_version(record, to, found)};
  const std::string bytes = read_file(record.file);
  const PackFiles pack = pack_of(record.file, bytes);
  installed.zoo_files = pack.size();
  make_folder(to.parent_path());
  Beside library(to);
  write_text(library.path(), bytes);
  Beside entries(zoo);
  if (!pack.empty()) {
    make_folder(entries.path());
    write_pack(pack, entries.path());
    entries.commit();
  } else {
    std::error_code ignored;
    fs::remove_all(zoo, ignored);  // of the version before
  }
  library.commit();
  installed.sha256 = sha256_text(bytes);
  return installed;
}

InstalledPlugin install_pack(const fs::path& folder) {
  std::error_code failure;
  const std::string name = canonical_path(folder, failure).filename().string();
  if (!is_snake_case(name))
    throw InputError(folder.string(),
                     "'" + name + "' is no name for a pack; allowed: lower case, digits and single '_', a letter first");
  if (const std::string reason = distrust_tree(folder); !reason.empty()) throw InputError(folder.string(), reason);
  const PackFiles files = read_pack(folder);
  if (files.empty()) throw InputError(folder.string(), "has no plugin (*.so) and no zoo entries (*.json) in it");
  const fs::path to = user_packs() / name;
  check_elsewhere(folder, to);
  check_is_pack(to);
  make_folder(to.parent_path());
  Beside entries(to);
  make_folder(entries.path());
  write_pack(files, entries.path());
  entries.commit();
  return {name, {}, {}, to, files.size(), {}};
}

}  // namespace

std::vector<InstalledPlugin> install_plugins(const fs::path& from, const std::vector<PluginRecord>& found) {
  std::error_code failure;
  if (!fs::exists(from, failure))
    throw InputError(from.string(), "expected a plugin or a folder of plugins, found nothing: check the path");
  if (!fs::is_directory(from, failure)) return {install_one(from, found)};
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(from, failure), end; !failure && entry != end; entry.increment(failure))
    if (entry->path().extension() == ".so") files.push_back(entry->path());
  if (failure) throw InputError(from.string(), "cannot be read: " + failure.message());
  if (files.empty()) return {install_pack(from)};
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files)  // all of them, or none
    if (const PluginRecord record = Plugins::inspect(file); record.status != LoadStatus::ok)
      throw InputError(file.string(), record.detail);
  std::vector<InstalledPlugin> installed;
  for (const fs::path& file : files) installed.push_back(install_one(file, found));
  return installed;
}

InstalledPlugin remove_plugin(const std::string& name) {
  const fs::path file = user_plugins() / (name + ".so");
  const fs::path pack = user_packs() / name;
  std::error_code failure;
  InstalledPlugin removed{name, {}, {}, {}, 0, {}};
  if (is_snake_case(name) && fs::is_regular_file(file, failure)) {
    check_is_pack(fs::path(file).replace_extension(".zoo"));
    removed.version = Plugins::inspect(file).version;
    removed.file = file;
    fs::remove(file, failure);
    if (failure) throw InputError(file.string(), "cannot be removed: " + failure.message());
    fs::remove_all(fs::path(file).replace_extension(".zoo"), failure);
    return removed;
  }
  if (is_snake_case(name) && fs::is_directory(pack, failure)) {
    check_is_pack(pack);
    removed.file = pack;
    fs::remove_all(pack, failure);
    if (failure) throw InputError(pack.string(), "cannot be removed: " + failure.message());
    return removed;
  }
  std::vector<std::string> names;
  for (const fs::path& folder : {user_plugins(), user_packs()})
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure))
      if (entry->path().extension() != ".zoo") names.push_back(entry->path().stem().string());
  const std::string_view near = nearest(name, std::vector<std::string_view>(names.begin(), names.end()));
  throw InputError("plugin remove", "no plugin or pack '" + name + "' is installed in " + user_data_folder().string() +
                                        (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
}

std::size_t bundle_plugin(const fs::path& plugin, const fs::path& to) {
  const PluginRecord record = Plugins::inspect(plugin);
  if (record.status != LoadStatus::ok) throw InputError(plugin.string(), record.detail);
  const std::string bytes = read_file(record.file);
  const PackFiles pack = pack_of(record.file, bytes);
  if (pack.empty())
    throw InputError(plugin.string(), "has no zoo entries beside it (" +
                                          fs::path(record.file).replace_extension(".zoo").filename().string() +
                                          "): it is one file as it is");
  OutputFile out(to);
  out.stream() << without_trailer(bytes) << bundle_trailer(pack);
  out.commit();
  return pack.size();
}

}  // namespace ironlaw::host
