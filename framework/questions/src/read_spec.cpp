#include "read_spec.hpp"

#include "template_text.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>

namespace ironlaw::host {
namespace {

/// An object of the question, read key by key; a key that nothing reads is an error.
class Section {
 public:
  Section(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) throw InputError(where_, "takes an object, not " + shown_json(json));
  }
  [[nodiscard]] std::string at(std::string_view key) const { return where_ + pointer("", key); }
  [[nodiscard]] const std::string& where() const { return where_; }

  /// The value of a key, or null.
  const Json* find(const char* key) {
    known_.emplace_back(key);
    const auto it = json_.find(key);
    return it == json_.end() ? nullptr : &*it;
  }
  std::string text(const char* key, bool required = false) {
    const Json* value = find(key);
    if (value == nullptr && required) throw InputError(where_, std::string("needs \"") + key + "\"");
    return value == nullptr ? std::string() : text_of(*value, at(key));
  }
  bool flag(const char* key) {
    const Json* value = find(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) throw InputError(at(key), "takes true or false, not " + shown_json(*value));
    return value->get<bool>();
  }
  /// 0 where the key is absent.
  std::size_t count(const char* key) {
    const Json* value = find(key);
    if (value == nullptr) return 0;
    if (!value->is_number_unsigned() || *value < 1) throw InputError(at(key), "takes a count, not " + shown_json(*value));
    return value->get<std::size_t>();
  }
  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> all;
    for (const auto& [where, value] : list(key)) all.push_back(text_of(*value, where));
    return all;
  }
  std::vector<std::pair<std::string, const Json*>> list(const char* key) {
    std::vector<std::pair<std::string, const Json*>> all;
    const Json* value = find(key);
    if (value == nullptr) return all;
    if (!value->is_array()) throw InputError(at(key), "takes a list");
    for (std::size_t i = 0; i < value->size(); ++i) all.emplace_back(pointer(at(key), i), &(*value)[i]);
    return all;
  }
  /// Pairs of a name and a text, in order.
  std::vector<std::pair<std::string, std::string>> named_texts(const char* key) {
    std::vector<std::pair<std::string, std::string>> all;
    const Json* value = find(key);
    if (value == nullptr) return all;
    if (!value->is_object()) throw InputError(at(key), "takes an object of texts");
    for (const auto& [name, text] : value->items())
      all.emplace_back(name, text_of(text, at(key) + pointer("", std::string_view(name))));
    return all;
  }
  void refuse_unknown() const {
    for (const auto& [key, value] : json_.items())
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        throw InputError(at(key), "unknown key '" + key + "'" + did_you_mean(key, known_));
  }

 private:
  static std::string text_of(const Json& value, const std::string& where) {
    if (!value.is_string()) throw InputError(where, "takes a text, not " + shown_json(value));
    return value.get<std::string>();
  }
  const Json& json_;
  std::string where_;
  std::vector<std::string_view> known_;
};

FlagSpec read_flag(const std::string& name, const Json& json, const std::string& where) {
  FlagSpec flag;
  flag.name = name;
  if (json.is_string()) {
    flag.help = json.get<std::string>();
    return flag;
  }
  Section section(json, where);
  flag.help = section.text("help");
  flag.instead_of = section.texts("instead_of");
  flag.unit = section.text("unit");
  flag.sets = section.texts("sets");
  flag.like = section.text("like");
  if (flag.sets.empty() != flag.like.empty())
    throw InputError(where, "needs \"sets\" and \"like\" together: the places it sets, and the input whose values it takes");
  flag.required = section.flag("required");
  section.refuse_unknown();
  return flag;
}

OtherwiseSpec read_otherwise(const Json& json, const std::string& where, const std::vector<TargetSpec>& targets) {
  Section section(json, where);
  OtherwiseSpec otherwise{section.text("goal", true), section.texts("without"), section.text("why", true)};
  for (const auto& name : otherwise.without)
    if (std::none_of(targets.begin(), targets.end(), [&](const TargetSpec& t) { return t.name == name; }))
      throw InputError(section.at("without"), "no target is named '" + name + "'");
  section.refuse_unknown();
  return otherwise;
}

WaySpec read_way(const std::string& name, const Json& json, const std::string& where) {
  Section section(json, where);
  WaySpec way{name, section.text("help", true), section.text("file", true)};
  section.refuse_unknown();
  return way;
}

TargetSpec read_target(const std::string& name, const Json& json, const std::string& where) {
  Section section(json, where);
  TargetSpec target;
  target.name = name;
  target.where = where;
  target.help = section.text("help");
  target.value = section.text("at_most");
  const std::string least = section.text("at_least");
  if (target.value.empty() == least.empty())
    throw InputError(where, "needs one of \"at_most\" and \"at_least\": an output or an expression");
  target.at_least = !least.empty();
  if (target.at_least) target.value = least;
  target.bound = section.text("default");
  target.part_of = section.text("part_of");
  section.refuse_unknown();
  return target;
}

