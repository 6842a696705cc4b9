#include "session.hpp"

#include "interruptible.hpp"
#include "python_solver.hpp"
#include "result.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/output_file.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/host/zoo_selection.hpp>
#include <ironlaw/notation/port_order.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/pages/document.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/present/result_file.hpp>

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <sstream>

namespace ironlaw::python {
namespace {

using host::Config;
using host::Session;
using Texts = std::vector<std::string>;
using Paths = std::vector<std::filesystem::path>;

/// How a table is run.
struct How {
  std::string profile;
  std::size_t threads = 0;
};

host::RunOptions options_of(const How& how, const std::atomic<bool>& interrupt) {
  host::RunOptions options;
  options.threads = how.threads;
  options.interrupt = &interrupt;
  return options;
}

/// Keeps a study's table.
class KeptStudy final : public host::StudySink {
 public:
  explicit KeptStudy(std::shared_ptr<const host::Pipeline> pipeline) : pipeline_(std::move(pipeline)) {}
  host::RowSink& table(const std::vector<host::ResultColumn>& columns) override {
    table_ = std::make_shared<host::ResultTable>(pipeline_, columns);
    return *table_;
  }
  void finish(const host::RunSummary&) override {}
  [[nodiscard]] std::shared_ptr<const host::ResultTable> take() {
    return table_ != nullptr ? table_ : std::make_shared<host::ResultTable>(pipeline_, std::vector<host::ResultColumn>());
  }

