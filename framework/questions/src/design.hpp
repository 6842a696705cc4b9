#pragma once
// The design that a question's study finds best, as a config of one answer.
#include "spec.hpp"

#include <ironlaw/host/run.hpp>
#include <ironlaw/present/report.hpp>

namespace ironlaw::host {

/// What one search came to.
struct Design {
  std::string name;              ///< the value of the question's `each`; empty without one
  std::optional<Config> config;  ///< of one answer; nothing where no design meets the targets
  double goal = 0;               ///< what the study made small or large
  bool maximise = false;
  bool otherwise = false;             ///< the study's goal has no value for it: found by another
  std::uint64_t rows = 0;             ///< that were evaluated
  std::vector<std::string> notes;     ///< of the study, the most frequent reason first
  std::vector<std::string> why_none;  ///< what took the designs out, those that came furthest first
  [[nodiscard]] bool better_than(const Design& other) const {
    if (config.has_value() != other.config.has_value()) return config.has_value();
    if (otherwise != other.otherwise) return other.otherwise;
    return config && (maximise ? goal > other.goal : goal < other.goal);
  }
};

/// The same config with an input fixed, and off its axis.
[[nodiscard]] Config with_value(const Config& config, const std::string& name, const Json& value);

/// A copy that shares nothing.
[[nodiscard]] inline Config copy_of(const Config& config) { return Config::copy_of(config.impl()); }

/// The values of an axis as a config would say them, an element each for every name on it.
[[nodiscard]] std::vector<Json> axis_values(const Config& config, const Pipeline& pipeline, const std::string& name);

/// What a study makes large or small: "min cost.tco" without its first word.
[[nodiscard]] std::string goal_of(const Json& study);

/// Runs the study of a config and takes its best row.
[[nodiscard]] Design best_design(const Config& asked, Session& session, const std::string& profile, const RunOptions& options);

}  // namespace ironlaw::host
