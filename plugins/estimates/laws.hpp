#pragma once
// From a record to the law that it holds the constants of.
#include <ironlaw/equations/device.hpp>
#include <ironlaw/equations/kernel_laws.hpp>

#include "formats.hpp"
#include "rate_search.hpp"

namespace ironlaw::estimates {

/// A constant that the law cannot do without.
template <class T>
T constant(const RateFound& found, const Maybe<T>& value, std::string_view name) {
  if (value) return *value;
  throw MissingData(found.records->name(), name, "the record of " + std::string(found->operation) + " leaves it out");
}

inline equations::ProductLaw product_law(const RateFound& r) {
  return {constant(r, r->compute_share, "compute_share"), constant(r, r->memory_share, "memory_share"),
          r->latency.value_or(Time{}), r->depth_latency.value_or(Time{}), r->quantize_traffic.value_or(Information{})};
}
inline equations::ExpertLaw expert_law(const RateFound& r) {
  return {constant(r, r->compute_share, "compute_share"),
          constant(r, r->memory_share, "memory_share"),
          r->latency.value_or(Time{}),
          r->touched_rows.value_or(0),
          r->quantize_traffic.value_or(Information{}),
          r->permute_traffic.value_or(Information{}),
          r->depth_latency.value_or(Time{}),
          r->tile_latency.value_or(Time{})};
}
/// `computes`: whether the law has a term of arithmetic (prompts, and a latent cache).
inline equations::AttentionLaw attention_law(const RateFound& r, bool computes) {
  return {computes ? constant(r, r->compute_share, "compute_share") : 1, constant(r, r->memory_share, "memory_share"),
          r->latency.value_or(Time{}), r->tile_latency.value_or(Time{}), r->depth_latency.value_or(Time{})};
}
inline equations::CollectiveLaw collective_law(const RateFound& r) {
  return {r->latency.value_or(Time{}), r->doubling_latency.value_or(Time{}), constant(r, r->link_share, "link_share"),
          r->protocol_time.value_or(Time{}), r->distant_share.value_or(1)};
}
inline equations::ExpertExchangeLaw expert_exchange_law(const RateFound& r) {
  return {r->latency.value_or(Time{}), constant(r, r->link_share, "link_share"), r->lent_multiprocessors.value_or(0),
          r->network_share.value_or(1)};
}

/// Memory bandwidth that kernels see: error correction in band takes a sixteenth.
inline Bandwidth kernel_bandwidth(const Hardware& device) {
  constexpr double left_by_ecc = 15.0 / 16;
  const auto* platform = device.facet<KernelPlatform>();
  return device.memory().bandwidth * (platform != nullptr && platform->in_band_ecc ? left_by_ecc : 1);
}

/// Rate of the units that widen weights: in 32 bits, or where a device states none a sixteenth of that in 16 bits, as A100 has it
/// (H100 a fifteenth).
inline FlopRate widening_rate(const Hardware& device) {
  try {
    return device.peak_rate(Precision::fp32);
  } catch (const MissingData&) {
    return device.peak_rate(Precision::fp16) / 16.0;
  }
}

/// Multiprocessors of a device that states none: GPUs of 2020 to 2025 for data centres have 108 to 188.
inline constexpr double usual_multiprocessors = 132;

/// The device's side of a law whose arithmetic runs in `precision`.
inline equations::KernelDevice kernel_device(const Hardware& device, Precision precision,
                                             Accumulation sums = Accumulation::fp32) {
  const auto* platform = device.facet<KernelPlatform>();
  if (bytes_per_element(equations::arithmetic_format(device, precision)) > bytes_per_element(precision))
    throw MissingData(device.name(),
                      "dense " + std::string(detail::enumerator_names<Precision>[static_cast<std::size_t>(precision)]) + " rate",
                      "no kernel multiplies in it there; a format such as w8a16 or w4a16 widens its weights");
  const double counted = platform != nullptr ? platform->multiprocessors.value_or(usual_multiprocessors) : usual_multiprocessors;
  return {device.peak_rate(precision, sums), kernel_bandwidth(device), counted};
}

}  // namespace ironlaw::estimates
