#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "serving_engine.hpp"

namespace ironlaw::estimates {

/// What a load is, period by period, and what its users are to see.
struct AutoscalingInputs : ServingGiven, BillInputs {
  using Given = ServingGiven;
  Series<RequestRate> request_rate;
  Series<double> prompt_tokens;
  Series<double> output_tokens;
  Series<double> prompt_variation;
  Series<double> output_variation;
  Series<double> arrival_variation;
  Series<double> prefix_hit_rate;
  Time period = 1.0 * units::hour;
  Maybe<Time> ttft;
  Maybe<Time> ttft_p99;
  Maybe<Time> tpot;
  Maybe<Time> tpot_p99;
  Maybe<Time> request_latency;
  double most_load = 0.9;
  double least_replicas = 1;
  double most_replicas = 1000;
  Time start_time = 300.0 * units::second;
};

/// As many replicas in each period of a load as its targets need, and what that costs beside a fleet that stays as large as the
/// busiest period needs it.
struct Autoscaling {
  static constexpr std::uint32_t longest = 8784;  ///< hours of a leap year
  static constexpr auto about = Solver::About{
      "autoscaling", "Replicas of a serving engine period by period of a load, their cost, and that of a fixed fleet",
      "serving_engine, asked for each period; the least count that keeps to the targets"};
  using Given = ServingGiven;
  using Inputs = AutoscalingInputs;
  using Facts = ServingFacts;
  struct Outputs {
    double peak_replicas = 0;
    double mean_replicas = 0;
    double starts = 0;
    double missed_periods = 0;
    double most_missed_periods = 0;
    double devices = 0;
    Time duration{};
    Maybe<Money> cost;
    Maybe<Money> fixed_cost;
    Maybe<double> saving;
    Maybe<Energy> energy;
    Maybe<Energy> fixed_energy;
    Maybe<Carbon> carbon;
    Maybe<Carbon> fixed_carbon;
    Maybe<MoneyPerToken> cost_per_output_token;
    Maybe<Time> worst_ttft;
    Maybe<Time> worst_tpot;
    double longest_request = 0;
    Maybe<double> context_length;
    Information weights_per_device{};
    Information usable_memory{};
    SeriesOut<double, longest> replicas;
    SeriesOut<Time, longest> mean_ttft;
    SeriesOut<Time, longest> mean_tpot;
  };
  static constexpr auto inputs = ports(
      port<&Inputs::request_rate>("that arrive in each period; 0 where none does", non_negative)
          .over("period")
          .length(1, longest)
          .display("request/s"),
      port<&Inputs::prompt_tokens>("mean tokens of a prompt", at_least_one).over("period"),
      port<&Inputs::output_tokens>("mean tokens of an answer", at_least_one).over("period"),
      port<&Inputs::prompt_variation>("deviation over mean of prompt lengths; left out: all alike", between(0, 5))
          .over("period")
          .refinement()
          .optional(),
      port<&Inputs::output_variation>("deviation over mean of answer lengths; left out: all alike", between(0, 5))
          .over("period")
          .refinement()
          .optional(),
      port<&Inputs::arrival_variation>("deviation over mean of the times between arrivals; left out: 1, Poisson",
                                       between(0.1, 10))
          .over("period")
          .refinement()
          .optional(),
      port<&Inputs::prefix_hit_rate>("share of a prompt's tokens that the cache already holds; left out: none", between(0, 0.99))
          .over("period")
          .refinement()
          .optional(),
      port<&Inputs::period>("that each value holds for", positive).display("hour"), serving_given, bill_ports,
      port<&Inputs::ttft>("mean time to first token, at most", positive).display("ms"),
      port<&Inputs::ttft_p99>("time to first token that 99 % stay below, at most", positive).display("ms"),
      port<&Inputs::tpot>("mean time per output token, at most", positive).display("ms"),
      port<&Inputs::tpot_p99>("time per output token that 99 % stay below, at most", positive).display("ms"),
      port<&Inputs::request_latency>("mean time of a whole request, at most", positive).refinement().display("s"),
      port<&Inputs::most_load>("share of the capacity that a period's load may take", positive_fraction).refinement(),
      port<&Inputs::least_replicas>("that stay up whatever the load", between(1, 1e5)).whole(),
      port<&Inputs::most_replicas>("that there are at most", between(1, 1e5)).whole(),
      port<&Inputs::start_time>("of a replica that is started, paid before it serves", non_negative).refinement().display("min"));
  static constexpr auto outputs =
      ports(port<&Outputs::peak_replicas>("in the busiest period"), port<&Outputs::mean_replicas>("over all periods"),
            port<&Outputs::starts>("replicas that are started after the first period"),
            port<&Outputs::missed_periods>("in which most_replicas do not keep to the targets"),
            port<&Outputs::most_missed_periods>("0, what that may be"), port<&Outputs::devices>("in the busiest period"),
            port<&Outputs::duration>("of all periods").display("hour"),
            port<&Outputs::cost>("of the replicas that each period needs; absent without a price"),
            port<&Outputs::fixed_cost>("of as many as the busiest period needs, all the time; absent without a price"),
            port<&Outputs::saving>("share of the fixed fleet's cost that scaling saves; absent without a price"),
            port<&Outputs::energy>("of the scaled fleet with its facility; absent without a design power").display("kWh"),
            port<&Outputs::fixed_energy>("of the fixed fleet; absent without a design power").display("kWh"),
            port<&Outputs::carbon>("of that energy; absent without a grid"),
            port<&Outputs::fixed_carbon>("of the fixed fleet's; absent without a grid"),
            port<&Outputs::cost_per_output_token>("of the scaled fleet, prompts paid with it; absent without a price")
                .display("USD/Mtoken"),
            port<&Outputs::worst_ttft>("mean of the slowest period; absent where all are missed").display("ms"),
            port<&Outputs::worst_tpot>("mean of the slowest period; absent where all are missed").display("ms"),
            port<&Outputs::longest_request>("mean tokens of prompt and answer, in the period where they are most"),
            port<&Outputs::context_length>("longest context the model was made for; absent: not said"),
            port<&Outputs::weights_per_device>("stored weights").display("GB"),
            port<&Outputs::usable_memory>("memory of a device for weights and cache, by the engine's rule").display("GB"),
            port<&Outputs::replicas>("up in each period").over("period"),
            port<&Outputs::mean_ttft>("in each period; 0 where it is missed").over("period").display("ms"),
            port<&Outputs::mean_tpot>("in each period; 0 where it is missed").over("period").display("ms"));
  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::weights_per_device, &Outputs::usable_memory>("memory", "weights must leave room for cache",
                                                                                  "W <= usable_memory"),
                      hard<&Outputs::longest_request, &Outputs::context_length>(
                          "serving: context", "prompt and answer must fit the model's context", "prompt + output <= context"),
                      hard<&Outputs::missed_periods, &Outputs::most_missed_periods>(
                          "serving: load", "every period must keep to the targets with most_replicas", "missed periods = 0"));
  static constexpr auto rules = ironlaw::rules(rule("least_replicas must be at most most_replicas",
                                                    [](const Inputs& in) { return in.least_replicas <= in.most_replicas; }));

