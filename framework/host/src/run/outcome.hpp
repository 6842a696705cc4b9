#pragma once
// What a process made, or why it could not, as bytes for the process that asked.
#include "run/dying_words.hpp"
#include "value/bytes.hpp"

#include <ironlaw/error.hpp>

namespace ironlaw::host {

enum class Outcome : std::uint8_t { done, input_error, plugin_error };

/// What `write` puts there, behind its outcome; or what it threw.
template <class Write>
std::string outcome_of(const Write& write) {
  std::string bytes;
  try {
    put(bytes, Outcome::done);
    write(bytes);
  } catch (const InputError& e) {
    bytes.clear();
    put(bytes, Outcome::input_error);
    put(bytes, std::string_view(e.what()));
  } catch (const std::exception& e) {
    bytes.clear();
    put(bytes, Outcome::plugin_error);
    put(bytes, std::string_view(e.what()));
  }
  return bytes;
}

/// Takes the outcome off the front. Throws what the other process could not do.
inline void check_outcome(std::string_view& bytes) {
  const auto outcome = take<Outcome>(bytes);
  if (outcome == Outcome::done) return;
  const std::string what = take_text(bytes);
  if (outcome == Outcome::input_error) throw InputError("", what);
  throw error_told(what);
}

}  // namespace ironlaw::host
