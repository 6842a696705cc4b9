#pragma once
#include "text/json.hpp"

#include <ironlaw/host/config.hpp>
#include <ironlaw/host/pipeline.hpp>

namespace ironlaw::host {

/// What decides the rows of a run, as JSON: the config, the facts and the plugins that answer it. Runs with the same question
/// have the same rows.
[[nodiscard]] Json question_of(const Config& config, const Pipeline& pipeline, const std::string& program);

/// The config of a question. Throws InputError at `where`.
[[nodiscard]] Config config_of(const Json& question, const std::string& where);

}  // namespace ironlaw::host
