#pragma once
#include <ironlaw/equations/transformer.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::serving {

/// How many requests the cache beside the weights admits, on devices that pool their memory.
struct KvAdmission {
  static constexpr auto about =
      Solver::About{"kv_admission", "Requests that the memory beside the weights admits", "Pope 2022; Kwon 2023"};

  struct Inputs {
    const Workload* workload;
    const Hardware* hardware;
    double devices = 1;
    double sequence_length = required;
    Precision precision = Precision::fp16;
    Maybe<Precision> cache_precision = absent;
    Information reserve{};
  };

  struct Outputs {
    double requests;
    Information request_cache_size;
    Information cache_budget;
    Information memory_required;
    Information memory_capacity;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model to serve, a transformer"), port<&Inputs::hardware>("each of the devices"),
            port<&Inputs::devices>("devices that pool their memory", at_least_one).whole(),
            port<&Inputs::sequence_length>("tokens that a request holds at its end", at_least_one).whole(),
            port<&Inputs::precision>("number format of the weights"),
            port<&Inputs::cache_precision>("number format of the key-value cache; absent: as precision"),
            port<&Inputs::reserve>("memory that neither weights nor cache may take, on all devices", non_negative)
                .refinement()
                .display("GB"));

  static constexpr auto outputs =
      ports(port<&Outputs::requests>("requests that fit", non_negative).whole(),
            port<&Outputs::request_cache_size>("key-value cache of a request"),
            port<&Outputs::cache_budget>("memory left for cache; negative where the weights do not fit"),
            port<&Outputs::memory_required>("weights, reserve and one request"),
            port<&Outputs::memory_capacity>("memory of all devices"));

  static constexpr auto limits = ironlaw::limits(hard<&Outputs::memory_required, &Outputs::memory_capacity>(
      "memory", "weights and one request must fit", "W + reserve + KV <= n * capacity"));

  static Outputs solve(const Inputs& in) {
    if (in.workload->facet<TransformerShape>() == nullptr)
      throw Unsupported(in.workload->name(), "it states no transformer shape; allowed: a transformer");
    const Demand d = demand(in);
    Outputs out{};
    out.request_cache_size = d.cache_read;
    out.memory_capacity = in.devices * in.hardware->memory().capacity;
    out.cache_budget = out.memory_capacity - d.weights_resident - in.reserve;
    out.memory_required = d.weights_resident + in.reserve + out.request_cache_size;
    out.requests = std::max(0.0, std::floor(static_cast<double>(out.cache_budget / out.request_cache_size)));
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Information weights = demand(in).weights_resident;
    w.step("request_cache_size", "kappa * S", {{"kappa", out.request_cache_size / in.sequence_length}, {"S", in.sequence_length}},
           out.request_cache_size, "Pope 2022");
    w.step("cache_budget", "n * C - W - reserve",
           {{"n", in.devices}, {"C", in.hardware->memory().capacity}, {"W", weights}, {"reserve", in.reserve}}, out.cache_budget);
    w.step("memory_required", "W + reserve + KV", {{"W", weights}, {"reserve", in.reserve}, {"KV", out.request_cache_size}},
           out.memory_required);
    w.step("requests", "floor(budget / KV)", {{"budget", out.cache_budget}, {"KV", out.request_cache_size}}, out.requests,
           "Kwon 2023");
  }

 private:
  static Demand demand(const Inputs& in) {
    return in.workload->demand({.phase = Phase::decode,
                                .batch = 1,
                                .new_tokens = 1,
                                .cached_tokens = in.sequence_length,
                                .weights = in.precision,
                                .activations = in.precision,
                                .cache = in.cache_precision.value_or(in.precision)});
  }
};

}  // namespace ironlaw::serving
