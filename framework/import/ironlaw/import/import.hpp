#pragma once
// Models of other tools as entries of the zoo.
#include <ironlaw/catalog/plugins.hpp>

#include <filesystem>
#include <string>

namespace ironlaw::host {

/// The text of a zoo file with one workload: the model that a local Hugging Face config.json describes, its parameters counted
/// weight by weight. `key` names the entry; where empty, the name inside the config, else its folder. Throws InputError for an
/// architecture whose weights are not known, and where no plugin brings a kind for it.
[[nodiscard]] std::string import_model(Plugins& plugins, const std::filesystem::path& config, const std::string& key = {});

}  // namespace ironlaw::host
