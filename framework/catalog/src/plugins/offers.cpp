#include "plugins/offers.hpp"

#include <ironlaw/notation/nearest.hpp>
#include "plugins/inspect.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// Usable as far as its manifest says. One that turned out bad when it was opened still counts, so that what a name means does
/// not depend on what was asked for before.
bool is_offered(const PluginRecord& record) {
  switch (record.status) {
    case LoadStatus::ok:
    case LoadStatus::open_failed:
    case LoadStatus::no_entry:
    case LoadStatus::entry_failed:
    case LoadStatus::crashed:
      return true;
    default:
      return false;
  }
}

}  // namespace

ComponentRequest::ComponentRequest(std::string_view sort, std::string_view text) : what(sort), name(text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return;
  plugin = text.substr(0, slash);
  name = text.substr(slash + 1);
}

std::string ComponentRequest::text() const {
  return std::string(what) + " '" + (plugin.empty() ? "" : std::string(plugin) + "/") + std::string(name) + "'";
}

bool ComponentRequest::met_by(const PluginRecord& record) const {
  if (!plugin.empty() && plugin != record.name) return false;
  return std::any_of(record.provides.begin(), record.provides.end(),
                     [this](const Provides& p) { return p.what == what && p.name == name; });
}

std::string refusal(const PluginRecord& record) {
  return record.file.string() + " is refused (" + std::string(to_string(record.status)) + "): " + record.detail;
}

void PluginOffers::add(PluginRecord record) {
  const auto same_file = [&record](const PluginRecord& r) { return r.file == record.file; };
  if (std::any_of(records.begin(), records.end(), same_file)) return;
  const auto first = std::find_if(records.begin(), records.end(), [&record](const PluginRecord& r) {
    return r.status == LoadStatus::ok && record.status == LoadStatus::ok && r.name == record.name;
  });
  if (first != records.end()) {
    refuse(record, LoadStatus::duplicate,
           "expected another name, found plugin '" + record.name + "' also in " + first->file.string() +
               ", which comes first: remove one");
  }
  records.push_back(std::move(record));
}

std::vector<std::size_t> PluginOffers::offering(const ComponentRequest& request) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (is_offered(records[i]) && request.met_by(records[i])) found.push_back(i);
  }
  return found;
}

std::vector<std::string> PluginOffers::names(std::string_view what) const {
  std::vector<std::string> all;
  for (const PluginRecord& record : records) {
    for (const Provides& p : record.provides) {
      if (!is_offered(record) || p.what != what) continue;
      all.push_back(offering({what, p.name}).size() > 1 ? record.name + "/" + p.name : p.name);
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

void PluginOffers::throw_unknown(const ComponentRequest& request, std::string_view asked) const {
  for (const PluginRecord& record : records) {
    if (request.met_by(record)) throw InputError(request.text(), refusal(record));
  }
  const std::vector<std::string> known = names(request.what);
  if (known.empty()) throw InputError(request.text(), "unknown: " + why_none());
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::string_view near = nearest(asked, candidates);
  if (!near.empty()) throw InputError(request.text(), "unknown; did you mean '" + std::string(near) + "'?");
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  throw InputError(request.text(), "unknown; known: " + list);
}

void PluginOffers::throw_ambiguous(const ComponentRequest& request, const std::vector<std::size_t>& offers) const {
  std::string list;
  for (const std::size_t i : offers) {
    list += (list.empty() ? "'" : " or '") + records[i].name + "/" + std::string(request.name) + "' (" +
            (records[i].manifest ? records[i].file.string() : "of this program") + ")";
  }
  throw InputError(request.text(), "brought by several plugins: write " + list);
}

std::string PluginOffers::why_none() const {
  std::string text = "no plugin was found";
  for (const auto& folder : folders) text += (&folder == &folders.front() ? " in " : ", ") + folder.string();
  std::size_t refused = 0;
  for (const PluginRecord& record : records) {
    if (record.status == LoadStatus::ok) continue;
    if (++refused <= 3) text += "; " + refusal(record);
  }
  if (refused > 3) text += "; and " + std::to_string(refused - 3) + " more are refused";
  if (!defaults) text += "; --no-default-plugins leaves out the folders of the user and of the installation";
  return text + "; name plugins by file or folder, or in $IRONLAW_PLUGIN_PATH";
}

std::string_view to_string(LoadStatus status) noexcept {
  switch (status) {
    case LoadStatus::ok:
      return "ok";
    case LoadStatus::not_found:
      return "not found";
    case LoadStatus::insecure:
      return "insecure";
    case LoadStatus::not_a_plugin:
      return "not a plugin";
    case LoadStatus::bad_manifest:
      return "bad manifest";
    case LoadStatus::sdk_version:
      return "other SDK version";
    case LoadStatus::fingerprint:
      return "other fingerprint";
    case LoadStatus::duplicate:
      return "duplicate";
    case LoadStatus::open_failed:
      return "cannot be opened";
    case LoadStatus::no_entry:
      return "no entry function";
    case LoadStatus::entry_failed:
      return "entry function failed";
    case LoadStatus::crashed:
      return "crashed";
  }
  return "unknown";
}

}  // namespace ironlaw::host
