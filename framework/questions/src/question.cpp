#include <ironlaw/questions/question.hpp>

#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "read_spec.hpp"
#include "spec.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/nearest.hpp>
#include <ironlaw/present/report.hpp>

#include <algorithm>
#include <map>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_values_shown = 8;

std::string text_of(const Pipeline& pipeline, std::size_t input, const Cell& cell) {
  const PortInfo& port = pipeline.solver().inputs()[input];
  return value_text({{}, &port, cell, object_name(pipeline.environment().zoo(), port, cell)});
}

/// "A100, H100, H200": what an axis says; empty where the input is on none.
std::string values_text(const Pipeline& pipeline, std::size_t input) {
  for (const Axis& axis : pipeline.axes()) {
    const auto at = std::find(axis.inputs.begin(), axis.inputs.end(), input);
    if (at == axis.inputs.end() || axis.distribution) continue;
    const auto& cells = axis.values[static_cast<std::size_t>(at - axis.inputs.begin())];
    std::string text;
    for (std::size_t i = 0; i < std::min(cells.size(), most_values_shown); ++i)
      text += (i == 0 ? "" : ", ") + text_of(pipeline, input, cells[i]);
    return cells.size() > most_values_shown ? text + " ... " + text_of(pipeline, input, cells.back()) : text;
  }
  return {};
}

std::string help_of(const FlagSpec& flag, const Pipeline& pipeline, std::size_t input) {
  PortInfo port = pipeline.solver().inputs()[input];
  const std::string what = flag.help.empty() ? std::string(port.doc) : flag.help;
  const Cell base = pipeline.base()[input];
  const std::string values = values_text(pipeline, input);
  if (port.type == PortType::object || !values.empty()) {
    const std::string shown = values.empty() ? object_name(pipeline.environment().zoo(), port, base) : values;
    return what + (shown.empty() ? "" : " [" + std::string(flag.required ? "such as " : "default ") + shown + "]");
  }
  port.required = false;
  port.optional = port.optional || is_absent({{}, &port, base, {}});
  port.fallback = base.number;
  return what + " [" + accepted_text(port) + "]";
}

}  // namespace

Question::Question() = default;

Question Question::read(const fs::path& file, const RequestLimits& limits) {
  Question question;
  question.spec_ = std::make_shared<Spec>(read_spec(file, limits));
  return question;
}

const std::string& Question::name() const { return spec_->name; }
const std::string& Question::asks() const { return spec_->asks; }
const fs::path& Question::file() const { return spec_->file; }
const std::string& Question::traced_stage() const { return spec_->trace; }
Config& Question::config() { return spec_->config; }
const Config& Question::config() const { return spec_->config; }

std::vector<QuestionFlag> Question::flags(Session& session, const std::string& profile) const {
  const Pipeline pipeline = session.compile(spec_->config, profile);
  std::vector<QuestionFlag> flags;
  for (const FlagSpec& flag : spec_->flags) {
    const std::size_t input =
        pipeline.input(flag.like.empty() ? flag.name : flag.like, spec_->file.string() + "#/question/flags");
    const PortInfo& port = pipeline.solver().inputs()[input];
    flags.push_back({flag.name,
                     help_of(flag, pipeline, input),
                     port.type,
                     std::string(port.interface),
                     {port.choices.begin(), port.choices.end()}});
  }
  for (const TargetSpec& target : spec_->targets) {
    const std::string bound = target.bound.empty() ? "" : " [default " + target.bound + "]";
    flags.push_back({target.name, target.help + bound, PortType::number, {}, {}, true});
  }
  for (const WaySpec& way : spec_->ways) flags.push_back({way.name, way.help, PortType::boolean, {}, {}, false, true});
  return flags;
}

std::string Question::in_unit(std::string_view flag, const std::string& text) const {
  const auto spec = std::find_if(spec_->flags.begin(), spec_->flags.end(), [&](const FlagSpec& f) { return f.name == flag; });
  if (spec == spec_->flags.end() || spec->unit.empty() || text.find_first_not_of("0123456789.eE+-kMGTi ") != text.npos)
    return text;
  return text.find_first_of("kMGT") == text.npos ? text + " " + spec->unit : text + spec->unit;
}

void Question::given(std::string_view flag) {
  spec_->given.emplace(flag);
  const auto spec = std::find_if(spec_->flags.begin(), spec_->flags.end(), [&](const FlagSpec& f) { return f.name == flag; });
  if (spec == spec_->flags.end()) return;
  for (const auto& other : spec->instead_of)
    if (!spec_->given.contains(other)) spec_->config.set(other, "null", "--" + std::string(flag));
}

std::vector<std::string> Question::places(std::string_view flag) const {
  const auto spec = std::find_if(spec_->flags.begin(), spec_->flags.end(), [&](const FlagSpec& f) { return f.name == flag; });
  return spec == spec_->flags.end() || spec->sets.empty() ? std::vector{std::string(flag)} : spec->sets;
}

void Question::ask_way(std::string_view name) {
  const auto way = std::find_if(spec_->ways.begin(), spec_->ways.end(), [&](const WaySpec& w) { return w.name == name; });
  if (way == spec_->ways.end()) throw InputError("ask " + spec_->name, "no way is named '" + std::string(name) + "'");
  way->asked = true;
}

