#include "config/config_impl.hpp"
#include "service/service_impl.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/failure_text.hpp>
#include <ironlaw/visible_text.hpp>

#include <array>
#include <chrono>
#include <new>

namespace ironlaw::host {
namespace {

WebReply health_reply(Service::Impl&, const WebRequest&, const Target&, const std::string&) {
  return {200, "application/json", "{\"status\":\"ok\"}", 0};
}
WebReply metrics_reply(Service::Impl& service, const WebRequest&, const Target&, const std::string&) {
  return {200, "text/plain; version=0.0.4", service.metrics.text(service.load), 0};
}
WebReply openapi_reply(Service::Impl& service, const WebRequest&, const Target&, const std::string&) {
  return {200, "application/json", openapi_text(service), 0};
}

constexpr std::array<Route, 24> all_routes{{
    {"POST", "/v1/solve", "One answer of a solver, or a table where an input has a list", false, solve_reply},
    {"POST", "/v1/run", "What a config asks for: one answer, a table or a study", true, run_reply},
    {"POST", "/v1/study", "A study of a solver or a config", true, study_reply},
    {"POST", "/v1/batch", "Requests as JSON Lines, answers in the same order", true, batch_reply},
    {"POST", "/v1/ask", "A question by its name, answered in words", true, ask_reply},
    {"POST", "/v1/plan", "The plan of a config, without running it", false, plan_reply},
    {"POST", "/v1/ports", "The inputs of a config, with their values, and its outputs", false, ports_reply},
    {"POST", "/v1/chart", "A chart of a config, as data, SVG or a page", true, chart_reply},
    {"POST", "/v1/report", "A report that stands on its own", true, report_reply},
    {"GET", "/v1/solvers", "Every solver and what it answers", false, solvers_reply},
    {"GET", "/v1/solvers/{name}", "A solver: inputs, outputs, limits and rules", false, solver_reply},
    {"GET", "/v1/studies", "Every study", false, studies_reply},
    {"GET", "/v1/studies/{name}", "A study: its options", false, study_page_reply},
    {"GET", "/v1/questions", "Every question that has a name", false, questions_reply},
    {"GET", "/v1/questions/{name}", "A question: its inputs and targets", false, question_reply},
    {"GET", "/v1/zoo", "Entries of the zoo", false, zoo_reply},
    {"GET", "/v1/zoo/{name}", "An entry of the zoo: its fields with their sources", false, zoo_entry_reply},
    {"GET", "/v1/schema", "JSON Schema of configs, or of zoo files", false, schema_reply},
    {"GET", "/v1/schema/{name}", "JSON Schema of the inputs of one solver", false, solver_schema_reply},
    {"GET", "/v1/profiles", "Whose physics there is", false, profiles_reply},
    {"GET", "/v1/shown", "The config that the page opens with, or null", false, shown_reply},
    {"GET", "/v1/openapi.json", "This description", false, openapi_reply},
    {"GET", "/healthz", "Whether the service is up", false, health_reply},
    {"GET", "/metrics", "Counters for Prometheus", false, metrics_reply},
}};

/// The rest of a path behind "/v1/solvers/", for a route that takes a name; the name may hold a slash.
bool is_at(const Route& route, std::string_view path, std::string& name) {
  const auto brace = route.path.find("{name}");
  if (brace == route.path.npos) return route.path == path;
  if (!path.starts_with(route.path.substr(0, brace)) || path.size() == brace) return false;
  name = path.substr(brace);
  return true;
}

WebReply reply_to(Service::Impl& service, const WebRequest& request, const Target& target, std::string_view& path) {
  std::string name;
  bool other_method = false;
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  for (const Route& route : all_routes) {
    if (!is_at(route, target.path, name)) continue;
    if (route.method != method) {
      other_method = true;
      continue;
    }
    path = route.path;
    return route.answer(service, request, target, name);
  }
  if (other_method) return error_reply(405, "takes another method; GET /v1/openapi.json says which");
  if (!service.options.page)
    return error_reply(404, "nothing is at " + target.path + "; GET /v1/openapi.json says what there is");
  if (method != "GET") return error_reply(405, "takes GET");
  return page_reply(target.path);
}

/// What is thrown, as a reply.
WebReply guarded(Service::Impl& service, const WebRequest& request, std::string_view& path) {
  try {
    return reply_to(service, request, target_of(request.target), path);
  } catch (const PluginError& e) {
    return error_reply(500, e.what());
  } catch (const Error& e) {
    return error_reply(path.find("{name}") == path.npos ? 400 : 404, e.what());
  } catch (const std::bad_alloc& e) {
    return error_reply(503, failure_text(e));
  } catch (const std::exception& e) {
    return error_reply(500, failure_text(e));
  }
}

}  // namespace

std::span<const Route> routes() { return all_routes; }

WebReply error_reply(unsigned status, std::string_view text) {
  return {status, "application/json", dump(Json{{"error", message_line(text)}}), 0};
}

Service::Service(Session& session, ServiceOptions options) {
  if (session.options().isolate)
    throw InputError("--isolate", "does not go with a service, which answers on many threads; ironlaw batch --isolate does");
  impl_ = std::make_unique<Impl>(session, std::move(options));
}
Service::~Service() = default;

WebReply Service::answer(const WebRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  std::string_view path = "other";
  WebReply reply = guarded(*impl_, request, path);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  impl_->metrics.count(path, reply.status, taken.count(), reply.rows);
  return reply;
}

bool Service::may_take_long(const WebRequest& request) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  std::string name;
  for (const Route& route : all_routes)
    if (is_at(route, path, name) && route.method == request.method) return route.long_lane;
  return false;
}

const RequestLimits& Service::limits() const { return impl_->options.limits; }
ServiceLoad& Service::load() { return impl_->load; }

void Service::show(const Config& config, const std::string& name) {
  impl_->shown = dump(Json{{"name", name}, {"config", config.impl().root}});
}

}  // namespace ironlaw::host
