#pragma once
#include <filesystem>
#include <string>

namespace ironlaw::host {

/// share/ironlaw/NAME beside the library, <prefix>/lib or <prefix>/lib/<architecture>; empty where there is none.
[[nodiscard]] std::filesystem::path shared_folder(const std::string& name);

}  // namespace ironlaw::host