 private:
  std::shared_ptr<const host::Pipeline> pipeline_;
  std::shared_ptr<host::ResultTable> table_;
};

void answer_of(Result& result) {
  auto table = std::make_shared<host::ResultTable>(result.pipeline);
  result.answer = host::answer(*result.pipeline);
  table->add(*result.answer);
  result.table = std::move(table);
}

void study_of(Result& result, const How& how) {
  std::atomic<bool> interrupt{false};
  KeptStudy study(result.pipeline);
  result.summary = interruptible(interrupt, [&] { return host::run_study(*result.pipeline, study, options_of(how, interrupt)); });
  result.table = study.take();
}

void table_of(Result& result, const How& how) {
  std::atomic<bool> interrupt{false};
  auto table = std::make_shared<host::ResultTable>(result.pipeline);
  result.summary = interruptible(interrupt, [&] { return host::run(*result.pipeline, *table, options_of(how, interrupt)); });
  result.table = std::move(table);
}

/// What the config asks for: one answer, a table or a study.
Result run(Session& session, const Config& config, bool single, const How& how) {
  Result result;
  result.single = single;
  result.name = config.name();
  {
    const nb::gil_scoped_release working;
    result.pipeline = std::make_shared<const host::Pipeline>(session.compile(config, how.profile));
    const bool one = result.pipeline->study() == nullptr && result.pipeline->axes().empty();
    if (one) answer_of(result);
  }
  if (result.pipeline->study() != nullptr) study_of(result, how);
  if (result.table == nullptr) table_of(result, how);
  raise_pending();
  return result;
}

/// Runs a part of a table into a file that merge() takes.
void run_shard(Session& session, const Config& config, const How& how, const std::string& file, std::uint64_t index,
               std::uint64_t count) {
  std::atomic<bool> interrupt{false};
  (void)interruptible(interrupt, [&] {
    const auto pipeline = session.compile(config, how.profile);
    if (pipeline.study() != nullptr || pipeline.axes().empty())
      throw InputError("on", std::string("is for tables; this is ") + (pipeline.study() != nullptr ? "a study" : "one answer"));
    host::ReportOptions report;
    report.program = program;
    return host::run_to_file(config, pipeline, {file, report, options_of(how, interrupt), host::Shard{index, count}});
  });
}

Result merge(Session& session, const Paths& files) {
  const nb::gil_scoped_release working;
  const host::Parts parts(files);
  Result result;
  result.name = parts.config().name();
  result.pipeline = std::make_shared<const host::Pipeline>(session.compile(parts.config(), parts.profile()));
  auto table = std::make_shared<host::ResultTable>(result.pipeline);
  result.summary = parts.rows(*result.pipeline, program, *table);
  result.table = std::move(table);
  return result;
}

/// The config, with those that it names, for another machine; and where its answers come from.
std::pair<std::string, std::string> bundle(Session& session, const Config& config, const std::string& profile) {
  const nb::gil_scoped_release working;
  const auto pipeline = session.compile(config, profile);
  return {config.bundle(), host::provenance_json(pipeline, program)};
}

std::string plan(Session& session, const Config& config, const std::string& profile, const std::string& format,
                 std::size_t width) {
  static const std::map<std::string, host::PlanFormat> formats{
      {"text", host::PlanFormat::text}, {"mermaid", host::PlanFormat::mermaid}, {"dot", host::PlanFormat::dot}};
  const auto found = formats.find(format);
  if (found == formats.end()) throw InputError("format", "'" + format + "' is none of text, mermaid, dot");
  const nb::gil_scoped_release working;
  std::ostringstream out;
  host::report_plan(session.compile(config, profile), found->second, out, width);
  return std::move(out).str();
}

std::string document(Session& session, const Config& config, const std::string& profile, const std::string& title,
                     const std::string& from, const std::string& file, bool write) {
  const nb::gil_scoped_release working;
  const auto pipeline = session.compile(config, profile);
  std::error_code none;
  std::string text = host::document_file(
      pipeline, {title.empty() ? config.name() : title, from, program, {}, std::filesystem::is_regular_file(from, none)}, file);
  if (write) {
    host::OutputFile out(file);
    out.stream() << text;
    out.commit();
  }
  return text;
}

host::ReportOptions page_options(const std::string& format, bool all) {
  host::ReportOptions options;
  for (const host::OutputFormatInfo& info : host::output_formats())
    if (info.name == format) options.format = info.format;
  options.width = 100;
  options.all = all;
  return options;
}

/// A page about what the session knows, while nobody compiles.
template <class Print>
std::string page(Session& session, const Print& print) {
  const nb::gil_scoped_release working;
  const auto lock = session.lock();
  std::ostringstream out;
  print(out);
  return std::move(out).str();
}

std::string component_page(Session& session, const std::string& what, const std::string& name, const std::string& format,
                           bool all) {
  return page(session, [&](std::ostream& out) {
    auto& plugins = session.plugins();
    const auto options = page_options(format, all);
    const auto* provider = plugins.provider(what, name);
    if (what == "solver") return host::report_solver(plugins.solver(name), provider, options, out);
    if (what == "study") return host::report_study(plugins.study(name), provider, options, out);
    return host::report_kind(plugins.kind(name), provider, options, out);
  });
}

std::string zoo_list(Session& session, const std::string& kind, const std::string& condition, const std::string& profile) {
  return page(session, [&](std::ostream& out) {
    host::report_zoo_list(host::select_entries(session.zoo(profile), kind, condition, "zoo", "where"),
                          page_options("json", false), out);
  });
}

std::string zoo_entry(Session& session, const std::string& key, const std::string& profile, const std::string& format) {
  return page(session, [&](std::ostream& out) {
    auto& zoo = session.zoo(profile);
    const auto entries = zoo.entries(key);
    for (const auto& entry : entries) {
      const auto& kind = session.plugins().kind(entry.kind);
      host::report_zoo_entry(entry, zoo.find(kind.interface(), entry.kind + ":" + entry.key, key), zoo,
                             page_options(format, false), out);
    }
  });
}

std::string plugins_page(Session& session) {
  return page(session,
              [&](std::ostream& out) { host::report_plugins(session.plugins().records(), page_options("json", false), out); });
}

Texts names(Session& session, const std::string& what) {
  const auto lock = session.lock();
  return session.plugins().names(what);
}

Texts options_of_study(Session& session, const std::string& name) {
  const auto lock = session.lock();
  Texts options;
  for (const OptionInfo& option : session.plugins().study(name).options()) options.emplace_back(option.name);
  return options;
}

nb::dict port_said(const PortInfo& port) {
  constexpr std::array<const char*, 7> types{"number", "integer", "boolean", "choice", "object", "series", "text"};
  constexpr std::array<const char*, 3> needs{"question", "refinement", "parity"};
  nb::dict said;
  said["name"] = std::string(port.name);
  said["doc"] = std::string(port.doc);
  said["type"] = types[static_cast<std::size_t>(port.type)];
  said["need"] = needs[static_cast<std::size_t>(port.need)];
  said["unit"] = host::si_unit(port.dimension);
  said["required"] = port.required;
  said["optional"] = port.optional;
  said["interface"] = std::string(port.interface);
  said["accepted"] = host::accepted_text(port);
  said["fallback"] = port.fallback;
  nb::list choices;
  for (const auto choice : port.choices) choices.append(std::string(choice));
  said["choices"] = choices;
  return said;
}

/// Inputs of a solver, in the order in which people are shown them, and its outputs.
nb::tuple ports(Session& session, const std::string& name) {
  const auto lock = session.lock();
  const Solver& solver = session.plugins().solver(name);
  nb::list inputs;
  nb::list outputs;
  for (const std::size_t i : host::port_order(solver.inputs(), true)) inputs.append(port_said(solver.inputs()[i]));
  for (const PortInfo& port : solver.outputs()) outputs.append(port_said(port));
  return nb::make_tuple(std::string(solver.about().doc), inputs, outputs);
}

void add_solver(Session& session, const std::string& name, const std::string& doc, const std::string& source,
                const std::vector<PortSaid>& inputs, const std::vector<PortSaid>& outputs, const nb::object& function) {
  const auto solver = std::make_shared<PythonSolver>(name, doc, source, inputs, outputs, function);
  const nb::gil_scoped_release working;
  const auto lock = session.lock();
  session.plugins().add(solver);
}

void make_session(Session* self, const Paths& files, const Paths& folders, const Paths& zoo, bool default_plugins,
                  std::optional<double> row_timeout) {
  host::SessionOptions options;
  options.plugins.files = files;
  options.plugins.folders = folders;
  options.plugins.defaults = default_plugins;
  options.zoo = zoo;
  if (row_timeout) options.isolate.emplace().row_timeout = *row_timeout;
  new (self) Session(options);
}

}  // namespace

void bind_session(nb::module_& module) {
  nb::class_<How>(module, "How")
      .def(
          "__init__",
          [](How* self, std::string profile, std::size_t threads) {
            new (self) How{std::move(profile), threads};
          },
          nb::arg("profile"), nb::arg("threads"));
  nb::class_<Session>(module, "Session")
      .def("__init__", &make_session, nb::arg("files"), nb::arg("folders"), nb::arg("zoo"), nb::arg("default_plugins"),
           nb::arg("row_timeout").none())
      .def("run", &run)
      .def("run_shard", &run_shard)
      .def("merge", &merge)
      .def("bundle", &bundle)
      .def("plan", &plan)
      .def("document", &document)
      .def("page", &component_page)
      .def("zoo_list", &zoo_list)
      .def("zoo_entry", &zoo_entry)
      .def("plugins_page", &plugins_page)
      .def("profiles", [](Session& s) { return s.profiles(); })
      .def("names", &names)
      .def("study_options", &options_of_study)
      .def("ports", &ports)
      .def("add_solver", &add_solver);
}

}  // namespace ironlaw::python
