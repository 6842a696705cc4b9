// Checks of what components answer.
#include "breaches.hpp"
#include "checks.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/workload.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>

namespace ironlaw::host {
namespace {

std::string named(const Solver& solver) { return "solver '" + std::string(solver.about().name) + "'"; }

/// Calls `check(solver, trial)` for each solver that generated rows can be given to; the others are told of in the detail.
template <class Check>
Finding for_each_solver(Specimen& specimen, std::size_t rows, const Check& check) {
  if (specimen.solvers.empty()) return {CheckStatus::skipped, "it brings no solver"};
  std::string why;
  for (const Kind* kind : specimen.kinds) make_some(*kind, specimen.pool, why);
  Breaches problems;
  std::string untried;
  std::size_t answered = 0;
  std::size_t tried = 0;
  for (const Solver* solver : specimen.solvers) {
    const Trial trial = try_out(*solver, specimen.pool, rows);
    if (trial.missing.empty()) check(*solver, trial, problems);
    const bool none = trial.missing.empty() && trial.answered() == 0;
    if (none || !trial.missing.empty())
      untried = named(*solver) + " answered no generated row (" +
                (none ? trial.outcome.first(RowStatus::refused).second : trial.missing) + ")";
    answered += trial.answered();
    tried += trial.rows.size();
  }
  if (problems.none() && !untried.empty()) return {CheckStatus::skipped, untried + ": give golden vectors"};
  return problems.finding(std::to_string(answered) + " of " + std::to_string(tried) + " generated rows answered");
}

void check_finite(const Solver& solver, const Trial& trial, Breaches& problems) {
  if (const auto [row, why] = trial.outcome.first(RowStatus::failed); !why.empty())
    return problems.add(named(solver) + ": " + why + ", at " + in_words(solver.inputs(), trial.rows[row]));
  const auto outputs = solver.outputs();
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    for (std::size_t r = 0; r < trial.rows.size(); ++r) {
      if (is_kept(outputs[o])) break;  // the adapter looks at every value
      const double v = trial.outcome.outputs[o][r].number;
      if (!has_outputs(trial.outcome.status[r]) || std::isfinite(v) || (std::isnan(v) && outputs[o].optional)) continue;
      return problems.add(named(solver) + ": " + std::string(outputs[o].name) + " is not finite, at " +
                          in_words(solver.inputs(), trial.rows[r]));
    }
  }
}

/// Values that a port must refuse.
std::vector<Cell> forbidden(const PortInfo& port) {
  if (port.type == PortType::object) return port.optional ? std::vector<Cell>{} : std::vector{Cell{.object = nullptr}};
  if (is_kept(port)) return port.optional ? std::vector<Cell>{} : std::vector{Cell{absent_value}};
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<Cell> cells{{.number = infinity}, {.number = -infinity}};
  if (!port.optional) cells.push_back({.number = std::numeric_limits<double>::quiet_NaN()});
  if (port.type == PortType::integer && port.range.contains(1.5)) cells.push_back({.number = 1.5});
  if (std::abs(port.range.low) < 1e300)
    cells.push_back({.number = port.range.above ? port.range.low : std::nextafter(port.range.low, -infinity)});
  if (std::abs(port.range.high) < 1e300) cells.push_back({.number = std::nextafter(port.range.high, infinity)});
  return cells;
}

void check_refused(const Solver& solver, const RowMaker::Row& base, Breaches& problems) {
  const auto ports = solver.inputs();
  for (std::size_t k = 0; k < ports.size(); ++k) {
    const auto values = forbidden(ports[k]);
    std::vector<RowMaker::Row> rows(values.size(), base);
    for (std::size_t r = 0; r < rows.size(); ++r) rows[r][k] = values[r];
    const Outcome outcome = evaluate(solver, rows);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto error = outcome.errors.find(r);
      if (outcome.status[r] == RowStatus::refused && error != outcome.errors.end() && !error->second.port.empty()) continue;
      return problems.add(named(solver) + " does not refuse " + in_words(ports.subspan(k, 1), {values[r]}));
    }
  }
}

void check_repeated(const Solver& solver, const Trial& trial, Breaches& problems) {
  const std::size_t count = trial.rows.size();
  const std::vector<RowMaker::Row> reversed(trial.rows.rbegin(), trial.rows.rend());
  const Outcome again = evaluate(solver, trial.rows);
  const Outcome backwards = evaluate(solver, reversed);
  const Outcome singly = evaluate(solver, trial.rows, 1);
  for (std::size_t r = 0; r < count; ++r) {
    const char* when = !trial.outcome.same_row(r, again, r)                   ? "asked again"
                       : !trial.outcome.same_row(r, backwards, count - 1 - r) ? "asked in another order"
                       : !trial.outcome.same_row(r, singly, r)                ? "asked row by row"
                                                                              : nullptr;
    if (when == nullptr) continue;
    return problems.add(named(solver) + " answers otherwise when " + when + ", at " + in_words(solver.inputs(), trial.rows[r]));
  }
}

