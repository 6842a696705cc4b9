#pragma once
#include <ironlaw/equations/collectives.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

#include "refinements.hpp"

namespace ironlaw::training {

/// Uneven routing of tokens to experts, and the exchange that it asks for.
struct MoeRouting {
  /// What uneven routing does: the busiest rank takes longer, or every token visits more experts.
  enum class ImbalanceEffect { critical_rank, more_experts };

  static constexpr auto about =
      Solver::About{"moe_routing", "Uneven routing of tokens to experts, and their exchange between ranks",
                    "Lepikhin 2021, 'GShard'; Fedus 2022, 'Switch Transformers'"};

  struct Given {
    const Workload* workload;
    const Fleet* fleet = nullptr;
  };
  struct Facts {
    const Experts& experts;
    const TransformerShape& shape;
    const DeviceLink* link;  ///< of the fleet's devices; null: not stated, or no fleet
  };
  struct Inputs : Given {
    double batch_size = required;
    int sequence_length = 2048;
    double expert_parallel = 1;
    Precision precision = Precision::fp16;
    bool training = true;
    bool activation_recomputation = false;
    Maybe<double> routing_imbalance = absent;
    Maybe<double> capacity_factor = absent;
    ImbalanceEffect imbalance_effect = ImbalanceEffect::critical_rank;
    ExpertPlacement expert_placement = ExpertPlacement::adjacent;
    Uneven uneven = Uneven::refuse;
  };

  struct Outputs {
    double routing_imbalance;
    double effective_active_experts;
    double effective_active_parameters;
    double active_parameter_multiplier;
    Information token_dispatch;
    Maybe<Time> all_to_all_time;
    double exchanges;
    Maybe<Time> exchange_time;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model with routed experts"),
            port<&Inputs::fleet>("devices that exchange the tokens; without it, no times").optional(),
            port<&Inputs::batch_size>("samples of one rank", at_least_one).whole(),
            port<&Inputs::sequence_length>("tokens of a sample", at_least_one),
            port<&Inputs::expert_parallel>("ranks that share the routed experts", at_least_one).whole(),
            port<&Inputs::precision>("number format of the tokens' activations"),
            port<&Inputs::training>("a training step (forward and backward) instead of a forward pass"),
            port<&Inputs::activation_recomputation>("training: the backward pass repeats the forward exchanges"),
            port<&Inputs::routing_imbalance>("tokens of the busiest expert over the mean; absent: that of uniform random routing",
                                             at_least_one)
                .refinement(),
            port<&Inputs::capacity_factor>("tokens that an expert takes at most, over the mean; absent: no limit", at_least_one)
                .refinement(),
            port<&Inputs::imbalance_effect>("what uneven routing does: critical_rank, or more_experts").parity(),
            port<&Inputs::expert_placement>("where the ranks of an expert group sit").refinement(),
            port<&Inputs::uneven>("experts that do not divide among ranks: refuse, or round").refinement());

  static constexpr auto outputs =
      ports(port<&Outputs::routing_imbalance>("tokens of the busiest expert over the mean, as far as the capacity lets them"),
            port<&Outputs::effective_active_experts>("experts that count as visited by a token"),
            port<&Outputs::effective_active_parameters>("parameters that count as active"),
            port<&Outputs::active_parameter_multiplier>("the same over those that the model states"),
            port<&Outputs::token_dispatch>("bytes that leave a rank in one exchange"),
            port<&Outputs::all_to_all_time>("time of one exchange; absent without a fleet or with one rank"),
            port<&Outputs::exchanges>("exchanges of a step or pass, in all layers with experts"),
            port<&Outputs::exchange_time>("time of all of them"));

  static constexpr auto rules = ironlaw::rules(
      rule("expert_parallel must divide the routed experts of the workload; allowed: a divisor, 1, or uneven = round",
           [](const Inputs& in) {
             if (in.uneven == Uneven::round || in.expert_parallel == 1) return true;
             const auto* experts = in.workload->facet<Experts>();
             return experts == nullptr || std::fmod(experts->count, in.expert_parallel) == 0;
           }),
      rule("expert_parallel must not exceed the accelerators of the fleet; allowed: less, or uneven = round",
           [](const Inputs& in) {
             return in.uneven == Uneven::round || in.fleet == nullptr || in.expert_parallel <= in.fleet->accelerators();
           }));

