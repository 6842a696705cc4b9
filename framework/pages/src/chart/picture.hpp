#pragma once
#include <ironlaw/pages/chart.hpp>

namespace ironlaw::host {

/// Text as HTML and XML take it, inside elements and attributes.
[[nodiscard]] std::string html_text(std::string_view text);
/// JSON as a script element takes it.
[[nodiscard]] std::string script_json(const std::string& json);

/// A page of share/ironlaw/charts with its marks filled in; without charts it needs no script for them.
[[nodiscard]] std::string filled_page(const std::string& name, const std::string& title, const std::string& body, bool charts);

}  // namespace ironlaw::host