void check_at_once(const Solver& solver, const Trial& trial, Breaches& problems) {
  constexpr std::size_t threads = 4;
  constexpr int rounds = 5;
  std::array<std::size_t, threads> differs{};
  std::vector<std::jthread> running;
  for (std::size_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (int round = 0; round < rounds; ++round) {
        const Outcome outcome = evaluate(solver, trial.rows, 16 + t);
        for (std::size_t r = 0; r < trial.rows.size(); ++r)
          if (!trial.outcome.same_row(r, outcome, r)) differs[t] = r + 1;
      }
    });
  }
  for (auto& thread : running) thread.join();
  for (const std::size_t row : differs) {
    if (row == 0) continue;
    return problems.add(named(solver) + " answers otherwise on several threads, at " +
                        in_words(solver.inputs(), trial.rows[row - 1]));
  }
}

void check_promise(const Solver& solver, const MonotoneInfo& promise, const Trial& trial, std::span<const double> values,
                   Breaches& problems) {
  constexpr double rounding = 1e-12;
  const PortInfo& input = solver.inputs()[promise.input];
  const PortInfo& output = solver.outputs()[promise.output];
  for (std::size_t r = 0; r < trial.rows.size(); ++r) {
    if (!has_outputs(trial.outcome.status[r])) continue;
    std::vector<RowMaker::Row> rows(values.size(), trial.rows[r]);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i][promise.input].number = values[i];
    const Outcome outcome = evaluate(solver, rows);
    double last = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!has_outputs(outcome.status[i])) continue;
      const double v = outcome.outputs[promise.output][i].number;
      const double against = promise.rises ? last - v : v - last;
      if (against > rounding * std::max(std::abs(v), std::abs(last)))
        return problems.add(named(solver) + ": " + std::string(output.name) + (promise.rises ? " falls" : " rises") + " where " +
                            std::string(input.name) + " grows, at " + in_words(solver.inputs(), rows[i]));
      last = v;
    }
  }
}

/// An input of which more (`tightens`), or less, never mends a limit.
struct LimitPromise {
  const LimitInfo& limit;
  std::size_t input;
  bool tightens;
};

void check_limit(const Solver& solver, const LimitPromise& promise, const Trial& trial, std::vector<double> values,
                 Breaches& problems) {
  if (!promise.tightens) std::reverse(values.begin(), values.end());
  for (std::size_t r = 0; r < trial.rows.size(); ++r) {
    if (!has_outputs(trial.outcome.status[r])) continue;
    std::vector<RowMaker::Row> rows(values.size(), trial.rows[r]);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i][promise.input].number = values[i];
    const Outcome outcome = evaluate(solver, rows);
    const auto side = [&](const PortReference& of, std::size_t i) {
      return (of.side == PortReference::Side::input ? rows[i][of.index] : outcome.outputs[of.index][i]).number;
    };
    bool exceeded = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!has_outputs(outcome.status[i])) continue;
      const bool now = side(promise.limit.used, i) > side(promise.limit.bound, i);
      if (exceeded && !now)
        return problems.add(named(solver) + ": limit '" + std::string(promise.limit.name) + "' is mended where " +
                            std::string(solver.inputs()[promise.input].name) + (promise.tightens ? " grows" : " falls") +
                            ", at " + in_words(solver.inputs(), rows[i]));
      exceeded = now;
    }
  }
}

std::vector<LimitPromise> limit_promises(const Solver& solver) {
  std::vector<LimitPromise> all;
  for (const LimitInfo& limit : solver.limits()) {
    for (const std::size_t input : limit.tightens) all.push_back({limit, input, true});
    for (const std::size_t input : limit.loosens) all.push_back({limit, input, false});
  }
  return all;
}

/// Every number that an object gives, by what was asked; a refusal gives none.
template <class Ask>
void ask(const std::string& where, const Ask& question, Breaches& problems) {
  try {
    for (const auto& [what, number] : question())
      if (!(number >= 0) || !std::isfinite(number)) problems.add(where + ": " + what + " is negative or not finite");
  } catch (const Refusal&) {
    return;
  } catch (const std::exception& e) {
    problems.add(where + ": threw " + e.what());
  }
}

