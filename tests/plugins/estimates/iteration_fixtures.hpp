#pragma once
// A device with records of its own and models that fit it, for tests of iterations and of batches made of them.
#include "estimates/serving/iteration.hpp"

#include "given_rates.hpp"
#include "hardware/accelerator.hpp"
#include "workloads/transformer.hpp"

namespace ironlaw::estimates_test {

using estimates::Iteration;
using estimates::IterationInputs;

using Model = testing::MadeObject<Workload>;
using Device = testing::MadeObject<Hardware>;

/// Constants that no kernel table has, as the zoo's records of all generations state them.
inline void add_common(GivenRates& rates) {
  rates.state({{"operation", "state"}, {"memory_share", 0.8}});
  rates.state({{"operation", "elementwise"}, {"memory_share", 0.85 / 1.5}});
  rates.state({{"operation", "latent_expansion"}, {"compute_share", 0.6}});
  rates.state({{"operation", "network_all_reduce"}, {"latency", 53e-6}, {"network_share", 0.6}});
  rates.state({{"operation", "gather_scatter"}, {"link_share", 0.75}});
  rates.state({{"operation", "stage_transfer"}, {"link_share", 0.54}});
}

/// Hopper's records of 16-bit kernels, of any engine, and a device and models of their sizes.
struct Machine {
  Machine() {
    add_common(rates);
    for (const Json& r : Json::parse(R"([
      {"operation": "product", "compute_share": 0.7665, "memory_share": 0.9165, "latency": 2.776e-6, "depth_latency": 0.4063e-6},
      {"operation": "experts", "compute_share": 0.65, "memory_share": 0.85, "latency": 33.6e-6, "touched_rows": 40,
       "quantize_traffic": 13.58, "permute_traffic": 6.79},
      {"operation": "prompt_attention", "compute_share": 0.832, "memory_share": 0.351, "latency": 12.9e-6, "tile_latency": 1.18e-6,
       "depth_latency": 7.68e-6},
      {"operation": "decode_attention", "memory_share": 0.911, "latency": 10.2e-6, "tile_latency": 3.26e-6, "depth_latency": 0.22e-6},
      {"operation": "all_reduce", "kernel": "custom", "phase": "graph", "latency": 2.54e-6, "doubling_latency": 0.599e-6,
       "link_share": 0.859, "protocol_time": 5.29e-6}])"))
      rates.state(r);
  }
  [[nodiscard]] testing::Fields fields(double bandwidth = 3.35e12) const {
    return {{"peak_rate.fp16", 989.4e12},    {"peak_rate.fp32", 67e12},  {"memory_capacity", 80e9},
            {"memory_bandwidth", bandwidth}, {"device_link", 450e9},     {"device_link_latency", 0.0},
            {"network_link", 50e9},          {"multiprocessors", 132.0}, {"generation", static_cast<const KernelRates*>(&rates)}};
  }
  GivenRates rates;
};
inline const testing::Fields llama_8b{
    {"parameters", 8.03e9}, {"layers", 32.0},     {"hidden_size", 4096.0}, {"heads", 32.0},
    {"kv_heads", 8.0},      {"head_size", 128.0}, {"ffn_size", 14336.0},   {"vocabulary_size", 128256.0}};
inline const testing::Fields llama_70b{
    {"parameters", 70.55e9}, {"layers", 80.0},     {"hidden_size", 8192.0}, {"heads", 64.0},
    {"kv_heads", 8.0},       {"head_size", 128.0}, {"ffn_size", 28672.0},   {"vocabulary_size", 128256.0}};

inline IterationInputs asked(const Model& model, const Device& device, const Json& more = Json::object()) {
  auto in = inputs_of<Iteration>(more);
  in.workload = model.get();
  in.hardware = device.get();
  return in;
}
inline double iteration_seconds(const IterationInputs& in) { return Iteration::solve(in).iteration_time.value(); }

}  // namespace ironlaw::estimates_test
