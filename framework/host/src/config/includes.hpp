#pragma once
#include <ironlaw/export.hpp>

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

namespace ironlaw::host {

/// The files that a config names, by their names as seen from its folder. Each is read once, and can come from memory: the part
/// of a run carries the configs that it was made from.
class IRONLAW_API Includes {
 public:
  explicit Includes(std::filesystem::path folder) : folder_(std::move(folder)) {}
  explicit Includes(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}

  /// Where a name is on the disk.
  [[nodiscard]] std::filesystem::path path(const std::filesystem::path& name) const { return folder_ / name; }
  /// Throws InputError at `where`. `as_text` makes a text of what is read from a file of bytes, which must be one to be carried.
  [[nodiscard]] std::string text(const std::filesystem::path& name, const std::string& where,
                                 std::string (*as_text)(std::string_view bytes, const std::string& file) = nullptr);
  /// Of all that were asked for.
  [[nodiscard]] std::map<std::string, std::string> texts() const;

 private:
  std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> texts_;
};

}  // namespace ironlaw::host