ColumnSpec read_column(const std::string& title, const std::string& text) {
  const UnitExpression value(text);
  return {title, value.expression, value.unit};
}

TableSpec read_table(const Json& json, const std::string& where) {
  Section section(json, where);
  TableSpec table;
  table.where = where;
  table.title = section.text("title", true);
  for (const auto& [title, text] : section.named_texts("columns")) table.columns.push_back(read_column(title, text));
  if (table.columns.empty()) throw InputError(where, "needs \"columns\": titles and expressions");
  table.of_each = section.flag("of_each");
  table.with_answer = section.flag("with_answer");
  for (const auto& [at, axis] : section.list("axes")) {
    if (!axis->is_string() && !axis->is_object()) throw InputError(at, "takes the name of an axis, or an axis as an object");
    table.axes.push_back(axis->is_string() ? TableAxis{axis->get<std::string>(), {}} : TableAxis{{}, *axis});
  }
  if (table.of_each != table.axes.empty()) throw InputError(where, "needs one of \"of_each\" and \"axes\"");
  if (const Json* set = section.find("set")) {
    if (!set->is_object()) throw InputError(section.at("set"), "takes an object of inputs and values");
    for (const auto& [name, value] : set->items()) table.set.emplace_back(name, value);
  }
  for (const char* key : {"sort", "best", "pareto"})
    if (const Json* value = section.find(key)) table.report[key] = *value;
  if (const Json* conditions = section.find("assert")) table.conditions = *conditions;
  table.rows = section.count("rows");
  table.first_of = section.count("first_of");
  if (table.first_of > table.columns.size()) throw InputError(section.at("first_of"), "is more than there are columns");
  section.refuse_unknown();
  return table;
}

template <class Read>
void read_named(Section& section, const char* key, Read read) {
  const Json* json = section.find(key);
  if (json == nullptr) return;
  if (!json->is_object()) throw InputError(section.at(key), "takes an object");
  for (const auto& [name, value] : json->items()) read(name, value, section.at(key) + pointer("", std::string_view(name)));
}

void check_axis(const Json& root, const std::string& name, const std::string& where) {
  if (root.contains("axes") && root["axes"].is_array())
    for (const Json& axis : root["axes"])
      if (axis.is_object() && axis.contains(name)) return;
  throw InputError(where, "'" + name + "' is on no axis of this config");
}

}  // namespace

Question::Spec read_spec(const std::filesystem::path& file, const RequestLimits& limits) {
  Question::Spec spec(Config::read(file, limits));
  const Json& root = spec.config.impl().root;
  if (!root.contains("question"))
    throw InputError(file.string(), "asks no question: it has no \"question\"; ironlaw run runs it");
  spec.file = file;
  spec.name = file.stem().string();
  Section section(root["question"], file.string() + "#/question");
  spec.asks = section.text("asks", true);
  read_named(section, "flags", [&](const std::string& name, const Json& json, const std::string& where) {
    spec.flags.push_back(read_flag(name, json, where));
  });
  read_named(section, "targets", [&](const std::string& name, const Json& json, const std::string& where) {
    spec.targets.push_back(read_target(name, json, where));
  });
  spec.trace = section.text("trace");
  spec.each = section.text("each");
  if (!spec.each.empty()) check_axis(root, spec.each, section.at("each"));
  if (const Json* otherwise = section.find("otherwise"))
    spec.otherwise = read_otherwise(*otherwise, section.at("otherwise"), spec.targets);
  spec.way = section.text("way");
  read_named(section, "ways", [&](const std::string& name, const Json& json, const std::string& where) {
    spec.ways.push_back(read_way(name, json, where));
  });
  if (!spec.targets.empty() && !root.contains("study"))
    throw InputError(section.at("targets"), "needs a \"study\" that looks for what meets them");
  spec.sentences = section.texts("answer");
  if (spec.sentences.empty()) throw InputError(section.where(), "needs \"answer\": sentences with {values}");
  for (const auto& [where, json] : section.list("numbers")) {
    Section numbers(*json, where);
    spec.numbers.push_back({numbers.text("title", true), numbers.named_texts("lines")});
    numbers.refuse_unknown();
  }
  for (const auto& [where, json] : section.list("tables")) spec.tables.push_back(read_table(*json, where));
  spec.assumptions = section.named_texts("assumptions");
  spec.writers = section.named_texts("write");
  section.refuse_unknown();
  return spec;
}

}  // namespace ironlaw::host
