#pragma once
#include <ironlaw/equations/privacy.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>
#include <string>

#include "fairness.hpp"

namespace ironlaw::responsible {

/// What a promise of privacy and fairness to a rare group cost a training run in time and data.
struct Responsible {
  static constexpr auto about = Solver::About{"responsible", "Noise, time and data that privacy and fairness take in training",
                                              "Abadi 2016 (DP-SGD); Dong 2022 and Bu 2020 (Gaussian accounting)"};

  /// derived: accounting of the training schedule, and binomial sample sizes. rule_of_thumb: 1 + 2 / epsilon, 1 / prevalence.
  enum class Estimate { derived, rule_of_thumb };
  /// gaussian: the limit of many steps, slightly optimistic. renyi: a bound that certainly holds.
  enum class Accountant { gaussian, renyi };

  struct Inputs {
    Time base_training_time = required;
    double epsilon = 1;
    double delta = 1e-5;
    double min_subgroup_prevalence = 0.01;
    Estimate estimate = Estimate::derived;
    Accountant accountant = Accountant::gaussian;
    Maybe<double> training_samples = absent;
    Maybe<double> batch_size = absent;
    Maybe<double> epochs = absent;
    double per_sample_gradient_cost = 1;
    Maybe<double> gradient_noise_scale = absent;
    Maybe<double> privacy_noise_scale = absent;
    Maybe<double> subgroup_samples = absent;
    Maybe<double> error_rate = absent;
    Maybe<double> detectable_gap = absent;
    double confidence = 0.95;
    Maybe<Time> deadline = absent;
  };

  struct Outputs {
    Maybe<double> dp_slowdown_factor;
    Maybe<Time> effective_training_time;
    double fairness_data_ratio;
    Maybe<double> noise_multiplier;
    Maybe<double> sampling_rate;
    Maybe<double> steps;
    Maybe<double> extra_steps_factor;
    Maybe<double> needed_subgroup_samples;
    Maybe<double> needed_samples;
  };

  static constexpr Range open_fraction{0, 1 - 1e-12, true};

  static constexpr auto inputs = ports(
      port<&Inputs::base_training_time>("time of training without privacy", non_negative),
      port<&Inputs::epsilon>("privacy loss that is promised", positive),
      port<&Inputs::delta>("probability that the promise fails", open_fraction),
      port<&Inputs::min_subgroup_prevalence>("share of the rarest group in the data", positive_fraction),
      port<&Inputs::estimate>("derived: from the training schedule; rule_of_thumb: 1 + 2 / epsilon and 1 / prevalence").parity(),
      port<&Inputs::accountant>("gaussian: limit of many steps; renyi: certain bound, with a little more noise").refinement(),
      port<&Inputs::training_samples>("samples in the training data", at_least_one).whole(),
      port<&Inputs::batch_size>("samples of a step, on average", at_least_one),
      port<&Inputs::epochs>("times that the data are read", positive),
      port<&Inputs::per_sample_gradient_cost>("time of a step with a gradient for each sample over that without", positive)
          .refinement(),
      port<&Inputs::gradient_noise_scale>(
          "batch at which gradient noise equals the gradient: trace of covariance over its square", non_negative)
          .refinement(),
      port<&Inputs::privacy_noise_scale>("trained parameters * clipping norm^2 over the squared gradient", non_negative)
          .refinement(),
      port<&Inputs::subgroup_samples>("samples that the rarest group needs", at_least_one).whole(),
      port<&Inputs::error_rate>("error rate of the model, for detectable_gap", open_fraction),
      port<&Inputs::detectable_gap>("difference of the group's error rate that has to show", positive_fraction),
      port<&Inputs::confidence>("probability, one-sided, with which the samples suffice", Range{0.5, 1 - 1e-9, true})
          .refinement(),
      port<&Inputs::deadline>("most that training with privacy may take", positive).display("day"));

  static constexpr auto outputs = ports(
      port<&Outputs::dp_slowdown_factor>("time with privacy over time without; absent unless both noise scales are given"),
      port<&Outputs::effective_training_time>("time of training with privacy; absent likewise"),
      port<&Outputs::fairness_data_ratio>("samples of everybody for each one of the rarest group"),
      port<&Outputs::noise_multiplier>("deviation of the noise over the clipping norm; absent under rule_of_thumb"),
      port<&Outputs::sampling_rate>("share of the data in a step; absent under rule_of_thumb", fraction),
      port<&Outputs::steps>("steps of the schedule; absent under rule_of_thumb"),
      port<&Outputs::extra_steps_factor>(
          "steps to the same loss over those without noise; absent unless both noise scales are given"),
      port<&Outputs::needed_subgroup_samples>("samples of the rarest group; absent without subgroup_samples or detectable_gap"),
      port<&Outputs::needed_samples>("samples of everybody that hold them; absent likewise"));

