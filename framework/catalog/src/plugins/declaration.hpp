#pragma once
// What a plugin's components declare, as bytes: read in the process that opened the library, and made into components again in
// one that did not.
#include "plugins/library.hpp"

#include <memory>
#include <string>

namespace ironlaw::host {

/// The declarations of every component of a library that is open here.
[[nodiscard]] std::string declarations_of(const Library& library);

/// Components that have the declarations and do nothing here: what they are asked to do fails, as only another process can do it,
/// but for an importer, which starts one. They live as long as the pointer. Throws Error where the bytes are no declarations.
[[nodiscard]] std::shared_ptr<const Library> declared_library(std::string_view bytes, const std::filesystem::path& canonical,
                                                              const std::string& plugin, const PluginOpening& opening);

/// Opens the library in a process of its own and hands its declarations over. Its status is `crashed` where that process did not
/// come to its end within the limits.
[[nodiscard]] std::shared_ptr<const Library> declare_library(const std::filesystem::path& canonical, const std::string& plugin,
                                                             const PluginOpening& opening);

}  // namespace ironlaw::host
