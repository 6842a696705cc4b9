#pragma once
// The forms of a result, by name and by the ending of a file.
#include <ironlaw/export.hpp>

#include <span>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// `arrow` is Arrow's file, `arrows` its stream.
enum class OutputFormat { text, json, jsonl, csv, markdown, arrow, arrows };

/// What there is to know of a format beside how it is written.
struct OutputFormatInfo {
  OutputFormat format;
  std::string_view name;    ///< of --output
  std::string_view ending;  ///< of a file: ".csv"
  bool streams = false;     ///< rows follow one another to the end of the file, so that more may be added
  bool rows_only = false;   ///< an answer is a table of one row
  bool bytes = false;       ///< no text: not for a terminal, and no page is printed so
};

/// All of them.
[[nodiscard]] std::span<const OutputFormatInfo> output_formats();
[[nodiscard]] const OutputFormatInfo& info_of(OutputFormat format);
/// Their names or endings, behind one another.
[[nodiscard]] std::string listed_formats(std::string_view between, std::string_view OutputFormatInfo::*of);

}  // namespace ironlaw::host