  static Facts facts(const Given& in) { return serving_facts(in); }
  static void solve(const Inputs& in, const Facts& f, Outputs& out);
  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("mean_replicas", "sum of replicas / periods", {{"periods", static_cast<double>(in.request_rate.size())}},
           out.mean_replicas);
    if (out.cost && out.fixed_cost)
      w.step("saving", "1 - cost / fixed_cost", {{"cost", *out.cost}, {"fixed_cost", *out.fixed_cost}}, *out.saving);
  }

 private:
  using Engine = ServingEngine;

  /// The engine's question for a period.
  static Engine::Inputs asked_of(const Inputs& in, std::size_t i) {
    constexpr double hardly_any = 1e-6;  // requests a second of a period without any
    Engine::Inputs x;
    static_cast<ServingGiven&>(x) = in;
    static_cast<BillInputs&>(x) = in;
    const auto at = [&](const Series<double>& series, double otherwise) { return series.empty() ? otherwise : series[i]; };
    x.request_rate = std::max<RequestRate>(in.request_rate[i], hardly_any * units::request / units::second);
    x.prompt_tokens = in.prompt_tokens[i];
    x.output_tokens = in.output_tokens[i];
    x.prompt_variation = at(in.prompt_variation, 0);
    x.output_variation = at(in.output_variation, 0);
    x.arrival_variation = at(in.arrival_variation, 1);
    x.prefix_hit_rate = at(in.prefix_hit_rate, 0);
    return x;
  }
  static bool keeps(const Inputs& in, const Engine::Outputs& y) {
    const auto within = [](const Maybe<Time>& value, const Maybe<Time>& most) { return !most || (value && *value <= *most); };
    return y.ttft && *y.capacity * in.most_load >= y.request_throughput && within(y.ttft, in.ttft) &&
           within(y.ttft_p99, in.ttft_p99) && within(y.tpot, in.tpot) && within(y.tpot_p99, in.tpot_p99) &&
           within(y.request_latency, in.request_latency);
  }
  static Engine::Outputs with(Engine::Inputs& x, const Facts& f, double replicas) {
    x.replicas = replicas;
    return Engine::solve(x, f);
  }
  /// The least count that keeps to the targets; absent where `most_replicas` do not. From a guess outwards, then by halves.
  static Maybe<double> least_count(const Inputs& in, const Facts& f, Engine::Inputs& x, double guess) {
    double low = in.least_replicas - 1;  // does not, or is not asked
    double high = std::clamp(guess, in.least_replicas, in.most_replicas);
    for (double step = 1; !keeps(in, with(x, f, high)); step *= 2) {
      if (high == in.most_replicas) return absent;
      low = high;
      high = std::min(in.most_replicas, high + step);
    }
    while (high - low > 1) {
      const double middle = std::floor((low + high) / 2);
      (keeps(in, with(x, f, middle)) ? high : low) = middle;
    }
    return high;
  }
  /// Adds what `replicas` cost and draw over `time`; nothing where the device does not say.
  struct Sums {
    Maybe<Money> cost;
    Maybe<Energy> energy;
    Maybe<Carbon> carbon;
    void add(const Inputs& in, double devices, const Maybe<Power>& power, Time time) {
      Bill bill;
      bill.add(in, *in.hardware, devices, power);
      const auto sum = [&](auto& to, const auto& rate) {
        if (rate) to = to.has_value() ? *to + *rate * time : *rate * time;
      };
      sum(cost, bill.cost);
      sum(energy, bill.facility);
      sum(carbon, bill.carbon);
    }
  };
};

