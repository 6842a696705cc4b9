#pragma once
#include "plugins/staging_registrar.hpp"

#include <ironlaw/export.hpp>

#include <memory>

namespace ironlaw::host {

/// A plugin's shared library after its entry function ran.
struct Library {
  LoadStatus status = LoadStatus::ok;
  std::string detail;
  StagingRegistrar components;  ///< empty unless ok
};

/// Opens the library of a plugin whose manifest was found good and runs its entry function: once a process, whatever comes of it.
/// It stays mapped until exit, since objects, threads and exceptions of a plugin may outlive whoever asked for it.
[[nodiscard]] const Library& open_library(const std::filesystem::path& canonical, const std::string& plugin);

/// For checks alone: closed again with the pointer, and what it did to the floating-point environment stays done.
[[nodiscard]] IRONLAW_API std::shared_ptr<const Library> open_briefly(const std::filesystem::path& canonical);

}  // namespace ironlaw::host
