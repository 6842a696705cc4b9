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
    ExpertReads expert_reads = ExpertReads::touched;
  };
  static constexpr auto fields =
      ports(stack_fields, port<&Fields::active_parameters>("parameters that one token passes through", positive),
            port<&Fields::experts>("routed experts a layer", at_least_one),
            port<&Fields::active_experts>("experts that one token passes through", at_least_one),
            port<&Fields::expert_layers>("layers that route; all if left out", at_least_one),
            port<&Fields::expert_reads>("weights that a pass reads: of the experts its tokens touch, or of all").parity());

  class Made final : public Stack {
   public:
    Made(const Fields& f, std::string_view name)
        : Stack(f, f.active_parameters, f.active_experts, name),
          experts_{static_cast<double>(f.experts), static_cast<double>(f.active_experts), f.active_parameters,
                   Maybe<double>::from_cell(f.expert_layers.cell())},
          in_experts_(f.expert_reads == ExpertReads::all
                          ? 0
                          : equations::expert_parameters(f.parameters, f.active_parameters, f.experts, f.active_experts)) {
      check(f);
    }

   private:
    void check(const Fields& f) const {
      if (f.active_experts > f.experts)
        throw DomainError("active_experts", std::to_string(f.active_experts) + " is out of range; allowed: 1 to experts " +
                                                std::to_string(f.experts));
      if (f.expert_layers && *f.expert_layers > f.layers)
        throw DomainError("expert_layers", std::to_string(*f.expert_layers) + " is out of range; allowed: 1 to layers " +
                                               std::to_string(f.layers));
      if (f.active_parameters > f.parameters)
        throw DomainError("active_parameters",
                          shown(f.active_parameters) + " is out of range; allowed: up to parameters " + shown(f.parameters));
      if (in_experts_ > f.parameters)
        throw DomainError("active_parameters", shown(f.active_parameters) + " is less than the active experts' share; allowed: " +
                                                   shown(f.parameters * f.active_experts / f.experts) +
                                                   " (parameters * active_experts / experts) and above");
    }
    Demand do_demand(const Conditions& c) const override {
      Demand d = Stack::do_demand(c);
      if (in_experts_ == 0) return d;
      const double touched = equations::experts_touched(experts_.count, experts_.active_per_token, c.batch * tokens_of(c));
      d.weights_read -= stored(in_experts_ * (1 - touched / experts_.count), c.weights);
      return d;
    }
    const void* do_facet(const FacetKey& key) const override {
      const void* found = answer(key, &experts_);
      return found != nullptr ? found : Stack::do_facet(key);
    }
    Experts experts_;
    double in_experts_;  ///< parameters that a pass may leave unread
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
