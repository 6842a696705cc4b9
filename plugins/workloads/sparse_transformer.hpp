#pragma once
#include "transformer.hpp"

namespace ironlaw::workloads {

/// Which experts' weights a pass reads: those that its tokens touch, or all.
enum class ExpertReads { touched, all };

/// A transformer whose feed-forward blocks are routed experts.
struct SparseTransformer {
  static constexpr auto about = Kind::About{"sparse_transformer", "transformer with routed experts (mixture of experts)"};
  using Interface = Workload;

  struct Fields : StackFields {
    double active_parameters = required;
    int experts = required;
    int active_experts = required;
    Maybe<int> expert_layers;
    Maybe<int> dense_ffn_size;
    int shared_ffn_size = 0;
    Maybe<int> expert_input_size;
    ExpertReads expert_reads = ExpertReads::touched;
  };
  static constexpr auto fields = ports(
      stack_fields, port<&Fields::active_parameters>("parameters that one token passes through", positive),
      port<&Fields::experts>("routed experts a layer", at_least_one),
      port<&Fields::active_experts>("experts that one token passes through", at_least_one),
      port<&Fields::expert_layers>("layers that route; all if left out", at_least_one),
      port<&Fields::dense_ffn_size>("width of the feed-forward block in layers that do not route", at_least_one),
      port<&Fields::shared_ffn_size>("width of the shared experts together, which every token passes; 0: none", non_negative),
      port<&Fields::expert_input_size>("width that tokens enter the routed experts with; hidden_size if left out", at_least_one),
      port<&Fields::expert_reads>("weights that a pass reads: of the experts its tokens touch, or of all").parity());

  class Made final : public Stack {
   public:
    Made(const Fields& f, std::string_view name) : Stack(f, experts_of(f), f.expert_reads == ExpertReads::all, name) {}

   private:
    static Experts experts_of(const Fields& f) {
      const int blocks = f.ffn_layers.value_or(f.layers);
      if (f.active_experts > f.experts)
        throw DomainError("active_experts", std::to_string(f.active_experts) + " is out of range; allowed: 1 to experts " +
                                                std::to_string(f.experts));
      if (f.expert_layers && *f.expert_layers > blocks)
        throw DomainError("expert_layers", std::to_string(*f.expert_layers) + " is out of range; allowed: 1 to " +
                                               (f.ffn_layers ? "ffn_layers " : "layers ") + std::to_string(blocks));
      if (f.active_parameters > f.parameters)
        throw DomainError("active_parameters",
                          shown(f.active_parameters) + " is out of range; allowed: up to parameters " + shown(f.parameters));
      if (f.expert_reads == ExpertReads::touched &&
          equations::expert_parameters(f.parameters, f.active_parameters, f.experts, f.active_experts) > f.parameters)
        throw DomainError("active_parameters", shown(f.active_parameters) + " is less than the active experts' share; allowed: " +
                                                   shown(f.parameters * f.active_experts / f.experts) +
                                                   " (parameters * active_experts / experts) and above");
      const auto number = [](const Maybe<int>& count) { return Maybe<double>::from_cell(count.cell()); };
      return {.count = static_cast<double>(f.experts),
              .active_per_token = static_cast<double>(f.active_experts),
              .active_parameters = f.active_parameters,
              .layers = number(f.expert_layers),
              .dense_ffn_size = number(f.dense_ffn_size),
              .shared_ffn_size = static_cast<double>(f.shared_ffn_size),
              .input_size = number(f.expert_input_size)};
    }
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
