#pragma once
// What every solver of serving asks of its user: a model on a group of equal devices.
#include <ironlaw/hardware.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw::serving {

/// Operations of a prompt: what the workload asks for, or two a stored parameter and attention over every pair of tokens.
enum class PrefillOperations { demand, all_parameters };

/// A model on equal devices, in its formats: what is asked of them once for many rows.
struct ServedModel {
  const Workload* workload;
  const Hardware* hardware;
  Precision precision = Precision::fp16;
  Maybe<Precision> cache_precision = absent;
  FormatInputs widths{};

  [[nodiscard]] Formats formats() const {
    const Formats f = widths.formats(precision);
    if (widths.cache_bits || !cache_precision) return f;
    return f.stored(TensorClass::cache, 8 * bytes_per_element(*cache_precision));
  }
};

/// How the devices share it, and how well.
struct DeploymentTerms {
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
    port<&ServedModel::workload>("model to serve, a transformer that generates tokens"),
    port<&ServedModel::hardware>("each of the devices that share the model"),
    port<&ServedModel::precision>("number format of arithmetic, and of whatever is not said apart"),
    port<&ServedModel::cache_precision>("number format of the key-value cache; absent: as precision"),
    merge<&ServedModel::widths>(format_ports),
    port<&DeploymentTerms::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
    port<&DeploymentTerms::memory_efficiency>("share of the memory bandwidth that is sustained", between(1e-9, 1)).refinement(),
    port<&DeploymentTerms::tensor_parallel>("devices that share every layer", at_least_one).whole(),
    port<&DeploymentTerms::link_bandwidth>("link between those devices, one way; absent: the device's own", positive)
        .refinement()
        .display("GB/s"),
    port<&DeploymentTerms::framework_overhead>("cost of each layer's group of kernels", non_negative).refinement().display("us"),
    port<&DeploymentTerms::both_ceilings>(
        "a pass takes the longer of arithmetic and memory, and a prompt pays the cost of its layers "
        "too; false: prompts by arithmetic, tokens by memory alone")
        .parity(),
    port<&DeploymentTerms::prefill_operations>(
        "operations of a prompt: demand, what the workload asks for, or all_parameters, two "
        "a stored parameter and attention over all pairs")
        .parity(),
    port<&DeploymentTerms::check_context>("refuse requests longer than the model's context").parity());

}  // namespace ironlaw::serving
