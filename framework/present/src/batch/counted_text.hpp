#pragma once
#include "config/budget.hpp"

#include <streambuf>
#include <string>

namespace ironlaw::host {

/// Text that may not become larger than its request may take.
class CountedText final : public std::streambuf {
 public:
  explicit CountedText(Budget& budget) : budget_(budget) {}
  std::string text;

 private:
  int_type overflow(int_type c) override {
    const char one = traits_type::to_char_type(c);
    return c == traits_type::eof() || xsputn(&one, 1) == 1 ? 0 : traits_type::eof();
  }
  std::streamsize xsputn(const char* part, std::streamsize n) override {
    budget_.take_memory(static_cast<std::uint64_t>(n));
    text.append(part, static_cast<std::size_t>(n));
    return n;
  }
  Budget& budget_;
};

}  // namespace ironlaw::host
