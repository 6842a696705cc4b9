#include "request_grammar.hpp"
#include "requirements.hpp"
#include "trials.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/pages/document.hpp>
#include <ironlaw/present/report.hpp>

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace ironlaw::hostile {
namespace {

using host::OutputFormat;

/// A folder of one's own for the zoo of this process.
const std::filesystem::path& zoo_folder() {
  static const struct Folder {
    Folder() : path(std::filesystem::temp_directory_path() / ("ironlaw_reports_" + std::to_string(getpid()))) {
      std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
  } folder;
  return folder.path;
}

/// Text that JSON can hold.
std::string json_text(Choices& choices) {
  return Json::parse(Json(choices.text()).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

void require_format(OutputFormat format, const std::string& printed) {
  if (format == OutputFormat::json) require_json(printed);
  if (format == OutputFormat::csv) require_csv(printed);
  if (format == OutputFormat::markdown) require_markdown(printed);
  require_visible(printed);
}

template <class Print>
void in_every_format(Print print) {
  for (const auto format :
       {OutputFormat::text, OutputFormat::json, OutputFormat::jsonl, OutputFormat::csv, OutputFormat::markdown}) {
    host::ReportOptions options;
    options.format = format;
    options.width = format == OutputFormat::text ? 60 : 0;
    std::ostringstream out;
    print(options, out);
    require_format(format, out.str());
  }
}

void show_zoo(host::Session& session, const std::string& key) {
  in_every_format([&](const auto& options, auto& out) { host::report_zoo_list(session.zoo().list("hardware"), options, out); });
  for (const auto& entry : session.zoo().entries(key)) {
    const auto& kind = session.plugins().kind(entry.kind);
    const auto& object = session.zoo().find(kind.interface(), entry.kind + ":" + entry.key, key);
    in_every_format([&](const auto& options, auto& out) { host::report_zoo_entry(entry, object, session.zoo(), options, out); });
  }
}

void show_answers(const host::Pipeline& pipeline) {
  const auto answer = host::answer(pipeline);
  in_every_format([&](auto options, auto& out) {
    options.explain = true;
    if (pipeline.axes().empty()) {
      host::report_answer(pipeline, answer, false, options, out);
    } else {
      host::TableReport table(pipeline, options, out);
      table.finish(host::run(pipeline, table, {1}));
    }
  });
  for (const auto format : {host::PlanFormat::text, host::PlanFormat::mermaid, host::PlanFormat::dot}) {
    std::ostringstream out;
    host::report_plan(pipeline, format, out, 60);
    require_visible(out.str());
  }
}

}  // namespace

bool try_report(Choices choices) {
  const std::string key = choices.one_in(2) ? "Ours" : json_text(choices);
  Json entry{{"based_on", "H100"}, {"source", "s"}};
  for (const char* field : {"label", "vendor", "category", "note"})
    if (choices.one_in(2)) entry[field] = json_text(choices);
  const Json zoo{
      {"sources", {{"s", {{"title", json_text(choices)}, {"publisher", json_text(choices)}, {"url", json_text(choices)}}}}},
      {"entries", {{key, entry}}}};
  Json config{{"version", 1},
              {"name", json_text(choices)},
              {"stages", {{"node", {{"solver", "single_node"}, {"workload", "ResNet50"}, {"hardware", key}}}}}};
  if (choices.one_in(2)) config["axes"] = Json::array({Json{{"node.hardware", Json::array({key, "A100"})}}});
  if (choices.one_in(2))
    config["assert"] = Json::array({"node.latency > 0 s or node.bottleneck == '" + json_text(choices) + "'"});
  if (choices.one_in(2))
    config["report"] = {{"columns",
                         {"node.hardware", "node.latency", "-node.latency",
                          "node.latency * 2  " + std::string(choices.one_in(2) ? "" : "+ 0 s")}}};
  std::ofstream(zoo_folder() / "entries.json") << zoo.dump();
  const host::DocumentText about{json_text(choices), json_text(choices), "ironlaw"};
  try {
    host::SessionOptions options;
    options.zoo = {zoo_folder()};
    host::Session session(options);
    show_zoo(session, key);
    const auto pipeline = session.compile(host::Config::parse(config.dump(), "config"));
    show_answers(pipeline);
    require_markdown(host::document_file(pipeline, about, "report.md"));
    if (pipeline.axes().empty()) require_page(host::document_file(pipeline, about, "report.html"));
    return true;
  } catch (const Error& e) {
    require_message(e.what());
    return false;
  } catch (const Fault& fault) {
    throw Fault(config.dump().substr(0, 1500) + " with " + zoo.dump().substr(0, 1500) + ": " + fault.what());
  }
}

}  // namespace ironlaw::hostile
