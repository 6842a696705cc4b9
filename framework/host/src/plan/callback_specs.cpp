#include "plan/callback_specs.hpp"

#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

CallbackSpec read_callback(const Json& json, const std::string& where, Plugins& plugins) {
  const OptionPlace place = [&](const std::string& path) { return where + path; };
  if (!json.is_object() || !json.contains("use") || !json["use"].is_string())
    throw InputError(where, "a callback takes an object with \"use\": the name of an observer or guard, and its options");
  CallbackSpec spec;
  spec.name = json["use"].get<std::string>();
  auto names = plugins.names("observer");
  const auto guards = plugins.names("guard");
  const bool is_guard = std::find(guards.begin(), guards.end(), spec.name) != guards.end();
  const bool is_observer = std::find(names.begin(), names.end(), spec.name) != names.end();
  if (!is_guard && !is_observer) {
    names.insert(names.end(), guards.begin(), guards.end());
    throw InputError(pointer(where, std::string_view("use")),
                     "no observer and no guard is named '" + spec.name + "'" +
                         did_you_mean(spec.name, std::vector<std::string_view>(names.begin(), names.end())));
  }
  if (is_guard) {
    spec.guard = &plugins.guard(spec.name);
    spec.options = std::make_shared<OptionValues>(spec.guard->options(), json, place);
  } else {
    spec.observer = &plugins.observer(spec.name);
    spec.options = std::make_shared<OptionValues>(spec.observer->options(), json, place);
  }
  return spec;
}

}  // namespace

CallbackSpecs read_callbacks(const Config::Impl& config, Plugins& plugins) {
  const Json none = Json::array();
  const Json& list = config.section("callbacks", none);
  if (!list.empty()) config.budget->check_files("a callback, which may write,", config.where("/callbacks"));
  CallbackSpecs specs;
  for (std::size_t i = 0; i < list.size(); ++i)
    specs.push_back(read_callback(list[i], config.where(pointer("/callbacks", i)), plugins));
  return specs;
}

}  // namespace ironlaw::host
