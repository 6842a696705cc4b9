// An axis over zoo entries: {"zoo": "hardware", "where": "category == 'cloud' and tdp <= 700 W"}.
#include "expression/expression.hpp"
#include "plan/binder.hpp"
#include "value/value.hpp"

#include <ironlaw/host/zoo_selection.hpp>

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace ironlaw::host {
namespace {

constexpr std::array<std::string_view, 5> text_symbols{"key", "kind", "label", "vendor", "category"};

/// Fields of a kind by their own names, and what every entry says of itself.
Symbols symbols_of_kind(const Kind& kind, Zoo& zoo) {
  Symbols symbols;
  symbols.bare = true;
  const auto fields = kind.fields();
  for (std::size_t i = 0; i < fields.size(); ++i) symbols.by_name[std::string(fields[i].name)] = {fields[i], i, false};
  for (std::size_t t = 0; t < text_symbols.size(); ++t)
    symbols.by_name.try_emplace(std::string(text_symbols[t]), Symbol{{}, fields.size() + t, true});
  PortInfo year;
  year.name = "year";
  year.type = PortType::integer;
  symbols.by_name.try_emplace("year", Symbol{year, fields.size() + text_symbols.size(), false});
  symbols.object_named = [&zoo](const PortInfo& port, std::string_view name, const std::string& where) {
    return zoo.find(port.interface, name, where).object;
  };
  return symbols;
}

bool meets(const Expression& condition, const ZooEntryInfo& entry, const ZooObject& object) {
  std::vector<Cell> cells = object.fields;
  const std::array<std::string_view, text_symbols.size()> own{entry.key, entry.kind, entry.label, entry.vendor, entry.category};
  std::vector<std::string_view> texts(cells.size());
  texts.insert(texts.end(), own.begin(), own.end());
  cells.resize(cells.size() + text_symbols.size());
  cells.push_back(Cell{entry.year == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(entry.year)});
  texts.emplace_back();
  return condition.value(cells, texts) != 0;
}

std::vector<ZooEntryInfo> entries_of(const Zoo& zoo, const std::string& kind, const std::string& where) {
  try {
    return zoo.list(kind);
  } catch (const InputError& e) {
    throw InputError(where, e.what());
  }
}

}  // namespace

std::vector<ZooEntryInfo> select_entries(Zoo& zoo, const std::string& kind, const std::string& condition,
                                         const std::string& where, const std::string& condition_where) {
  std::map<std::string, std::optional<Expression>> conditions;  // by kind; nothing where the kind lacks a field that is asked for
  std::optional<InputError> first_error;
  std::vector<ZooEntryInfo> selected;
  for (auto& entry : entries_of(zoo, kind, where)) {
    if (!condition.empty()) {
      const Kind& own = zoo.impl().plugins.kind(entry.kind);
      auto [it, fresh] = conditions.try_emplace(entry.kind);
      if (fresh) {
        try {
          it->second = parse_condition(condition, symbols_of_kind(own, zoo), condition_where);
        } catch (const InputError& e) {
          if (!first_error) first_error.emplace(e);
        }
      }
      if (!it->second) continue;
      if (!meets(*it->second, entry, zoo.find(own.interface(), entry.kind + ":" + entry.key, where))) continue;
    }
    selected.push_back(std::move(entry));
  }
  const bool understood = std::any_of(conditions.begin(), conditions.end(), [](const auto& c) { return c.second.has_value(); });
  if (first_error && !understood) throw InputError(*first_error);
  return selected;
}

std::vector<Cell> read_zoo_axis(const PortInfo& port, const Json& value, const std::string& where, Zoo& zoo) {
  constexpr std::array<std::string_view, 2> keys{"zoo", "where"};
  for (const auto& [key, v] : value.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw InputError(where, "unknown key '" + key + "'" + did_you_mean(key, keys));
  if (!value["zoo"].is_string())
    throw InputError(where, "\"zoo\" takes a kind, or what it serves as (" + std::string(port.interface) + ")");
  if (value.contains("where") && !value["where"].is_string()) throw InputError(where, "\"where\" takes a condition as text");
  const std::string condition = value.contains("where") ? value["where"].get<std::string>() : "";
  std::vector<Cell> cells;
  for (const auto& entry : select_entries(zoo, value["zoo"].get<std::string>(), condition, where, where + "/where")) {
    const Kind& kind = zoo.impl().plugins.kind(entry.kind);
    if (kind.interface() != port.interface) throw InputError(where, entry.kind + " is no " + std::string(port.interface));
    check_layout(port, kind, where);
    Cell cell;
    cell.object = zoo.find(port.interface, entry.kind + ":" + entry.key, where).object;
    cells.push_back(cell);
  }
  if (cells.empty()) throw InputError(where, "no entry of the zoo is selected");
  return cells;
}

}  // namespace ironlaw::host