constexpr std::size_t objects_tried = 50;
using Numbers = std::vector<std::pair<std::string, double>>;

void ask_device(const std::string& where, const Hardware& device, Breaches& problems) {
  for (std::size_t p = 0; p < precision_count; ++p)
    ask(
        where,
        [&] {
          return Numbers{{"peak rate", device.peak_rate(static_cast<Precision>(p)).value()}};
        },
        problems);
  ask(
      where,
      [&] {
        return Numbers{{"memory capacity", device.memory().capacity.value()},
                       {"memory bandwidth", device.memory().bandwidth.value()},
                       {"dispatch overhead", device.dispatch_overhead().value()}};
      },
      problems);
}

void ask_model(const std::string& where, const Workload& model, Breaches& problems) {
  for (const Phase phase : {Phase::forward, Phase::prefill, Phase::decode, Phase::training}) {
    ask(
        where,
        [&] {
          const Demand d = model.demand({.phase = phase, .batch = 4, .new_tokens = 16, .cached_tokens = 128});
          return Numbers{{"linear", d.linear.value()},
                         {"logits", d.logits.value()},
                         {"attention", d.attention.value()},
                         {"weights_resident", d.weights_resident.value()},
                         {"weights_read", d.weights_read.value()},
                         {"cache_read", d.cache_read.value()},
                         {"cache_write", d.cache_write.value()},
                         {"cache_resident", d.cache_resident.value()},
                         {"state", d.state.value()},
                         {"launches", d.launches}};
        },
        problems);
  }
}

}  // namespace

Finding check_objects(Specimen& specimen) {
  if (specimen.kinds.empty()) return {CheckStatus::skipped, "it brings no kind"};
  Breaches problems;
  std::size_t made = 0;
  std::string untried;
  for (const Kind* kind : specimen.kinds) {
    const std::string where = "kind '" + std::string(kind->about().name) + "'";
    std::string why;
    const std::size_t before = made;
    RowMaker maker(kind->fields(), specimen.pool);
    for (const auto& fields : maker.rows(maker.base(), objects_tried)) {
      const void* object = specimen.pool.make(*kind, fields, why);
      if (object == nullptr) continue;
      ++made;
      const std::string here = where + " of " + in_words(kind->fields(), fields);
      if (kind->interface() == Hardware::interface) ask_device(here, *static_cast<const Hardware*>(object), problems);
      if (kind->interface() == Workload::interface) ask_model(here, *static_cast<const Workload*>(object), problems);
    }
    if (made == before) untried = where + " made no object of generated fields (" + why + ")";
  }
  if (problems.none() && !untried.empty()) return {CheckStatus::skipped, untried};
  return problems.finding(counted(made, "object") + " made");
}

Finding check_in_range(Specimen& specimen, std::size_t rows) { return for_each_solver(specimen, rows, check_finite); }

Finding check_out_of_range(Specimen& specimen) {
  if (specimen.solvers.empty()) return {CheckStatus::skipped, "it brings no solver"};
  Breaches problems;
  std::size_t ports = 0;
  for (const Solver* solver : specimen.solvers) {
    check_refused(*solver, RowMaker(solver->inputs(), specimen.pool).base(), problems);
    ports += solver->inputs().size();
  }
  return problems.finding(counted(ports, "input") + " beyond their ranges");
}

Finding check_pure(Specimen& specimen, std::size_t rows) { return for_each_solver(specimen, rows, check_repeated); }

Finding check_threads(Specimen& specimen, std::size_t rows) { return for_each_solver(specimen, rows, check_at_once); }

Finding check_monotone(Specimen& specimen, std::size_t rows) {
  constexpr std::size_t steps = 9;
  std::size_t promises = 0;
  for (const Solver* solver : specimen.solvers) promises += solver->monotone().size() + limit_promises(*solver).size();
  if (promises == 0) return {CheckStatus::skipped, "it promises nothing"};
  Finding finding = for_each_solver(specimen, rows, [&](const Solver& solver, const Trial& trial, Breaches& problems) {
    const RowMaker maker(solver.inputs(), specimen.pool);
    for (const MonotoneInfo& promise : solver.monotone())
      check_promise(solver, promise, trial, maker.growing(promise.input, steps), problems);
    for (const LimitPromise& promise : limit_promises(solver)) {
      const auto values = maker.growing(promise.input, steps);
      check_limit(solver, promise, trial, {values.begin(), values.end()}, problems);
    }
  });
  if (finding.status == CheckStatus::passed) finding.detail = counted(promises, "promise") + ", " + finding.detail;
  return finding;
}

}  // namespace ironlaw::host
