#pragma once
#include "text/json.hpp"

#include <ironlaw/host/config.hpp>

#include <map>

namespace ironlaw::host {

struct Config::Impl {
  std::string file;
  std::string name;
  Json root = Json::object();
  std::map<std::string, std::string> flags;  ///< JSON pointer -> the flag that said it

  /// How errors name a place: "FILE#/stages/serve", or the flag that said it.
  [[nodiscard]] std::string where(const std::string& json_pointer) const {
    const auto it = flags.find(json_pointer);
    return it != flags.end() ? it->second : file.empty() ? json_pointer : file + "#" + json_pointer;
  }
  /// An object or array of the root, empty where absent. Throws InputError where it is something else.
  [[nodiscard]] const Json& section(const char* key, const Json& empty) const;
};

}  // namespace ironlaw::host
