#pragma once
#include <ironlaw/sdk/demand_form.hpp>

#include <algorithm>
#include <cmath>

#include "deployment.hpp"

namespace ironlaw::serving {

/// How many requests the cache beside the weights admits, on devices that pool their memory.
struct KvAdmission {
  static constexpr auto about =
      Solver::About{"kv_admission", "Requests that the memory beside the weights admits", "Pope 2022; Kwon 2023"};

  using Given = ServedModel;
  struct Inputs : Given {
    double devices = 1;
    double sequence_length = required;
    Information reserve{};
  };
  struct Facts {
    AskedWorkload model;
    Information capacity;  ///< of one device
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
            merge<&Inputs::widths>(format_ports),
            port<&Inputs::reserve>("memory that neither weights nor cache may take, on all devices", non_negative)
                .refinement()
                .display("GB"));

  static constexpr auto outputs =
      ports(port<&Outputs::requests>("requests that fit", non_negative).whole(),
            port<&Outputs::request_cache_size>("key-value cache of a request"),
            port<&Outputs::cache_budget>("memory left for cache; negative where the weights do not fit"),
            port<&Outputs::memory_required>("weights, reserve and one request"),
            port<&Outputs::memory_capacity>("memory of all devices"));

  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::memory_required, &Outputs::memory_capacity>("memory", "weights and one request must fit",
                                                                                 "W + reserve + KV <= n * capacity")
                          .tightened_by<&Inputs::sequence_length, &Inputs::reserve>()
                          .loosened_by<&Inputs::devices>());

  static Facts facts(const Given& given) {
    if (given.workload->facet<TransformerShape>() == nullptr)
      throw Unsupported(given.workload->name(), "it states no transformer shape; allowed: a transformer");
    return {{*given.workload, {.phase = Phase::decode, .formats = given.formats()}}, given.hardware->memory().capacity};
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const Information weights = f.model.demand(1, 1, in.sequence_length).weights_resident;
    Outputs out{};
    out.request_cache_size = f.model.held(1.0, in.sequence_length);
    out.memory_capacity = in.devices * f.capacity;
    out.cache_budget = out.memory_capacity - weights - in.reserve;
    out.memory_required = weights + in.reserve + out.request_cache_size;
    out.requests = std::max(0.0, std::floor(static_cast<double>(out.cache_budget / out.request_cache_size)));
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Facts f = facts(in);
    const Information weights = f.model.demand(1, 1, in.sequence_length).weights_resident;
    w.step("request_cache_size", "kappa * S", {{"kappa", out.request_cache_size / in.sequence_length}, {"S", in.sequence_length}},
           out.request_cache_size, "Pope 2022");
    w.step("cache_budget", "n * C - W - reserve", {{"n", in.devices}, {"C", f.capacity}, {"W", weights}, {"reserve", in.reserve}},
           out.cache_budget);
    w.step("memory_required", "W + reserve + KV", {{"W", weights}, {"reserve", in.reserve}, {"KV", out.request_cache_size}},
           out.memory_required);
    w.step("requests", "floor(budget / KV)", {{"budget", out.cache_budget}, {"KV", out.request_cache_size}}, out.requests,
           "Kwon 2023");
  }
};

}  // namespace ironlaw::serving
