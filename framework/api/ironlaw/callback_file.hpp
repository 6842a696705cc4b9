#pragma once
// A file that an observer writes.
#include <ironlaw/export.hpp>

#include <memory>
#include <string_view>

namespace ironlaw {

/// Appears under its name when commit() returns, or not at all. Refuses, with an InputError, to take the place of what the run
/// reads; a pipe or a device is written as it goes.
class IRONLAW_API CallbackFile {
 public:
  /// Relative names are seen from the working directory.
  explicit CallbackFile(std::string_view name);
  CallbackFile(const CallbackFile&) = delete;
  CallbackFile& operator=(const CallbackFile&) = delete;
  ~CallbackFile();

  void write(std::string_view bytes);
  /// The file is whole. Nothing is written after it.
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ironlaw
