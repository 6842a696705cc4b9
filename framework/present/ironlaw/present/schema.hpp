#pragma once
#include <ironlaw/export.hpp>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace ironlaw::host {

class Plugins;

/// Whether this build validates against JSON Schema (it found Valijson).
[[nodiscard]] bool validates_schemas() noexcept;

/// One line for each thing in these files that the schema of report_zoo_schema refuses. Throws InputError for a broken file.
[[nodiscard]] std::vector<std::string> zoo_schema_faults(Plugins& plugins, const std::set<std::filesystem::path>& files);

/// As zoo_schema_faults, for one config in JSON or YAML and the schema of report_config_schema.
[[nodiscard]] std::vector<std::string> config_schema_faults(Plugins& plugins, const std::filesystem::path& file);

}  // namespace ironlaw::host
