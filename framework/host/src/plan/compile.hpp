#pragma once
#include "plan/binder.hpp"

#include <ironlaw/host/pipeline.hpp>

namespace ironlaw::host {

/// Parse, bind, compile: a config to a pipeline. Throws InputError.
[[nodiscard]] Pipeline compile(const Config::Impl& config, std::shared_ptr<Environment> environment);

}  // namespace ironlaw::host
