#pragma once
// Queues of equal servers with Poisson arrivals, and batches that decode together (Erlang 1917, Allen 1990, Tijms 1994, Kelly
// 1979).
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::equations {

/// Blocking probability with one server more, from that with one server less; 1 with none. `load` is arrival rate times service
/// time.
constexpr double erlang_b(double blocking_before, double load, double servers) {
  return load * blocking_before / (servers + load * blocking_before);
}
/// Probability that an arrival waits, from the blocking probability of as many servers; needs load < servers.
constexpr double erlang_c(double blocking, double load, double servers) {
  return blocking / (1 - load / servers * (1 - blocking));
}
/// The same, from the start.
constexpr double erlang_c(double load, double servers) {
  double blocking = 1;
  for (double i = 1; i <= servers; ++i) blocking = erlang_b(blocking, load, i);
  return erlang_c(blocking, load, servers);
}

/// How much longer a queue gets than with exponential times: exact for one server with independent arrivals, else by Allen &
/// Cunneen.
constexpr double variability(double arrival_cv, double service_cv) {
  return (arrival_cv * arrival_cv + service_cv * service_cv) / 2;
}

/// A stable queue: who waits, waits an exponential time.
struct Queue {
  Time service;       ///< mean
  double service_cv;  ///< standard deviation over mean
  double waiting;     ///< probability that an arrival waits
  Rate drain;         ///< one over the mean wait of those who wait
};

/// Exact for exponential service; otherwise the wait scales as in Allen-Cunneen. Needs arrivals * service < servers.
inline Queue queue_of(Rate arrivals, Time service, double servers, double service_cv, double waiting) {
  const Rate spare = servers / service - arrivals;
  return {service, service_cv, waiting, spare * 2.0 / (1 + service_cv * service_cv)};
}
inline Queue queue_of(Rate arrivals, Time service, double servers, double service_cv) {
  return queue_of(arrivals, service, servers, service_cv, erlang_c(static_cast<double>(arrivals * service), servers));
}

/// Wait that the share `level` of arrivals does not exceed.
inline Time wait_quantile(const Queue& q, double level) {
  const double beyond = 1 - level;
  return q.waiting < beyond ? Time{} : std::log(q.waiting / beyond) / q.drain;
}

/// Probability that wait and exponential service of mean `service` together exceed t; exact for M/M/c.
inline double exceeds_with_exponential_service(const Queue& q, Time service, Time t) {
  const double served = static_cast<double>(t / service);
  const double drained = static_cast<double>(t * q.drain);
  const double gap = std::abs(drained - served);
  const double mean_of_exponentials = gap < 1e-12 ? 1 : -std::expm1(-gap) / gap;
  return std::exp(-served) + q.waiting * served * std::exp(-std::min(served, drained)) * mean_of_exponentials;
}

/// One kind of request of a service time with given mean and variation: a constant part and an exponential one.
struct ServiceBranch {
  double probability;
  Time constant;
  Time exponential;
};
/// Two moments of a service time as branches: constant plus exponential up to a variation of 1, above it two exponentials with
/// balanced means (Tijms 1994). Exact at variations of 0 and 1.
inline std::array<ServiceBranch, 2> service_branches(Time mean, double cv) {
  if (cv <= 1) return {{{1, (1 - cv) * mean, cv * mean}, {0, Time{}, mean}}};
  const double square = cv * cv;
  const double often = (1 + std::sqrt((square - 1) / (square + 1))) / 2;
  return {{{often, Time{}, mean / (2 * often)}, {1 - often, Time{}, mean / (2 * (1 - often))}}};
}

/// Probability that wait and service together exceed t.
inline double sojourn_exceeds(const Queue& q, Time t) {
  double sum = 0;
  for (const ServiceBranch& b : service_branches(q.service, q.service_cv)) {
    if (b.probability == 0) continue;
    sum += b.probability * (t <= b.constant ? 1 : exceeds_with_exponential_service(q, b.exponential, t - b.constant));
  }
  return sum;
}

/// Time in the system that the share `level` of arrivals does not exceed, by false position on the logarithm of the tail, which
/// is nearly straight (Illinois variant).
inline Time sojourn_quantile(const Queue& q, double level) {
  if (q.service_cv == 0) return q.service + wait_quantile(q, level);
  const auto excess = [&](Time t) { return std::log(sojourn_exceeds(q, t) / (1 - level)); };
  Time low{};
  double above = -std::log(1 - level);
  Time high = q.service + wait_quantile(q, level);
  double below = excess(high);
  while (below > 0) {
    low = high;
    above = below;
    high *= 2.0;
    below = excess(high);
  }
  Time t = high;
  for (int i = 0, side = 0; i < 100; ++i) {
    const Time before = t;
    t = std::isfinite(below) ? high - below / (below - above) * (high - low) : (low + high) / 2.0;
    const double at = excess(t);
    if (at == 0 || std::abs((t - before).value()) <= 1e-15 * t.value()) break;
    if (at > 0) {
      low = t;
      above = at;
      if (side > 0) below /= 2;
      side = 1;
    } else {
      high = t;
      below = at;
      if (side < 0) above /= 2;
      side = -1;
    }
  }
  return t;
}

/// Requests in flight where a step with B of them takes fixed + each * B: negative binomial whatever the lengths (Kelly 1979,
/// Bonald & Proutiere 2003).
struct SharedSteps {
  double load;   ///< arrivals * tokens * each; stable below 1
  double shape;  ///< 1 + fixed / each

  [[nodiscard]] double mean() const { return shape * load / (1 - load); }
  /// Probability of exactly k in flight.
  [[nodiscard]] double probability(double k) const {
    if (load == 0) return k == 0 ? 1 : 0;
    return std::exp(std::lgamma(shape + k) - std::lgamma(shape) - std::lgamma(k + 1) + shape * std::log1p(-load) +
                    k * std::log(load));
  }
  /// Probability of more than k in flight, summed on the side of k away from the mean.
  [[nodiscard]] double exceeds(double k) const {
    if (k < mean()) {
      double below = 0;
      double term = probability(k);
      for (double i = k; i >= 0 && term > 0; --i) {
        below += term;
        term *= i / (load * (shape + i - 1));
      }
      return std::max(0.0, 1 - below);
    }
    double above = 0;
    double term = probability(k + 1);
    for (double i = k + 1; term > 1e-17 * above && term > 0; ++i) {
      above += term;
      term *= load * (shape + i) / (i + 1);
    }
    return std::min(1.0, above);
  }
};

}  // namespace ironlaw::equations
