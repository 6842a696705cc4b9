// Checks of what a solver keeps or reads beside its inputs: two processes that meet the rows in other orders, and the files that
// it asks for.
#include "breaches.hpp"
#include "checks.hpp"
#include "process/confined_task.hpp"
#include "process/watched_files.hpp"
#include "value/bytes.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/failure_text.hpp>
#include <ironlaw/object.hpp>

#include <algorithm>
#include <numeric>
#include <random>

namespace ironlaw::host {
namespace {

/// Everything about an answered row, in one number.
std::uint64_t digest_of(const Solver& solver, const Outcome& outcome, std::size_t row) {
  std::string bytes;
  put(bytes, outcome.status[row]);
  for (std::size_t o = 0; o < outcome.outputs.size(); ++o) {
    if (solver.outputs()[o].type == PortType::series) {
      if (const SeriesCell* series = series_of(outcome.outputs[o][row]); series != nullptr && has_outputs(outcome.status[row]))
        bytes.append(reinterpret_cast<const char*>(series->data), series->size * sizeof(double));
      continue;
    }
    const double value = outcome.outputs[o][row].number;
    put(bytes, value == value ? value : 0.0);
  }
  if (const auto error = outcome.errors.find(row); error != outcome.errors.end()) bytes += error->second.what;
  return fnv1a(bytes);
}

/// Generated rows of each solver that some can be made for; nothing of the plugin has run but its kinds.
template <class Visit>
void for_each_rows(Specimen& specimen, std::size_t count, const Visit& visit) {
  std::string why;
  for (const Kind* kind : specimen.kinds) make_some(*kind, specimen.pool, why);
  for (const Solver* solver : specimen.solvers) {
    RowMaker maker(solver->inputs(), specimen.pool);
    if (maker.missing_interface().empty()) visit(*solver, maker.rows(maker.base(), count));
  }
}

/// Digests of all rows, as a process answers them that meets them in an order of its own.
std::vector<std::uint64_t> digests(Specimen& specimen, std::size_t count, bool shuffled) {
  std::vector<std::uint64_t> all;
  for_each_rows(specimen, count, [&](const Solver& solver, const std::vector<RowMaker::Row>& rows) {
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::mt19937_64 random(7);
    if (shuffled) std::shuffle(order.begin(), order.end(), random);
    std::vector<RowMaker::Row> asked;
    for (const std::size_t r : order) asked.push_back(rows[r]);
    const Outcome outcome = evaluate(solver, asked, shuffled ? 7 : 0);
    const std::size_t first = all.size();
    all.resize(first + rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) all[first + order[i]] = digest_of(solver, outcome, i);
  });
  return all;
}

/// "solver 'x' ... at a = 1": whose the n-th of all rows is.
std::string row_in_words(Specimen& specimen, std::size_t count, std::size_t row) {
  std::string words;
  for_each_rows(specimen, count, [&](const Solver& solver, const std::vector<RowMaker::Row>& rows) {
    if (row < rows.size() && words.empty())
      words = "solver '" + std::string(solver.about().name) +
              "' answers otherwise in another process, where the rows come in another order, at " +
              in_words(solver.inputs(), rows[row]);
    row = row < rows.size() ? rows.size() : row - rows.size();
    if (!words.empty()) row = 0;
  });
  return words;
}

}  // namespace

Finding check_apart(const std::filesystem::path& file, const ConformanceOptions& options) {
  const auto elsewhere = [&](const auto& task) {
    const auto end = run_confined(
        [&] {
          Specimen specimen(file, options);
          return task(specimen);
        },
        {.seconds = options.timeout}, {.breach = Breach::dies, .threads = true});
    if (!end.done) throw Error(end.thrown ? end.failure : "it " + end.failure);
    return end.bytes;
  };
  const auto answered = [&](bool shuffled) {
    return elsewhere([&](Specimen& specimen) {
      std::string bytes;
      put(bytes, digests(specimen, options.rows, shuffled));
      return bytes + "x";  // a task gives some bytes
    });
  };
  try {
    const std::string one = answered(false);
    const std::string other = answered(true);
    const std::size_t rows = one.size() / sizeof(std::uint64_t);
    if (rows == 0) return {CheckStatus::skipped, "no rows could be generated"};
    if (one == other) return {CheckStatus::passed, counted(rows, "row") + " in two processes"};
    const auto differs = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first - one.begin();
    const auto row = static_cast<std::size_t>(differs) / sizeof(std::uint64_t);
    return {CheckStatus::failed, elsewhere([&](Specimen& specimen) { return row_in_words(specimen, options.rows, row); })};
  } catch (const std::exception& e) {
    return {CheckStatus::failed, failure_text(e)};
  }
}

Finding check_files(Specimen& specimen, std::size_t rows) {
  if (specimen.solvers.empty()) return {CheckStatus::skipped, "it brings no solver"};
  std::vector<std::pair<const Solver*, std::vector<RowMaker::Row>>> all;
  for_each_rows(specimen, rows,
                [&](const Solver& solver, std::vector<RowMaker::Row> made) { all.emplace_back(&solver, std::move(made)); });
  std::string who;
  std::string whose;
  const std::string asked = file_asked_for([&] {
    for (const auto& [solver, made] : all) {
      who = solver->about().name;
      (void)evaluate(*solver, made);
    }
  });
  if (asked.empty()) return {CheckStatus::passed, counted(all.size(), "solver") + " asked for no file"};
  return {CheckStatus::failed, "a solver asks for " + asked + ": what it answers depends on more than its inputs" +
                                   (all.size() == 1 ? " (solver '" + who + "')" : std::string())};
}

}  // namespace ironlaw::host
