#pragma once
// Whether a file may be loaded into this process: nobody but root and the user can have written it.
#include <filesystem>
#include <string>

namespace ironlaw::host {

/// Empty where the open file is trusted, else expected, found and what to do.
[[nodiscard]] std::string distrust_file(int descriptor, const std::filesystem::path& file);
[[nodiscard]] std::string distrust_folder(const std::filesystem::path& folder);
/// Of a folder and all that is in it.
[[nodiscard]] std::string distrust_tree(const std::filesystem::path& folder);

}  // namespace ironlaw::host
