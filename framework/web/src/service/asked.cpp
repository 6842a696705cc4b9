#include "service/asked.hpp"

#include "config/config_impl.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/record_table.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// As a flag would say it.
std::string flag_text(const Json& value) { return value.is_string() ? value.get<std::string>() : dump(value); }

std::vector<std::string> flag_texts(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& value : list) texts.push_back(flag_text(value));
  return texts;
}

bool takes_list(const PortInfo& port) { return port.type == PortType::series || takes_table(port); }

}  // namespace

std::vector<std::string_view> config_members(std::initializer_list<std::string_view> and_these) {
  std::vector<std::string_view> members{"solver", "inputs", "config", "set", "profile", "walls", "bands"};
  members.insert(members.end(), and_these);
  return members;
}

void give(Config& config, const std::string& name, const Json& value, bool listed, const std::string& where) {
  const bool nested =
      value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_array(); });
  if (value.is_array() && value.empty()) throw InputError(where, "has no value in its list");
  if (value.is_array() && (!listed || nested)) {
    config.add_axis(name, flag_texts(value), where);
  } else {
    config.set(name, flag_text(value), where);
  }
}

Asked::Asked(std::string_view body, const RequestLimits& limits, std::span<const std::string_view> allowed)
    : budget_(std::make_shared<Budget>(limits)) {
  budget_->take_bytes(body.size(), "request");
  json_ = parse_json(body, "request", tree_limits(*budget_));
  if (!json_.is_object()) throw InputError("request", "takes a JSON object");
  for (const auto& [key, value] : json_.items())
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
      throw InputError("request", "unknown member '" + key + "'" + did_you_mean(key, allowed));
}

bool Asked::flag(const char* key) const {
  if (!json_.contains(key)) return false;
  if (!json_[key].is_boolean()) throw InputError(key, "takes true or false");
  return json_[key].get<bool>();
}

std::string Asked::text(const char* key) const {
  if (!json_.contains(key)) return {};
  if (!json_[key].is_string()) throw InputError(key, "takes a text");
  return json_[key].get<std::string>();
}

std::vector<std::string> Asked::texts(const char* key) const {
  if (!json_.contains(key)) return {};
  const Json& value = json_[key];
  const bool list = value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
  if (!list && !value.is_string()) throw InputError(key, "takes a text or a list of texts");
  return list ? value.get<std::vector<std::string>>() : std::vector{value.get<std::string>()};
}

const Json& Asked::object(const char* key) const {
  static const Json none = Json::object();
  if (!json_.contains(key)) return none;
  if (!json_[key].is_object()) throw InputError(key, "takes an object");
  return json_[key];
}

bool Asked::plain_solve() const {
  for (const char* key : {"set", "walls", "bands", "explain", "all", "texts"})
    if (json_.contains(key)) return false;
  const Json& inputs = object("inputs");
  return std::none_of(inputs.begin(), inputs.end(), [](const Json& value) { return value.is_array(); });
}

Config Asked::of_solver_config(Session& session) const {
  const std::string name = text("solver");
  const std::string stage(name.substr(name.rfind('/') + 1));
  const auto solver = [&]() -> const Solver& {
    const auto lock = session.lock();
    return session.plugins().solver(name);
  };
  const auto ports = solver().inputs();
  auto config =
      config_of_tree(Json{{"version", 1}, {"name", stage}, {"stages", {{stage, {{"solver", name}}}}}}, "request", budget_);
  for (const auto& [input, value] : object("inputs").items()) {
    const auto port = std::find_if(ports.begin(), ports.end(), [&wanted = input](const PortInfo& p) { return p.name == wanted; });
    give(config, stage + "." + input, value, port != ports.end() && takes_list(*port), "inputs/" + input);
  }
  return config;
}

Config Asked::config(Session& session) const {
  if (json_.contains("config") == json_.contains("solver"))
    throw InputError("request", "takes either \"solver\" with \"inputs\", or \"config\"");
  if (json_.contains("config") && json_.contains("inputs"))
    throw InputError("inputs", "goes with \"solver\"; values of a config are given by \"set\"");
  auto config = of_solver() ? of_solver_config(session) : config_of_tree(object("config"), "config", budget_);
  for (const auto& [name, value] : object("set").items()) give(config, name, value, false, "set/" + name);
  if (flag("walls")) config.report_walls();
  if (flag("bands")) config.report_bands("bands");
  if (json_.contains("options") && !json_.contains("study")) throw InputError("options", "goes with \"study\"");
  if (json_.contains("study")) {
    config.use_study(text("study"));
    for (const auto& [name, value] : object("options").items())
      config.set_study_option(name, value.is_array() ? flag_texts(value) : std::vector{flag_text(value)}, "options/" + name);
  }
  return config;
}

Pipeline Asked::pipeline(Session& session, const std::string& profile) const {
  const std::string said = text("profile");
  return session.compile(config(session), said.empty() ? profile : said);
}

}  // namespace ironlaw::host
