#include "optimize.hpp"

#include "branch_and_bound.hpp"
#include "first_value.hpp"
#include "random_points.hpp"

#include <nlopt.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace ironlaw::studies {
namespace {

constexpr std::uint64_t most_rows = 1'000'000'000;
constexpr std::uint64_t exhaustive_rows = 20'000'000;  // up to here, looking at all is the quickest and surest
constexpr std::uint64_t few = 16;                      // designs that one bound must be good for, at least

void look_at_all(Bench& bench, Candidates& candidates) {
  const std::uint64_t rows = bench.space().rows();
  for (std::uint64_t first = 0; first < rows && !bench.cancelled(); first += rows_at_a_time) {
    candidates.evaluate_rows(first, static_cast<std::size_t>(std::min<std::uint64_t>(rows_at_a_time, rows - first)));
    bench.progress(static_cast<double>(std::min<std::uint64_t>(first + rows_at_a_time, rows)) / static_cast<double>(rows));
  }
}

/// The axis that `least` or `most` names. Throws InputError.
std::size_t axis_of(const Bench& bench, const Options& given, std::string_view option) {
  const Space& space = bench.space();
  const auto named = given.ports(option);
  const std::string where = "optimize: " + std::string(option);
  if (named.size() != 1) throw InputError(where, "takes one axis");
  for (std::size_t a = 0; a < space.axes(); ++a) {
    const auto inputs = space.axis(a).inputs;
    if (std::find(inputs.begin(), inputs.end(), named.front()) == inputs.end()) continue;
    if (space.axis(a).size == 0) throw InputError(where, "takes an axis with values, and this one is a range without steps");
    return a;
  }
  throw InputError(where, "takes an axis, and " + std::string(bench.pipeline().inputs()[named.front()].name) + " has one value");
}

/// NLopt asks for one point at a time; no value is worse than that of a point that cannot win.
struct Objective {
  Candidates& candidates;
  Bench& bench;
  double worst = 0;
  static double of(const std::vector<double>& point, std::vector<double>&, void* data) {
    auto& self = *static_cast<Objective*>(data);
    if (self.bench.cancelled()) throw nlopt::forced_stop();
    self.candidates.evaluate_points(point);
    return std::min(self.candidates.scores().front(), self.worst);
  }
};

/// Differential evolution, rand/1/bin, in the unit cube of the axes; a generation is one block.
void evolve(Bench& bench, Candidates& candidates, std::size_t evaluations) {
  constexpr double scale = 0.6;
  constexpr double crossover = 0.9;
  const std::size_t n = bench.space().axes();
  const std::size_t people = std::max<std::size_t>(std::min<std::size_t>(evaluations / 20, 512), 16);
  std::uint64_t draws = 0;
  const auto random = [&] { return random_share(bench.seed(), draws++, 0); };
  const auto someone = [&] { return std::min(static_cast<std::size_t>(random() * static_cast<double>(people)), people - 1); };
  const auto other_than = [&](std::initializer_list<std::size_t> known) {
    std::size_t one = someone();
    while (std::find(known.begin(), known.end(), one) != known.end()) one = someone();
    return one;
  };
  std::vector<double> now(people * n);
  for (double& u : now) u = random();
  candidates.evaluate_points(now);
  std::vector<double> score(candidates.scores().begin(), candidates.scores().end());
  std::vector<double> next(now.size());
  for (std::size_t done = people; done < evaluations && !bench.cancelled(); done += people) {
    for (std::size_t p = 0; p < people; ++p) {
      const std::size_t a = other_than({p});
      const std::size_t b = other_than({p, a});
      const std::size_t c = other_than({p, a, b});
      const auto forced = static_cast<std::size_t>(random() * static_cast<double>(n));
      for (std::size_t d = 0; d < n; ++d) {
        double u = now[p * n + d];
        if (d == forced || random() < crossover) u = now[a * n + d] + scale * (now[b * n + d] - now[c * n + d]);
        if (u < 0 || u > 1) u = random();
        next[p * n + d] = u;
      }
    }
    candidates.evaluate_points(next);
    for (std::size_t p = 0; p < people; ++p) {
      if (candidates.scores()[p] > score[p]) continue;
      score[p] = candidates.scores()[p];
      std::copy_n(next.begin() + static_cast<std::ptrdiff_t>(p * n), n, now.begin() + static_cast<std::ptrdiff_t>(p * n));
    }
    bench.progress(static_cast<double>(done) / static_cast<double>(evaluations));
  }
}

void search_continuous(Bench& bench, Candidates& candidates, std::size_t evaluations) {
  const std::size_t n = bench.space().axes();
  Objective objective{candidates, bench};
  // A first look finds where to start from, and what is worse than all that can win.
  std::vector<double> points;
  const std::size_t looks = std::min<std::size_t>(evaluations / 4 + 1, 256);
  for (std::size_t p = 0; p < looks; ++p)
    for (std::size_t d = 0; d < n; ++d) points.push_back(random_share(bench.seed(), p, d));
  candidates.evaluate_points(points);
  std::vector<double> best(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(n));
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -lowest;
  for (std::size_t p = 0; p < looks; ++p) {
    const double score = candidates.scores()[p];
    if (std::isfinite(score)) highest = std::max(highest, score);
    if (score < lowest) {
      lowest = score;
      best.assign(points.begin() + static_cast<std::ptrdiff_t>(p * n), points.begin() + static_cast<std::ptrdiff_t>((p + 1) * n));
    }
  }
  if (std::isinf(lowest)) return evolve(bench, candidates, evaluations);
  objective.worst = highest + std::max(highest - lowest, std::abs(highest) * 1e-6);
  for (const auto algorithm : {nlopt::GN_DIRECT_L, nlopt::LN_SBPLX}) {
    nlopt::opt search(algorithm, static_cast<unsigned>(n));
    search.set_lower_bounds(0.0);
    search.set_upper_bounds(1.0);
    search.set_min_objective(Objective::of, &objective);
    search.set_maxeval(static_cast<int>((evaluations - std::min(evaluations, looks)) / 2 + 1));
    search.set_xtol_rel(1e-12);
    std::vector<double> point = best;
    double value = 0;
    try {
      search.optimize(point, value);
    } catch (const nlopt::roundoff_limited&) {
      // The point is as good as doubles allow.
    } catch (const nlopt::forced_stop&) {
      return;
    }
    if (value <= lowest) {
      lowest = value;
      best = point;
    }
    bench.progress(algorithm == nlopt::GN_DIRECT_L ? 0.5 : 1);
  }
}

/// What a search that is no proof leaves open: how much it saw, and what no design can be better than.
void note_how_good(Bench& bench, Candidates& candidates, const Promises& promises) {
  const Space& space = bench.space();
  std::vector<double> corner;
  bool every_axis_has_values = true;
  for (std::size_t a = 0; a < space.axes(); ++a) {
    every_axis_has_values &= space.axis(a).size > 0;
    if (promises.along(0, a) != Promises::Along::unknown)
      corner.push_back(promises.along(0, a) == Promises::Along::falls ? 1.0 : 0.0);
  }
  const auto seen = static_cast<double>(candidates.evaluated());
  std::string note = "a search, not a proof: ";
  if (every_axis_has_values) {
    std::array<char, 32> share{};
    std::snprintf(share.data(), share.size(), "%.2g %%", 100 * seen / static_cast<double>(space.rows()));
    note += "at most " + std::string(share.data()) + " of " + std::to_string(space.rows()) + " designs were looked at; ";
  }
  if (corner.size() == space.axes()) {
    if (const auto probed = candidates.probe_point(corner); probed.faults != Candidates::no_value)
      return bench.note(note + "of all designs " + candidates.bound_in_words(probed.score));
  }
  bench.note(note + "ports promise no bound on what is left");
}

}  // namespace

