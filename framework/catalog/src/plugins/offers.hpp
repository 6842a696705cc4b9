#pragma once
// What the plugins that were found bring, by their manifests: which of them a name means, and what is said where it means none or
// several. Nothing is opened here.
#include <ironlaw/catalog/plugins.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// "roofline" or "my_plugin/roofline", of a sort.
struct ComponentRequest {
  ComponentRequest(std::string_view sort, std::string_view text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool met_by(const PluginRecord& record) const;

  std::string_view what;
  std::string_view plugin;  ///< empty: any
  std::string_view name;
};

/// Why a file is not used.
[[nodiscard]] std::string refusal(const PluginRecord& record);

struct PluginOffers {
  std::vector<PluginRecord> records;
  std::vector<std::filesystem::path> folders;  ///< that were looked into
  bool defaults = true;                        ///< those of the user and of the installation among them

  /// A file that is there already changes nothing; a name that is taken makes a record that says so.
  void add(PluginRecord record);
  /// Places in `records`.
  [[nodiscard]] std::vector<std::size_t> offering(const ComponentRequest& request) const;
  /// Every name to ask for, qualified where the bare one is ambiguous.
  [[nodiscard]] std::vector<std::string> names(std::string_view what) const;
  [[noreturn]] void throw_unknown(const ComponentRequest& request, std::string_view asked) const;
  [[noreturn]] void throw_ambiguous(const ComponentRequest& request, const std::vector<std::size_t>& offers) const;
  [[nodiscard]] std::string why_none() const;
};

}  // namespace ironlaw::host
