#pragma once
// What is asked of `serving_pools`: prompts on engines of their own, decoding on others, and a load.
#include "pools.hpp"
#include "serving_inputs.hpp"

namespace ironlaw::estimates {

/// Engines of one layout that do one part of the work.
struct PoolGiven {
  const Hardware* hardware = nullptr;
  const SoftwareStack* software_stack = nullptr;
  double engines = 1;
  double tensor_parallel = 1;
  double attention_data_parallel = 1;
  Maybe<double> expert_parallel;
  Maybe<double> expert_tensor_parallel;
  double pipeline_parallel = 1;
  Maybe<Bandwidth> link_bandwidth;
  Maybe<double> link_domain;
  Maybe<double> token_budget;
  Maybe<double> most_sequences;
  Maybe<double> memory_share;

  [[nodiscard]] double devices() const { return engines * tensor_parallel * attention_data_parallel * pipeline_parallel; }
};
inline constexpr auto pool_given = ports(
    port<&PoolGiven::hardware>("each of the pool's devices"),
    port<&PoolGiven::software_stack>("engine and version; left out: the law's constants and kernels of any engine").optional(),
    port<&PoolGiven::engines>("engines of this layout", between(1, 1e6)).whole(),
    port<&PoolGiven::tensor_parallel>("ranks that share out attention and dense layers", between(1, 4096)).whole(),
    port<&PoolGiven::attention_data_parallel>("groups of those ranks, each with sequences of its own, that share experts",
                                              between(1, 4096))
        .whole(),
    port<&PoolGiven::expert_parallel>("ranks that the routed experts are dealt out to; left out: all under attention-data "
                                      "parallelism, else one",
                                      between(1, 65536))
        .whole(),
    port<&PoolGiven::expert_tensor_parallel>("ranks that share an expert's width; left out: those that expert_parallel leaves",
                                             between(1, 4096))
        .refinement()
        .whole(),
    port<&PoolGiven::pipeline_parallel>("stages that the layers are dealt out to", between(1, 4096)).refinement().whole(),
    port<&PoolGiven::link_bandwidth>("link inside a node, one way; left out: the device's", positive)
        .refinement()
        .display("GB/s"),
    port<&PoolGiven::link_domain>("devices that the inner link joins; left out: the device's, else 8", at_least_one)
        .refinement()
        .whole(),
    port<&PoolGiven::token_budget>("tokens of an iteration and attention rank; left out: the stack's, else 8192", at_least_one)
        .refinement(),
    port<&PoolGiven::most_sequences>("sequences in flight in an attention rank; left out: the stack's, else 1024", at_least_one)
        .refinement(),
    port<&PoolGiven::memory_share>("share of a device's memory that the engine takes; left out: the stack's, else 0.9",
                                   positive_fraction)
        .refinement());

/// Two pools, the model that both hold, and what the cache passes over.
struct ServingPoolsGiven {
  const Workload* workload = nullptr;
  PoolGiven prompt;
  PoolGiven decode;
  OperandFormat format = OperandFormat::bf16;
  Maybe<OperandFormat> expert_format;
  CacheFormat cache_format = CacheFormat::bf16;
  Maybe<double> weight_bits;
  Maybe<double> expert_weight_bits;
  const Fabric* fabric = nullptr;
  Maybe<Bandwidth> transfer_bandwidth;
  Information runtime_memory = 1.0 * units::gigabyte;
  LengthSpread length_spread = LengthSpread::lognormal;
};
inline constexpr auto serving_pools_given = ports(
    port<&ServingPoolsGiven::workload>("model that is served: one that lists its operators"),
    group<&ServingPoolsGiven::prompt>(pool_given), group<&ServingPoolsGiven::decode>(pool_given),
    port<&ServingPoolsGiven::format>("number format of the dense products"),
    port<&ServingPoolsGiven::expert_format>("number format of routed experts; left out: as format"),
    port<&ServingPoolsGiven::cache_format>("number format of the cache, in both pools"),
    port<&ServingPoolsGiven::weight_bits>("stored bits of a weight of the dense products; left out: the format's", positive)
        .refinement(),
    port<&ServingPoolsGiven::expert_weight_bits>("stored bits of a weight of routed experts; left out: the format's", positive)
        .refinement(),
    port<&ServingPoolsGiven::fabric>("network that the cache is handed over on; left out: the prompt device's own network link")
        .optional(),
    port<&ServingPoolsGiven::transfer_bandwidth>("out of a device of the prompt pool, one way; left out: the fabric's", positive)
        .refinement()
        .display("GB/s"),
    port<&ServingPoolsGiven::runtime_memory>("of each device, for the engine's own", non_negative).refinement().display("GB"),
    port<&ServingPoolsGiven::length_spread>("how lengths spread around their mean").refinement());

struct ServingPoolsInputs : ServingPoolsGiven, LoadInputs {
  using Given = ServingPoolsGiven;
};
inline constexpr auto serving_pools_inputs = ports(length_ports, serving_pools_given, load_ports);

/// What rows share.
struct ServingPoolsFacts {
  ServingFacts prompt;
  ServingFacts decode;
  Bandwidth transfer{};  ///< out of a device of the prompt pool
  Time latency{};
  ServingBand tpot;
  ServingBand first_token;
};

namespace detail {

inline ServingFacts pool_facts(const ServingPoolsGiven& in, const PoolGiven& pool) {
  ServingGiven one;
  one.workload = in.workload;
  one.hardware = pool.hardware;
  one.software_stack = pool.software_stack;
  one.format = in.format;
  one.expert_format = in.expert_format;
  one.cache_format = in.cache_format;
  one.weight_bits = in.weight_bits;
  one.expert_weight_bits = in.expert_weight_bits;
  one.tensor_parallel = pool.tensor_parallel;
  one.attention_data_parallel = pool.attention_data_parallel;
  one.expert_parallel = pool.expert_parallel;
  one.expert_tensor_parallel = pool.expert_tensor_parallel;
  one.pipeline_parallel = pool.pipeline_parallel;
  one.link_bandwidth = pool.link_bandwidth;
  one.link_domain = pool.link_domain;
  one.token_budget = pool.token_budget;
  one.most_sequences = pool.most_sequences;
  one.memory_share = pool.memory_share;
  one.runtime_memory = in.runtime_memory;
  return serving_facts(one);
}

inline Bandwidth transfer_bandwidth(const ServingPoolsGiven& in) {
  if (in.transfer_bandwidth) return *in.transfer_bandwidth;
  if (in.fabric != nullptr) return in.fabric->link_bandwidth / in.fabric->oversubscription;
  const auto* platform = in.prompt.hardware->facet<KernelPlatform>();
  if (platform != nullptr && platform->network_bandwidth) return *platform->network_bandwidth;
  throw MissingData(in.prompt.hardware->name(), "network_link", "the cache is handed over: give fabric or transfer_bandwidth");
}

}  // namespace detail

inline ServingPoolsFacts serving_pools_facts(const ServingPoolsGiven& in) {
  const Engine* engine = in.decode.software_stack == nullptr ? nullptr : in.decode.software_stack->engine;
  const RateSearch search(*in.decode.hardware, nullptr, engine, iteration_laws);
  return {detail::pool_facts(in, in.prompt),
          detail::pool_facts(in, in.decode),
          detail::transfer_bandwidth(in),
          in.fabric != nullptr ? in.fabric->latency : Time{},
          serving_band(in.decode.software_stack, search, "pools", "tpot"),
          serving_band(in.decode.software_stack, search, "pools", "first_token")};
}

}  // namespace ironlaw::estimates
