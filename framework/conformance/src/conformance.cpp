#include <ironlaw/conformance/conformance.hpp>

#include "checks.hpp"
#include "child.hpp"
#include "guarded_task.hpp"
#include "plugins/digest.hpp"
#include "reference/page.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace ironlaw::host {
namespace {

struct Check {
  std::string_view name;
  std::string_view doc;
  std::function<Finding()> run;
  /// In the place of `run`: starts a program of its own.
  Finding (*start)(const std::filesystem::path& file, const ConformanceOptions& options) = nullptr;
};

/// What a check is about, where it is not every plugin: one that brings none of that is not opened for it.
struct About {
  std::string_view check;
  std::vector<std::string_view> sorts;
  std::string_view without;
};
const std::vector<About>& abouts() {
  static const std::vector<About> all{{"objects", {"kind"}, "it brings no kind"},
                                      {"in_range", {"solver"}, "it brings no solver"},
                                      {"out_of_range", {"solver"}, "it brings no solver"},
                                      {"pure", {"solver"}, "it brings no solver"},
                                      {"apart", {"solver"}, "it brings no solver"},
                                      {"files", {"solver"}, "it brings no solver"},
                                      {"threads", {"solver"}, "it brings no solver"},
                                      {"monotone", {"solver"}, "it promises nothing"},
                                      {"studies", {"study"}, "it brings no study"},
                                      {"callbacks", {"observer", "guard"}, "it brings no observer and no guard"},
                                      {"importers", {"importer"}, "it brings no importer"}};
  return all;
}

/// Why a check has nothing to ask, or an empty text.
std::string_view nothing_to_ask(const Check& check, const PluginRecord& record) {
  const auto about = std::find_if(abouts().begin(), abouts().end(), [&](const About& a) { return a.check == check.name; });
  if (about == abouts().end()) return {};
  const bool any = std::any_of(record.provides.begin(), record.provides.end(), [&](const Provides& p) {
    return std::find(about->sorts.begin(), about->sorts.end(), p.what) != about->sorts.end();
  });
  return any ? std::string_view() : about->without;
}

/// That a run of a component may take, so that it can be named before the check's own time is over.
double seconds_a_run(const ConformanceOptions& options) { return options.timeout / 3; }

/// A check of the components of a plugin, which it opens.
std::function<Finding()> opened(const std::filesystem::path& file, const ConformanceOptions& options,
                                const std::function<Finding(Specimen&, std::size_t)>& check) {
  return [&file, &options, check] {
    Specimen specimen(file, options);
    return check(specimen, options.rows);
  };
}

std::vector<Check> all_checks(const std::filesystem::path& file, const PluginRecord& record, const ConformanceOptions& options) {
  return {
      {"exports", "exports its manifest and its entry function and nothing else", [&] { return check_exports(file); }},
      {"manifest", "its manifest suits this host and is filled in", [&] { return check_manifest(record); }},
      {"load", "opens fast, and registers what its manifest lists", [&] { return check_load(file, options); }},
      {"standard_output", "writes nothing to standard output", [&] { return check_standard_output(file, options); }},
      {"process", "leaves the process as it was: floating point, locale, signals, descriptors, folder; no threads",
       [&] { return check_process(file, options); }},
      {"declarations", "names, docs, units, ranges, defaults and sources are sane",
       opened(file, options, [](Specimen& s, std::size_t) { return check_declarations(s); })},
      {"objects", "kinds make objects that answer with finite numbers or refuse",
       opened(file, options, [](Specimen& s, std::size_t) { return check_objects(s); })},
      {"in_range", "inputs in range give finite outputs or a refusal", opened(file, options, check_in_range)},
      {"out_of_range", "inputs out of range are refused, by name",
       opened(file, options, [](Specimen& s, std::size_t) { return check_out_of_range(s); })},
      {"pure", "the same inputs give the same outputs, whatever came before", opened(file, options, check_pure)},
      {"apart", "another process, where the rows come in another order, gives the same outputs", [] { return Finding{}; },
       &check_apart},
      {"files", "solvers ask for no file", opened(file, options, check_files)},
      {"threads", "many threads at once give the same outputs", opened(file, options, check_threads)},
      {"monotone", "outputs rise and fall as promised", opened(file, options, check_monotone)},
      {"studies", "studies over pipelines of the project: finite, the same on threads, ended when asked, options refused or fine",
       opened(file, options, [&options](Specimen& s, std::size_t) { return check_studies(s, seconds_a_run(options)); })},
      {"callbacks", "observers and guards over a run: the same rows on threads, nothing on standard output",
       opened(file, options, [&options](Specimen& s, std::size_t) { return check_callbacks(s, seconds_a_run(options)); })},
      {"importers", "importers leave files alone that are none of theirs, and read the same in the same file",
       opened(file, options, [](Specimen& s, std::size_t) { return check_importers(s); })},
      {"memory", "touches nothing beyond its allocations", [] { return Finding{}; }, &check_memory},
      {"leaks", "keeps no memory over loading, running and unloading", [&] { return check_leaks(file, options); }},
      {"golden", "the author's own questions have the author's answers",
       [&] {
         if (options.golden.empty()) return Finding{CheckStatus::skipped, "no file of questions was given"};
         Specimen specimen(file, options);
         return check_golden(specimen, options.golden);
       }},
  };
}

std::string verdict_name(CheckStatus status) {
  return status == CheckStatus::passed ? "passed" : status == CheckStatus::failed ? "FAILED" : "skipped";
}

std::string milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", seconds * 1e3);
  return text;
}

}  // namespace

