#include "config/config_impl.hpp"

#include "files/input_files.hpp"
#include "text/excerpt.hpp"
#include "value/value.hpp"
#include "zoo/table_rows.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/utf8.hpp>

#include <algorithm>
#include <array>

namespace ironlaw::host {
namespace {

constexpr std::array<std::string_view, 13> top_keys{"version", "name",   "profile", "plugins", "inputs",    "stages",  "axes",
                                                    "where",   "assert", "study",   "report",  "callbacks", "question"};

/// Texts of a config are UTF-8; those of a file are held to it as the file is read.
std::string checked_text(std::string_view text, const std::string& where) {
  if (!is_utf8(text)) throw InputError(where, "is no UTF-8: '" + excerpt(text) + "'");
  return std::string(text);
}

/// What a flag's text means: JSON where it is a number, a boolean, a list or an object, else text.
Json value_of_text(std::string_view text, const std::string& where) {
  const auto first = text.find_first_not_of(' ');
  if (first != text.npos && (text[first] == '[' || text[first] == '{')) return parse_json(text, where);
  Json value = Json::parse(text.begin(), text.end(), nullptr, false);
  if (value.is_number() || value.is_boolean() || value.is_null()) return value;
  return checked_text(text, where);
}

bool is_identifier(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == name.npos;
}

void check_top(const Config::Impl& c) {
  if (!c.root.is_object()) throw InputError(c.file, "a config takes a JSON object with \"version\", \"stages\" and more");
  for (const auto& [key, value] : c.root.items())
    if (std::find(top_keys.begin(), top_keys.end(), key) == top_keys.end())
      throw InputError(c.where(pointer("", std::string_view(key))), "unknown key '" + key + "'" + did_you_mean(key, top_keys));
  if (!c.root.contains("version")) throw InputError(c.where("/version"), "is required: write \"version\": 1");
  if (c.root["version"] != 1)
    throw InputError(c.where("/version"), "is " + shown_json(c.root["version"]) + "; this program reads version 1");
  for (const char* key : {"name", "profile"})
    if (c.root.contains(key) && !c.root[key].is_string())
      throw InputError(c.where(pointer("", std::string_view(key))), "takes a text, not " + shown_json(c.root[key]));
}

void check_study(const Config::Impl& c) {
  const Json none = Json::object();
  const Json& study = c.section("study", none);
  if (!c.root.contains("study")) return;
  if (!study.contains("use") || !study["use"].is_string())
    throw InputError(c.where("/study"), "takes an object with \"use\": the name of a study, and its options");
}

void check_names(const Config::Impl& c) {
  const Json empty = Json::object();
  for (const auto& [key, value] : c.section("inputs", empty).items())
    if (!is_identifier(std::string_view(key).substr(0, key.find('.'))))
      throw InputError(c.where("/inputs" + pointer("", std::string_view(key))), "a name takes letters, digits, '_' and '-'");
  if (c.section("stages", empty).empty()) throw InputError(c.where("/stages"), "a config needs at least one stage");
  for (const auto& [key, value] : c.section("stages", empty).items()) {
    const std::string where = c.where("/stages" + pointer("", std::string_view(key)));
    if (!is_identifier(key)) throw InputError(where, "a name takes letters, digits, '_' and '-'");
    if (c.section("inputs", empty).contains(key)) throw InputError(where, "'" + key + "' is the name of an input and of a stage");
    const bool solver = value.is_object() && value.contains("solver") && value["solver"].is_string();
    const bool config = value.is_object() && value.contains("config") && value["config"].is_string();
    if (solver == config)
      throw InputError(where, "a stage takes an object with \"solver\": the name of one, or \"config\": a file, and its inputs");
  }
}

/// A value or another axis replaces an axis of the same name; what varied together with it goes on to vary.
bool take_off_axis(Json& root, const std::string& name) {
  if (!root.contains("axes") || !root["axes"].is_array()) return false;
  Json& axes = root["axes"];
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].is_object() || !axes[i].contains(name)) continue;
    axes[i].erase(name);
    if (axes[i].empty()) axes.erase(i);
    return true;
  }
  return false;
}

}  // namespace

std::string Config::Impl::where(const std::string& json_pointer) const {
  if (const auto it = flags.find(json_pointer); it != flags.end()) return it->second;
  if (file.empty()) return json_pointer;
  if (!located) return file + "#" + json_pointer;
  const Place& place = located->at(json_pointer);
  return file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + "#" + json_pointer;
}

const Json& Config::Impl::section(const char* key, const Json& empty) const {
  if (!root.contains(key)) return empty;
  if (root[key].type() != empty.type())
    throw InputError(where(pointer("", std::string_view(key))),
                     std::string("takes ") + (empty.is_array() ? "a list" : "an object"));
  return root[key];
}

Config::Config() : impl_(std::make_shared<Impl>()) {}

