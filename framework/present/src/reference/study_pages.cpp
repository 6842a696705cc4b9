// Lists and pages of studies.
#include "reference/page.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/study.hpp>

#include <ostream>

namespace ironlaw::host {
namespace {

const char* type_of(OptionType type) {
  switch (type) {
    case OptionType::quantity:
      return "number";
    case OptionType::boolean:
      return "boolean";
    case OptionType::text:
      return "text";
    case OptionType::texts:
      return "texts";
    case OptionType::inputs:
      return "inputs";
    case OptionType::outputs:
      return "outputs";
    case OptionType::goals:
      return "goals";
    case OptionType::conditions:
      return "conditions";
  }
  return "";
}

PageCell default_of(const OptionInfo& option) {
  if (option.required) return {"required", Json()};
  if (option.type == OptionType::quantity)
    return {format_quantity(option.number_fallback, option.dimension), Json(option.number_fallback)};
  if (option.type == OptionType::boolean) return {option.number_fallback != 0 ? "yes" : "no", Json(option.number_fallback != 0)};
  return {std::string(option.text_fallback), option.type == OptionType::text ? Json(option.text_fallback) : Json()};
}

}  // namespace

void report_studies(Plugins& plugins, const ReportOptions& options, std::ostream& out) {
  PageTable table{"studies", {{"name"}, {"plugin"}, {"doc"}}, {}};
  for (const std::string& name : plugins.names("study")) {
    const PluginRecord* provider = plugins.provider("study", name);
    std::string doc;
    try {
      doc = plugins.study(name).about().doc;
    } catch (const Error& error) {
      doc = error.what();  // a list does not fail for one of its lines
    }
    table.rows.push_back({name, provider != nullptr ? provider->name : std::string(), doc});
  }
  table.rows.push_back(
      {"sweep", "", "Every row of the axes; \"report\" keeps the best or the front. What a config does by itself"});
  print_list(table, options, out);
}

void report_study(const Study& study, const PluginRecord* provider, const ReportOptions& options, std::ostream& out) {
  const auto& about = study.about();
  Page page{std::string(about.name), {{"study", about.name}, {"doc", about.doc}}, {}};
  if (provider != nullptr) {
    page.facts.emplace_back("plugin", provider->name);
    page.facts.emplace_back("version", provider->version);
    page.facts.emplace_back("file", shown_path(provider->file));
  }
  PageTable table{"options", {{"name"}, {"type"}, {"default"}, {"doc"}}, {}};
  for (const OptionInfo& option : study.options())
    table.rows.push_back({option.name, type_of(option.type), default_of(option), option.doc});
  page.tables.push_back(std::move(table));
  print_page(page, options, out);
}

}  // namespace ironlaw::host
