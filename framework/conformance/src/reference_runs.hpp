#pragma once
// Studies, observers and guards over pipelines of the project's own solvers, with options that are guessed by their type.
#include "specimen.hpp"

#include <ironlaw/options.hpp>

#include <span>
#include <string>

namespace ironlaw::host {

/// Configs to run a component over, none of which names it.
inline constexpr std::size_t reference_pipelines = 3;

/// A reference config that runs a study. `changed`, where not empty, is an option that takes the number `value`.
[[nodiscard]] Config with_study(std::size_t reference, const Study& study, std::string_view changed = {}, double value = 0);
/// A reference sweep of `rows` rows; with a callback where `name` is not empty, which may write below `folder`.
[[nodiscard]] Config with_callback(std::string_view name, std::span<const OptionInfo> options, const std::string& folder,
                                   std::size_t rows);

/// Everything that a run gave, as bytes; and what is not finite where it must be, or an empty text.
struct Ran {
  std::string bytes;
  std::string not_finite;
  std::uint64_t rows = 0;
  RunSummary summary;
};
[[nodiscard]] Ran ran(const Pipeline& pipeline, std::size_t threads, const std::atomic<bool>* interrupt = nullptr);

}  // namespace ironlaw::host
