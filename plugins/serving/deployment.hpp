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
template <class N>
struct DeploymentNumbers {
  N efficiency = 0.5;
  N memory_efficiency = 1;
  N tensor_parallel = 1;
  Of<N, Maybe<Bandwidth>> link_bandwidth = absent;
  Of<N, Time> framework_overhead = spread<N>(1e-5 * units::second);
};
/// What of a pass is counted.
struct DeploymentChoices {
  bool both_ceilings = true;
  PrefillOperations prefill_operations = PrefillOperations::demand;
  bool check_context = true;
};
template <class N>
struct DeploymentTermsOf : DeploymentNumbers<N>, DeploymentChoices {};
using DeploymentTerms = DeploymentTermsOf<double>;

template <class N>
inline constexpr auto deployment_ports_of =
    ports(port<&ServedModel::workload>("model to serve, a transformer that generates tokens"),
          port<&ServedModel::hardware>("each of the devices that share the model"),
          port<&ServedModel::precision>("number format of arithmetic, and of whatever is not said apart"),
          port<&ServedModel::cache_precision>("number format of the key-value cache; absent: as precision"),
          merge<&ServedModel::widths>(format_ports),
          port<&DeploymentNumbers<N>::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1))
              .refinement(),
          port<&DeploymentNumbers<N>::memory_efficiency>("share of the memory bandwidth that is sustained", between(1e-9, 1))
              .refinement(),
          port<&DeploymentNumbers<N>::tensor_parallel>("devices that share every layer", at_least_one).whole(),
          port<&DeploymentNumbers<N>::link_bandwidth>("link between those devices, one way; absent: the device's own", positive)
              .refinement()
              .display("GB/s"),
          port<&DeploymentNumbers<N>::framework_overhead>("cost of each layer's group of kernels", non_negative)
              .refinement()
              .display("us"),
          port<&DeploymentChoices::both_ceilings>(
              "a pass takes the longer of arithmetic and memory, and a prompt pays the cost of its layers "
              "too; false: prompts by arithmetic, tokens by memory alone")
              .parity(),
          port<&DeploymentChoices::prefill_operations>(
              "operations of a prompt: demand, what the workload asks for, or all_parameters, two "
              "a stored parameter and attention over all pairs")
              .parity(),
          port<&DeploymentChoices::check_context>("refuse requests longer than the model's context").parity());
inline constexpr auto deployment_ports = deployment_ports_of<double>;

}  // namespace ironlaw::serving