  static Facts facts(const Given& given) {
    const auto* experts = given.workload->facet<Experts>();
    if (experts == nullptr) throw Unsupported(given.workload->name(), "it has no routed experts");
    const auto* shape = given.workload->facet<TransformerShape>();
    if (shape == nullptr)
      throw Unsupported(given.workload->name(), "it is no transformer, so the width of its tokens is not known");
    return {*experts, *shape, given.fleet != nullptr ? given.fleet->node->accelerator->facet<DeviceLink>() : nullptr};
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const Experts& e = f.experts;
    const bool critical = in.imbalance_effect == ImbalanceEffect::critical_rank;
    Outputs out{};
    out.routing_imbalance = imbalance(in, e);
    out.effective_active_experts = critical ? e.active_per_token : std::min(e.count, e.active_per_token * out.routing_imbalance);
    out.active_parameter_multiplier = out.effective_active_experts / e.active_per_token;
    out.effective_active_parameters = e.active_parameters * out.active_parameter_multiplier;
    const Information payload = token_payload(in, f) * out.effective_active_experts;
    out.token_dispatch = (in.expert_parallel - 1) / in.expert_parallel * payload;
    out.exchanges = exchanges(in, f);
    if (in.fleet != nullptr && in.expert_parallel > 1) {
      const Time balanced = exchange(in, f, payload);
      out.all_to_all_time = critical ? out.routing_imbalance * balanced : balanced;
      out.exchange_time = out.exchanges * *out.all_to_all_time;
    }
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Facts f = facts(in);
    const Experts& e = f.experts;
    w.step("routing_imbalance", "min(i, capacity); uniform routing: i = min(E / k, 1 + sqrt(2 * E * ln(E) / (T * k)))",
           {{"E", e.count}, {"k", e.active_per_token}, {"T", tokens(in)}, {"capacity", in.capacity_factor}},
           out.routing_imbalance, "Raab & Steger 1998");
    w.step("effective_active_experts", in.imbalance_effect == ImbalanceEffect::critical_rank ? "k" : "min(E, k * i)",
           {{"k", e.active_per_token}, {"E", e.count}, {"i", out.routing_imbalance}}, out.effective_active_experts, "Fedus 2022");
    w.step("active_parameter_multiplier", "effective_active_experts / k",
           {{"effective_active_experts", out.effective_active_experts}, {"k", e.active_per_token}},
           out.active_parameter_multiplier);
    w.step("effective_active_parameters", "P_a * multiplier",
           {{"P_a", e.active_parameters}, {"multiplier", out.active_parameter_multiplier}}, out.effective_active_parameters);
    w.step("token_dispatch", "B * S * h * b * experts * (e - 1) / e",
           {{"B * S * h * b", token_payload(in, f)}, {"experts", out.effective_active_experts}, {"e", in.expert_parallel}},
           out.token_dispatch, "Lepikhin 2021");
    w.step("exchanges", "dispatch and combine in each layer and pass",
           {{"layers", e.layers ? e.layers : Maybe<double>(f.shape.layers)}}, out.exchanges, "Rajbhandari 2022");
    if (out.all_to_all_time) {
      w.step("all_to_all_time", "all-to-all, times i where it waits for the busiest rank",
             {{"i", out.routing_imbalance}, {"e", in.expert_parallel}}, out.all_to_all_time, "Thakur 2005");
      w.step("exchange_time", "exchanges * all_to_all_time",
             {{"exchanges", out.exchanges}, {"all_to_all_time", out.all_to_all_time}}, out.exchange_time);
    }
  }

 private:
  /// Of all ranks that share the experts.
  static double tokens(const Inputs& in) { return in.batch_size * in.sequence_length * in.expert_parallel; }
  static double imbalance(const Inputs& in, const Experts& e) {
    const double stated = in.routing_imbalance.value_or(equations::routing_imbalance(tokens(in), e.count, e.active_per_token));
    return std::min(stated, in.capacity_factor.value_or(stated));
  }
  /// What the tokens of a rank take, each sent to one expert.
  static Information token_payload(const Inputs& in, const Facts& f) {
    return in.batch_size * in.sequence_length * f.shape.hidden_size * bytes_per_element(in.precision) * units::byte;
  }
  static double exchanges(const Inputs& in, const Facts& f) {
    const double passes = !in.training ? 1 : in.activation_recomputation ? 3 : 2;
    return 2 * passes * f.experts.layers.value_or(f.shape.layers);
  }
  static Time exchange(const Inputs& in, const Facts& f, Information payload) {
    const Node& node = *in.fleet->node;
    const double n = in.expert_parallel;
    const double local = in.expert_placement == ExpertPlacement::adjacent ? std::min(n, node.accelerators) : 1;
    equations::Link inside{node.link_bandwidth, {}};
    if (local == n) {
      if (f.link == nullptr) throw MissingData(node.accelerator->name(), "device link", "the exchange needs its latency");
      inside.latency = f.link->latency;
      return equations::all_to_all(payload, n, inside);
    }
    const Fabric* fabric = in.fleet->fabric;
    if (fabric == nullptr) throw MissingData(in.fleet->name(), "fabric", "the exchange crosses nodes");
    const equations::Link outside{fabric->link_bandwidth / fabric->oversubscription, fabric->latency};
    return equations::two_level_all_to_all(payload, n, local, inside, outside);
  }
};

}  // namespace ironlaw::training