TreeLimits tree_limits(Budget& budget) {
  return {.depth = static_cast<std::size_t>(budget.limits().depth),
          .takes_memory = [&budget](std::uint64_t bytes) { budget.take_memory(bytes); }};
}

namespace {

/// Checks what stands at the top, and names it.
Config whole_config(Config::Impl&& impl) {
  check_top(impl);
  check_study(impl);
  check_names(impl);
  impl.name =
      impl.root.contains("name") ? impl.root["name"].get<std::string>() : std::filesystem::path(impl.file).stem().string();
  return Config::copy_of(impl);
}

Config parse_config(std::string_view text, const std::string& file, std::shared_ptr<Budget> budget) {
  budget->take_bytes(text.size(), file);
  Config::Impl impl;
  impl.file = file;
  impl.budget = std::move(budget);
  if (auto folder = std::filesystem::path(file).parent_path(); !folder.empty())
    impl.includes = std::make_shared<Includes>(std::move(folder));
  if (file.ends_with(".yaml") || file.ends_with(".yml")) {
    impl.located = read_yaml(text, file);
    impl.root = impl.located->json;
  } else {
    impl.root = parse_json(text, file, tree_limits(*impl.budget));
  }
  return whole_config(std::move(impl));
}

/// A file that is too large is not read.
void check_size(const std::filesystem::path& file, Budget& budget) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(file, failure);
  if (!failure && size > budget.limits().bytes) budget.take_bytes(size, file.string());
}

}  // namespace

Config Config::parse(std::string_view text, const std::string& file, const RequestLimits& limits) {
  return parse_config(text, file, std::make_shared<Budget>(limits));
}

Config Config::read(const std::filesystem::path& file, const RequestLimits& limits) {
  const auto budget = std::make_shared<Budget>(limits);
  check_size(file, *budget);
  return parse_config(read_file(file), file.string(), budget);
}

Config Config::Impl::included(const std::string& file_name, const std::string& where) const {
  budget->check_files("a config by its path", where);
  budget->take_include(where);
  const auto key = folder / file_name;
  const auto file_path = includes->path(key);
  check_size(file_path, *budget);
  Impl impl = parse_config(includes->text(key, where), file_path.string(), budget).impl();
  impl.includes = includes;
  impl.folder = key.parent_path();
  return copy_of(impl);
}

std::string Config::Impl::included_table(const std::string& file_name, const std::string& where) const {
  budget->check_files("a table by its path", where);
  budget->take_include(where);
  check_size(includes->path(folder / file_name), *budget);
  std::string text = includes->text(folder / file_name, where, is_arrow_file(file_name) ? &arrow_as_json : nullptr);
  budget->take_bytes(text.size(), where);
  return text;
}

Config config_of_tree(Json tree, const std::string& file, std::shared_ptr<Budget> budget) {
  Config::Impl impl;
  impl.file = file;
  impl.budget = std::move(budget);
  impl.root = std::move(tree);
  return whole_config(std::move(impl));
}

Config Config::of_solver(std::string_view solver, const RequestLimits& limits) {
  Config c;
  c.impl_->budget = std::make_shared<Budget>(limits);
  const std::string stage(solver.substr(solver.rfind('/') + 1));
  c.impl_->name = stage;
  c.impl_->root = Json{{"version", 1}, {"stages", Json::object()}};
  c.impl_->root["stages"][stage] = Json{{"solver", std::string(solver)}};
  c.impl_->flags[pointer("/stages", std::string_view(stage))] = "solve " + std::string(solver);
  return c;
}

void Config::set(std::string_view name, std::string_view value, const std::string& where) {
  Json& root = impl_->root;
  static_cast<void>(checked_text(name, where));
  const bool on_axis = take_off_axis(root, std::string(name));
  const std::string first(name.substr(0, name.find('.')));
  std::string path;
  if (first.size() < name.size() && root["stages"].contains(first)) {
    const std::string port(name.substr(first.size() + 1));
    path = pointer(pointer("/stages", std::string_view(first)), std::string_view(port));
    root["stages"][first][port] = value_of_text(value, where);
  } else {
    const bool known = (root.contains("inputs") && root["inputs"].contains(first)) || on_axis;
    if (!known) {
      std::vector<std::string> names;
      const Json none = Json::object();
      for (const auto& [key, v] : impl_->section("inputs", none).items()) names.push_back(key);
      for (const auto& [key, v] : root["stages"].items()) names.push_back(key + ".");
      const std::vector<std::string_view> views(names.begin(), names.end());
      throw InputError(where, "no input and no stage is named '" + first + "'" + did_you_mean(first, views));
    }
    path = pointer("/inputs", name);
    root["inputs"][std::string(name)] = value_of_text(value, where);
  }
  impl_->flags[path] = where;
}

