#pragma once
#include <ironlaw/export.hpp>

#include <string>
#include <string_view>

namespace ironlaw {

/// A text as a screen, a page or a spreadsheet may show it. What would steer the screen instead of standing on it is spelled out:
/// control characters ("\u001B", "\n"), marks that turn the direction of writing or are not seen at all ("\u202E"), and bytes
/// that are no UTF-8 ("\xFF"). Shown twice, a text is as it is shown once.
[[nodiscard]] IRONLAW_API std::string visible_text(std::string_view text);

/// The same as one line of a message: blanks for line ends and tabs, and less of the middle where it is longer than anybody
/// reads.
[[nodiscard]] IRONLAW_API std::string message_line(std::string_view text);

/// JSON whose hidden characters are written as escapes of JSON; it means the same.
[[nodiscard]] IRONLAW_API std::string visible_json(const std::string& json);

}  // namespace ironlaw
