#include "config/option_values.hpp"

#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

std::string text_of(const Json& value, const std::string& where) {
  if (!value.is_string()) throw InputError(where, "takes a text, not " + shown_json(value));
  return value.get<std::string>();
}

Value quantity_of(const OptionInfo& option, const Json& value, const std::string& where) {
  PortInfo port;
  port.name = option.name;
  port.dimension = option.dimension;
  port.range = {-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
  if (option.any_dimension && value.is_string()) {
    try {
      port.dimension = parse_quantity(value.get<std::string>()).dimension;
    } catch (const UnitError& e) {
      throw InputError(where, e.what());
    }
  }
  Value v;
  v.number = read_value(port, value, where).number;
  v.dimension = port.dimension;
  return v;
}

}  // namespace

OptionValues::OptionValues(std::span<const OptionInfo> declared, const Json& given, const OptionPlace& place, PortReader* ports) {
  std::vector<std::string_view> names;
  for (const auto& o : declared) names.push_back(o.name);
  for (const auto& [key, value] : given.items())
    if (key != "use" && std::find(names.begin(), names.end(), key) == names.end())
      throw InputError(place(pointer("", std::string_view(key))), "unknown option '" + key + "'" + did_you_mean(key, names));
  for (const auto& option : declared) {
    const std::string name(option.name);
    if (given.contains(name)) {
      read(option, given[name], place, ports);
    } else if (option.required) {
      throw InputError(place(""), "needs \"" + name + "\" (" + std::string(option.doc) + ")");
    } else if (option.type == OptionType::text) {
      texts_[name] = {std::string(option.text_fallback)};
    } else if (option.type == OptionType::texts) {
      texts_[name] = {};
    } else if (option.type > OptionType::texts) {
      ports_[name] = {};
      maximise_[name] = {};
    } else {
      Value v;
      v.number = option.number_fallback;
      v.dimension = option.dimension;
      numbers_[name] = v;
    }
  }
}

/// Port names of a study's option: one text, or a list.
void OptionValues::read_ports(const OptionInfo& option, const Json& value, const OptionPlace& place, PortReader& ports) {
  const auto name = std::string(option.name);
  const std::string path = pointer("", option.name);
  ports_[name] = {};
  maximise_[name] = {};
  const auto one = [&](const Json& json, const std::string& here) {
    const PortReader::Found found = ports.read(option.type, text_of(json, here), here);
    auto& all = ports_[name];
    const bool columns = option.type == OptionType::inputs || option.type == OptionType::outputs;
    if (columns && std::find(all.begin(), all.end(), found.port) != all.end()) throw InputError(here, "is named twice");
    all.push_back(found.port);
    maximise_[name].push_back(found.maximise);
  };
  if (!value.is_array()) return one(value, place(path));
  for (std::size_t i = 0; i < value.size(); ++i) one(value[i], place(pointer(path, i)));
}

void OptionValues::read(const OptionInfo& option, const Json& value, const OptionPlace& place, PortReader* ports) {
  const std::string name(option.name);
  const std::string where = place(pointer("", option.name));
  if (option.required && value.is_array() && value.empty()) throw InputError(where, "takes at least one, and the list is empty");
  switch (option.type) {
    case OptionType::quantity:
      numbers_[name] = quantity_of(option, value, where);
      break;
    case OptionType::boolean:
      if (!value.is_boolean()) throw InputError(where, "takes true or false, not " + shown_json(value));
      numbers_[name] = Value(value.get<bool>() ? 1 : 0);
      break;
    case OptionType::text:
      texts_[name] = {text_of(value, where)};
      break;
    case OptionType::texts:
      texts_[name] = {};
      if (!value.is_array()) throw InputError(where, "takes a list of texts, not " + shown_json(value));
      for (std::size_t i = 0; i < value.size(); ++i)
        texts_[name].push_back(text_of(value[i], place(pointer(pointer("", option.name), i))));
      break;
    default:
      if (ports == nullptr) throw InputError(where, "only the options of a study name inputs and outputs of the pipeline");
      read_ports(option, value, place, *ports);
  }
}

Value OptionValues::do_quantity(std::string_view name) const {
  const auto it = numbers_.find(name);
  if (it == numbers_.end()) throw Error("the plugin asks for an option '" + std::string(name) + "' that it does not declare");
  return it->second;
}
std::size_t OptionValues::do_texts(std::string_view name) const {
  const auto it = texts_.find(name);
  return it == texts_.end() ? 0 : it->second.size();
}
std::span<const std::size_t> OptionValues::do_ports(std::string_view name) const {
  const auto it = ports_.find(name);
  if (it == ports_.end()) throw Error("the plugin asks for an option '" + std::string(name) + "' that it does not declare");
  return it->second;
}
bool OptionValues::do_maximise(std::string_view name, std::size_t i) const {
  const auto it = maximise_.find(name);
  if (it == maximise_.end() || i >= it->second.size())
    throw Error("the plugin asks for a goal '" + std::string(name) + "' that it does not declare");
  return it->second[i];
}
std::string_view OptionValues::do_text(std::string_view name, std::size_t i) const {
  const auto it = texts_.find(name);
  if (it == texts_.end() || i >= it->second.size())
    throw Error("the plugin asks for an option '" + std::string(name) + "' that it does not declare");
  return it->second[i];
}

}  // namespace ironlaw::host
