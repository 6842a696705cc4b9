#pragma once
// Failures at a constant rate, and checkpoints against them.
#include <ironlaw/sdk/ports.hpp>
#include <ironlaw/working.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::equations {

/// At least one failure in a while.
inline double failure_probability(Time duration, Time mtbf) { return -std::expm1(-static_cast<double>(duration / mtbf)); }

/// Work between checkpoints that loses least to first order (Young 1974).
inline Time young_interval(Time checkpoint, Time mtbf) { return mtbf * std::sqrt(2 * static_cast<double>(checkpoint / mtbf)); }

/// Two more terms of the series; the mean time between failures where a checkpoint takes twice that or longer (Daly 2006).
inline Time daly_interval(Time checkpoint, Time mtbf) {
  const double x = static_cast<double>(checkpoint / mtbf) / 2;
  if (x >= 1) return mtbf;
  return young_interval(checkpoint, mtbf) * (1 + std::sqrt(x) / 3 + x / 9) - checkpoint;
}

/// The exact optimum M * (1 + W0(-exp(-d / M - 1))) of work w between checkpoints of d under exponential failures (Bougeret 2011,
/// Herault & Robert 2015). With x = w / M it is the root of x + exp(-x - d / M) = 1, which is convex and approached from the
/// right.
inline Time renewal_interval(Time checkpoint, Time mtbf) {
  const double e = static_cast<double>(checkpoint / mtbf);
  double x = std::min(1.0, std::sqrt(2 * e));
  for (int i = 0; i < 100; ++i) {
    const double slope = -std::expm1(-x - e);
    const double step = (x - slope) / slope;
    if (!(step > 1e-15 * x)) break;
    x -= step;
  }
  return x * mtbf;
}

/// Work over expected time: W / (exp(R / M) * (M + D) * (exp((W + d) / M) - 1)) (Bougeret 2011, Herault & Robert 2015).
inline double renewal_goodput(Time work, Time checkpoint, Time recovery, Time downtime, Time mtbf) {
  const double repeated = std::expm1(static_cast<double>((work + checkpoint) / mtbf));
  return static_cast<double>(work / (mtbf + downtime)) * std::exp(-static_cast<double>(recovery / mtbf)) / repeated;
}

/// Which optimum, and what the answer counts as lost.
enum class IntervalForm { renewal, daly, young };
/// What goodput counts as lost, as IntervalForm has it.
enum class GoodputForm { renewal, first_order, without_rework };

/// What a job does against failures.
struct Restart {
  Time checkpoint_time = 60.0 * units::second;
  Time recovery_time = 300.0 * units::second;
  Time downtime{};
  Maybe<Time> checkpoint_interval = absent;
  IntervalForm interval_form = IntervalForm::renewal;
  GoodputForm goodput_form = GoodputForm::renewal;
};

inline constexpr auto restart_ports = ports(
    port<&Restart::checkpoint_time>("time that work stands still for one checkpoint", positive).display("s"),
    port<&Restart::recovery_time>("reading back the checkpoint and starting again, after a failure", non_negative)
        .refinement()
        .display("s"),
    port<&Restart::downtime>("until recovery can begin, after a failure", non_negative).refinement().display("s"),
    port<&Restart::checkpoint_interval>("work between two checkpoints; the optimal one if left out", positive).display("s"),
    port<&Restart::interval_form>("how the optimal interval is found: renewal exactly, daly and young by series").parity(),
    port<&Restart::goodput_form>("what is counted as lost: renewal all of it, exactly; first_order all of it, for rare failures; "
                                 "without_rework leaves out the work done again after a failure")
        .parity());

/// How often to write a checkpoint, and what share of the time is work then.
struct CheckpointPlan {
  Time optimal_interval;
  Time interval;
  double goodput;
  Maybe<Time> first_order_bound;  ///< half the mean time between failures; present where a first-order form is in use
};

inline Time optimal_interval(const Restart& r, Time mtbf) {
  if (r.interval_form == IntervalForm::renewal) return renewal_interval(r.checkpoint_time, mtbf);
  return r.interval_form == IntervalForm::daly ? daly_interval(r.checkpoint_time, mtbf) : young_interval(r.checkpoint_time, mtbf);
}

