#include "specimen.hpp"

#include <algorithm>
#include <set>

namespace ironlaw::host {
namespace {

constexpr std::size_t objects_a_kind = 4;
constexpr std::size_t attempts = 64;

/// A row that the solver answers, where one is found soon: its defaults with objects that suit each other.
RowMaker::Row answered_base(const Solver& solver, RowMaker& maker) {
  std::vector<RowMaker::Row> candidates{maker.base()};
  for (std::size_t i = 0; i < attempts; ++i) candidates.push_back(maker.variation(i % 2 == 1));
  const Outcome outcome = evaluate(solver, candidates);
  const auto found = std::find_if(outcome.status.begin(), outcome.status.end(), has_outputs);
  return candidates[found == outcome.status.end() ? 0 : static_cast<std::size_t>(found - outcome.status.begin())];
}

}  // namespace

SessionOptions with_plugin(SessionOptions options, const std::filesystem::path& file) {
  options.plugins.files.insert(options.plugins.files.begin(), file);
  PluginSearch by_default;
  by_default.defaults = options.plugins.defaults;
  const Plugins found(by_default);
  const bool has_its_kinds =
      std::any_of(found.records().begin(), found.records().end(), [&](const auto& r) { return r.file == file; });
  const auto kinds = has_its_kinds ? std::vector<std::filesystem::path>() : kinds_beside(file);
  options.plugins.files.insert(options.plugins.files.end(), kinds.begin(), kinds.end());
  return options;
}

std::vector<std::filesystem::path> kinds_beside(const std::filesystem::path& file) {
  std::vector<std::filesystem::path> found;
  std::set<std::string> names{Plugins::inspect(file).name};
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(file.parent_path(), failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry->path().extension() == ".so" && entry->path().filename() != file.filename()) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  std::erase_if(found, [&](const std::filesystem::path& other) {
    const PluginRecord record = Plugins::inspect(other);
    const bool brings =
        std::any_of(record.provides.begin(), record.provides.end(), [](const Provides& p) { return p.what == "kind"; });
    return record.status != LoadStatus::ok || !brings || !names.insert(record.name).second;
  });
  return found;
}

Specimen::Specimen(const std::filesystem::path& file, const ConformanceOptions& options, void (*before_opening)())
    : session(with_plugin(options.session, file)), record(session.plugins().records().front()), pool(session, {}) {
  if (before_opening != nullptr) before_opening();
  for (const Provides& p : record.provides) {
    const std::string name = record.name + "/" + p.name;
    if (p.what == "solver") solvers.push_back(&session.plugins().solver(name));
    if (p.what == "kind") kinds.push_back(&session.plugins().kind(name));
    if (p.what == "study") studies.push_back(&session.plugins().study(name));
    if (p.what == "observer") observers.push_back(&session.plugins().observer(name));
    if (p.what == "guard") guards.push_back(&session.plugins().guard(name));
    if (p.what == "importer") importers.push_back(&session.plugins().importer(name));
  }
}

std::size_t make_some(const Kind& kind, ObjectPool& pool, std::string& why) {
  std::size_t made = 0;
  RowMaker maker(kind.fields(), pool);
  for (const auto& fields : maker.rows(maker.base(), 4 * objects_a_kind)) {
    made += pool.make(kind, fields, why) != nullptr ? 1 : 0;
    if (made == objects_a_kind) break;
  }
  return made;
}

std::size_t Trial::answered() const {
  return static_cast<std::size_t>(std::count_if(outcome.status.begin(), outcome.status.end(), has_outputs));
}

Trial try_out(const Solver& solver, ObjectPool& pool, std::size_t random_rows) {
  Trial trial;
  RowMaker maker(solver.inputs(), pool);
  if (const std::string interface = maker.missing_interface(); !interface.empty()) {
    trial.missing = "the zoo has no " + interface + " to give it";
    return trial;
  }
  trial.rows = maker.rows(answered_base(solver, maker), random_rows);
  trial.outcome = evaluate(solver, trial.rows);
  return trial;
}

}  // namespace ironlaw::host
