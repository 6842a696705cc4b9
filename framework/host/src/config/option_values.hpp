#pragma once
#include "text/json.hpp"

#include <ironlaw/options.hpp>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ironlaw::host {

/// Options as a config gives them, with defaults filled in.
class OptionValues final : public Options {
 public:
  /// Reads the keys of `given` but for "use". Throws InputError for unknown and missing ones, and for wrong types and dimensions.
  OptionValues(std::span<const OptionInfo> declared, const Json& given, const std::string& where);

 private:
  void read(const OptionInfo& option, const Json& value, const std::string& where);
  Value do_quantity(std::string_view name) const override;
  std::size_t do_texts(std::string_view name) const override;
  std::string_view do_text(std::string_view name, std::size_t i) const override;

  std::map<std::string, Value, std::less<>> numbers_;
  std::map<std::string, std::vector<std::string>, std::less<>> texts_;
};

}  // namespace ironlaw::host
