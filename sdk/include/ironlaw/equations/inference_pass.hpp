#pragma once
// One inference pass on one device as the sum of its parts, so that a solver can change a part and time the pass again.
#include <ironlaw/equations/roofline.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw::equations {

/// What counts beside the weights and the products with them.
struct PassCounts {
  Maybe<double> activation_weight_fraction{};  ///< of each member; absent: the workload's own activation traffic
  bool context_operations = true;              ///< operations that grow with the context
  bool live_state = true;                      ///< key-value cache and recurrent state, in memory and traffic
};

/// What an inference pass asks of a device, before any rate.
struct InferencePass {
  Operations operations;
  Information weights;  ///< held
  Information weights_read;
  Information other_traffic;  ///< activations, cache, and state read and written back
  Information other_held;     ///< cache and state
  double launches;
  [[nodiscard]] Information traffic() const { return weights_read + other_traffic; }
  [[nodiscard]] Information footprint() const { return weights + other_held; }
};

/// The pass with its weights stored in `weight_scale` times the bytes.
inline InferencePass inference_pass(const Workload& workload, const Conditions& conditions, const PassCounts& counts,
                                    double weight_scale = 1) {
  const Demand d = workload.demand(conditions);
  InferencePass pass{d.linear + d.logits, weight_scale * d.weights_resident, weight_scale * d.weights_read, {}, {}, d.launches};
  if (counts.context_operations) pass.operations += d.attention;
  if (counts.activation_weight_fraction) {
    pass.other_traffic = *counts.activation_weight_fraction * conditions.batch * pass.weights_read;
  } else if (d.activations) {
    pass.other_traffic = *d.activations;
  } else {
    throw MissingData(workload.name(), "activation traffic", "set activation_weight_fraction (0.1 is a common guess)");
  }
  if (counts.live_state) {
    pass.other_traffic += d.cache_read + d.cache_write + 2.0 * d.state;
    pass.other_held = d.cache_resident + d.state;
  }
  return pass;
}

/// The two ceilings of a pass and its fixed costs.
struct PassTimes {
  Time compute;
  Time memory;
  Time overhead;
  [[nodiscard]] Time latency() const { return std::max(compute, memory) + overhead; }
};

/// Time of the pass's traffic; what does not fit in `main` spills to the host. Throws MissingData where it has no link.
inline Time pass_memory_time(const InferencePass& pass, const Hardware& hardware, const Memory& main, SpillTransfer how,
                             Maybe<Bandwidth> default_host_link = absent) {
  if (pass.footprint() <= main.capacity) return pass.traffic() / weight_memory(hardware, main, pass.weights).bandwidth;
  const Bandwidth link = spill_link(hardware, default_host_link);
  return spill_times(how, pass.traffic(), pass.footprint() - main.capacity, main.bandwidth, link).total;
}

}  // namespace ironlaw::equations
