#include "changes/changed_parts.hpp"

#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/record_table.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

bool same(const PortInfo& port, const Cell& a, const Cell& b) {
  if (port.type == PortType::object || is_kept(port)) return a.object == b.object;
  return a.number == b.number || (std::isnan(a.number) && std::isnan(b.number));
}

/// Names of the plugins or folders whose sums differ.
std::string that_differ(const Json& one, const Json& other, const char* name, const char* sum) {
  std::string text;
  for (const Json& a : one) {
    const auto b = std::find_if(other.begin(), other.end(),
                                [&](const Json& entry) { return entry.value(name, Json()) == a.value(name, Json()); });
    if (b == other.end() || b->value(sum, Json()) == a.value(sum, Json())) continue;
    text += (text.empty() ? "" : ", ") + a.at(name).get<std::string>();
  }
  return text;
}

/// "3 of 212 rows", of a table that has `rows` of them.
std::string rows_that_differ(const Json& rows, const Json& other) {
  const auto differs = std::count_if(rows.begin(), rows.end(),
                                     [&](const Json& row) { return std::find(other.begin(), other.end(), row) == other.end(); });
  return std::to_string(differs) + " of " + std::to_string(rows.size()) + " rows";
}

bool is_one_answer(const AnswerSource& source) {
  if (source.config) return false;
  const Json json = Json::parse(source.answer, nullptr, false);
  return json.is_object() && json.contains("provenance") && !json.contains("columns");
}

}  // namespace

std::optional<std::size_t> find_port(std::span<const PortInfo> ports, const PortInfo& like) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == like.name && ports[i].type == like.type && ports[i].dimension == like.dimension) return i;
  return {};
}

ChangedParts::ChangedParts(Session& session, const AnswerSource& before, const AnswerSource& after, const std::string& profile)
    : old_(session, before, profile, is_one_answer(after)),
      new_(session, after, profile, is_one_answer(before)),
      facts_(facts_that_differ()),
      before_(old_.restored(session, values_of(old_))),
      after_(new_.restored(session, values_of(new_))) {
  compare_inputs();
  compare_records();
}

Pipeline ChangedParts::before_with(Session& session, const Part& part) const {
  auto values = values_of(old_);
  values[part.name] = Json::parse(part.value, nullptr, false);
  if (values[part.name].is_discarded()) values[part.name] = part.value;
  return old_.restored(session, values);
}

std::string ChangedParts::behind() const {
  std::string text;
  for (const auto& one : behind_) text += (text.empty() ? "" : " and ") + one;
  return text;
}

/// Fields that are not what they were in either of the two.
std::set<std::string> ChangedParts::facts_that_differ() const {
  std::set<std::string> all;
  for (const RecordedAnswer* side : {&old_, &new_})
    for (const auto& [path, value] : side->former_facts()) all.insert(path);
  return all;
}

std::map<std::string, Json> ChangedParts::values_of(const RecordedAnswer& side) const {
  std::map<std::string, Json> all;
  for (const auto& path : facts_)
    if (Json value = side.fact(path); !value.is_null()) all[path] = std::move(value);
  return all;
}

std::string ChangedParts::shown(const Pipeline& pipeline, const PortInfo& port, const Cell& cell) {
  const ShownValue value{std::string(port.name), &port, cell, object_name(pipeline.environment().zoo(), port, cell)};
  return is_absent(value) ? "none" : value_text(value);
}

void ChangedParts::add_changed(const std::string& what, const std::string& name, const std::string& from, const std::string& to) {
  changed_.rows.push_back({what, name, from, to});
}

void ChangedParts::compare_inputs() {
  const auto ports = before_.solver().inputs();
  const auto others = after_.solver().inputs();
  const auto base = before_.base();
  const auto other_base = after_.base();
  const auto on_axis = [&](std::size_t input) {
    return std::any_of(before_.axes().begin(), before_.axes().end(), [&](const Axis& axis) {
      return std::find(axis.inputs.begin(), axis.inputs.end(), input) != axis.inputs.end();
    });
  };
  // Fields that a study looks at by itself are those of an object that is another now.
  const auto of_another = [&](const std::string& name) {
    return before_.study() != nullptr &&
           std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) { return name.starts_with(part.name + "."); });
  };
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const auto other = find_port(others, ports[i]);
    if (of_another(std::string(ports[i].name))) continue;
    if (!other)
      add_changed("input", std::string(ports[i].name), shown(before_, ports[i], base[i]), "not there");
    else if (!on_axis(i) && !same(ports[i], base[i], other_base[*other]))
      add_part(i, ports[i], base[i], other_base[*other]);
  }
  for (std::size_t i = 0; i < others.size(); ++i)
    if (!find_port(ports, others[i]) && !facts_.contains(std::string(others[i].name)))
      add_changed("input", std::string(others[i].name), "not there", shown(after_, others[i], other_base[i]));
}

void ChangedParts::add_part(std::size_t input, const PortInfo& port, const Cell& before, const Cell& after) {
  const std::string name(port.name);
  if (!takes_table(port) || !facts_.contains(name)) {
    const std::string what = facts_.contains(name) ? "fact" : "input";
    add_changed(what, name, shown(before_, port, before), shown(after_, port, after));
    const Json value = value_json({name, &port, after, object_name(after_.environment().zoo(), port, after)});
    parts_.push_back({input, after, what, name, value.is_string() ? value.get<std::string>() : value.dump()});
    return;
  }
  const Json rows = old_.fact(name);
  const Json others = new_.fact(name);
  if (rows == others) return;  // the same table, made twice
  add_changed("record", name, rows_that_differ(rows, others), rows_that_differ(others, rows));
  parts_.push_back({input, after, "record", name, others.dump()});
}

/// What is no number of the question and was not written down whole: tables of records, plugins, the program.
void ChangedParts::compare_records() {
  const auto one = old_.records();
  const auto other = new_.records();
  for (const auto& [name, sum] : one) {
    const auto found = other.find(name);
    if (found == other.end() || found->second == sum || (old_.has_rows(name) && new_.has_rows(name))) continue;
    add_changed("record", name, sum.substr(0, 12), found->second.substr(0, 12));
    behind_.insert("the records " + name);
  }
  const Json& was = old_.provenance();
  const Json& is = new_.provenance();
  if (const auto names = that_differ(was.value("plugins", Json::array()), is.value("plugins", Json::array()), "name", "sha256");
      !names.empty()) {
    add_changed("program", names, "another build", "");
    behind_.insert("the program");
  }
  const auto stamp_of = [](const Json& folder) {
    const std::string version = folder.at("version").is_string() ? folder.at("version").get<std::string>() + " " : std::string();
    return version + folder.at("sha256").get<std::string>().substr(0, 12);
  };
  for (const Json& folder : was.value("zoo", Json::array()))
    for (const Json& now : is.value("zoo", Json::array()))
      if (folder.at("folder") == now.at("folder") && folder.at("sha256") != now.at("sha256"))
        add_changed("zoo", folder.at("folder").get<std::string>(), stamp_of(folder), stamp_of(now));
}

}  // namespace ironlaw::host
