#pragma once
#include <map>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// The path and the query of a request, decoded.
struct Target {
  std::string path;
  std::map<std::string, std::string> query;
  /// Throws InputError for a query key that is none of `allowed`, with the nearest.
  void check_query(std::initializer_list<std::string_view> allowed) const;
  [[nodiscard]] std::string value(const std::string& key) const;
};

/// Throws InputError for bytes that are no percent-encoded UTF-8.
[[nodiscard]] Target target_of(std::string_view text);

}  // namespace ironlaw::host
