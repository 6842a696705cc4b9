#pragma once
// Sentences with values in them: "{count} {device}[ for {users} users]".
#include "spec.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// The expressions that a template reads, as written: "cost.tco|kUSD". Throws InputError at `where` for a brace that is not
/// closed.
[[nodiscard]] std::vector<std::string> template_values(std::string_view text, const std::string& where);

/// The text with its values. What stands in [] is left out where one of its values is absent.
[[nodiscard]] std::string filled_template(std::string_view text, const std::function<std::string(const std::string&)>& value);

/// "cost.tco|kUSD": an expression, and the unit to show it in.
struct UnitExpression {
  std::string expression;
  std::string unit;
  explicit UnitExpression(std::string_view text) {
    const auto bar = text.rfind('|');
    expression = text.substr(0, bar);
    if (bar != text.npos) unit = text.substr(bar + 1);
  }
};

}  // namespace ironlaw::host