inline double goodput_of(const Restart& r, Time interval, Time mtbf) {
  if (r.goodput_form == GoodputForm::renewal)
    return renewal_goodput(interval, r.checkpoint_time, r.recovery_time, r.downtime, mtbf);
  const Time rework = r.goodput_form == GoodputForm::first_order ? interval / 2.0 : Time{};
  const Time lost = rework + r.downtime + r.recovery_time;
  return std::max(0.0, 1 - static_cast<double>(r.checkpoint_time / interval) - static_cast<double>(lost / mtbf));
}

inline CheckpointPlan plan_checkpoints(const Restart& r, Time mtbf) {
  CheckpointPlan plan{};
  plan.optimal_interval = optimal_interval(r, mtbf);
  plan.interval = r.checkpoint_interval.value_or(plan.optimal_interval);
  plan.goodput = goodput_of(r, plan.interval, mtbf);
  if (r.interval_form != IntervalForm::renewal || r.goodput_form != GoodputForm::renewal) plan.first_order_bound = mtbf / 2.0;
  return plan;
}

/// Steps `optimal_checkpoint_interval` and `goodput`.
inline void explain_checkpoints(const Restart& r, const CheckpointPlan& plan, Time mtbf, Working& w) {
  const char* const optimum = r.interval_form == IntervalForm::renewal ? "M * (1 + W0(-exp(-d / M - 1)))"
                              : r.interval_form == IntervalForm::daly
                                  ? "sqrt(2 * d * M) * (1 + sqrt(d / 2M) / 3 + d / 2M / 9) - d"
                                  : "sqrt(2 * d * M)";
  w.step("optimal_checkpoint_interval", optimum, {{"d", r.checkpoint_time}, {"M", mtbf}}, plan.optimal_interval,
         r.interval_form == IntervalForm::renewal ? "Bougeret 2011; Herault & Robert 2015"
         : r.interval_form == IntervalForm::daly  ? "Daly 2006"
                                                  : "Young 1974");
  if (r.checkpoint_interval) w.note("The interval is given, so the goodput is not that of the optimal one.");
  const char* const form = r.goodput_form == GoodputForm::renewal       ? "W / (exp(R / M) * (M + D) * (exp((W + d) / M) - 1))"
                           : r.goodput_form == GoodputForm::first_order ? "max(0, 1 - d / W - (W / 2 + D + R) / M)"
                                                                        : "max(0, 1 - d / W - (D + R) / M)";
  w.step("goodput", form,
         {{"W", plan.interval}, {"d", r.checkpoint_time}, {"R", r.recovery_time}, {"D", r.downtime}, {"M", mtbf}}, plan.goodput,
         r.goodput_form == GoodputForm::renewal ? "Bougeret 2011; Herault & Robert 2015" : "Young 1974");
}

/// Share of the time that fewer than `needed` of so many independent replicas are up (Barlow & Proschan 1965); `down` is 1 -
/// `up`.
inline double too_few_up(double replicas, double needed, double up, double down) {
  if (up == 0 || down == 0) return up == 0 ? 1 : 0;
  // From the likeliest number that is too few to both sides: each of the others follows from its neighbour, until none counts.
  const double likeliest = std::clamp(std::floor((replicas + 1) * up), 0.0, needed - 1);
  const double ways = std::lgamma(replicas + 1) - std::lgamma(likeliest + 1) - std::lgamma(replicas - likeliest + 1);
  const double most = std::exp(ways + likeliest * std::log(up) + (replicas - likeliest) * std::log(down));
  const double odds = up / down;
  double sum = most;
  double term = most;
  for (double i = likeliest; i > 0 && term > 1e-17 * sum; --i) sum += term *= i / ((replicas - i + 1) * odds);
  term = most;
  for (double i = likeliest; i < needed - 1 && term > 1e-17 * sum; ++i) sum += term *= (replicas - i) * odds / (i + 1);
  return std::min(sum, 1.0);
}

}  // namespace ironlaw::equations