std::vector<Question> Question::ways(const RequestLimits& limits) const {
  std::vector<Question> asked;
  for (const WaySpec& way : spec_->ways)
    if (way.asked) asked.push_back(read(spec_->file.parent_path() / way.file, limits));
  return asked;
}

void Question::set_target(std::string_view name, const std::string& text, const std::string& where) {
  for (TargetSpec& target : spec_->targets) {
    if (target.name != name) continue;
    target.bound = text;
    target.where = where;
    target.given = true;
    return;
  }
  throw InputError(where, "no target is named '" + std::string(name) + "'");
}

void Question::check_given() const {
  const auto word_of = [](std::string name) {
    std::replace(name.begin(), name.end(), '_', '-');
    return "--" + name;
  };
  for (const FlagSpec& flag : spec_->flags)
    for (const auto& other : flag.instead_of)
      if (spec_->given.contains(flag.name) && spec_->given.contains(other))
        throw InputError(word_of(flag.name), "stands instead of " + word_of(other) + ": give one of them");
  const Json& root = spec_->config.impl().root;
  const Json axes = root.contains("study") ? Json::array() : root.value("axes", Json::array());
  for (const FlagSpec& flag : spec_->flags)
    for (const auto& place : places(flag.name))
      if (spec_->given.contains(flag.name) &&
          std::any_of(axes.begin(), axes.end(), [&](const Json& axis) { return axis.contains(place); }))
        throw InputError(word_of(flag.name), "takes one value: ask " + spec_->name +
                                                 " chooses among none; give the others in questions of their own");
  std::string missing;
  for (const FlagSpec& flag : spec_->flags) {
    if (!flag.required || spec_->given.contains(flag.name)) continue;
    missing += (missing.empty() ? "" : " and ") + word_of(flag.name);
  }
  if (!missing.empty())
    throw InputError("ask " + spec_->name, "needs " + missing + "; see ironlaw ask " + spec_->name + " --help");
}

std::vector<fs::path> question_folders(const std::vector<fs::path>& folders) {
  std::vector<fs::path> all;
  for (const auto& folder : folders) {
    if (!fs::is_directory(folder)) throw InputError("--questions", "'" + folder.string() + "' is no folder");
    all.push_back(folder);
  }
  for (const auto& home : {user_data_folder(), data_folder()})
    if (const auto folder = home / "questions"; !home.empty() && fs::is_directory(folder)) all.push_back(folder);
  return all;
}

std::vector<fs::path> question_files(const std::vector<fs::path>& folders) {
  std::map<std::string, fs::path> files;
  for (const auto& folder : folders) {
    std::error_code failure;
    for (const FolderEntry& entry : entries_of(folder, failure)) {
      const auto ending = entry.path.extension();
      if (ending == ".json" || ending == ".yaml" || ending == ".yml") files.try_emplace(entry.path.stem().string(), entry.path);
    }
    if (failure) throw InputError("--questions", "'" + folder.string() + "' cannot be read: " + failure.message());
  }
  std::vector<fs::path> all;
  for (const auto& [name, file] : files) all.push_back(file);
  return all;
}

namespace {

/// The nearest spelling, or else the name that begins most like it: "serving" is not spelt like "serve".
std::string near_question(const std::string& name, const std::vector<std::string_view>& names) {
  if (std::string text = did_you_mean(name, names); text != ".") return text;
  constexpr std::ptrdiff_t least = 4;
  const auto begins_alike = [&](std::string_view known) {
    return std::mismatch(name.begin(), name.end(), known.begin(), known.end()).first - name.begin();
  };
  const auto near =
      std::max_element(names.begin(), names.end(), [&](auto a, auto b) { return begins_alike(a) < begins_alike(b); });
  if (near == names.end() || begins_alike(*near) < least) return ".";
  return "; did you mean '" + std::string(*near) + "'?";
}

}  // namespace

std::vector<std::string> questions_with_flag(std::string_view flag, const std::vector<fs::path>& folders) {
  const auto has = [&](const auto& specs) {
    return std::any_of(specs.begin(), specs.end(), [&](const auto& spec) { return spec.name == flag; });
  };
  std::vector<std::string> names;
  for (const auto& file : question_files(folders)) {
    const Question question = Question::read(file);
    const Question::Spec& spec = question.spec();
    if (has(spec.flags) || has(spec.targets) || has(spec.ways)) names.push_back(spec.name);
  }
  return names;
}

fs::path find_question(const std::string& name, const std::vector<fs::path>& folders) {
  const fs::path word(name);
  if (word.has_extension()) return word;
  const auto files = question_files(folders);
  std::vector<std::string> names;
  for (const auto& file : files) {
    if (file.stem() == name) return file;
    names.push_back(file.stem().string());
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::string all;
  for (const auto& known : names) all += (all.empty() ? "" : ", ") + known;
  throw InputError("ask", "no question is named '" + name + "'" + near_question(name, views) +
                              (all.empty() ? " No question was found" : " Questions: " + all));
}

}  // namespace ironlaw::host
