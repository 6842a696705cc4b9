#pragma once
#include "spec.hpp"

namespace ironlaw::host {

/// The config of a file, and what its "question" says. Throws InputError.
[[nodiscard]] Question::Spec read_spec(const std::filesystem::path& file, const RequestLimits& limits);

}  // namespace ironlaw::host