  static constexpr auto limits =
      ironlaw::limits(soft<&Outputs::effective_training_time, &Inputs::deadline>(
                          "safety", "training with privacy must end in time", "k(epsilon) * T <= deadline"),
                      soft<&Outputs::needed_samples, &Inputs::training_samples>(
                          "safety: fairness", "the data must hold enough of the rarest group", "N(p, n) <= samples"));

  static constexpr auto rules = ironlaw::rules(
      rule("base_training_time must be above 0",
           [](const Inputs& in) { return in.estimate == Estimate::rule_of_thumb || in.base_training_time > Time{}; }),
      rule("estimate = derived needs training_samples, batch_size and epochs",
           [](const Inputs& in) {
             return in.estimate == Estimate::rule_of_thumb || (in.training_samples && in.batch_size && in.epochs);
           }),
      rule("batch_size must not exceed training_samples",
           [](const Inputs& in) { return !in.batch_size || !in.training_samples || *in.batch_size <= *in.training_samples; }),
      rule("gradient_noise_scale and privacy_noise_scale need each other",
           [](const Inputs& in) { return in.gradient_noise_scale.has_value() == in.privacy_noise_scale.has_value(); }),
      rule("detectable_gap and error_rate need each other",
           [](const Inputs& in) { return in.error_rate.has_value() == in.detectable_gap.has_value(); }),
      rule("takes subgroup_samples or detectable_gap, not both",
           [](const Inputs& in) { return !in.subgroup_samples || !in.detectable_gap; }));

  static Outputs solve(const Inputs& in) { return in.estimate == Estimate::derived ? derived(in) : by_rule_of_thumb(in); }
  static void explain(const Inputs& in, const Outputs& out, Working& w);

 private:
  static constexpr double least_epsilon = 0.01;  ///< of the rules of thumb
  static constexpr double least_prevalence = 1e-6;

  static Outputs by_rule_of_thumb(const Inputs& in) {
    Outputs out{};
    out.dp_slowdown_factor = 1 + 2 / std::max(in.epsilon, least_epsilon);
    out.effective_training_time = *out.dp_slowdown_factor * in.base_training_time;
    out.fairness_data_ratio = 1 / std::max(in.min_subgroup_prevalence, least_prevalence);
    return out;
  }

