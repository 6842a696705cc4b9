// Replies to questions.
#include "batch/result_text.hpp"
#include "service/asked.hpp"
#include "service/media_type.hpp"
#include "service/service_impl.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/pages/chart.hpp>
#include <ironlaw/pages/document.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <sstream>

namespace ironlaw::host {
namespace {

/// What does not fit is a result; an assertion that does not hold is one that says so.
unsigned status_of_exit(int exit_status) {
  if (exit_status == 1) return 400;
  return exit_status == 4 ? 500 : 200;
}

RunOptions run_options(const WebRequest& request) {
  RunOptions options;
  options.threads = 1;  // clients share the machine, not one of them all of it
  options.interrupt = request.left;
  return options;
}

bool is_gone(const WebRequest& request) { return request.left != nullptr && *request.left; }

/// Nobody reads it.
WebReply gone_reply() { return error_reply(499, "the client has left"); }

WebReply result_reply(Service::Impl& service, const WebRequest& request, const Asked& asked) {
  const MediaType& type = accepted_result(request.accept);
  const Pipeline pipeline = asked.pipeline(service.session, service.options.profile);
  ReportOptions options;
  options.format = type.format;
  options.explain = asked.flag("explain");
  options.all = asked.flag("all");
  options.texts = asked.flag("texts");
  options.program = service.options.program;
  const bool one = pipeline.study() == nullptr && pipeline.axes().empty();
  if (options.explain && !one) throw InputError("explain", "shows the working of one answer; this is a table or a study");
  ResultText result = result_text(pipeline, asked.of_solver(), options, run_options(request));
  if (result.interrupted) return gone_reply();
  // People read the reason beside the answer; other formats have a place for it.
  const bool for_people = type.format == OutputFormat::text || type.format == OutputFormat::markdown;
  if (!result.error.empty() && for_people) return error_reply(status_of_exit(result.exit_status), result.error);
  return {status_of_exit(result.exit_status), std::string(type.type), std::move(result.text), result.rows};
}

}  // namespace

WebReply solve_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  const Asked asked(request.body, service.options.limits, config_members({"explain", "all", "texts"}));
  if (!asked.of_solver()) throw InputError("solver", "is required: the name of a solver");
  if (!asked.plain_solve() || accepted_result(request.accept).format != OutputFormat::json)
    return result_reply(service, request, asked);
  BatchAnswer answered = service.batch.answer(request.body, request.left);
  return {status_of_exit(answered.exit_status), "application/json", std::move(answered.text), 1};
}

WebReply run_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  return result_reply(service, request, Asked(request.body, service.options.limits, config_members({"explain", "all", "texts"})));
}

WebReply study_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  return result_reply(service, request, Asked(request.body, service.options.limits, config_members({"study", "options"})));
}

/// One line after the other; those that follow the time of the request are told so.
WebReply batch_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  static constexpr std::array<std::string_view, 1> offered{"application/x-ndjson"};
  (void)accepted_type(request.accept, offered);
  Budget budget(service.options.limits);
  budget.take_bytes(request.body.size(), "request");
  WebReply reply{200, std::string(offered.front()), {}, 0};
  std::string_view rest = request.body;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    if (is_gone(request)) return gone_reply();
    budget.check_rows(++reply.rows, "request");
    budget.check_time("line " + std::to_string(reply.rows));
    const BatchAnswer answered = service.batch.answer(line, request.left);
    budget.take_memory(answered.text.size());
    reply.body.append(answered.text).append("\n");
  }
  return reply;
}

WebReply plan_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  const Asked asked(request.body, service.options.limits, config_members({"format"}));
  static const std::map<std::string, PlanFormat> formats{
      {"", PlanFormat::text}, {"text", PlanFormat::text}, {"mermaid", PlanFormat::mermaid}, {"dot", PlanFormat::dot}};
  const auto format = formats.find(asked.text("format"));
  if (format == formats.end()) throw InputError("format", "takes text, mermaid or dot");
  std::ostringstream out;
  report_plan(asked.pipeline(service.session, service.options.profile), format->second, out);
  return {200, "text/plain", std::move(out).str(), 0};
}

/// The pipeline as a solver, and what its inputs have now.
WebReply ports_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  const Asked asked(request.body, service.options.limits, config_members({"all"}));
  const Pipeline pipeline = asked.pipeline(service.session, service.options.profile);
  return {200, "application/json", dump(ports_page(pipeline, asked.flag("all"))), 0};
}

