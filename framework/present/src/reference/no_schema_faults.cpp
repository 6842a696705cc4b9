// In place of schema_faults.cpp where Valijson is not installed.
#include <ironlaw/present/schema.hpp>

namespace ironlaw::host {

bool validates_schemas() noexcept { return false; }
std::vector<std::string> zoo_schema_faults(Plugins&, const std::set<std::filesystem::path>&) { return {}; }
std::vector<std::string> config_schema_faults(Plugins&, const std::filesystem::path&) { return {}; }

}  // namespace ironlaw::host
