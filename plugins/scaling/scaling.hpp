#pragma once
#include <ironlaw/equations/scaling_laws.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw::scaling {

/// How many parameters and tokens a budget of operations is best spent on.
struct Scaling {
  static constexpr auto about = Solver::About{"scaling", "Parameters and tokens that a budget of operations is best spent on",
                                              "Hoffmann 2022 (Chinchilla); Besiroglu 2024 (refit)"};

  /// parametric_loss: least loss of the fitted law. fixed_ratio: a number of tokens for each parameter.
  enum class Law { parametric_loss, fixed_ratio };

  struct Inputs {
    Maybe<Operations> compute_budget = absent;
    Maybe<Time> accelerator_time = absent;
    const Hardware* hardware = nullptr;
    Precision precision = Precision::fp16;
    Maybe<FlopRate> accelerator_rate = absent;
    double mfu = 0.4;
    Law law = Law::parametric_loss;
    double ratio = 20;
    Maybe<double> target_parameters = absent;
    const Workload* workload = nullptr;
    double sequence_length = 2048;
    Tokens inference_tokens{};
    Maybe<Tokens> unique_tokens = absent;
    equations::LossLaw loss_law{};
    double repetition_decay = equations::Corpus{}.decay;
  };

  struct Outputs {
    double optimal_parameters;
    Tokens optimal_tokens;
    Operations compute;
    Operations training_compute;
    double tokens_per_parameter;
    double loss;
    Tokens effective_tokens;
    Maybe<double> epochs;
  };

  static constexpr auto law_inputs = ports(
      port<&equations::LossLaw::irreducible>("loss that no model gets below, nats a token", non_negative).refinement(),
      port<&equations::LossLaw::parameter_scale>("loss from too few parameters: scale", positive).refinement(),
      port<&equations::LossLaw::token_scale>("loss from too few tokens: scale", positive).refinement(),
      port<&equations::LossLaw::parameter_exponent>("loss from too few parameters: exponent", positive_fraction).refinement(),
      port<&equations::LossLaw::token_exponent>("loss from too few tokens: exponent", positive_fraction).refinement());

  static constexpr auto inputs = ports(
      port<&Inputs::compute_budget>("operations to spend, on training and on inference_tokens", positive).display("FLOP"),
      port<&Inputs::accelerator_time>("the budget as time of one accelerator", positive).display("day"),
      port<&Inputs::hardware>("the accelerator, for accelerator_time").optional(),
      port<&Inputs::precision>("number format whose peak rate counts"),
      port<&Inputs::accelerator_rate>("peak rate of the accelerator, where no hardware is given", positive).display("TFLOP/s"),
      port<&Inputs::mfu>("share of the peak rate that training turns into model operations", positive_fraction),
      port<&Inputs::law>("parametric_loss: least loss of the fitted law; fixed_ratio: ratio tokens for each parameter")
          .refinement(),
      port<&Inputs::ratio>("tokens for each parameter under fixed_ratio", positive),
      port<&Inputs::target_parameters>("a given size: how many tokens the budget pays for", positive),
      port<&Inputs::workload>("a given model: its own operations for each token, attention and output head included").optional(),
      port<&Inputs::sequence_length>("tokens of a training sequence of the given model", at_least_one).whole(),
      port<&Inputs::inference_tokens>("tokens that the model will serve, paid from the same budget", non_negative),
      port<&Inputs::unique_tokens>("tokens in the corpus; more are read again; left out: endless", positive),
      group<&Inputs::loss_law>(law_inputs),
      port<&Inputs::repetition_decay>("epochs after which a repeated token has lost 1 - 1/e of its worth", positive)
          .refinement());

