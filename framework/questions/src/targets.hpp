#pragma once
// What a good answer keeps to, and how far off the nearest is where nothing does.
#include "design.hpp"

namespace ironlaw::host {

/// A target that has a bound.
struct Target {
  const TargetSpec* spec;
  [[nodiscard]] std::string condition() const { return spec->value + (spec->at_least ? " >= " : " <= ") + spec->bound; }
};

[[nodiscard]] std::vector<Target> targets_of(const Question::Spec& spec);

/// Throws InputError where a bound leaves nothing, or a part may take more than the whole. `bounds` are those of the targets.
void refuse_contradictions(const std::vector<Target>& targets, const std::vector<double>& bounds);

/// The config with these targets as conditions of its study.
[[nodiscard]] Config with_targets(const Config& config, const std::vector<Target>& targets);

/// The config that looks for the best value of one target within the others. From the other end of an axis of which the study
/// takes the `least` or the `most`, where `far_end`.
[[nodiscard]] Config nearest_config(const Config& config, const Target& target, const std::vector<Target>& others, bool far_end);

/// "83 ms, 66 % over", or "33 ms" where that keeps to the bound.
[[nodiscard]] std::string shortfall_text(const Target& target, double best, const Dimension& dimension, const std::string& unit);

/// The config that looks for what the question's file says where the study's goal has no value.
[[nodiscard]] Config otherwise_config(const Config& config, const OtherwiseSpec& otherwise, const std::vector<Target>& targets);

/// The unit that a target's bound is given in; empty where it has none of that dimension.
[[nodiscard]] std::string unit_of(const Target& target, const Dimension& dimension);

/// The bound of a target in SI. Throws InputError where it is no quantity of that dimension.
[[nodiscard]] double bound_of(const Target& target, const Dimension& dimension);

}  // namespace ironlaw::host
