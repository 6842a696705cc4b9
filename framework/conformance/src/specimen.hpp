#pragma once
#include "evaluation.hpp"

#include <ironlaw/conformance/conformance.hpp>

namespace ironlaw::host {

/// A plugin that was opened to be looked at, with objects to put into its solvers.
struct Specimen {
  /// `before_opening` is called when all else is there and the plugin's code has not run.
  Specimen(const std::filesystem::path& file, const ConformanceOptions& options, void (*before_opening)() = nullptr);

  Session session;
  PluginRecord record;
  std::vector<const Solver*> solvers;
  std::vector<const Kind*> kinds;
  std::vector<const Study*> studies;
  std::vector<const ObserverType*> observers;
  std::vector<const GuardType*> guards;
  std::vector<const Importer*> importers;
  ObjectPool pool;
};

/// Plugins in the folder of a file that bring kinds: a solver's facets may be those of objects that another file makes.
[[nodiscard]] std::vector<std::filesystem::path> kinds_beside(const std::filesystem::path& file);

/// Session options with the plugin first in the search, and those beside it that bring kinds.
[[nodiscard]] SessionOptions with_plugin(SessionOptions options, const std::filesystem::path& file);

/// Makes a few objects of a kind. Returns how many could be made; `why` says why the last one could not.
std::size_t make_some(const Kind& kind, ObjectPool& pool, std::string& why);

/// What a solver answers to generated rows; `missing` says why there are no rows.
struct Trial {
  std::vector<RowMaker::Row> rows;
  Outcome outcome;
  std::string missing;
  [[nodiscard]] std::size_t answered() const;
};
[[nodiscard]] Trial try_out(const Solver& solver, ObjectPool& pool, std::size_t random_rows);

}  // namespace ironlaw::host
