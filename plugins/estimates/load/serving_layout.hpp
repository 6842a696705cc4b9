#pragma once
#include <ironlaw/error.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

#include <cmath>
#include <string>

namespace ironlaw::estimates {

/// How a model is split over the devices of an engine, and whether it can be: searches ask this before they ask `serving_engine`.
struct ServingLayout {
  static constexpr auto about =
      Solver::About{"serving_layout", "Devices of an engine's layout; refused where it does not divide the model",
                    "Shoeybi 2019 (Megatron-LM); Rajbhandari 2022 (DeepSpeed-MoE)"};

  static bool divides(double part, double whole) { return std::fmod(whole, part) == 0; }

  struct Given {
    const Workload* workload = nullptr;
    double tensor_parallel = 1;
    double attention_data_parallel = 1;
    double pipeline_parallel = 1;
    Maybe<double> expert_parallel;
    double most_devices = 10000;
  };
  struct Inputs : Given {
    double replicas = 1;
  };
  struct Facts {
    double expert_parallel = 1;
    double expert_tensor_parallel = 1;
  };
  struct Outputs {
    double tensor_parallel = 1;
    double attention_data_parallel = 1;
    double pipeline_parallel = 1;
    double expert_parallel = 1;
    double expert_tensor_parallel = 1;
    double devices_per_replica = 1;
    double devices = 1;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model that is served: one that states its shape"),
            port<&Inputs::tensor_parallel>("ranks that share out attention and dense layers; divides the heads", between(1, 4096))
                .whole(),
            port<&Inputs::attention_data_parallel>(
                "groups of those ranks, each with sequences of its own, that share experts; 1 without experts", between(1, 4096))
                .whole(),
            port<&Inputs::pipeline_parallel>("stages of equally many layers, as near as they come", between(1, 4096)).whole(),
            port<&Inputs::expert_parallel>("ranks that the routed experts are dealt out to; left out: all ranks of a stage under "
                                           "attention-data parallelism, else one",
                                           between(1, 65536))
                .whole(),
            port<&Inputs::replicas>("engines of this layout", between(1, 1e6)).whole(),
            port<&Inputs::most_devices>("of a layout of one engine", between(1, 1e6)).whole());

  static constexpr auto outputs =
      ports(port<&Outputs::tensor_parallel>("as given").whole(), port<&Outputs::attention_data_parallel>("as given").whole(),
            port<&Outputs::pipeline_parallel>("as given").whole(),
            port<&Outputs::expert_parallel>("ranks that the routed experts are dealt out to", between(1, 65536)).whole(),
            port<&Outputs::expert_tensor_parallel>("ranks that share the width of an expert", between(1, 4096)).whole(),
            port<&Outputs::devices_per_replica>("devices of one engine").whole(),
            port<&Outputs::devices>("devices of all engines").whole());

  /// What a search meets most: a rule costs it a hundredth of what a throw does.
  static constexpr auto rules = ironlaw::rules(
      rule("attention_data_parallel without routed experts: allowed is 1",
           [](const Inputs& in) { return in.attention_data_parallel == 1 || in.workload->facet<Experts>() != nullptr; }),
      rule("expert_parallel without routed experts: allowed is 1",
           [](const Inputs& in) { return in.expert_parallel.value_or(1) == 1 || in.workload->facet<Experts>() != nullptr; }),
      rule("expert_parallel: allowed is a divisor of the ranks of a stage, tensor_parallel * attention_data_parallel",
           [](const Inputs& in) {
             return !in.expert_parallel || divides(*in.expert_parallel, in.tensor_parallel * in.attention_data_parallel);
           }));

  /// Throws Unsupported where the layout does not divide the model otherwise.
  static Facts facts(const Given& in) {
    const auto* shape = in.workload->facet<TransformerShape>();
    if (shape == nullptr) throw Unsupported(in.workload->name(), "it states no transformer shape, which a layout divides");
    const auto* experts = in.workload->facet<Experts>();
    const double ranks = in.tensor_parallel * in.attention_data_parallel;
    check(in, ranks * in.pipeline_parallel <= in.most_devices, "devices of an engine", in.most_devices, "at most");
    const double heads = shape->split_heads(), kv_heads = shape->split_kv_heads();
    check(in, divides(in.tensor_parallel, heads), "tensor_parallel", heads, "a divisor of the heads,");
    if (!shape->latent_kv_rank)  // a rank holds whole key-value heads, or several hold the same one
      check(in, divides(in.tensor_parallel, kv_heads) || divides(kv_heads, in.tensor_parallel), "tensor_parallel", kv_heads,
            "a divisor or a multiple of the key-value heads,");
    check(in, in.pipeline_parallel <= shape->layers, "pipeline_parallel", shape->layers, "at most the layers,");
    Facts f;
    f.expert_parallel = in.expert_parallel.value_or(in.attention_data_parallel > 1 ? ranks : 1);
    if (experts == nullptr) return f;
    check(in, divides(f.expert_parallel, experts->count), "expert_parallel", experts->count, "a divisor of the routed experts,");
    f.expert_tensor_parallel = ranks / f.expert_parallel;
    if (shape->ffn_size)
      check(in, divides(f.expert_tensor_parallel, *shape->ffn_size), "ranks that share an expert", *shape->ffn_size,
            "a divisor of its width,");
    return f;
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    Outputs out;
    out.tensor_parallel = in.tensor_parallel;
    out.attention_data_parallel = in.attention_data_parallel;
    out.pipeline_parallel = in.pipeline_parallel;
    out.expert_parallel = f.expert_parallel;
    out.expert_tensor_parallel = f.expert_tensor_parallel;
    out.devices_per_replica = in.tensor_parallel * in.attention_data_parallel * in.pipeline_parallel;
    out.devices = in.replicas * out.devices_per_replica;
    return out;
  }
  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("devices_per_replica", "t * d * p",
           {{"t", in.tensor_parallel}, {"d", in.attention_data_parallel}, {"p", in.pipeline_parallel}}, out.devices_per_replica);
    w.step("devices", "replicas * devices of one", {{"replicas", in.replicas}, {"devices of one", out.devices_per_replica}},
           out.devices);
  }

 private:
  static void check(const Given& in, bool right, const char* what, double bound, const char* allowed) {
    if (right) return;
    std::string text = std::string(what) + ": allowed is ";
    if (*allowed != '\0') text += std::string(allowed) + " ";
    throw Unsupported(in.workload->name(), text + std::to_string(std::llround(bound)));
  }
};

}  // namespace ironlaw::estimates
