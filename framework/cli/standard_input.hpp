#pragma once
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ostream>
#include <streambuf>

namespace ironlaw::cli {

/// What comes in, as much at a time as is there; what has been answered goes out before it waits. std::cin, which shares its
/// characters with C, takes a call for each.
class StandardInput final : public std::streambuf {
 public:
  explicit StandardInput(std::ostream& answers) : answers_(answers) {}
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  int_type underflow() override {
    answers_.flush();
    ssize_t got = 0;
    do {
      got = ::read(STDIN_FILENO, part_.data(), part_.size());
    } while (got < 0 && errno == EINTR);
    failed_ = got < 0;
    if (got <= 0) return traits_type::eof();
    setg(part_.data(), part_.data(), part_.data() + got);
    return traits_type::to_int_type(part_[0]);
  }
  std::ostream& answers_;
  std::array<char, 1 << 16> part_{};
  bool failed_ = false;
};

}  // namespace ironlaw::cli