  static constexpr auto outputs =
      ports(port<&Outputs::optimal_parameters>("parameters; the given ones where a size or a model is given"),
            port<&Outputs::optimal_tokens>("tokens to train on"), port<&Outputs::compute>("the whole budget").display("FLOP"),
            port<&Outputs::training_compute>("what is left of it for training").display("FLOP"),
            port<&Outputs::tokens_per_parameter>("tokens over parameters"),
            port<&Outputs::loss>("loss that the fitted law expects, nats a token"),
            port<&Outputs::effective_tokens>("new tokens worth as much as those read"),
            port<&Outputs::epochs>("times that the corpus is read; absent where it is endless"));

  static constexpr auto limits = ironlaw::limits(soft<&Outputs::optimal_tokens, &Inputs::unique_tokens>(
      "complexity", "the corpus must hold the tokens that the budget pays for", "D <= corpus"));

  static constexpr auto rules =
      ironlaw::rules(rule("takes either compute_budget or accelerator_time",
                          [](const Inputs& in) { return in.compute_budget.has_value() != in.accelerator_time.has_value(); }),
                     rule("accelerator_time needs hardware or accelerator_rate",
                          [](const Inputs& in) { return !in.accelerator_time || in.hardware != nullptr || in.accelerator_rate; }),
                     rule("takes target_parameters or a workload, not both",
                          [](const Inputs& in) { return !in.target_parameters || in.workload == nullptr; }),
                     rule("inference_tokens needs law = parametric_loss, target_parameters or a workload", [](const Inputs& in) {
                       return in.inference_tokens == Tokens{} || in.law == Law::parametric_loss || in.target_parameters ||
                              in.workload != nullptr;
                     }));

  static Outputs solve(const Inputs& in) {
    const Operations budget = budget_of(in);
    const Model model = model_of(in, budget);
    Outputs out{};
    out.optimal_parameters = model.parameters;
    out.compute = budget;
    out.training_compute = budget - served_tokens(in) * model.operations_per_token / forward_passes;
    out.optimal_tokens = tokens_for(in, out.training_compute, model);
    const double tokens = ironlaw::in(out.optimal_tokens, units::token);
    const equations::Corpus corpus = corpus_of(in);
    const double worth = corpus.worth(tokens);
    out.tokens_per_parameter = tokens / model.parameters;
    out.effective_tokens = worth * units::token;
    out.loss = in.loss_law.loss(model.parameters, worth);
    if (corpus.unique) out.epochs = tokens / *corpus.unique;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w);

 private:
  static constexpr double forward_passes = 3;  ///< that training a token costs as much as

  struct Model {
    double parameters;
    Operations operations_per_token;  ///< of training
  };

  static double served_tokens(const Inputs& in) { return ironlaw::in(in.inference_tokens, units::token); }
  static FlopRate rate_of(const Inputs& in) {
    return in.hardware != nullptr ? in.hardware->peak_rate(in.precision) : *in.accelerator_rate;
  }
  static Operations budget_of(const Inputs& in) {
    return in.compute_budget ? *in.compute_budget : *in.accelerator_time * rate_of(in) * in.mfu;
  }
  static equations::Corpus corpus_of(const Inputs& in) {
    return {Maybe<double>::from_cell(in.unique_tokens.cell()), in.repetition_decay};
  }
  static double law_optimum(const Inputs& in, double budget) {
    if (in.law == Law::fixed_ratio) return std::sqrt(budget / (equations::training_operations_per_parameter * in.ratio));
    if (in.inference_tokens == Tokens{} && !in.unique_tokens) return equations::optimal_parameters(in.loss_law, budget);
    return equations::optimal_parameters(in.loss_law, budget, served_tokens(in), corpus_of(in));
  }
  static Model given_model(const Inputs& in) {
    if (in.workload->unit() != WorkUnit::token) throw Unsupported(in.workload->name(), "it is not trained on tokens");
    const auto parameters = in.workload->parameters();
    if (!parameters) throw MissingData(in.workload->name(), "number of parameters");
    const Demand d = in.workload->demand({.phase = Phase::training, .new_tokens = in.sequence_length});
    return {*parameters, forward_passes * (d.linear + d.logits + d.attention) / in.sequence_length};
  }
  static Model model_of(const Inputs& in, Operations budget) {
    if (in.workload != nullptr) return given_model(in);
    const double parameters = in.target_parameters ? *in.target_parameters : law_optimum(in, ironlaw::in(budget, units::flop));
    return {parameters, equations::training_operations_per_parameter * parameters * units::flop};
  }
  static Tokens tokens_for(const Inputs& in, Operations training, const Model& model) {
    if (training <= Operations{})
      throw DomainError(in.compute_budget ? "compute_budget" : "accelerator_time",
                        "does not even pay for inference_tokens of this model; allowed: more, or fewer inference_tokens");
    return static_cast<double>(training / model.operations_per_token) * units::token;
  }
};

