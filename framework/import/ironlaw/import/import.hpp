#pragma once
// Models of other tools as entries of the zoo.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// The text of a zoo file with one workload: the model that a local file describes. A Hugging Face config.json: its parameters
/// are counted weight by weight, by the tables of architectures in the zoo folders. A .safetensors file, its index or a .gguf
/// file: exact counts and widths of its tensors by its header; the weights are not read. `key` names the entry; where empty, the
/// name inside the file, else its folder. Throws InputError with file and key, for an architecture that no table knows too.
[[nodiscard]] std::string import_model(const std::vector<std::filesystem::path>& zoo_folders, const std::filesystem::path& file,
                                       const std::string& key = {});

}  // namespace ironlaw::host
