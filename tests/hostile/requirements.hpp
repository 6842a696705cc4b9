#pragma once
// What holds for everything that the program says, whatever it was asked.
#include <stdexcept>
#include <string>
#include <string_view>

namespace ironlaw::hostile {

/// Something that must not be.
class Fault : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};
inline void require(bool holds, const std::string& what) {
  if (!holds) throw Fault(what);
}

/// One line for people: UTF-8, no longer than a screen, nothing that steers it, nothing of the insides of a library.
void require_message(std::string_view line);
/// Nothing of the insides of a library.
void require_outsides(std::string_view text);
/// Text of several lines, of which nothing steers a screen.
void require_visible(std::string_view text);
/// JSON that is whole and has no key twice.
void require_json(std::string_view text);
/// Records of as many fields, none of which a spreadsheet would work out.
void require_csv(std::string_view text);
/// No HTML but in code.
void require_markdown(std::string_view text);
/// A page whose scripts and pictures are its own.
void require_page(std::string_view text);

}  // namespace ironlaw::hostile