inline void Scaling::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Model model = model_of(in, out.compute);
  if (in.accelerator_time) {
    w.step("compute", "t * peak * mfu", {{"t", in.accelerator_time}, {"peak", rate_of(in)}, {"mfu", in.mfu}}, out.compute);
  } else {
    w.step("compute", "C", {{"C", in.compute_budget}}, out.compute);
  }
  if (in.workload != nullptr || in.target_parameters) {
    w.step("optimal_parameters", "given", {}, out.optimal_parameters);
  } else if (in.law == Law::fixed_ratio) {
    w.step("optimal_parameters", "sqrt(C / (6 * r))", {{"C", out.compute}, {"r", in.ratio}}, out.optimal_parameters,
           "Hoffmann 2022");
  } else if (in.inference_tokens == Tokens{} && !in.unique_tokens) {
    w.step("optimal_parameters", "(alpha * A / (beta * B))^(1 / (alpha + beta)) * (C / 6)^(beta / (alpha + beta))",
           {{"A", in.loss_law.parameter_scale},
            {"B", in.loss_law.token_scale},
            {"alpha", in.loss_law.parameter_exponent},
            {"beta", in.loss_law.token_exponent},
            {"C", out.compute}},
           out.optimal_parameters, "Hoffmann 2022 (approach 3); Besiroglu 2024");
  } else {
    w.step("optimal_parameters", "N where d loss / d N = 0, with 6 * N * D + 2 * N * served = C",
           {{"C", out.compute}, {"served", in.inference_tokens}, {"unique", in.unique_tokens}}, out.optimal_parameters,
           "Sardana 2023; Muennighoff 2023");
  }
  w.step("training_compute", "C - served * F / 3",
         {{"C", out.compute}, {"served", served_tokens(in)}, {"F", model.operations_per_token}}, out.training_compute,
         "Sardana 2023");
  w.step("optimal_tokens", "training / F", {{"training", out.training_compute}, {"F", model.operations_per_token}},
         out.optimal_tokens, "Kaplan 2020");
  w.step("tokens_per_parameter", "D / N", {{"D", out.optimal_tokens}, {"N", out.optimal_parameters}}, out.tokens_per_parameter);
  if (in.unique_tokens) {
    w.step("epochs", "D / U", {{"D", out.optimal_tokens}, {"U", in.unique_tokens}}, out.epochs);
    w.step("effective_tokens", "U * (1 + R * (1 - exp(-(epochs - 1) / R))) above one epoch",
           {{"U", in.unique_tokens}, {"R", in.repetition_decay}, {"epochs", out.epochs}}, out.effective_tokens,
           "Muennighoff 2023");
  } else {
    w.step("effective_tokens", "D", {{"D", out.optimal_tokens}}, out.effective_tokens);
  }
  w.step("loss", "E + A / N^alpha + B / D^beta",
         {{"E", in.loss_law.irreducible}, {"N", out.optimal_parameters}, {"D", out.effective_tokens}}, out.loss,
         "Besiroglu 2024");
}

}  // namespace ironlaw::scaling
