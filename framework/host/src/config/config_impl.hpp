#pragma once
#include "config/budget.hpp"
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
  std::shared_ptr<Budget> budget;            ///< of the request that it is, or is a part of
  std::shared_ptr<Includes> includes = std::make_shared<Includes>(std::filesystem::path());
  std::filesystem::path folder;  ///< its own, as the includes name it

  /// The config that this one names; its text counts with this one's. Throws InputError at `where`.
  [[nodiscard]] Config included(const std::string& file_name, const std::string& where) const;

  /// The table in a file that this one names, as text; that of Arrow as a list of rows in JSON. Throws InputError at `where`.
  [[nodiscard]] std::string included_table(const std::string& file_name, const std::string& where) const;

  /// How errors name a place: "FILE#/stages/serve", "FILE:7:3#/stages/serve" in YAML, or the flag that said it.
  [[nodiscard]] std::string where(const std::string& json_pointer) const;
  /// An object or array of the root, empty where absent. Throws InputError where it is something else.
  [[nodiscard]] const Json& section(const char* key, const Json& empty) const;
};

/// A config that is a tree already, a part of a request.
[[nodiscard]] IRONLAW_API Config config_of_tree(Json tree, const std::string& file, std::shared_ptr<Budget> budget);
/// What a tree of a request may be.
[[nodiscard]] IRONLAW_API TreeLimits tree_limits(Budget& budget);

}  // namespace ironlaw::host
