// An engine's start with the answer's design: --write.
#include "read_spec.hpp"
#include "template_text.hpp"
#include "values.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/questions/answered.hpp>

#include <algorithm>
#include <set>

namespace ironlaw::host {
namespace {

constexpr std::string_view arguments_mark = "@arguments";

/// An argument of an engine: a flag, its value, and when it is there.
struct Argument {
  std::string flag;
  std::string value;  ///< a template; empty: the flag alone
  std::string when;   ///< a condition; empty: always
};

/// How an engine is started, as its file says.
struct Writer {
  std::string file;
  std::string engine;
  std::string release;
  std::vector<std::string> lines;
  std::string before, between, after;  ///< what stands around the parts of an argument
  std::vector<Argument> arguments;
  std::set<std::string> declared;                           ///< flags that this release of the engine knows
  std::vector<std::pair<std::string, std::string>> refuse;  ///< conditions, and what they say
};

std::string text_at(const Json& json, const char* key, const std::string& file, bool required = false) {
  if (!json.contains(key) && !required) return {};
  if (!json.contains(key) || !json[key].is_string()) throw InputError(file, std::string("needs a text \"") + key + "\"");
  return json[key].get<std::string>();
}

void read_arguments(const Json& json, Writer& writer) {
  for (const auto& flag : json.value("declared", Json::array())) writer.declared.insert(flag.get<std::string>());
  const Json arguments = json.value("arguments", Json::object());
  for (const auto& [flag, value] : arguments.items()) {
    if (!writer.declared.contains(flag))
      throw InputError(writer.file, "'" + flag + "' is no flag that " + writer.engine + " " + writer.release + " declares");
    writer.arguments.push_back(value.is_string() ? Argument{flag, value.get<std::string>(), {}}
                                                 : Argument{flag, value.value("value", ""), value.value("when", "")});
  }
  for (const auto& one : json.value("refuse", Json::array()))
    writer.refuse.emplace_back(text_at(one, "when", writer.file, true), text_at(one, "why", writer.file, true));
}

Writer read_writer(const std::filesystem::path& path) try {
  const Json json = read_json(path);
  Writer writer;
  writer.file = path.string();
  writer.engine = text_at(json, "engine", writer.file, true);
  writer.release = text_at(json, "release", writer.file, true);
  static_cast<void>(text_at(json, "source", writer.file, true));
  for (const auto& line : json.value("lines", Json::array())) writer.lines.push_back(line.get<std::string>());
  writer.before = text_at(json, "before", writer.file);
  writer.between = text_at(json, "between", writer.file);
  writer.after = text_at(json, "after", writer.file);
  if (const std::string other = text_at(json, "arguments_of", writer.file); !other.empty())
    read_arguments(read_json(path.parent_path() / other), writer);
  read_arguments(json, writer);
  return writer;
} catch (const Json::exception&) {
  throw InputError(path.string(), "says no engine's start: lists of texts, and arguments with texts or objects of texts");
}

std::vector<AskedValue> asked_by(const Writer& writer) {
  std::vector<AskedValue> asked;
  const auto add = [&](const std::string& text) {
    for (const auto& value : template_values(text, writer.file)) asked.push_back({UnitExpression(value).expression, writer.file});
  };
  for (const auto& line : writer.lines) add(line);
  for (const auto& argument : writer.arguments) {
    add(argument.value);
    if (!argument.when.empty()) asked.push_back({argument.when, writer.file});
  }
  for (const auto& [when, why] : writer.refuse) asked.push_back({when, writer.file});
  // The file speaks of its engine as of a value.
  std::erase_if(asked, [](const AskedValue& value) { return value.expression == "@engine" || value.expression == "@release"; });
  return asked;
}

}  // namespace

std::string write_plan(const Question& question, const Told& told, const std::string& name, Session& session,
                       const std::string& profile) {
  if (!told.plan) throw InputError("--write", "there is no plan to write: nothing meets the targets");
  if (name == "config") return told.plan_text;
  const auto& writers = question.spec().writers;
  const auto file = std::find_if(writers.begin(), writers.end(), [&](const auto& w) { return w.first == name; });
  if (file == writers.end()) {
    std::string all = "config";
    for (const auto& [known, path] : writers) all += ", " + known;
    throw InputError("--write", "takes one of " + all + ", not '" + name + "'");
  }
  const Writer writer = read_writer(question.file().parent_path() / file->second);
  const DesignValues values(*told.plan, asked_by(writer), session, profile);
  const auto holds = [&](const std::string& condition) { return values.shown(condition).cell.number == 1; };
  for (const auto& [when, why] : writer.refuse)
    if (holds(when)) throw InputError("--write " + name, why);
  const auto filled = [&](const std::string& text) {
    return filled_template(text, [&](const std::string& value) {
      if (value == "@engine") return writer.engine;
      if (value == "@release") return writer.release;
      return values.text(value, writer.file);
    });
  };
  std::string arguments;
  for (const Argument& argument : writer.arguments) {
    if (!argument.when.empty() && !holds(argument.when)) continue;
    const std::string value = filled(argument.value);
    arguments += writer.before + argument.flag + (value.empty() ? "" : writer.between + value) + writer.after;
  }
  std::string text;
  for (const auto& line : writer.lines) {
    const auto mark = line.find(arguments_mark);
    text += filled(line.substr(0, mark)) + (mark == line.npos ? "" : arguments) + "\n";
  }
  return text;
}

std::vector<std::string> plan_formats(const Question& question) {
  std::vector<std::string> names{"config"};
  for (const auto& [name, file] : question.spec().writers) names.push_back(name);
  return names;
}

}  // namespace ironlaw::host