Json ports_page(const Pipeline& pipeline, bool all) {
  ReportOptions options;
  options.format = OutputFormat::json;
  options.all = all;
  std::ostringstream out;
  report_solver(pipeline.solver(), nullptr, options, out);
  Json page = Json::parse(out.str());
  page["values"] = Json::object();
  const auto base = pipeline.base();
  for (std::size_t i = 0; i < base.size(); ++i) {
    const PortInfo& port = pipeline.solver().inputs()[i];
    const ShownValue value{std::string(port.name), &port, base[i], object_name(pipeline.zoo(), port, base[i])};
    page["values"][value.name] = {{"value", scalar_json(value)}, {"text", value_text(value)}};
  }
  page["rows"] = pipeline.rows();
  page["study"] = pipeline.study() != nullptr;
  return page;
}

namespace {

/// A report shows the ports of a single stage without its name.
std::string shown_name(const Pipeline& pipeline, const std::string& name) {
  const auto& columns = pipeline.columns();
  const auto is_shown = [&](const std::string& as) {
    return std::any_of(columns.begin(), columns.end(), [&](const ResultColumn& column) { return column.name == as; });
  };
  const std::string bare = name.substr(name.find('.') + 1);
  return !is_shown(name) && is_shown(bare) ? bare : name;
}

Chart chart_of(const Asked& asked, const Pipeline& pipeline) {
  const std::string kind = asked.text("chart");
  if (kind == "sweep") {
    auto y = asked.texts("y");
    for (auto& name : y) name = shown_name(pipeline, name);
    return sweep_chart(pipeline, {shown_name(pipeline, asked.text("x")), y, asked.text("facet"), asked.texts("log")});
  }
  if (kind == "series") return series_chart(pipeline, asked.texts("y"));
  if (kind == "pareto") return pareto_chart(pipeline, asked.texts("goals"));
  if (kind == "breakdown") return breakdown_chart(pipeline, asked.texts("parts"));
  if (kind == "operators") return operators_chart(pipeline, asked.text("stage"));
  if (kind == "tornado") return tornado_chart(pipeline, "10 %");
  throw InputError("chart", "takes one of sweep, series, pareto, breakdown, operators, tornado");
}

}  // namespace

WebReply chart_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  const Asked asked(
      request.body, service.options.limits,
      config_members({"study", "options", "chart", "x", "y", "facet", "log", "goals", "parts", "stage", "title", "dark"}));
  static constexpr std::array<std::string_view, 3> offered{"application/json", "image/svg+xml", "text/html"};
  const auto type = accepted_type(request.accept, offered);
  auto config = asked.config(service.session);
  for (const auto& name : asked.texts("y")) config.show_column(name, "y");
  if (const auto x = asked.text("x"); !x.empty()) config.show_column(x, "x");
  const std::string said = asked.text("profile");
  const Pipeline pipeline = service.session.compile(config, said.empty() ? service.options.profile : said);
  Chart chart = chart_of(asked, pipeline);
  if (is_gone(request)) return gone_reply();
  asked.check_time();
  if (const auto title = asked.text("title"); !title.empty()) chart.title = title;
  ChartLook look;
  look.dark = asked.flag("dark");
  std::string text = type == offered[0] ? chart_json(chart) : type == offered[1] ? chart_svg(chart, look) : chart_page(chart);
  asked.check_time();
  return {200, std::string(type), std::move(text), pipeline.rows()};
}

WebReply report_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  const Asked asked(request.body, service.options.limits, config_members({"study", "options", "title"}));
  static constexpr std::array<std::string_view, 2> offered{"text/html", "text/markdown"};
  const auto type = accepted_type(request.accept, offered);
  const auto config = asked.config(service.session);
  const std::string said = asked.text("profile");
  const Pipeline pipeline = service.session.compile(config, said.empty() ? service.options.profile : said);
  const std::string title = asked.text("title");
  std::string text = document_file(pipeline, {title.empty() ? config.name() : title, "a request", service.options.program},
                                   type == offered[0] ? "report.html" : "report.md");
  asked.check_time();
  return {200, std::string(type), std::move(text), pipeline.rows()};
}

}  // namespace ironlaw::host
