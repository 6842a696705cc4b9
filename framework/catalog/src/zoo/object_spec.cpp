#include "zoo/object_spec.hpp"

#include "expression/words.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/nearest.hpp>
#include <ironlaw/record_table.hpp>

#include <algorithm>
#include <array>

namespace ironlaw::host {

std::string said_name(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_unsigned() ? value.dump() : std::string();
}

namespace {

bool is_prefix_of_field(const Kind& kind, const std::string& prefix) {
  const auto fields = kind.fields();
  return std::any_of(fields.begin(), fields.end(), [&](const PortInfo& f) { return f.name.starts_with(prefix + "."); });
}

/// "fp64, tf32, ..." for "peak_rate".
std::string fields_under(const Kind& kind, const std::string& prefix) {
  std::string names;
  for (const auto& field : kind.fields())
    if (field.name.starts_with(prefix + "."))
      names.append(names.empty() ? "" : ", ").append(field.name.substr(prefix.size() + 1));
  return names;
}

void read_field(const PortInfo& port, const Json& value, const std::string& where, bool references, FieldSpec& field) {
  field = FieldSpec{};
  field.given = true;
  field.where = where;
  const std::string text = value.is_string() ? value.get<std::string>() : std::string();
  if (reads_names(text)) {
    if (!references) throw InputError(where, "a reference ('" + text + "') can only be used in the stages of a config");
    field.from = FieldSpec::From::reference;
    field.text = text;
  } else if (takes_table(port) || is_kept(port)) {
    field.from = FieldSpec::From::json;
    field.json = std::make_shared<const Json>(value);
  } else if (port.type != PortType::object) {
    field.from = FieldSpec::From::value;
    field.cell = read_value(port, value, where);
  } else if (value.is_object()) {
    field.from = FieldSpec::From::object;
    field.json = std::make_shared<const Json>(value);
  } else if (std::string name = said_name(value); !name.empty()) {
    field.from = FieldSpec::From::key;
    field.text = std::move(name);
  } else {
    throw InputError(
        where, std::string(port.name) + " takes the name of a " + std::string(port.interface) + " or one written out in {}");
  }
}

void read_level(ObjectSpec& spec, const Json& value, const std::string& prefix, const std::string& where, bool references,
                Problems& problems) {
  const auto fields = spec.kind->fields();
  for (const auto& [key, item] : value.items()) {
    if (prefix.empty() && is_metadata(key)) continue;
    const std::string name = prefix.empty() ? key : prefix + "." + key;
    const std::string here = pointer(where, std::string_view(key));
    if (const std::size_t i = field_index(*spec.kind, name); i < fields.size()) {
      problems.during([&, &given = item] { read_field(fields[i], given, here, references, spec.fields[i]); });
    } else if (item.is_object() && is_prefix_of_field(*spec.kind, name)) {
      read_level(spec, item, name, here, references, problems);
    } else if (is_prefix_of_field(*spec.kind, name)) {
      problems.add(here + ": " + name + " takes an object of fields: " + fields_under(*spec.kind, name));
    } else {
      problems.add(here + ": " + std::string(spec.kind->about().name) + " has no field '" + name + "'" +
                   did_you_mean(name, names_of(fields)));
      // What was meant is not missing as well.
      const std::string_view meant = nearest(name, names_of(fields));
      if (const std::size_t field = field_index(*spec.kind, meant); field < fields.size()) spec.fields[field].given = true;
    }
  }
}

}  // namespace

bool is_metadata(std::string_view key) {
  constexpr std::array<std::string_view, 11> keys{"kind", "aliases", "based_on", "label", "vendor",      "category",
                                                  "year", "source",  "sources",  "note",  "memory_sizes"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::size_t field_index(const Kind& kind, std::string_view name) {
  const auto fields = kind.fields();
  return static_cast<std::size_t>(std::find_if(fields.begin(), fields.end(), [&](const PortInfo& f) { return f.name == name; }) -
                                  fields.begin());
}

void check_layout(const PortInfo& port, const Kind& kind, const std::string& where) {
  if (port.interface_layout == kind.interface_layout()) return;
  throw InputError(where, std::string(port.name) + " takes a " + std::string(port.interface) + " of another layout than " +
                              std::string(kind.about().name) + " makes: rebuild both plugins against the same headers");
}

std::vector<std::string_view> names_of(std::span<const PortInfo> ports) {
  std::vector<std::string_view> names;
  for (const auto& p : ports) names.push_back(p.name);
  return names;
}

void read_fields(ObjectSpec& spec, const Json& value, const std::string& where, bool references, Problems& problems) {
  read_level(spec, value, "", where, references, problems);
}

}  // namespace ironlaw::host
