#pragma once
// Where results go, and what standard error says of a table.
#include "command_line.hpp"

#include <ironlaw/files/output_file.hpp>
#include <ironlaw/host/ranks.hpp>
#include <ironlaw/present/result_file.hpp>

#include <atomic>
#include <memory>
#include <optional>

namespace ironlaw::cli {

/// A stream into a file that is opened with the first byte, so that a command may write the file in its own way instead.
class LateFile final : public std::ostream {
 public:
  explicit LateFile(std::string name) : std::ostream(&buffer_), buffer_(std::move(name)) { exceptions(std::ios::badbit); }
  /// What was written appears under its name.
  void commit() { buffer_.commit(); }

 private:
  class Buffer final : public std::streambuf {
   public:
    explicit Buffer(std::string name) : name_(std::move(name)) {}
    void commit() {
      if (file_) file_->commit();
    }

   private:
    std::ostream& file() {
      if (!file_) file_.emplace(name_);
      return file_->stream();
    }
    int_type overflow(int_type c) override {
      if (c != traits_type::eof()) file().put(traits_type::to_char_type(c));
      return 0;
    }
    std::streamsize xsputn(const char* text, std::streamsize n) override {
      file().write(text, n);
      return n;
    }
    std::string name_;
    std::optional<host::OutputFile> file_;
  };
  Buffer buffer_;
};

/// While it lives, Ctrl-C and SIGTERM end a run at its next block; a second one ends the program, and a plugin that does not end
/// in five seconds is told so.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();
  [[nodiscard]] static const std::atomic<bool>& flag();
  /// As a shell has it: 128 and the signal's number.
  [[nodiscard]] int exit_status() const;
};

[[nodiscard]] host::RunOptions run_options(const GlobalFlags& flags, const Interrupt& interrupt, host::Ranks* ranks);

/// The ranks of "--shard mpi", else null. Throws InputError.
[[nodiscard]] std::unique_ptr<host::Ranks> ranks_of(const GlobalFlags& flags);

/// Reads "--shard i/n"; nothing where it is "mpi" or not there. Throws InputError.
[[nodiscard]] std::optional<host::Shard> shard_of(const GlobalFlags& flags);

/// The result is whole where it belongs: where memory runs out behind it, the program ends with this status all the same.
void settle_status(int status);
[[nodiscard]] std::optional<int> settled_status();

/// One line where not every row is ok, or not every row is there. `resumable`: the same command goes on.
void print_summary(const host::RunSummary& summary, std::uint64_t rows, bool resumable);

}  // namespace ironlaw::cli
