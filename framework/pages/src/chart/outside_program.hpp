#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace ironlaw::host {

/// Runs a program of the system and waits: false where it is not installed. Throws Error where it fails.
[[nodiscard]] bool run_outside(const std::vector<std::string>& words);

/// A file for the time that a program outside takes, of nobody else's reach.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text = {});
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace ironlaw::host
