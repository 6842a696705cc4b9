// Checks of the file as it lies.
#include "breaches.hpp"
#include "checks.hpp"

#include <ironlaw/manifest.h>

#include <boost/dll/library_info.hpp>

#include <set>

namespace ironlaw::host {
namespace {

std::set<std::string> exported_symbols(const std::filesystem::path& file) {
  std::set<std::string> found;
  for (std::string& symbol : boost::dll::library_info(file).symbols()) found.insert(std::move(symbol));
  return found;
}

}  // namespace

Finding check_exports(const std::filesystem::path& file) {
  const std::set<std::string> wanted{"ironlaw_plugin_manifest", IRONLAW_ENTRY_SYMBOL};
  std::set<std::string> found;
  try {
    found = exported_symbols(file);
  } catch (const std::exception&) {  // what it says is of the reader's insides
    return {CheckStatus::failed, "its table of symbols cannot be read: it is no shared library, or a damaged one"};
  }
  Breaches problems;
  for (const auto& symbol : wanted)
    if (!found.contains(symbol)) problems.add("it does not export " + symbol + ": build it with ironlaw_add_plugin");
  for (const auto& symbol : found)
    if (!wanted.contains(symbol)) problems.add("it exports " + symbol + " too: build it with ironlaw_add_plugin");
  return problems.finding();
}

Finding check_manifest(const PluginRecord& record) {
  Breaches problems;
  if (record.status != LoadStatus::ok) {
    problems.add("refused (" + std::string(to_string(record.status)) + "): " + record.detail);
  } else {
    if (record.version.empty()) problems.add("it states no version");
    if (record.licence.empty()) problems.add("it states no licence");
  }
  return problems.finding(record.name + " " + record.version + ", " + record.licence + ", " +
                          counted(record.provides.size(), "component"));
}

}  // namespace ironlaw::host
