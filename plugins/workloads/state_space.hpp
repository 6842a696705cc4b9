#pragma once
#include "language_head.hpp"

namespace ironlaw::workloads {

/// A selective state space model (Mamba): a recurrent state of fixed size in place of a cache.
struct StateSpace {
  static constexpr auto about =
      Kind::About{"state_space", "selective state space model (Mamba): a fixed state instead of a cache"};
  using Interface = Workload;

  struct Fields {
    double parameters = required;
    int layers = required;
    int hidden_size = required;
    int state_size = required;
    int expansion = 2;
    int convolution_width = 4;
    Maybe<int> vocabulary_size;
    Maybe<Operations> operations;
    Precision state_precision = Precision::fp32;
    Maybe<double> activation_elements;
  };
  static constexpr auto fields =
      ports(port<&Fields::parameters>("parameters in all", positive), port<&Fields::layers>("layers of the stack", at_least_one),
            port<&Fields::hidden_size>("width of the residual stream", at_least_one),
            port<&Fields::state_size>("state elements a channel", at_least_one),
            port<&Fields::expansion>("inner width over hidden_size", at_least_one),
            port<&Fields::convolution_width>("tokens that the convolution sees", at_least_one),
            port<&Fields::vocabulary_size>("rows of the embedding, which input and output share", at_least_one),
            port<&Fields::operations>("products with weights for one token", positive).display("GFLOP"),
            port<&Fields::state_precision>("number format that the recurrent state is kept in"),
            port<&Fields::activation_elements>("activations written and read back for one token, in all layers", positive));

  class Made final : public Workload {
   public:
    Made(const Fields& f, std::string_view name)
        : Workload(name), f_(f), head_(f.parameters, f.vocabulary_size, f.hidden_size, 1) {}

   private:
    Demand do_demand(const Conditions& c) const override {
      const double tokens = c.batch * c.new_tokens;
      const double channels = static_cast<double>(f_.layers) * f_.expansion * f_.hidden_size;
      Demand d;
      d.linear = f_.operations ? tokens * *f_.operations : head_.linear(tokens);
      if (!f_.operations) d.logits = head_.logits(c, tokens);
      // The scan multiplies no weights, so it stands beside the linear part, where attention has its scores.
      d.attention = 9 * channels * f_.state_size * tokens * units::flop;
      d.weights_resident = stored(f_.parameters, c.weights);
      d.weights_read = d.weights_resident;
      if (f_.activation_elements) d.activations = moved(*f_.activation_elements * tokens, c.activations);
      if (c.phase != Phase::training)
        d.state = stored(c.batch * channels * f_.state_size, f_.state_precision) +
                  stored(c.batch * channels * (f_.convolution_width - 1), c.cache);
      d.hidden_state = stored(tokens * f_.hidden_size, c.activations);
      d.launches = f_.layers;
      return d;
    }
    WorkUnit do_unit() const noexcept override { return WorkUnit::token; }
    Maybe<double> do_parameters() const noexcept override { return f_.parameters; }

    Fields f_;
    LanguageHead head_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
