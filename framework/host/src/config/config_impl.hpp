#pragma once
#include "config/includes.hpp"
#include "text/yaml.hpp"

#include <ironlaw/host/config.hpp>

#include <map>
#include <optional>

namespace ironlaw::host {

struct Config::Impl {
  std::string file;
  std::string name;
  Json root = Json::object();
  std::optional<LocatedJson> located;        ///< of a file of YAML
  std::map<std::string, std::string> flags;  ///< JSON pointer -> the flag that said it
  std::shared_ptr<Includes> includes = std::make_shared<Includes>(std::filesystem::path());
  std::filesystem::path folder;  ///< its own, as the includes name it

  /// The config that this one names. Throws InputError at `where`.
  [[nodiscard]] Config included(const std::string& file_name, const std::string& where) const;

  /// How errors name a place: "FILE#/stages/serve", "FILE:7:3#/stages/serve" in YAML, or the flag that said it.
  [[nodiscard]] std::string where(const std::string& json_pointer) const;
  /// An object or array of the root, empty where absent. Throws InputError where it is something else.
  [[nodiscard]] const Json& section(const char* key, const Json& empty) const;
};

}  // namespace ironlaw::host
