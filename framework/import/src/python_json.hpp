#pragma once
#include "text/json.hpp"

namespace ironlaw::host {

/// A file of JSON as Python writes it: Infinity and NaN, which JSON does not know, become texts. Throws InputError.
[[nodiscard]] Json read_python_json(const std::filesystem::path& file);

}  // namespace ironlaw::host
