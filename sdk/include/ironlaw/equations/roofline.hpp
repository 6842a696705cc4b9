#pragma once
// The roofline (Williams 2009) and what hangs on it: ceilings, labels, memories, spill, utilisation, energy.
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/hardware.hpp>

#include <algorithm>

namespace ironlaw::equations {

/// What bounds a pass; the names are what users see.
enum class Bottleneck { Compute, Memory };

/// A tie is Compute; a pass without arithmetic worth a time is Memory, one without either is Compute.
inline Bottleneck bottleneck_of(Time compute, Time memory) {
  constexpr Time negligible = 1e-18 * units::second;
  if (compute == Time{} && memory == Time{}) return Bottleneck::Compute;
  return compute < negligible || memory > compute ? Bottleneck::Memory : Bottleneck::Compute;
}

/// Operations of a pass over those of its forward part: a backward pass costs two forward ones, full recomputation one more.
constexpr double operations_multiple(bool training, bool recomputation) { return !training ? 1 : recomputation ? 4 : 3; }

/// The longer of two ceilings, plus the part of the shorter that does not hide behind it; overlap 1 is the roofline.
inline Time overlapped(Time a, Time b, double overlap) { return std::max(a, b) + (1 - overlap) * std::min(a, b); }

/// Share of the peak that was used, in [0, 1].
inline double utilization(Operations operations, FlopRate peak, Time time) {
  return std::clamp(static_cast<double>(operations / (peak * time)), 0.0, 1.0);
}

/// Idle and load-dependent shares of the thermal design power (Barroso & Hoelzle 2007).
inline constexpr double idle_power_share = 0.3;
inline constexpr double dynamic_power_share = 0.7;
inline Energy energy_used(Power tdp, double used, Time time) {
  return tdp * (idle_power_share + dynamic_power_share * used) * time;
}

/// Which memory of a device streams the weights.
enum class MemoryLevel { main, on_chip, flash };
struct WeightMemory {
  MemoryLevel level;
  Bandwidth bandwidth;
};

/// On-chip memory where the weights fit, else flash where there is some, else main memory. Null: the device has none.
inline WeightMemory weight_memory(const OnChipMemory* on_chip, const FlashMemory* flash, const Memory& main,
                                  Information weights) {
  if (on_chip != nullptr && weights <= on_chip->capacity) return {MemoryLevel::on_chip, on_chip->bandwidth};
  if (flash != nullptr) return {MemoryLevel::flash, flash->bandwidth};
  return {MemoryLevel::main, main.bandwidth};
}
inline WeightMemory weight_memory(const Hardware& hardware, const Memory& main, Information weights) {
  return weight_memory(hardware.facet<OnChipMemory>(), hardware.facet<FlashMemory>(), main, weights);
}

/// How what does not fit reaches the device: beside the resident part, after it, or everything through the narrower of the two.
enum class SpillTransfer { streamed, serial, host_link };

/// The link that what does not fit crosses. Throws MissingData where the device states none and there is no other.
inline Bandwidth spill_link(const Hardware& hardware, Maybe<Bandwidth> unless_stated) {
  if (const auto link = hardware.host_link()) return *link;
  if (!unless_stated)
    throw MissingData(hardware.name(), "host link",
                      "what does not fit in its memory must spill over one; give it one, or default_host_link");
  return *unless_stated;
}

struct SpillTimes {
  Time resident;  ///< bytes that memory holds
  Time spilled;   ///< bytes that the host holds
  Time total;
};

/// Only the spilled part crosses the host link (Rajbhandari 2021, Sheng 2023); `host_link` sends all traffic over it.
inline SpillTimes spill_times(SpillTransfer how, Information traffic, Information spill, Bandwidth memory, Bandwidth link) {
  if (how == SpillTransfer::host_link) {
    const Time all = traffic / std::min(memory, link);
    return {Time{}, all, all};
  }
  const Time resident = std::max(traffic - spill, Information{}) / memory;
  const Time spilled = spill / link;
  return {resident, spilled, how == SpillTransfer::streamed ? std::max(resident, spilled) : resident + spilled};
}

}  // namespace ironlaw::equations
