#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ironlaw::host {

/// Whose physics: an overlay of the zoo and defaults of ports ("solver.port") and fields ("kind.field"), as JSON text.
struct Profile {
  std::string name = "native";
  std::string doc;
  std::filesystem::path file;
  std::vector<std::filesystem::path> zoo;
  std::map<std::string, std::string> defaults;
};

/// Reads profiles/NAME.json from the last of the zoo folders that has it; "" and "native" are no profile. Throws InputError.
[[nodiscard]] Profile read_profile(const std::string& name, const std::vector<std::filesystem::path>& zoo_folders,
                                   const std::string& where);

/// Names of all profiles, "native" first.
[[nodiscard]] std::vector<std::string> profile_names(const std::vector<std::filesystem::path>& zoo_folders);

}  // namespace ironlaw::host
