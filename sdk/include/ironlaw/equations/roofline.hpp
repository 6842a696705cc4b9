#pragma once
// The roofline (Williams 2009) and what hangs on it: ceilings, labels, memories, spill, utilisation, energy.
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/sdk/lanes.hpp>

#include <algorithm>

namespace ironlaw::equations {

/// What bounds a pass; the names are what users see.
enum class Bottleneck { Compute, Memory };

/// A tie is Compute; a pass without arithmetic worth a time is Memory, one without either is Compute.
template <class T>
auto bottleneck_of(const T& compute, const T& memory) {
  constexpr Time negligible = 1e-18 * units::second;
  const auto idle = both(compute == Time{}, memory == Time{});
  return select(both(!idle, either(compute<negligible, memory> compute)), Bottleneck::Memory, Bottleneck::Compute);
}

/// Operations of a pass over those of its forward part: a backward pass costs two forward ones, full recomputation one more.
constexpr double operations_multiple(bool training, bool recomputation) { return !training ? 1 : recomputation ? 4 : 3; }

/// The longer of two ceilings, plus the part of the shorter that does not hide behind it; overlap 1 is the roofline.
template <class T, class N>
T overlapped(const T& a, const T& b, const N& overlap) {
  return larger(a, b) + (1 - overlap) * smaller(a, b);
}

/// Share of the peak that was used, in [0, 1].
template <class O, class R, class T>
auto utilization(const O& operations, const R& peak, const T& time) {
  using N = typename O::value_type;
  return clamped(N((operations / (peak * time)).value()), N(0.0), N(1.0));
}

/// Idle and load-dependent shares of the thermal design power (Barroso & Hoelzle 2007).
inline constexpr double idle_power_share = 0.3;
inline constexpr double dynamic_power_share = 0.7;
template <class N, class T>
auto energy_used(Power tdp, const N& used, const T& time) {
  return tdp * (idle_power_share + dynamic_power_share * used) * time;
}

/// Which memory of a device streams the weights.
enum class MemoryLevel { main, on_chip, flash };
/// The memory that weights are streamed from, and its bandwidth.
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

/// Its bandwidth, for one row or for many.
template <class I>
auto weight_bandwidth(const OnChipMemory* on_chip, const FlashMemory* flash, const Memory& main, const I& weights) {
  using N = typename I::value_type;
  const auto below = spread<N>(flash != nullptr ? flash->bandwidth : main.bandwidth);
  return on_chip != nullptr ? select(weights <= on_chip->capacity, spread<N>(on_chip->bandwidth), below) : below;
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

/// Times to stream what a device holds and what it does not.
template <class N>
struct SpillTimesOf {
  Of<N, Time> resident;  ///< bytes that memory holds
  Of<N, Time> spilled;   ///< bytes that the host holds
  Of<N, Time> total;
};
using SpillTimes = SpillTimesOf<double>;

/// Only the spilled part crosses the host link (Rajbhandari 2021, Sheng 2023); `host_link` sends all traffic over it.
template <class I, class B>
auto spill_times(SpillTransfer how, const I& traffic, const I& spill, const B& memory, const B& link) {
  using Times = SpillTimesOf<typename I::value_type>;
  using T = Of<typename I::value_type, Time>;
  if (how == SpillTransfer::host_link) {
    const T all = traffic / smaller(memory, link);
    return Times{T{}, all, all};
  }
  const T resident = larger(I(traffic - spill), I{}) / memory;
  const T spilled = spill / link;
  return Times{resident, spilled, how == SpillTransfer::streamed ? larger(resident, spilled) : T(resident + spilled)};
}

}  // namespace ironlaw::equations
