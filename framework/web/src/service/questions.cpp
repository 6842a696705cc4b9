// Questions by name: what `ironlaw ask` asks.
#include "service/asked.hpp"
#include "service/media_type.hpp"
#include "service/service_impl.hpp"
#include "spec.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/questions/answered.hpp>

#include <algorithm>
#include <array>
#include <sstream>

namespace ironlaw::host {
namespace {

/// Questions of the installation and of the user by name; a request names no file. What the axes of a question span is its own
/// file's to say, and most of it is never evaluated: the limits of time and memory hold.
Question question_named(const std::string& name, RequestLimits limits) {
  limits.rows = RequestLimits{}.rows;
  std::vector<std::string> names;
  for (const auto& file : question_files(question_folders({}))) {
    if (file.stem() == name) return Question::read(file, limits);
    names.push_back(file.stem().string());
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  throw InputError("question", "no question is named '" + name + "'" + did_you_mean(name, views));
}

std::string given_text(const Json& value) { return value.is_string() ? value.get<std::string>() : dump(value); }

void give_flag(Question& question, const std::vector<QuestionFlag>& flags, const std::string& name, const Json& value) {
  const std::string where = "inputs/" + name;
  std::vector<std::string_view> names;
  for (const auto& flag : flags) names.push_back(flag.name);
  const auto flag = std::find_if(flags.begin(), flags.end(), [&](const QuestionFlag& f) { return f.name == name; });
  if (flag == flags.end()) throw InputError(where, "is no input of this question" + did_you_mean(name, names));
  if (flag->target)
    question.set_target(name, given_text(value), where);
  else if (value.is_array() || flag->type == PortType::object)
    give(question.config(), name, value, false, where);
  else
    question.config().set(name, question.in_unit(name, given_text(value)), where);
  question.given(name);
}

}  // namespace

WebReply questions_reply(Service::Impl&, const WebRequest&, const Target& target, const std::string&) {
  target.check_query({});
  Json list = Json::array();
  for (const auto& file : question_files(question_folders({}))) {
    const auto question = Question::read(file);
    list.push_back({{"name", question.name()}, {"asks", question.asks()}});
  }
  return {200, "application/json", dump(Json{{"questions", list}}), 0};
}

WebReply question_reply(Service::Impl& service, const WebRequest&, const Target& target, const std::string& name) {
  target.check_query({"profile"});
  const auto question = question_named(name, service.options.limits);
  const std::string profile = target.value("profile");
  const std::string& whose = profile.empty() ? service.options.profile : profile;
  const Json ports = ports_page(service.session.compile(question.config(), whose), true);
  Json inputs = Json::object();
  for (const auto& flag : question.flags(service.session, whose)) {
    Json& input = inputs[flag.name] = Json{{"type", "text"}};  // a target: a bound with its unit
    for (const char* need : {"inputs", "refinements", "parity"})
      if (ports.contains(need) && ports[need].contains(flag.name) && !flag.target) input = ports[need][flag.name];
    if (!flag.target && ports["values"].contains(flag.name)) input["default"] = ports["values"][flag.name]["value"];
    input["target"] = flag.target;
    const auto& specs = question.spec().flags;
    input["required"] =
        std::any_of(specs.begin(), specs.end(), [&](const FlagSpec& spec) { return spec.name == flag.name && spec.required; });
    input["doc"] = flag.help;
  }
  const Json page{
      {"question", question.name()}, {"asks", question.asks()}, {"plans", plan_formats(question)}, {"inputs", inputs}};
  return {200, "application/json", dump(page), 0};
}

WebReply ask_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  static constexpr std::array<std::string_view, 7> members{"question", "inputs", "set", "profile", "write", "all", "texts"};
  const Asked asked(request.body, service.options.limits, members);
  auto question = question_named(asked.text("question"), service.options.limits);
  const std::string said = asked.text("profile");
  const std::string& profile = said.empty() ? service.options.profile : said;
  const auto flags = question.flags(service.session, profile);
  for (const auto& [name, value] : asked.object("inputs").items()) give_flag(question, flags, name, value);
  for (const auto& [name, value] : asked.object("set").items()) give(question.config(), name, value, false, "set/" + name);
  question.check_given();
  RunOptions run;
  run.threads = 1;
  run.interrupt = request.left;
  const Told told = answer_question(question, service.session, profile, run);
  if (request.left != nullptr && *request.left) return error_reply(499, "the client has left");
  if (const std::string plan = asked.text("write"); !plan.empty())
    return {200, "text/plain", write_plan(question, told, plan, service.session, profile), 1};
  static constexpr std::array<std::string_view, 3> offered{"application/json", "text/plain", "text/markdown"};
  static constexpr std::array<OutputFormat, 3> formats{OutputFormat::json, OutputFormat::text, OutputFormat::markdown};
  const auto type = accepted_type(request.accept, offered);
  ReportOptions options;
  options.format = formats[static_cast<std::size_t>(std::find(offered.begin(), offered.end(), type) - offered.begin())];
  options.all = asked.flag("all");
  options.texts = asked.flag("texts");
  options.program = service.options.program;
  std::ostringstream out;
  report_told(question, told, options, out);
  return {200, std::string(type), std::move(out).str(), 1};
}

}  // namespace ironlaw::host
