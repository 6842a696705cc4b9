#pragma once
// Files that are written whole or not at all.
#include <ironlaw/export.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
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

 private:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize n) override;
  int sync() override;
  void flush_buffer();
  void write_all(const char* text, std::size_t n);

  int descriptor_;
  std::string name_;
  bool owned_;
  std::vector<char> buffer_;  ///< not on the stack, which may be small
};

/// A file that is written from a place on and that no other run may write meanwhile. Every fault is an InputError that names it.
class IRONLAW_API OpenFile {
 public:
  /// Keeps the first `from` bytes, which must be there.
  explicit OpenFile(const std::filesystem::path& name, std::uint64_t from = 0);

  [[nodiscard]] std::ostream& stream() { return stream_; }
  /// Bytes in the file, all of them on the disk when this returns.
  std::uint64_t sync();

 private:
  std::string name_;
  DescriptorBuffer buffer_;
  std::ostream stream_;
};

/// A file under the name FILE.partial until commit() gives it its own.
class IRONLAW_API OutputFile {
 public:
  /// What becomes of FILE.partial where nobody commits.
  enum class Uncommitted { remove, keep };

  explicit OutputFile(const std::filesystem::path& file, Uncommitted uncommitted = Uncommitted::remove, std::uint64_t from = 0);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  [[nodiscard]] std::ostream& stream() { return partial_.stream(); }
  std::uint64_t sync() { return partial_.sync(); }
  /// The file appears under its name, in the place of one that was there.
  void commit();

  [[nodiscard]] static std::filesystem::path partial_name(const std::filesystem::path& file);

 private:
  std::filesystem::path file_;
  Uncommitted uncommitted_;
  OpenFile partial_;
  bool committed_ = false;
};

}  // namespace ironlaw::host
