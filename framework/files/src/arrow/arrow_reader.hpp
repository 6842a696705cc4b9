#pragma once
// Tables out of Arrow's file and stream: https://arrow.apache.org/docs/format/Columnar.html. The writer is in `present`.
#include <ironlaw/export.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ironlaw::host {

/// A value of a column: nothing where it is null.
using ArrowValue = std::variant<std::monostate, double, bool, std::string>;

struct ArrowSourceColumn {
  std::string name;
  std::string unit;  ///< of its metadata, or empty
  std::vector<ArrowValue> values;
};

/// Columns of numbers, booleans, texts and dictionaries of texts, of one length. Throws InputError "FILE: what" of another type,
/// of compressed batches, and where the bytes are none of Arrow's.
[[nodiscard]] IRONLAW_API std::vector<ArrowSourceColumn> read_arrow(std::string_view bytes, const std::string& file);

}  // namespace ironlaw::host
