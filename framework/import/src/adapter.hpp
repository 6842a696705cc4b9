#pragma once
// What is trained where an adapter is laid over a model: peft's adapter_config.json.
#include "text/json.hpp"

#include <ironlaw/catalog/plugins.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace ironlaw::host {

/// Whether a config is an adapter's.
[[nodiscard]] bool is_adapter(const Json& config);

/// Fields of an entry: the base, found in the zoo by the name that the config gives, and a note that says how many parameters are
/// trained and how many there are with them, as peft counts them. Throws InputError at `where`.
[[nodiscard]] Json adapter_entry(const Json& config, const std::string& where, Plugins& plugins,
                                 const std::vector<std::filesystem::path>& zoo_folders);

}  // namespace ironlaw::host
