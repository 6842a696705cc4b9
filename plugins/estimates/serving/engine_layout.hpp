#pragma once
// How a model is dealt out over the devices of one engine.
#include <ironlaw/sdk/ports.hpp>

#include <algorithm>

namespace ironlaw::estimates {

struct EngineLayout {
  double tensor_parallel = 1;
  double attention_data_parallel = 1;
  Maybe<double> expert_parallel;
  Maybe<double> expert_tensor_parallel;
  double pipeline_parallel = 1;
  Maybe<Bandwidth> link_bandwidth;
  Maybe<double> link_domain;

  /// Ranks of a stage.
  [[nodiscard]] double ranks() const { return tensor_parallel * attention_data_parallel; }
  /// Devices of the engine.
  [[nodiscard]] double devices() const { return ranks() * pipeline_parallel; }
  /// Left out: every rank of the replica has experts of its own under attention-data parallelism; else all have a share of each.
  [[nodiscard]] double experts_over() const {
    return expert_parallel.value_or(attention_data_parallel > 1 ? ranks() / expert_tensor_parallel.value_or(1) : 1);
  }
  [[nodiscard]] double expert_width_over() const {
    return expert_tensor_parallel.value_or(std::max(1.0, ranks() / experts_over()));
  }
};
inline constexpr auto engine_layout = ports(
    port<&EngineLayout::tensor_parallel>("ranks that share out attention and dense layers", between(1, 4096)).whole(),
    port<&EngineLayout::attention_data_parallel>("groups of those ranks, each with sequences of its own, that share experts",
                                                 between(1, 4096))
        .whole(),
    port<&EngineLayout::expert_parallel>("ranks that the routed experts are dealt out to; left out: all under attention-data "
                                         "parallelism, else one",
                                         between(1, 65536))
        .whole(),
    port<&EngineLayout::expert_tensor_parallel>("ranks that share an expert's width; left out: those that expert_parallel leaves",
                                                between(1, 4096))
        .refinement()
        .whole(),
    port<&EngineLayout::pipeline_parallel>("stages that the layers are dealt out to, run one after another", between(1, 4096))
        .refinement()
        .whole(),
    port<&EngineLayout::link_bandwidth>("link inside a node, one way; left out: the device's, else that to its host", positive)
        .refinement()
        .display("GB/s"),
    port<&EngineLayout::link_domain>("devices that the inner link joins; left out: the device's, else 8", at_least_one)
        .refinement()
        .whole());

}  // namespace ironlaw::estimates
