// Lists and pages of solvers and kinds.
#include "reference/page.hpp"
#include "reference/port_table.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>

#include <ostream>

namespace ironlaw::host {
namespace {

/// The plugin's name; empty where it is not known.
PageCell plugin_of(const PluginRecord* provider) { return provider == nullptr ? PageCell("", Json()) : PageCell(provider->name); }

void append_provider(const PluginRecord* provider, Page& page) {
  if (provider == nullptr) return;
  page.facts.emplace_back("plugin", provider->name);
  page.facts.emplace_back("version", provider->version);
  page.facts.emplace_back("file", shown_path(provider->file));
}

PageTable limit_table(const Solver& solver) {
  const PageColumn equation{"equation", PageColumn::For::programs};  // people read it behind the doc
  PageTable table{"limits", {{"limit"}, {"type"}, {"used"}, {"bound"}, equation, {"doc"}}, {}, InJson::list};
  const auto doc_of = [](const LimitInfo& limit) {
    std::string text(limit.doc);
    if (!limit.equation.empty()) text.append(": ").append(limit.equation);
    return PageCell(std::move(text), std::string(limit.doc));
  };
  const auto port = [&](const PortReference& reference) {
    const bool output = reference.side == PortReference::Side::output;
    return (output ? solver.outputs() : solver.inputs())[reference.index].name;
  };
  for (const LimitInfo& limit : solver.limits())
    table.rows.push_back(
        {limit.name, limit.hard ? "hard" : "soft", port(limit.used), port(limit.bound), limit.equation, doc_of(limit)});
  return table;
}

PageTable rule_table(const Solver& solver) {
  PageTable table{"rules", {{"rule"}}, {}, InJson::list};
  for (const RuleInfo& rule : solver.rules()) table.rows.push_back({rule.text});
  return table;
}

/// A list never fails for one of its lines: a plugin that cannot be opened says why in the place of its doc.
template <class Describe>
std::vector<PageCell> described(std::size_t columns, const Describe& describe) {
  try {
    return describe();
  } catch (const Error& error) {
    std::vector<PageCell> cells(columns - 1, PageCell("", Json()));
    cells.emplace_back(std::string(error.what()));
    return cells;
  }
}

}  // namespace

void report_solvers(Plugins& plugins, const ReportOptions& options, std::ostream& out) {
  PageTable table{"solvers", {{"name"}, {"plugin"}, {"doc"}}, {}};
  for (const std::string& name : plugins.names("solver")) {
    auto& row = table.rows.emplace_back(std::vector<PageCell>{name, plugin_of(plugins.provider("solver", name))});
    const auto rest = described(1, [&] { return std::vector<PageCell>{plugins.solver(name).about().doc}; });
    row.insert(row.end(), rest.begin(), rest.end());
  }
  print_list(table, options, out);
}

void report_solver(const Solver& solver, const PluginRecord* provider, const ReportOptions& options, std::ostream& out) {
  const auto& about = solver.about();
  Page page{std::string(about.name), {{"solver", about.name}, {"doc", about.doc}, {"source", about.source}}, {}};
  append_provider(provider, page);
  append_inputs("inputs", solver.inputs(), options.all, page);
  page.tables.push_back(output_table("outputs", solver.outputs()));
  page.tables.push_back(limit_table(solver));
  page.tables.push_back(rule_table(solver));
  print_page(page, options, out);
}

void report_kinds(Plugins& plugins, const ReportOptions& options, std::ostream& out) {
  PageTable table{"kinds", {{"name"}, {"plugin"}, {"interface"}, {"doc"}}, {}};
  for (const std::string& name : plugins.names("kind")) {
    auto& row = table.rows.emplace_back(std::vector<PageCell>{name, plugin_of(plugins.provider("kind", name))});
    const auto rest = described(2, [&] {
      const Kind& kind = plugins.kind(name);
      return std::vector<PageCell>{kind.interface(), kind.about().doc};
    });
    row.insert(row.end(), rest.begin(), rest.end());
  }
  print_list(table, options, out);
}

void report_kind(const Kind& kind, const PluginRecord* provider, const ReportOptions& options, std::ostream& out) {
  const auto& about = kind.about();
  Page page{std::string(about.name), {{"kind", about.name}, {"interface", kind.interface()}, {"doc", about.doc}}, {}};
  append_provider(provider, page);
  append_inputs("fields", kind.fields(), options.all, page);
  print_page(page, options, out);
}

}  // namespace ironlaw::host
