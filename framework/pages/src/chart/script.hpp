#pragma once
#include <string>

namespace ironlaw::host {

/// A file of share/ironlaw/charts. Throws Error where it is not installed.
[[nodiscard]] std::string chart_asset(const std::string& name);

/// What `ironlaw.svg(model, look)` of the charts' script gives, run by the engine inside the program. Throws Error.
[[nodiscard]] std::string run_chart_script(const std::string& model, const std::string& look);

}  // namespace ironlaw::host
