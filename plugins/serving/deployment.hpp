#pragma once
// What every solver of serving asks of its user: a model on a group of equal devices.
#include <ironlaw/hardware.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw::serving {

/// Operations of a prompt: what the workload asks for, or two a stored parameter and attention over every pair of tokens.
enum class PrefillOperations { demand, all_parameters };

/// A model and the devices that share it.
struct Deployment {
  const Workload* workload;
  const Hardware* hardware;
  Precision precision = Precision::fp16;
  Maybe<Precision> cache_precision = absent;
  double efficiency = 0.5;
  double memory_efficiency = 1;
  double tensor_parallel = 1;
  Maybe<Bandwidth> link_bandwidth = absent;
  Time framework_overhead = 1e-5 * units::second;
  bool both_ceilings = true;
  PrefillOperations prefill_operations = PrefillOperations::demand;
  bool check_context = true;
};
inline constexpr auto deployment_ports = ports(
    port<&Deployment::workload>("model to serve, a transformer that generates tokens"),
    port<&Deployment::hardware>("each of the devices that share the model"),
    port<&Deployment::precision>("number format of weights and arithmetic"),
    port<&Deployment::cache_precision>("number format of the key-value cache; absent: as precision"),
    port<&Deployment::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
    port<&Deployment::memory_efficiency>("share of the memory bandwidth that is sustained", between(1e-9, 1)).refinement(),
    port<&Deployment::tensor_parallel>("devices that share every layer", at_least_one).whole(),
    port<&Deployment::link_bandwidth>("link between those devices, one way; absent: the device's own", positive)
        .refinement()
        .display("GB/s"),
    port<&Deployment::framework_overhead>("cost of each layer's group of kernels", non_negative).refinement().display("us"),
    port<&Deployment::both_ceilings>("a pass takes the longer of arithmetic and memory, and a prompt pays the cost of its layers "
                                     "too; false: prompts by arithmetic, tokens by memory alone")
        .parity(),
    port<&Deployment::prefill_operations>("operations of a prompt: demand, what the workload asks for, or all_parameters, two "
                                          "a stored parameter and attention over all pairs")
        .parity(),
    port<&Deployment::check_context>("refuse requests longer than the model's context").parity());

}  // namespace ironlaw::serving
