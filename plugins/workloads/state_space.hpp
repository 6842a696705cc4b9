#pragma once
#include <ironlaw/sdk/stack_operators.hpp>

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
    Maybe<int> time_step_rank;
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
            port<&Fields::time_step_rank>("rank of the step's projection; hidden_size / 16 if left out", at_least_one),
            port<&Fields::vocabulary_size>("rows of the embedding, which input and output share", at_least_one),
            port<&Fields::operations>("products with weights for one token", positive).display("GFLOP"),
            port<&Fields::state_precision>("number format that the recurrent state is kept in"),
            port<&Fields::activation_elements>("activations written and read back for one token, in all layers", positive));

  class Made final : public FormWorkload, public Operators {
   public:
    Made(const Fields& f, std::string_view name)
        : FormWorkload(name),
          f_(f),
          head_(f.parameters, f.vocabulary_size, f.hidden_size, 1),
          recurrent_{.form = Recurrence::selective_scan,
                     .layers = static_cast<double>(f.layers),
                     .value_heads = static_cast<double>(f.expansion) * f.hidden_size,
                     .key_size = static_cast<double>(f.state_size),
                     .convolution_width = static_cast<double>(f.convolution_width),
                     .time_step_rank = static_cast<double>(f.time_step_rank.value_or((f.hidden_size + 15) / 16)),
                     .state_bytes = bytes_per_element(f.state_precision)} {}

   private:
    bool form(const Conditions& c, DemandForm& to) const override {
      if (f_.operations) {
        to.linear_per_token = in(*f_.operations, units::flop);
      } else {
        to.linear_per_token = head_.body_per_token();
        (c.phase == Phase::prefill ? to.logits_per_member : to.logits_per_token) = head_.logits_per_token();
      }
      // The scan multiplies no weights, so it stands beside the linear part, where attention has its scores.
      to.attention_per_token = operations_per_state_element(recurrent_.form) * recurrent_.state_elements() * recurrent_.layers;
      to.weights_resident = to.weights_read = f_.parameters * c.formats.bytes(TensorClass::linear);
      if (f_.activation_elements) to.activations_per_token = 2 * *f_.activation_elements;
      to.hidden_per_token = f_.hidden_size;
      to.activation_bytes = c.formats.bytes(TensorClass::activations);
      if (c.phase != Phase::training)
        to.state_per_member =
            recurrent_.layers * (recurrent_.state_elements() + recurrent_.convolution_elements()) * recurrent_.state_bytes;
      to.launches = f_.layers;
      return true;
    }
    void operators(const OperatorConditions& c, OperatorList& list) const override {
      OperatorWriter writer(c, list);
      list_stack({shape(), nullptr, &recurrent_, name()}, writer);
    }
    /// A stack whose every layer is recurrent and nothing else.
    [[nodiscard]] TransformerShape shape() const {
      return {.layers = recurrent_.layers,
              .hidden_size = static_cast<double>(f_.hidden_size),
              .heads = 1,
              .kv_heads = 1,
              .head_size = 1,
              .vocabulary_size = Maybe<double>::from_cell(f_.vocabulary_size.cell()),
              .attention_layers = 0.0,
              .ffn_layers = 0.0};
    }
    const void* do_facet(const FacetKey& key) const override {
      return answer(key, &recurrent_, static_cast<const DemandForms*>(this), static_cast<const Operators*>(this));
    }
    WorkUnit do_unit() const noexcept override { return WorkUnit::token; }
    Maybe<double> do_parameters() const noexcept override { return f_.parameters; }

    Fields f_;
    LanguageHead head_;
    RecurrentLayers recurrent_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
