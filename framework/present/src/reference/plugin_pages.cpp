// Lists and pages of plugins.
#include "plugins/digest.hpp"
#include "reference/page.hpp"

#include <ironlaw/catalog/installation.hpp>

#include <algorithm>
#include <ostream>

namespace ironlaw::host {
namespace {

/// "3 solvers, 1 kind"
std::string counted(const std::vector<Provides>& provides) {
  std::vector<std::pair<std::string, std::size_t>> counts;
  for (const Provides& p : provides) {
    auto of = std::find_if(counts.begin(), counts.end(), [&](const auto& known) { return known.first == p.what; });
    if (of == counts.end()) of = counts.insert(of, {p.what, 0});
    ++of->second;
  }
  std::string text;
  for (const auto& [what, count] : counts) {
    const std::string plural = count == 1 ? what : what == "study" ? "studies" : what + "s";
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + plural;
  }
  return text;
}

PageCell provides_cell(const std::vector<Provides>& provides) {
  Json data = Json::array();
  for (const Provides& p : provides) data.push_back({{"what", p.what}, {"name", p.name}});
  return {counted(provides), std::move(data)};
}

}  // namespace

void report_plugins(std::span<const PluginRecord> records, const ReportOptions& options, std::ostream& out) {
  PageTable table{"plugins",
                  {{"name"},
                   {"version"},
                   {"licence"},
                   {"status"},
                   {"provides"},
                   {"file"},
                   {"detail"},
                   {"fingerprint", PageColumn::For::programs},
                   {"sha256", PageColumn::For::programs}},
                  {}};
  for (const PluginRecord& record : records)
    table.rows.push_back({record.name, record.version, record.licence, to_string(record.status), provides_cell(record.provides),
                          shown_path(record.file), record.detail, record.fingerprint, sha256_where_readable(record.file)});
  print_list(table, options, out);
}

void report_plugin(const PluginRecord& record, const ReportOptions& options, std::ostream& out) {
  Page page{record.name.empty() ? shown_path(record.file) : record.name,
            {{"name", record.name},
             {"version", record.version},
             {"licence", record.licence},
             {"status", to_string(record.status)},
             {"detail", record.detail},
             {"file", shown_path(record.file)},
             {"sha256", sha256_where_readable(record.file)},
             {"fingerprint", record.fingerprint},
             {"build", record.build}},
            {}};
  const bool calls =
      std::any_of(record.provides.begin(), record.provides.end(), [](const Provides& p) { return !p.calls.empty(); });
  PageTable& provides = page.tables.emplace_back(PageTable{"provides", {{"name"}, {"what"}}, {}, InJson::list});
  if (calls) provides.columns.push_back({"calls"});
  for (const Provides& p : record.provides) {
    provides.rows.push_back({p.name, p.what});
    std::string called;
    for (const auto& name : p.calls) called += (called.empty() ? "" : ", ") + name;
    if (calls) provides.rows.back().push_back(called);
  }
  print_page(page, options, out);
}

}  // namespace ironlaw::host
