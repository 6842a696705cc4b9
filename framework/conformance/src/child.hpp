#pragma once
#include <ironlaw/conformance/conformance.hpp>

#include <functional>

namespace ironlaw::host {

/// Runs a check in a child process and reads its finding; a child that crashes or outlasts `timeout` seconds is a failure. What
/// the child writes to standard output is lost.
[[nodiscard]] Finding in_child(const std::function<Finding()>& check, double timeout);

/// Bytes that reached standard output while `action` ran. Only in a child: standard output stays redirected.
[[nodiscard]] std::string standard_output_of(const std::function<void()>& action);

}  // namespace ironlaw::host
