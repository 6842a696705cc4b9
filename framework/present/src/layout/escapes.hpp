#pragma once
// Text inside of other languages: Markdown, HTML, CSV. What visible_text() spells out is spelled out in all of them.
#include <string>
#include <string_view>

namespace ironlaw::host {

/// A text of several lines, each as visible_text() has it.
[[nodiscard]] std::string visible_lines(std::string_view text);

/// Text of Markdown, in a cell, a heading or a paragraph: no HTML, no code, no links.
[[nodiscard]] std::string markdown_text(std::string_view text);
/// Inside of a line of Markdown, letter by letter.
[[nodiscard]] std::string markdown_code(std::string_view text);
/// A block of Markdown, letter by letter: lines of `text` are lines of the block.
[[nodiscard]] std::string markdown_block(std::string_view language, std::string_view text);

/// Text as HTML and XML take it, inside elements and attributes.
[[nodiscard]] std::string html_text(std::string_view text);
/// JSON as a script element takes it.
[[nodiscard]] std::string script_json(std::string_view json);

/// A text as a field of CSV: in quotes where RFC 4180 has them, and with an apostrophe in front where a spreadsheet would take it
/// for a formula.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace ironlaw::host
