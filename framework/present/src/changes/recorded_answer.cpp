#include "changes/recorded_answer.hpp"

#include "answer/facts_used.hpp"
#include "answer/provenance.hpp"
#include "config/config_impl.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

constexpr const char* how_to_write = "what `ironlaw solve`, `run`, `study` or `ask` wrote with --output json";

/// What `ask` wrote: its question is a name, and its plan is asked again.
bool is_told(const Json& json) { return json.is_object() && json.contains("question") && json["question"].is_string(); }

Config config_of(const AnswerSource& source) {
  if (source.config) return *source.config;
  const Json json = parse_json(source.answer, source.name);
  if (is_told(json)) {
    if (!json.contains("plan"))
      throw InputError(source.name, "tells of nothing that meets the targets: there is no plan to ask again");
    const Json bundle{{"config", json["plan"]}, {"includes", json.value("includes", Json::object())}};
    return Config::of_bundle(bundle.dump(), source.name + "#/plan");
  }
  if (!json.is_object() || !json.contains("question") || !json["question"].is_object())
    throw InputError(source.name, std::string("does not say what was asked; takes ") + how_to_write);
  return Config::of_bundle(json["question"].dump(), source.name + "#/question");
}

void add_outputs(const std::string& stage, const Json& outputs, std::map<std::string, double>& all) {
  for (const auto& [name, value] : outputs.items()) {
    const Json& number = value.is_object() && value.contains("value") ? value["value"] : value;
    if (number.is_number()) all[stage + "." + name] = number.get<double>();
  }
}

}  // namespace

RecordedAnswer::RecordedAnswer(Session& session, const AnswerSource& source, const std::string& profile, bool one_answer)
    : name_(source.name), profile_(profile), config_(config_of(source)) {
  Config::Impl impl = config_.impl();
  impl.root.erase("callbacks");
  config_ = Config::copy_of(impl);
  if (one_answer) config_.without_study();
  if (source.config) {
    const Pipeline now = session.compile(config_, profile_);
    facts_ = facts_used(now, Tables::whole);
    provenance_ = host::provenance(now, {});
    return;
  }
  written_ = true;
  try {
    read(session, parse_json(source.answer, source.name));
  } catch (const Json::exception&) {
    throw InputError(source.name, std::string("is not as it was written; takes ") + how_to_write);
  }
}

void RecordedAnswer::read(Session& session, const Json& json) {
  facts_ = json.at("facts");
  provenance_ = json.at("provenance");
  if (is_told(json))
    for (const auto& [expression, value] : json.at("values").items()) told_.insert(expression);
  const auto profile = provenance_.at("profile").get<std::string>();
  profile_ = profile == "native" ? std::string() : profile;
  if (json.contains("columns"))
    table_ = {{"columns", json.at("columns")}, {"rows", json.at("rows")}};
  else
    read_outputs(json);
  const Json current = facts_used(session.compile(config_, profile_), Tables::whole);
  for (const auto& [path, object] : facts_.items()) {
    if (!current.contains(path)) continue;
    for (const char* facts : {"values", "rows"}) {
      const Json then = object.value(facts, Json::object());
      const Json now = current[path].value(facts, Json::object());
      for (const auto& [field, value] : then.items())
        if (now.value(field, Json()) != value) former_[path + "." + field] = value;
    }
  }
}

void RecordedAnswer::read_outputs(const Json& json) {
  if (json.contains("stages")) {
    for (const auto& [stage, answered] : json["stages"].items()) add_outputs(stage, answered.at("outputs"), outputs_);
  } else {
    const Json& stages = config_.impl().root.at("stages");
    add_outputs(stages.begin().key(), json.at("outputs"), outputs_);
  }
}

Json RecordedAnswer::fact(const std::string& path) const {
  // The field's own name may hold dots, so the object's path is the longest that is there.
  for (auto dot = path.rfind('.'); dot != path.npos && dot > 0; dot = path.rfind('.', dot - 1)) {
    const std::string object = path.substr(0, dot);
    if (!facts_.contains(object)) continue;
    for (const char* facts : {"values", "rows"})
      if (Json value = facts_[object].value(facts, Json::object()).value(path.substr(dot + 1), Json()); !value.is_null())
        return value;
  }
  return {};
}

Pipeline RecordedAnswer::restored(Session& session, const std::map<std::string, Json>& fields) const {
  Config config = Config::copy_of(config_.impl());
  for (const auto& [path, value] : fields)
    config.set(path, value.is_string() ? value.get<std::string>() : value.dump(), name_ + ": " + path);
  return session.compile(config, profile_);
}

std::map<std::string, std::string> RecordedAnswer::records() const {
  std::map<std::string, std::string> all;
  for (const auto& [path, object] : facts_.items())
    if (object.contains("tables"))
      for (const auto& [field, sum] : object["tables"].items())
        all[object.at("name").get<std::string>()] += sum.get<std::string>();
  return all;
}

bool RecordedAnswer::has_rows(const std::string& record) const {
  return std::all_of(facts_.begin(), facts_.end(), [&](const Json& object) {
    return object.value("name", "") != record || !object.contains("tables") || object.contains("rows");
  });
}

}  // namespace ironlaw::host