std::vector<CheckResult> check_plugin(const std::filesystem::path& file, const ConformanceOptions& options) {
  const PluginRecord record = Plugins::inspect(file);
  if (record.status == LoadStatus::not_found) throw InputError(file.string(), record.detail);
  if (!options.golden.empty() && !std::filesystem::is_regular_file(options.golden))
    throw InputError(options.golden.string(), "expected a file of questions in JSON Lines, found none: check the path");
  std::vector<CheckResult> results;
  bool usable = true;  // what cannot be loaded has nothing else to be asked
  for (const Check& check : all_checks(record.file, record, options)) {
    const auto start = std::chrono::steady_clock::now();
    const std::string_view nothing = nothing_to_ask(check, record);
    const Finding finding = !usable                  ? Finding{CheckStatus::skipped, "it could not be loaded"}
                            : !nothing.empty()       ? Finding{CheckStatus::skipped, std::string(nothing)}
                            : check.start != nullptr ? check.start(record.file, options)
                                                     : in_child(check.run, options.timeout);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    results.push_back({std::string(check.name), std::string(check.doc), finding, took.count()});
    if ((check.name == "manifest" || check.name == "load") && finding.status == CheckStatus::failed) usable = false;
  }
  return results;
}

bool conforms(const std::vector<CheckResult>& results) {
  return std::none_of(results.begin(), results.end(), [](const auto& r) { return r.finding.status == CheckStatus::failed; });
}

void report_conformance(const PluginRecord& record, const std::vector<CheckResult>& results, const ReportOptions& options,
                        std::ostream& out) {
  Page page{record.name.empty() ? record.file.filename().string() : record.name,
            {{"name", record.name},
             {"version", record.version},
             {"file", record.file.string()},
             {"sha256", sha256_where_readable(record.file)},
             {"verdict", conforms(results) ? "conforms" : "does not conform"}},
            {}};
  PageTable& checks = page.tables.emplace_back(PageTable{
      "checks", {{"check"}, {"verdict"}, {"time_ms"}, {"asks", PageColumn::For::programs}, {"detail"}}, {}, InJson::by_name});
  for (const CheckResult& r : results)
    checks.rows.push_back({r.name, verdict_name(r.finding.status), PageCell(milliseconds(r.seconds), r.seconds * 1e3), r.doc,
                           r.finding.detail.empty() ? r.doc : r.finding.detail});
  print_page(page, options, out);
}

}  // namespace ironlaw::host
