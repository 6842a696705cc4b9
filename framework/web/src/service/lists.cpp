// Replies that say what there is.
#include "reference/schema.hpp"
#include "service/media_type.hpp"
#include "service/service_impl.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/zoo_selection.hpp>

#include <sstream>

namespace ironlaw::host {
namespace {

/// A page in the format that the client takes, made while nobody compiles.
template <class Print>
WebReply page_about(Service::Impl& service, const WebRequest& request, bool all, const Print& print) {
  const MediaType& type = accepted_result(request.accept);
  ReportOptions options;
  options.format = type.format;
  options.all = all;
  if (info_of(type.format).bytes)
    throw InputError("Accept", "a page is no table; take application/json, text/csv or text/markdown");
  std::ostringstream out;
  const auto lock = service.session.lock();
  print(options, out);
  return {200, std::string(type.type), std::move(out).str(), 0};
}

bool truth(const Target& target, const std::string& key) {
  const std::string text = target.value(key);
  if (!text.empty() && text != "true" && text != "false") throw InputError("?" + key, "takes true or false");
  return text == "true";
}

const std::string& profile_of(const Service::Impl& service, const std::string& said) {
  return said.empty() ? service.options.profile : said;
}

}  // namespace

WebReply solvers_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  return page_about(service, request, false, [&](const ReportOptions& options, std::ostream& out) {
    report_solvers(service.session.plugins(), options, out);
  });
}

WebReply solver_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name) {
  target.check_query({"all"});
  return page_about(service, request, truth(target, "all"), [&](const ReportOptions& options, std::ostream& out) {
    auto& plugins = service.session.plugins();
    const Solver& solver = plugins.solver(name);
    report_solver(solver, plugins.provider("solver", name), options, out);
  });
}

WebReply studies_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({});
  return page_about(service, request, false, [&](const ReportOptions& options, std::ostream& out) {
    report_studies(service.session.plugins(), options, out);
  });
}

WebReply study_page_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name) {
  target.check_query({});
  return page_about(service, request, false, [&](const ReportOptions& options, std::ostream& out) {
    auto& plugins = service.session.plugins();
    const Study& study = plugins.study(name);
    report_study(study, plugins.provider("study", name), options, out);
  });
}

WebReply zoo_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string&) {
  target.check_query({"kind", "where", "profile"});
  return page_about(service, request, false, [&](const ReportOptions& options, std::ostream& out) {
    auto& zoo = service.session.zoo(profile_of(service, target.value("profile")));
    report_zoo_list(select_entries(zoo, target.value("kind"), target.value("where"), "?kind", "?where"), options, out);
  });
}

WebReply zoo_entry_reply(Service::Impl& service, const WebRequest& request, const Target& target, const std::string& name) {
  target.check_query({"kind", "profile"});
  return page_about(service, request, false, [&](const ReportOptions& options, std::ostream& out) {
    auto& zoo = service.session.zoo(profile_of(service, target.value("profile")));
    const std::string kind = target.value("kind");
    for (const auto& entry : zoo.entries(name)) {
      if (!kind.empty() && entry.kind != kind) continue;
      const auto& of_kind = service.session.plugins().kind(entry.kind);
      report_zoo_entry(entry, zoo.find(of_kind.interface(), entry.kind + ":" + entry.key, name), zoo, options, out);
      return;
    }
    throw InputError("?kind", "no entry '" + name + "' is a " + kind);
  });
}

WebReply schema_reply(Service::Impl& service, const WebRequest&, const Target& target, const std::string&) {
  target.check_query({"of", "all"});
  const std::string of = target.value("of");
  if (!of.empty() && of != "config" && of != "zoo") throw InputError("?of", "takes config or zoo");
  const bool all = truth(target, "all");
  const auto lock = service.session.lock();
  auto& plugins = service.session.plugins();
  return {200, "application/schema+json", dump(of == "zoo" ? zoo_schema(plugins, all) : config_schema(plugins, all)), 0};
}

WebReply solver_schema_reply(Service::Impl& service, const WebRequest&, const Target& target, const std::string& name) {
  target.check_query({"all"});
  const bool all = truth(target, "all");
  const auto lock = service.session.lock();
  return {200, "application/schema+json", dump(solver_schema(service.session.plugins().solver(name), all)), 0};
}

WebReply profiles_reply(Service::Impl& service, const WebRequest&, const Target& target, const std::string&) {
  target.check_query({});
  return {200, "application/json", dump(Json{{"profiles", service.session.profiles()}}), 0};
}

WebReply shown_reply(Service::Impl& service, const WebRequest&, const Target& target, const std::string&) {
  target.check_query({});
  return {200, "application/json", service.shown, 0};
}

}  // namespace ironlaw::host
