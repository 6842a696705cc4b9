#pragma once
// What kinds of workload have in common: which phases exist, and the shape of a message.
#include <ironlaw/error.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>
#include <ironlaw/workload.hpp>

#include <cstdio>
#include <string>

namespace ironlaw::workloads {

/// Refuses the phases that only a model with a key-value cache or a recurrent state has.
inline void require_whole_passes(const Conditions& c, std::string_view workload, std::string_view unit) {
  if (c.phase != Phase::prefill && c.phase != Phase::decode) return;
  throw Unsupported(workload, "its work unit is a " + std::string(unit) + ", so it has no " +
                                  (c.phase == Phase::prefill ? "prefill" : "decode") + " phase; allowed: forward, training");
}

inline std::string shown(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

constexpr Information stored(double elements, Precision precision) {
  return elements * bytes_per_element(precision) * units::byte;
}
/// Every activation is written once and read once.
constexpr Information moved(double activation_elements, Precision precision) {
  return stored(2 * activation_elements, precision);
}

}  // namespace ironlaw::workloads
