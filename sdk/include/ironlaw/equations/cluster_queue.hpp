#pragma once
// Jobs that queue for a shared cluster.

namespace ironlaw::equations {

/// Probability that a job has to wait for one of `servers`, `load` jobs being in service on average, load < servers (Erlang C).
inline double waiting_probability(double servers, double load) {
  double blocked = 1;  // Erlang B, one server after another
  for (double n = 1; n <= servers; ++n) blocked = load * blocked / (n + load * blocked);
  return blocked / (1 - load / servers * (1 - blocked));
}

/// How much longer a queue gets than with exponential times: exact for one server with independent arrivals, else by Allen &
/// Cunneen.
constexpr double variability(double arrival_cv, double service_cv) {
  return (arrival_cv * arrival_cv + service_cv * service_cv) / 2;
}

}  // namespace ironlaw::equations
