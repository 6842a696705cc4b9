#pragma once
// Files that a run keeps beside its result, to go on from: FILE.partial, FILE.journal.
#include "files/descriptor.hpp"

#include <ironlaw/export.hpp>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// A regular file that is read at places, and grows at its end. Every fault is an InputError that names it.
class IRONLAW_API OwnedFile {
 public:
  /// One that the user named, through links.
  [[nodiscard]] static OwnedFile to_read(const std::filesystem::path& name);
  /// One of the program's own, made where it is not there; never through a link.
  [[nodiscard]] static OwnedFile to_write(const std::filesystem::path& name);
  /// The same, while no other run has it.
  [[nodiscard]] static OwnedFile to_write_alone(const std::filesystem::path& name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] std::uint64_t inode() const;
  /// False where the file ends before.
  [[nodiscard]] bool read(std::uint64_t at, std::span<char> into) const;

  /// append() goes on there; what is behind is cut off.
  void truncate(std::uint64_t size);
  void append(std::string_view bytes);
  /// All of it is on the disk.
  void sync();
  /// It gets another name in the same folder, in the place of a file that was there.
  void rename(const std::filesystem::path& to);
  void remove();

 private:
  OwnedFile(const std::filesystem::path& name, int flags);
  void check_end() const;
  std::string name_;
  Descriptor descriptor_;
  std::uint64_t end_ = 0;  ///< behind what was appended
};

/// Writes all of it.
IRONLAW_API void write_all(int descriptor, std::string_view bytes, const std::string& name);

/// To sync it when the file has its name: what takes memory is done before. None where the folder may not be read.
Descriptor open_folder_of(const std::filesystem::path& file);
/// The names in the folder of a file are on the disk.
void sync_folder(const Descriptor& folder, const std::filesystem::path& file);

/// Throws PluginError where a descriptor is not where what was written ends: a plugin wrote to it, too.
void check_written_alone(int descriptor, std::uint64_t end, const std::string& name);

/// Throws what the system says.
[[noreturn]] void fail_writing(const std::string& name);

}  // namespace ironlaw::host
