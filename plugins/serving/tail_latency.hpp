#pragma once
#include <ironlaw/equations/queueing.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::serving {

/// Median and 99th percentile of the time that requests spend at a group of equal servers.
struct TailLatency {
  static constexpr auto about =
      Solver::About{"tail_latency", "Median and 99th percentile latency of equal servers under random arrivals",
                    "Erlang 1917; Gross 2008, 'Fundamentals of Queueing Theory'"};

  /// sojourn: quantiles of wait and service together. wait_plus_mean: quantile of the wait, plus the mean service.
  enum class Quantiles { sojourn, wait_plus_mean };

  struct Inputs {
    RequestRate arrival_rate = required;
    Time service_time = required;
    double replicas = 1;
    double service_time_cv = 1;
    Quantiles quantiles = Quantiles::sojourn;
    Maybe<Time> latency_target = absent;
  };

  struct Outputs {
    Maybe<Time> p50_latency;
    Maybe<Time> p99_latency;
    Maybe<Time> p99_wait;
    double queue_utilization;
    double waiting_probability;
    bool is_stable;
    RequestRate highest_stable_rate;
    double slo_headroom_ratio;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::arrival_rate>("requests that arrive, at random", non_negative),
            port<&Inputs::service_time>("mean time of a request at a server", positive),
            port<&Inputs::replicas>("servers that take from one queue", at_least_one).whole(),
            port<&Inputs::service_time_cv>("standard deviation of the service time over its mean: 0 constant, 1 exponential",
                                           between(0, 1e6))
                .refinement(),
            port<&Inputs::quantiles>(
                "sojourn: quantiles of wait and service together; wait_plus_mean: of the wait, plus the mean service")
                .parity(),
            port<&Inputs::latency_target>("99th percentile to stay below", positive));

  static constexpr auto outputs =
      ports(port<&Outputs::p50_latency>("median time in the system; absent where the queue grows without end"),
            port<&Outputs::p99_latency>("99th percentile of the time in the system; absent where the queue grows without end"),
            port<&Outputs::p99_wait>("99th percentile of the wait; absent where the queue grows without end"),
            port<&Outputs::queue_utilization>("share of server time in use", fraction),
            port<&Outputs::waiting_probability>("share of requests that wait", fraction),
            port<&Outputs::is_stable>("whether the queue stays finite"),
            port<&Outputs::highest_stable_rate>("arrivals below which the queue stays finite"),
            port<&Outputs::slo_headroom_ratio>("99th percentile of the wait over five service times; above 1 the budget is spent",
                                               non_negative));

  static constexpr auto limits =
      ironlaw::limits(hard<&Inputs::arrival_rate, &Outputs::highest_stable_rate>(
                          "tail latency: saturation", "arrivals must stay below capacity", "lambda < c / s"),
                      soft<&Outputs::p99_latency, &Inputs::latency_target>(
                          "tail latency", "the 99th percentile must meet its target", "p99 <= target"));

  static Outputs solve(const Inputs& in) {
    const RequestRate capacity = in.replicas * units::request / in.service_time;
    Outputs out{};
    out.is_stable = in.arrival_rate < capacity;
    // Stability needs strictly less, so the wall stands just below capacity.
    out.highest_stable_rate = RequestRate::from_value(std::nextafter(capacity.value(), 0.0));
    if (!out.is_stable) {
      out.queue_utilization = out.waiting_probability = out.slo_headroom_ratio = 1;
      return out;
    }
    const auto q = queue(in);
    out.p99_wait = equations::wait_quantile(q, 0.99);
    const bool sojourn = in.quantiles == Quantiles::sojourn;
    out.p50_latency = sojourn ? equations::sojourn_quantile(q, 0.5) : equations::wait_quantile(q, 0.5) + in.service_time;
    out.p99_latency = sojourn ? equations::sojourn_quantile(q, 0.99) : *out.p99_wait + in.service_time;
    out.queue_utilization = in.arrival_rate / capacity;
    out.waiting_probability = q.waiting;
    out.slo_headroom_ratio = *out.p99_wait / (waits_allowed * in.service_time);
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("queue_utilization", "min(lambda * s / c, 1)",
           {{"lambda", in.arrival_rate}, {"s", in.service_time}, {"c", in.replicas}}, out.queue_utilization);
    w.step("highest_stable_rate", "c / s", {{"c", in.replicas}, {"s", in.service_time}}, out.highest_stable_rate);
    w.step("waiting_probability", "B_c / (1 - rho * (1 - B_c)), B_i = a * B_{i-1} / (i + a * B_{i-1})",
           {{"a", in.arrival_rate * in.service_time}, {"c", in.replicas}, {"rho", out.queue_utilization}},
           out.waiting_probability, "Erlang 1917");
    w.step("slo_headroom_ratio", "w99 / (5 * s)", {{"w99", out.p99_wait}, {"s", in.service_time}}, out.slo_headroom_ratio);
    if (!out.is_stable) {
      w.note("Arrivals reach the capacity: the queue grows without end and has no quantiles.");
      return;
    }
    const auto q = queue(in);
    w.step("p99_wait", "max(0, ln(C / 0.01) / r)", {{"C", q.waiting}, {"r", q.drain}}, out.p99_wait, "Allen 1990");
    const bool sojourn = in.quantiles == Quantiles::sojourn;
    const std::string_view equation = sojourn ? "P(wait + service > t) = 1 - level" : "max(0, ln(C / (1 - level)) / r) + s";
    const std::string_view source = sojourn ? "Gross 2008; Tijms 1994" : "Lee & Longton 1959";
    w.step("p50_latency", equation, {{"level", 0.5}, {"C", q.waiting}, {"r", q.drain}, {"s", in.service_time}}, out.p50_latency,
           source);
    w.step("p99_latency", equation, {{"level", 0.99}, {"C", q.waiting}, {"r", q.drain}, {"s", in.service_time}}, out.p99_latency,
           source);
  }

 private:
  static constexpr double waits_allowed = 5;  ///< service times that a request may wait

  static equations::Queue queue(const Inputs& in) {
    return equations::queue_of(in.arrival_rate / units::request, in.service_time, in.replicas, in.service_time_cv);
  }
};

}  // namespace ironlaw::serving
