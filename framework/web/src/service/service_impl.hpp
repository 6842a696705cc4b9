#pragma once
// What the answers of the service share.
#include "service/metrics.hpp"
#include "service/target.hpp"
#include "text/json.hpp"

#include <ironlaw/host/session.hpp>
#include <ironlaw/present/batch.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/web/service.hpp>

#include <span>
#include <string>

namespace ironlaw::host {

struct Service::Impl {
  Impl(Session& s, ServiceOptions o) : session(s), options(std::move(o)), batch(session, options.profile, options.limits) {}
  Session& session;
  const ServiceOptions options;
  Batch batch;
  Metrics metrics;
  ServiceLoad load;
  std::string shown = "null";  ///< the config to open the page with, as JSON
};

/// Something to ask the service for.
struct Route {
  std::string_view method;
  std::string_view path;     ///< "/v1/solvers/{name}"
  std::string_view summary;  ///< for the OpenAPI description
  bool long_lane;            ///< may take longer than a single solve
  WebReply (*answer)(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
};

/// All of them; the page is none.
[[nodiscard]] std::span<const Route> routes();

/// The OpenAPI description of the routes, made from the ports.
[[nodiscard]] std::string openapi_text(Service::Impl& service);

/// A pipeline as the page of a solver: its inputs with what they have now, and its outputs.
[[nodiscard]] Json ports_page(const Pipeline& pipeline, bool all);

/// A file of the page by its path; 404 where there is none.
[[nodiscard]] WebReply page_reply(const std::string& path);

/// These answer questions.
WebReply solve_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply run_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply study_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply batch_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply ask_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply plan_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply ports_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply chart_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply report_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);

/// These say what there is.
WebReply solvers_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply solver_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply studies_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply study_page_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply zoo_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply zoo_entry_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply schema_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply solver_schema_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply questions_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply question_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply profiles_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);
WebReply shown_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name);

}  // namespace ironlaw::host
