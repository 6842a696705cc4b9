#pragma once
// What is asked of `serving_pools`: prompts on engines of their own, decoding on others, and a load.
#include "pools.hpp"
#include "serving_inputs.hpp"

namespace ironlaw::estimates {

/// Engines of one layout that do one part of the work.
struct PoolGiven : EngineLayout, EngineLimits {
  const Hardware* hardware = nullptr;
  const SoftwareStack* software_stack = nullptr;
  double engines = 1;

  [[nodiscard]] double pool_devices() const { return engines * devices(); }
};
inline constexpr auto pool_given = ports(
    port<&PoolGiven::hardware>("each of the pool's devices"),
    port<&PoolGiven::software_stack>("engine and version; left out: the law's constants and kernels of any engine").optional(),
    port<&PoolGiven::engines>("engines of this layout", between(1, 1e6)).whole(), engine_layout, engine_limits);

/// Two pools, the model that both hold, and what the cache passes over.
struct ServingPoolsGiven : ServedModel {
  PoolGiven prompt;
  PoolGiven decode;
  const Fabric* fabric = nullptr;
  Maybe<Bandwidth> transfer_bandwidth;
  Information runtime_memory = 1.0 * units::gigabyte;
  LengthSpread length_spread = LengthSpread::lognormal;
};
inline constexpr auto serving_pools_given = ports(
    served_model, group<&ServingPoolsGiven::prompt>(pool_given), group<&ServingPoolsGiven::decode>(pool_given),
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
  static_cast<ServedModel&>(one) = in;
  static_cast<EngineLayout&>(one) = pool;
  static_cast<EngineLimits&>(one) = pool;
  one.hardware = pool.hardware;
  one.software_stack = pool.software_stack;
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
