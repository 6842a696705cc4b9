#include "zoo/profile.hpp"

#include "text/json.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>

#include <algorithm>
#include <array>

namespace ironlaw::host {

std::vector<std::string> profile_names(const std::vector<std::filesystem::path>& zoo_folders) {
  std::vector<std::string> names;
  for (const auto& folder : zoo_folders) {
    std::error_code ec;
    for (const FolderEntry& entry : entries_of(folder / "profiles", ec))
      if (entry.path.extension() == ".json") names.push_back(entry.path.stem().string());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  names.insert(names.begin(), "native");
  return names;
}

Profile read_profile(const std::string& name, const std::vector<std::filesystem::path>& zoo_folders, const std::string& where) {
  constexpr std::array<std::string_view, 3> keys{"doc", "zoo", "defaults"};
  Profile profile;
  if (name.empty() || name == "native") return profile;
  profile.name = name;
  std::error_code too_long;  // no file has such a name
  for (const auto& folder : zoo_folders)
    if (const auto file = folder / "profiles" / (name + ".json");
        name.find('/') == name.npos && std::filesystem::is_regular_file(file, too_long))
      profile.file = file;
  if (profile.file.empty()) {
    const auto names = profile_names(zoo_folders);
    std::string list;
    for (const auto& known : names) list += (list.empty() ? "" : ", ") + known;
    throw InputError(where, "unknown profile '" + name + "'" +
                                did_you_mean(name, std::vector<std::string_view>(names.begin(), names.end())) +
                                " Profiles: " + list);
  }
  const Json root = read_json(profile.file);
  const std::string top = profile.file.string() + "#";
  if (!root.is_object()) throw InputError(top, "a profile takes an object with \"zoo\" and \"defaults\"");
  for (const auto& [key, value] : root.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw InputError(pointer(top, std::string_view(key)), "unknown key '" + key + "'" + did_you_mean(key, keys));
  if (root.contains("doc") && root["doc"].is_string()) profile.doc = root["doc"].get<std::string>();
  const Json none = Json::array();
  const Json& zoo = root.contains("zoo") ? root["zoo"] : none;
  for (std::size_t i = 0; i < zoo.size(); ++i) {
    const std::string here = pointer(pointer(top, std::string_view("zoo")), i);
    if (!zoo.is_array() || !zoo[i].is_string()) throw InputError(here, "\"zoo\" takes a list of folders beside the profile");
    profile.zoo.push_back(profile.file.parent_path() / zoo[i].get<std::string>());
    if (!std::filesystem::is_directory(profile.zoo.back())) throw InputError(here, "no folder " + profile.zoo.back().string());
  }
  if (!root.contains("defaults")) return profile;
  if (!root["defaults"].is_object())
    throw InputError(pointer(top, std::string_view("defaults")), "takes an object of \"solver.port\" or \"kind.field\"");
  for (const auto& [key, value] : root["defaults"].items()) {
    if (key.find('.') == key.npos)
      throw InputError(pointer(pointer(top, std::string_view("defaults")), std::string_view(key)),
                       "'" + key + "' is no \"solver.port\" or \"kind.field\"");
    profile.defaults[key] = value.dump();
  }
  return profile;
}

}  // namespace ironlaw::host
