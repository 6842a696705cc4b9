#pragma once
#include <ironlaw/pages/chart.hpp>

namespace ironlaw::host {

/// A page of share/ironlaw/charts with its marks filled in; without charts it needs no script for them.
[[nodiscard]] std::string filled_page(const std::string& name, const std::string& title, const std::string& body, bool charts);

}  // namespace ironlaw::host
