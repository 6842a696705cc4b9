#include "changes/recorded_answer.hpp"

#include "answer/facts_used.hpp"
#include "answer/provenance.hpp"
#include "config/config_impl.hpp"

#include <ironlaw/error.hpp>

namespace ironlaw::host {
namespace {

constexpr const char* how_to_write = "an answer of `ironlaw solve` or `ironlaw run` with --output json";

Config config_of(const AnswerSource& source) {
  if (source.config) return *source.config;
  const Json json = parse_json(source.answer, source.name);
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

RecordedAnswer::RecordedAnswer(Session& session, const AnswerSource& source, const std::string& profile)
    : name_(source.name), profile_(profile), config_(config_of(source)) {
  if (source.config) {
    const Pipeline now = session.compile(config_, profile_);
    facts_ = facts_used(now);
    provenance_ = host::provenance(now, {});
    return;
  }
  written_ = true;
  try {
    read(session, parse_json(source.answer, source.name), source.name);
  } catch (const Json::exception&) {
    throw InputError(source.name, std::string("is not as it was written; takes ") + how_to_write);
  }
}

void RecordedAnswer::read(Session& session, const Json& json, const std::string& where) {
  facts_ = json.at("facts");
  provenance_ = json.at("provenance");
  const auto profile = provenance_.at("profile").get<std::string>();
  profile_ = profile == "native" ? std::string() : profile;
  read_outputs(json);
  const Pipeline now = session.compile(config_, profile_);
  if (!now.axes().empty() || now.study() != nullptr) throw InputError(where, "is a table or a study; takes one answer");
  const Json current = facts_used(now);
  for (const auto& [path, object] : facts_.items()) {
    if (!object.contains("values") || !current.contains(path)) continue;
    const Json values = current[path].value("values", Json::object());
    for (const auto& [field, value] : object["values"].items())
      if (values.value(field, Json()) != value) former_[path + "." + field] = value;
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
    if (!facts_.contains(object) || !facts_[object].contains("values")) continue;
    return facts_[object]["values"].value(path.substr(dot + 1), Json());
  }
  return {};
}

Pipeline RecordedAnswer::restored(Session& session, const std::map<std::string, Json>& fields) const {
  Config config = Config::copy_of(config_.impl());
  for (const auto& [path, value] : fields)
    config.set(path, value.is_string() ? value.get<std::string>() : value.dump(), name_ + ": " + path);
  Pipeline pipeline = session.compile(config, profile_);
  if (!pipeline.axes().empty() || pipeline.study() != nullptr)
    throw InputError(name_, "is a table or a study; changes are of one answer: give each axis one value (--set NAME=VALUE)");
  return pipeline;
}

std::map<std::string, std::string> RecordedAnswer::records() const {
  std::map<std::string, std::string> all;
  for (const auto& [path, object] : facts_.items())
    if (object.contains("tables"))
      for (const auto& [field, sum] : object["tables"].items())
        all[object.at("name").get<std::string>()] += sum.get<std::string>();
  return all;
}

}  // namespace ironlaw::host