inline void Autoscaling::solve(const Inputs& in, const Facts& f, Outputs& out) {
  const std::size_t periods = in.request_rate.size();
  std::vector<Engine::Inputs> asked;
  std::vector<double> counts;
  double before = in.least_replicas;
  Tokens answered{};
  const auto worst = [](Maybe<Time>& of, Time t) { of = of ? std::max(*of, t) : t; };
  for (std::size_t i = 0; i < periods; ++i) {
    asked.push_back(asked_of(in, i));
    const double grown = i == 0 || !(in.request_rate[i - 1] > RequestRate{})
                             ? 1
                             : static_cast<double>(in.request_rate[i] / in.request_rate[i - 1]);
    const Maybe<double> found = least_count(in, f, asked[i], std::round(before * grown));
    if (!found) ++out.missed_periods;
    counts.push_back(found.value_or(in.most_replicas));
    if (i > 0) out.starts += std::max(0.0, counts[i] - before);
    before = counts[i];
    out.peak_replicas = std::max(out.peak_replicas, before);
    out.mean_replicas += before / static_cast<double>(periods);
    out.longest_request = std::max(out.longest_request, in.prompt_tokens[i] + in.output_tokens[i]);
    answered += in.request_rate[i] * in.period * (in.output_tokens[i] * units::token / units::request);
  }
  Sums scaled, fixed;
  for (std::size_t i = 0; i < periods; ++i) {
    const Engine::Outputs y = with(asked[i], f, counts[i]);
    const Engine::Outputs all = with(asked[i], f, out.peak_replicas);
    out.replicas.push_back(counts[i]);
    out.mean_ttft.push_back(y.ttft.value_or(Time{}));
    out.mean_tpot.push_back(y.tpot.value_or(Time{}));
    if (y.ttft) worst(out.worst_ttft, *y.ttft);
    if (y.tpot) worst(out.worst_tpot, *y.tpot);
    scaled.add(in, counts[i] * f.devices, y.device_power, in.period);
    fixed.add(in, out.peak_replicas * f.devices, all.device_power, in.period);
    // Who starts takes devices that idle until the period begins.
    if (const double started = i == 0 ? 0 : std::max(0.0, counts[i] - counts[i - 1]); started > 0)
      scaled.add(in, started * f.devices, f.iteration.power.design ? Maybe<Power>(f.iteration.power.idle) : Maybe<Power>(),
                 std::min(in.start_time, in.period));
  }
  out.devices = out.peak_replicas * f.devices;
  out.duration = static_cast<double>(periods) * in.period;
  out.cost = scaled.cost;
  out.fixed_cost = fixed.cost;
  if (scaled.cost && *fixed.cost > Money{}) out.saving = 1 - static_cast<double>(*scaled.cost / *fixed.cost);
  if (scaled.cost && answered > Tokens{}) out.cost_per_output_token = *scaled.cost / answered;
  out.energy = scaled.energy;
  out.fixed_energy = fixed.energy;
  out.carbon = scaled.carbon;
  out.fixed_carbon = fixed.carbon;
  out.context_length = f.context_length;
  out.weights_per_device = f.memory.weights;
  out.usable_memory = f.device.usable();
}

}  // namespace ironlaw::estimates
