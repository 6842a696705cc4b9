#pragma once
#include "document/document.hpp"

namespace ironlaw::host {

/// The zoo's objects that a pipeline uses, each number with its source, and the sources; those inside others come along.
[[nodiscard]] std::vector<DocumentBlock> facts_of(const Pipeline& pipeline);

/// Versions, plugins, and the zoo's files with a hash of each.
[[nodiscard]] std::vector<DocumentBlock> provenance_of(const Pipeline& pipeline, const DocumentText& text);

}  // namespace ironlaw::host
