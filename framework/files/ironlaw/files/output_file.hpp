#pragma once
// Where results go: the one place that writes files, and never over what a run reads.
#include <ironlaw/export.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <streambuf>
#include <string>
#include <vector>

namespace ironlaw::host {

/// Writes to a file descriptor. Throws InputError with the name and what the system said where a write fails.
class IRONLAW_API DescriptorBuffer final : public std::streambuf {
 public:
  /// Ends the descriptor with itself where `owned`.
  DescriptorBuffer(int descriptor, std::string name, bool owned);
  DescriptorBuffer(const DescriptorBuffer&) = delete;
  DescriptorBuffer& operator=(const DescriptorBuffer&) = delete;
  ~DescriptorBuffer() override;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] std::uint64_t written() const { return written_; }  ///< bytes that went to the descriptor

 private:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize n) override;
  int sync() override;
  void flush_buffer();
  void write_out(std::string_view bytes);

  int descriptor_;
  std::string name_;
  bool owned_;
  std::uint64_t written_ = 0;
  std::vector<char> buffer_;  ///< not on the stack, which may be small
};

/// What a name stands for, links followed.
struct Destination {
  enum class Kind {
    file,        ///< a regular file, there or not: written whole, or not at all
    stream,      ///< a pipe, a terminal or another device: written as standard output is
    descriptor,  ///< one that this process has open, by a name such as /dev/stdout
  };
  Kind kind = Kind::file;
  std::filesystem::path file;  ///< to open or to replace
  int descriptor = -1;
};

/// Touches nothing. Throws InputError where nothing can be written there: a folder, a folder that is not there, or what this
/// process has read (a config, an entry of the zoo, a plugin, a part).
[[nodiscard]] IRONLAW_API Destination destination_of(const std::filesystem::path& name);

/// A result under its name. A regular file has none until commit(), so that whatever happens before leaves nothing behind.
class IRONLAW_API OutputFile {
 public:
  /// Opens it; throws as destination_of().
  explicit OutputFile(const std::filesystem::path& name);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  [[nodiscard]] std::ostream& stream() { return stream_; }
  /// What was written is on the disk, under its name, in the place of a file that was there.
  void commit();

 private:
  int open();
  const std::filesystem::path name_;  ///< as it was given
  Destination to_;
  std::filesystem::path unfinished_;  ///< where the file system keeps no files without a name
  DescriptorBuffer buffer_;
  std::ostream stream_;
};

}  // namespace ironlaw::host