void Config::add_axis(std::string_view name, const std::vector<std::string>& values, const std::string& where) {
  Json list = Json::array();
  for (const auto& v : values) list.push_back(value_of_text(v, where));
  if (values.size() == 1) {
    const auto dots = values[0].find("..");
    if (list[0].is_object() || list[0].is_array())
      list = Json(list[0]);
    else if (dots != std::string::npos)
      list = Json{{"from", value_of_text(values[0].substr(0, dots), where)},
                  {"to", value_of_text(values[0].substr(dots + 2), where)}};
  }
  take_off_axis(impl_->root, std::string(name));
  Json& axes = impl_->root["axes"];
  if (axes.is_null()) axes = Json::array();
  const std::string path = pointer(pointer("/axes", axes.size()), name);
  impl_->flags[path] = where;
  for (std::size_t i = 0; i < list.size(); ++i) impl_->flags[pointer(path, i)] = where;
  axes.push_back(Json{{std::string(name), std::move(list)}});
}

void Config::add_joint_axis(const std::vector<std::string>& names, const std::vector<std::vector<std::string>>& values,
                            const std::string& where) {
  Json& axes = impl_->root["axes"];
  if (axes.is_null()) axes = Json::array();
  const std::string path = pointer("/axes", axes.size());
  Json axis = Json::object();
  for (std::size_t k = 0; k < names.size(); ++k) {
    Json list = Json::array();
    for (const auto& v : values[k]) list.push_back(value_of_text(v, where));
    impl_->flags[pointer(path, names[k])] = where;
    for (std::size_t i = 0; i < list.size(); ++i) impl_->flags[pointer(pointer(path, names[k]), i)] = where;
    axis[names[k]] = std::move(list);
  }
  axes.push_back(std::move(axis));
}

void Config::use_study(std::string_view name) {
  Json& study = impl_->root["study"];
  if (study.is_object() && study["use"] == std::string(name)) return;
  study = Json{{"use", std::string(name)}};
  impl_->root.erase("report");
  impl_->flags["/study"] = "study " + std::string(name);
}

void Config::set_study_option(std::string_view name, const std::vector<std::string>& values, const std::string& where) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(value_of_text(value, where));
  const std::string path = pointer("/study", name);
  impl_->flags[path] = where;
  for (std::size_t i = 0; i < list.size(); ++i) impl_->flags[pointer(path, i)] = where;
  impl_->root["study"][std::string(name)] = list.size() == 1 ? list.front() : list;
}

void Config::compare_with_file(const std::filesystem::path& file, const std::string& where) {
  impl_->flags["/study/with"] = where;
  Json& with = impl_->root["study"]["with"];
  if (!with.is_array()) with = with.is_null() ? Json::array() : Json::array({with});
  with.push_back(std::filesystem::absolute(file).string());
}

void Config::compare_with_value(std::string_view name, std::string_view value, const std::string& where) {
  impl_->flags["/study/with"] = where;
  Json& with = impl_->root["study"]["with"];
  if (!with.is_array()) with = with.is_null() ? Json::array() : Json::array({with});
  if (with.empty() || !with.back().is_object()) with.push_back(Json::object());
  with.back()[checked_text(name, where)] = value_of_text(value, where);
}

void Config::without_study() {
  for (const char* key : {"study", "report", "callbacks"}) impl_->root.erase(key);
}

Config Config::copy_of(const Impl& impl) {
  Config config;
  *config.impl_ = impl;
  return config;
}

void Config::show_column(std::string_view name, const std::string& where) {
  const Json none = Json::object();
  Json report = impl_->section("report", none);
  if (name.find('.') == name.npos || !report.contains("columns") || !report["columns"].is_array()) return;
  Json& columns = report["columns"];
  if (std::find(columns.begin(), columns.end(), Json(name)) != columns.end()) return;
  impl_->flags[pointer("/report/columns", columns.size())] = where;
  columns.push_back(checked_text(name, where));
  impl_->root["report"] = std::move(report);
}

void Config::report_walls() {
  const Json none = Json::object();
  Json report = impl_->section("report", none);
  report["walls"] = true;
  impl_->root["report"] = std::move(report);
}

void Config::report_bands(const std::string& where) {
  const Json none = Json::object();
  Json report = impl_->section("report", none);
  report["bands"] = true;
  impl_->root["report"] = std::move(report);
  impl_->flags["/report/bands"] = where;
}

std::string Config::bundle() const {
  return Json{{"config", impl_->root}, {"includes", impl_->includes->texts()}}.dump(-1, ' ', false,
                                                                                    Json::error_handler_t::replace);
}

Config Config::of_bundle(std::string_view text, const std::string& where) {
  const Json bundle = parse_json(text, where);
  try {
    Impl impl = parse(bundle.at("config").dump(), where).impl();
    impl.includes = std::make_shared<Includes>(bundle.at("includes").get<std::map<std::string, std::string>>());
    return copy_of(impl);
  } catch (const Json::exception&) {
    throw InputError(where, "holds no config with those that it names");
  }
}

const std::string& Config::name() const { return impl_->name; }

std::string Config::profile() const {
  return impl_->root.contains("profile") ? impl_->root["profile"].get<std::string>() : std::string();
}

}  // namespace ironlaw::host
