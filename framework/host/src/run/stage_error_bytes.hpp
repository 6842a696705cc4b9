#pragma once
// What observers are told of rows that failed, as bytes of this machine.
#include "run/callbacks.hpp"
#include "value/bytes.hpp"

#include <algorithm>

namespace ironlaw::host {

/// Texts are cut to `longest`.
inline void put_stage_errors(std::string& bytes, std::span<const StageError> errors, std::size_t longest = std::string::npos) {
  put(bytes, static_cast<std::uint64_t>(errors.size()));
  for (const StageError& error : errors) {
    put(bytes, error.row);
    put(bytes, error.status);
    put(bytes, std::string_view(error.stage));
    put(bytes, std::string_view(error.what).substr(0, longest));
  }
}

/// Text of another process, in one line.
inline std::string take_line(std::string_view& bytes) {
  std::string line = take_text(bytes);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return line;
}

/// Throws InputError where the bytes are none.
inline std::vector<StageError> take_stage_errors(std::string_view& bytes) {
  std::vector<StageError> errors;
  for (auto n = take<std::uint64_t>(bytes); n > 0; --n) {
    StageError& error = errors.emplace_back();
    error.row = take<std::uint64_t>(bytes);
    error.status = take<RowStatus>(bytes);
    error.stage = take_line(bytes);
    error.what = take_line(bytes);
    if (error.status > RowStatus::skipped) throw InputError("", "no status of a row");
  }
  return errors;
}

}  // namespace ironlaw::host
