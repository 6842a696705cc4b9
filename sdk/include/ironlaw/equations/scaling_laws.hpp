#pragma once
// How loss falls with parameters and tokens, and how to spend a budget of operations on them.
#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::equations {

/// loss(N, D) = irreducible + parameter_scale / N^parameter_exponent + token_scale / D^token_exponent, in nats a token.
/// The values are the refit of Besiroglu 2024 to the runs of Hoffmann 2022.
struct LossLaw {
  double irreducible = 1.8172;
  double parameter_scale = 482.01;
  double token_scale = 2085.43;
  double parameter_exponent = 0.3478;
  double token_exponent = 0.3658;

  [[nodiscard]] double loss(double parameters, double tokens) const {
    return irreducible + parameter_scale / std::pow(parameters, parameter_exponent) +
           token_scale / std::pow(tokens, token_exponent);
  }
};

/// A corpus of `unique` tokens; a token read again is worth less each time (Muennighoff 2023).
struct Corpus {
  Maybe<double> unique{};  ///< absent: no token is ever read twice
  double decay = 15.4;     ///< epochs after which a repeated token has lost 1 - 1/e of its worth

  /// New tokens worth as much as `tokens` read from this corpus.
  [[nodiscard]] double worth(double tokens) const {
    if (!unique || tokens <= *unique) return tokens;
    return *unique * (1 - decay * std::expm1(-(tokens / *unique - 1) / decay));
  }
  /// What one more token adds to the worth.
  [[nodiscard]] double marginal_worth(double tokens) const {
    return !unique || tokens <= *unique ? 1 : std::exp(-(tokens / *unique - 1) / decay);
  }
};

/// Operations a parameter does for a token: two forward, four backward (Kaplan 2020).
inline constexpr double training_operations_per_parameter = 6;
inline constexpr double inference_operations_per_parameter = 2;

/// What a model trained within `budget` operations, serving included, has seen: 6 N D + 2 N served = budget.
inline double tokens_within(double budget, double parameters, double served_tokens) {
  return (budget / parameters - inference_operations_per_parameter * served_tokens) / training_operations_per_parameter;
}

/// Parameters of the lowest loss where nothing is served and nothing is read twice (Hoffmann 2022, approach 3).
inline double optimal_parameters(const LossLaw& law, double budget) {
  const double sum = law.parameter_exponent + law.token_exponent;
  const double ratio = law.parameter_exponent * law.parameter_scale / (law.token_exponent * law.token_scale);
  return std::pow(ratio, 1 / sum) * std::pow(budget / training_operations_per_parameter, law.token_exponent / sum);
}

/// Parameters of the lowest loss where the budget also pays for serving (Sardana 2023) and the corpus is finite. The derivative
/// of the loss changes sign once, so its logarithmic bracket is halved until nothing is left.
inline double optimal_parameters(const LossLaw& law, double budget, double served_tokens, const Corpus& corpus) {
  const auto too_large = [&](double n) {
    const double tokens = tokens_within(budget, n, served_tokens);
    const double gain = law.token_exponent * law.token_scale * std::pow(corpus.worth(tokens), -law.token_exponent - 1) *
                        corpus.marginal_worth(tokens) * budget / (training_operations_per_parameter * n);
    return gain > law.parameter_exponent * law.parameter_scale * std::pow(n, -law.parameter_exponent);
  };
  double high = std::log(
      std::min(budget / training_operations_per_parameter, budget / (inference_operations_per_parameter * served_tokens)));
  double low = high - 70;
  for (double middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2)
    (too_large(std::exp(middle)) ? high : low) = middle;
  return std::exp(low);
}

/// Steps and samples to a given loss grow against each other around a critical batch (McCandlish 2018).
struct CriticalBatch {
  double steps;    ///< least steps, at any batch
  double samples;  ///< least samples, at any number of steps
  [[nodiscard]] double size() const { return samples / steps; }
  [[nodiscard]] double steps_at(double batch) const { return steps * (1 + size() / batch); }
};

}  // namespace ironlaw::equations