void Optimize::do_run(Bench& bench, const Options& given) const {
  const Space& space = bench.space();
  if (space.axes() == 0) throw InputError("optimize", "needs something to choose: axes with values or ranges");
  std::size_t continuous = 0;
  for (std::size_t a = 0; a < space.axes(); ++a) continuous += space.axis(a).size == 0;
  std::string method(given.text("method"));
  const double asked = given.quantity("evaluations").number;
  if (!(asked >= 16 && asked <= 1e9)) throw InputError("optimize: evaluations", "takes a count from 16 to 10^9");
  const auto evaluations = static_cast<std::size_t>(asked);
  Candidates candidates(bench, given);
  const Promises promises(bench, given.ports("goal").front(), given.maximise("goal", 0), given.ports("subject_to"));
  if (method == "auto")
    method = continuous == space.axes()                                                           ? "nlopt"
             : continuous > 0                                                                     ? "evolution"
             : space.rows() <= exhaustive_rows                                                    ? "exhaustive"
             : promises.unbounded_designs(space) <= std::min(exhaustive_rows, space.rows() / few) ? "branch_and_bound"
                                                                                                  : "evolution";
  BranchAndBound search(bench, candidates, promises);
  const bool least = !given.ports("least").empty();
  if (least || !given.ports("most").empty()) {
    if (least && !given.ports("most").empty()) throw InputError("optimize: most", "does not go with least");
    if (continuous > 0)
      throw InputError("optimize: method", "least and most take axes with values, and one has a range without steps");
    const std::size_t axis = axis_of(bench, given, least ? "least" : "most");
    if (space.rows() / space.axis(axis).size > most_rows) throw InputError("optimize", "takes at most 10^9 designs");
    judge_first_values(bench, candidates, axis, !least);
  } else if (method == "exhaustive") {
    if (continuous > 0)
      throw InputError("optimize: method", "exhaustive takes axes with values, and one has a range without steps");
    if (space.rows() > most_rows) throw InputError("optimize: method", "exhaustive takes at most 10^9 rows");
    look_at_all(bench, candidates);
  } else if (method == "branch_and_bound") {
    if (continuous > 0)
      throw InputError("optimize: method", "branch_and_bound takes axes with values, and one has a range without steps");
    search.search();
  } else if (method == "nlopt") {
    if (continuous < space.axes()) throw InputError("optimize: method", "nlopt takes ranges without steps only; use evolution");
    search_continuous(bench, candidates, evaluations);
  } else if (method == "evolution") {
    evolve(bench, candidates, evaluations);
  } else {
    throw InputError("optimize: method", "takes auto, exhaustive, branch_and_bound, nlopt or evolution, not '" + method + "'");
  }
  candidates.report();
  if (least || !given.ports("most").empty()) return;
  if (method == "branch_and_bound") search.note_what_was_skipped();
  if (method == "nlopt" || method == "evolution") note_how_good(bench, candidates, promises);
}

}  // namespace ironlaw::studies