  static double noise(const Inputs& in, const equations::PrivateSchedule& schedule) {
    if (in.accountant == Accountant::gaussian)
      return equations::gaussian_noise(schedule, equations::gaussian_privacy_of(in.epsilon, in.delta));
    const double least = -std::log(in.delta) / (equations::renyi_order - 1);
    if (in.epsilon <= least)
      throw DomainError("epsilon", "is too small for the Renyi bound at this delta; allowed: above " + std::to_string(least));
    return equations::renyi_noise(schedule, in.epsilon, in.delta);
  }
  /// Steps grow with the batch that noise would drown (McCandlish 2018), and private noise adds to what the samples bring.
  static double extra_steps(const Inputs& in, double sigma) {
    const double batch = *in.batch_size;
    const double plain = *in.gradient_noise_scale;
    const double noisy = plain + *in.privacy_noise_scale * sigma * sigma / batch;
    return (1 + noisy / batch) / (1 + plain / batch);
  }
  static void size_subgroup(const Inputs& in, Outputs& out) {
    out.fairness_data_ratio = 1 / in.min_subgroup_prevalence;
    out.needed_subgroup_samples = in.subgroup_samples;
    if (in.detectable_gap) out.needed_subgroup_samples = samples_for_gap(*in.error_rate, *in.detectable_gap, in.confidence);
    if (!out.needed_subgroup_samples) return;
    out.needed_samples = samples_for_group(*out.needed_subgroup_samples, in.min_subgroup_prevalence, in.confidence);
    out.fairness_data_ratio = *out.needed_samples / *out.needed_subgroup_samples;
  }
  static Outputs derived(const Inputs& in) {
    Outputs out{};
    out.sampling_rate = *in.batch_size / *in.training_samples;
    out.steps = *in.epochs / *out.sampling_rate;
    out.noise_multiplier = noise(in, {*out.sampling_rate, *out.steps});
    if (in.gradient_noise_scale) {
      out.extra_steps_factor = extra_steps(in, *out.noise_multiplier);
      out.dp_slowdown_factor = in.per_sample_gradient_cost * *out.extra_steps_factor;
      out.effective_training_time = *out.dp_slowdown_factor * in.base_training_time;
    }
    size_subgroup(in, out);
    return out;
  }
  static void explain_noise(const Inputs& in, const Outputs& out, Working& w);
  static void explain_subgroup(const Inputs& in, const Outputs& out, Working& w);
};

inline void Responsible::explain_noise(const Inputs& in, const Outputs& out, Working& w) {
  w.step("sampling_rate", "B / samples", {{"B", in.batch_size}, {"samples", in.training_samples}}, out.sampling_rate);
  w.step("steps", "epochs / q", {{"epochs", in.epochs}, {"q", out.sampling_rate}}, out.steps);
  if (in.accountant == Accountant::gaussian) {
    const double mu = equations::gaussian_privacy_of(in.epsilon, in.delta);
    w.step("mu", "delta = Phi(-epsilon / mu + mu / 2) - e^epsilon * Phi(-epsilon / mu - mu / 2), solved for mu",
           {{"epsilon", in.epsilon}, {"delta", in.delta}}, mu, "Dong 2022");
    w.step("noise_multiplier", "1 / sqrt(ln(1 + mu^2 / (q^2 * n)))", {{"mu", mu}, {"q", out.sampling_rate}, {"n", out.steps}},
           out.noise_multiplier, "Bu 2020");
  } else {
    w.step("noise_multiplier", "least sigma with min over orders of n * D(order) + ln(1 / delta) / (order - 1) <= epsilon",
           {{"epsilon", in.epsilon}, {"delta", in.delta}, {"q", out.sampling_rate}, {"n", out.steps}}, out.noise_multiplier,
           "Mironov, Talwar & Zhang 2019");
  }
  if (out.extra_steps_factor)
    w.step("extra_steps_factor", "(1 + (B_noise + V * sigma^2 / B) / B) / (1 + B_noise / B)",
           {{"B_noise", in.gradient_noise_scale},
            {"V", in.privacy_noise_scale},
            {"sigma", out.noise_multiplier},
            {"B", in.batch_size}},
           out.extra_steps_factor, "McCandlish 2018");
}

inline void Responsible::explain_subgroup(const Inputs& in, const Outputs& out, Working& w) {
  if (in.detectable_gap)
    w.step("needed_subgroup_samples", "2 * z^2 * r * (1 - r) / h^2",
           {{"z", equations::normal_quantile(in.confidence)}, {"r", in.error_rate}, {"h", in.detectable_gap}},
           out.needed_subgroup_samples);
  if (!out.needed_samples)
    return w.step("fairness_data_ratio", "1 / p", {{"p", in.min_subgroup_prevalence}}, out.fairness_data_ratio);
  if (in.subgroup_samples) w.step("needed_subgroup_samples", "given", {}, out.needed_subgroup_samples);
  w.step(
      "needed_samples", "((z * sqrt(p * (1 - p)) + sqrt(z^2 * p * (1 - p) + 4 * p * n)) / (2 * p))^2",
      {{"z", equations::normal_quantile(in.confidence)}, {"p", in.min_subgroup_prevalence}, {"n", out.needed_subgroup_samples}},
      out.needed_samples, "binomial tail, normal approximation");
  w.step("fairness_data_ratio", "N / n", {{"N", out.needed_samples}, {"n", out.needed_subgroup_samples}},
         out.fairness_data_ratio);
}

inline void Responsible::explain(const Inputs& in, const Outputs& out, Working& w) {
  if (in.estimate == Estimate::rule_of_thumb) {
    w.step("dp_slowdown_factor", "1 + 2 / max(epsilon, 0.01)", {{"epsilon", in.epsilon}}, out.dp_slowdown_factor,
           "a fit to reported slowdowns");
    w.step("fairness_data_ratio", "1 / max(p, 1e-6)", {{"p", in.min_subgroup_prevalence}}, out.fairness_data_ratio);
  } else {
    explain_noise(in, out, w);
    if (out.dp_slowdown_factor)
      w.step("dp_slowdown_factor", "cost * extra steps",
             {{"cost", in.per_sample_gradient_cost}, {"extra steps", out.extra_steps_factor}}, out.dp_slowdown_factor);
    explain_subgroup(in, out, w);
  }
  if (out.effective_training_time)
    w.step("effective_training_time", "k * T", {{"k", out.dp_slowdown_factor}, {"T", in.base_training_time}},
           out.effective_training_time);
}

}  // namespace ironlaw::responsible
