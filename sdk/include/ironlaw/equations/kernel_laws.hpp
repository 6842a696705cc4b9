#pragma once
// Laws of single kernels. Each is a form: coefficients that depend on the shape, the device and the record, once; then the sizes
// of a row. Fitted on 12.6 million measured kernels of ten devices (aiconfigurator-core 0.12.0); symbols as in
// plugins/estimates/README.md.
#include <ironlaw/quantity.hpp>
#include <ironlaw/sdk/lanes.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::equations {

/// The device's side of a law, each a data sheet's figure.
struct KernelDevice {
  FlopRate peak;  ///< dense, of the format that the arithmetic runs in
  Bandwidth bandwidth;
  double multiprocessors;
};

/// Smooth maximum of order 2: arithmetic and memory overlap, but not wholly (kernels fit orders between 1.6 and 2).
template <class T>
T smooth_maximum(const T& a, const T& b) {
  const auto x = a.value();
  const auto y = b.value();
  return T::from_value(square_root(x * x + y * y));
}

/// What a kernel of one shape costs by its count of rows M:
///   T(M) = fixed + traffic M + sqrt((compute M)^2 + (memory_fixed + memory M)^2)
struct RowForm {
  Time fixed{};         ///< launch and the serial k loop of one tile
  Time traffic{};       ///< a row: activations quantised outside the product
  Time compute{};       ///< a row
  Time memory_fixed{};  ///< weights
  Time memory{};        ///< a row: activations and result
  template <class N>
  [[nodiscard]] Of<N, Time> operator()(const N& rows) const {
    using T = Of<N, Time>;
    return fixed + traffic * rows + smooth_maximum(T(compute * rows), T(memory_fixed + memory * rows));
  }
};

/// Constants of a dense product (law G).
struct ProductLaw {
  double compute_share;
  double memory_share;
  Time latency;
  Time depth_latency;            ///< of a thousand of K
  Information quantize_traffic;  ///< of an element of the activations
};

/// Rows x K times K x N: T = tau + kappa K/1000 + q M K/beta + sqrt((2 M N K/(eta_c Pi))^2 + ((w N K + a M K + 2 M N)/(eta_m
/// beta))^2), with w and a the stored bytes of a weight and an activation.
inline RowForm product_form(const ProductLaw& law, const KernelDevice& d, double n, double k, Information weight,
                            Information activation) {
  const FlopRate sustained = d.peak * law.compute_share;
  const Bandwidth bandwidth = d.bandwidth * law.memory_share;
  return {law.latency + law.depth_latency * (k / 1000), law.quantize_traffic * k / d.bandwidth,
          2 * n * k * units::flop / sustained, n * k * weight / bandwidth,
          (k * activation + n * std::max(activation, 2.0 * units::byte)) / bandwidth};
}

/// Constants of a rank's experts (law E).
struct ExpertLaw {
  double compute_share;
  double memory_share;
  Time latency;
  double touched_rows;           ///< r0
  Information quantize_traffic;  ///< q
  Information permute_traffic;   ///< s
  Time depth_latency{};          ///< kappa: of a thousand of what both products sum over
  Time tile_latency{};           ///< of a touched expert's tile on one multiprocessor
};

/// Experts of one rank: T = tau + kappa (h + i)/1000 + tile e_t/SM + (q R (h + i) + s n k h)/beta
///                          + sqrt((2 W (R + e_t r0)/(eta_c Pi))^2 + (e_t W w/(eta_m beta))^2)
/// with R rows, e_t experts touched, n k routed slots of the whole group, which every rank permutes.
struct ExpertForm {
  Time fixed{};
  Time traffic{};  ///< a row
  Time permute{};  ///< a slot
  Time compute{};  ///< a row
  double touched_rows = 0;
  Time memory{};  ///< a touched expert
  Time tile{};    ///< a touched expert
  template <class N>
  [[nodiscard]] Of<N, Time> operator()(const N& rows, const std::type_identity_t<N>& touched,
                                       const std::type_identity_t<N>& slots) const {
    using T = Of<N, Time>;
    return fixed + tile * touched + traffic * rows + permute * slots +
           smooth_maximum(T(compute * (rows + touched * touched_rows)), T(memory * touched));
  }
};

/// `matrices`: 3 of a gated block, 2 of a plain one; `inner`: width of an expert on this rank.
inline ExpertForm expert_form(const ExpertLaw& law, const KernelDevice& d, double matrices, double hidden, double inner,
                              Information weight) {
  const double elements = matrices * hidden * inner;
  return {law.latency + law.depth_latency * ((hidden + inner) / 1000),
          (hidden + inner) * law.quantize_traffic / d.bandwidth,
          hidden * law.permute_traffic / d.bandwidth,
          2 * elements * units::flop / (d.peak * law.compute_share),
          law.touched_rows,
          elements * weight / (d.bandwidth * law.memory_share),
          law.tile_latency / d.multiprocessors};
}

/// Experts of a rank's `experts` that get a row, routing uniform: e (1 - exp(-R/e)), at most R.
template <class N>
N touched_uniform(double experts, const N& rows) {
  return smaller(rows, N(experts * (1 - each([](double x) { return std::exp(x); }, N(-rows / experts)))));
}

/// Constants of attention (laws P and D).
struct AttentionLaw {
  double compute_share;  ///< of prompts, and of a latent cache
  double memory_share;
  Time latency;
  Time tile_latency;
  Time depth_latency;  ///< of a thousand keys
};

/// Attention of one layer and rank by what a row has; the terms that a law lacks are zero.
///   T = fixed + tile tiles + key keys + row rows + sqrt((read cached)^2 + (pair pairs)^2)   (absorbed latent: D-MLA)
///   T = fixed + tile tiles + key keys + row rows + read cached + pair pairs                 (P and D)
struct AttentionForm {
  Time fixed{};
  Time tile{};
  Time key{};
  Time row{};
  Time read{};  ///< a cached token of one sequence
  Time pair{};  ///< a query and a key
  bool smooth = false;
  template <class N>
  [[nodiscard]] Of<N, Time> operator()(const N& tiles, const std::type_identity_t<N>& keys, const std::type_identity_t<N>& rows,
                                       const std::type_identity_t<N>& cached, const std::type_identity_t<N>& pairs) const {
    using T = Of<N, Time>;
    const T outer = fixed + tile * tiles + key * keys + row * rows;
    if (smooth) return outer + smooth_maximum(T(read * cached), T(pair * pairs));
    return outer + read * cached + pair * pairs;
  }
};

/// Rows of queries that one tile holds.
inline constexpr double attention_tile_rows = 128;

/// Prompts (P): tiles = sequences heads ceil(S/128); half of the peak is lost at a head size of 30. `head` is what keys and
/// values average to: (key + value)/2.
inline AttentionForm prompt_attention_form(const AttentionLaw& law, const KernelDevice& d, double heads, double kv_heads,
                                           double head) {
  constexpr double half_share_head = 30;
  const double share = law.compute_share * head / (head + half_share_head);
  return {.fixed = law.latency,
          .tile = law.tile_latency / d.multiprocessors,
          .key = law.depth_latency / 1000,
          .row = (2 * heads + 2 * kv_heads) * head * (2.0 * units::byte) / (d.bandwidth * law.memory_share),
          .read = Time{},
          .pair = 4 * heads * head * units::flop / (d.peak * share)};
}

/// Prompts with latent attention, expanded (P-MLA): keys of `key` and values of `value` for every head.
inline AttentionForm latent_prompt_attention_form(const AttentionLaw& law, const KernelDevice& d, double heads, double key,
                                                  double value) {
  return {.fixed = law.latency,
          .tile = law.tile_latency / d.multiprocessors,
          .key = law.depth_latency / 1000,
          .row = heads * (2 * key + 2 * value) * (2.0 * units::byte) / (d.bandwidth * law.memory_share),
          .read = Time{},
          .pair = 2 * heads * (key + value) * units::flop / (d.peak * law.compute_share)};
}

/// Decoding (D): tiles = sequences kv_heads; every sequence reads its keys and values.
inline AttentionForm decode_attention_form(const AttentionLaw& law, const KernelDevice& d, double kv_heads, double head,
                                           Information cached_element) {
  return {.fixed = law.latency,
          .tile = law.tile_latency / d.multiprocessors,
          .key = law.depth_latency / 1000,
          .row = Time{},
          .read = 2 * kv_heads * head * cached_element / (d.bandwidth * law.memory_share),
          .pair = Time{}};
}

/// Decoding with latent attention, absorbed (D-MLA): tiles = sequences; sixteen heads at least share a tile.
inline AttentionForm latent_decode_attention_form(const AttentionLaw& law, const KernelDevice& d, double heads, double latent,
                                                  double rope, Information cached_element) {
  constexpr double least_heads = 16;
  return {.fixed = law.latency,
          .tile = law.tile_latency / d.multiprocessors,
          .key = law.depth_latency / 1000,
          .row = Time{},
          .read = (latent + rope) * cached_element / (d.bandwidth * law.memory_share),
          .pair = 2 * std::max(heads, least_heads) * (2 * latent + rope) * units::flop / (d.peak * law.compute_share),
          .smooth = true};
}

/// The batched product that absorbs a latent's projection: rows x latent x width for every head.
inline RowForm absorbed_product_form(double compute_share, double memory_share, Time latency, const KernelDevice& d, double heads,
                                     double latent, double width, Information weight) {
  const Bandwidth bandwidth = d.bandwidth * memory_share;
  const double elements = heads * latent * width;
  return {.fixed = latency,
          .traffic = Time{},
          .compute = 2 * elements * units::flop / (d.peak * compute_share),
          .memory_fixed = elements * weight / bandwidth,
          .memory = heads * (latent + width) * (2.0 * units::byte) / bandwidth};
}

/// Constants of a collective (law C).
struct CollectiveLaw {
  Time latency;
  Time doubling_latency;
  double link_share;
  Time protocol_time;    ///< rho
  double distant_share;  ///< beyond two devices on PCIe
};

/// T = tau + alpha log2 n + x/(eta c2) + sqrt(rho x), x the wire time of the ring's volume; two devices on NVLink reach 0.8 of
/// eta. Reduction in the switch shows as a larger share, not as another volume.
struct CollectiveForm {
  Time fixed{};
  double share = 1;
  Time protocol_time{};
  template <class T>
  [[nodiscard]] T operator()(const T& wire) const {
    return fixed + wire / share + T::from_value(square_root(protocol_time.value() * wire.value()));
  }
};
inline CollectiveForm collective_form(const CollectiveLaw& law, double devices, bool pcie) {
  constexpr double two_devices = 0.8;
  double share = law.link_share;
  if (devices == 2 && !pcie) share *= two_devices;
  if (devices > 2 && pcie) share *= law.distant_share;
  return {law.latency + law.doubling_latency * std::log2(devices), share, law.protocol_time};
}

/// Constants of an exchange of routed tokens (law A).
struct ExpertExchangeLaw {
  Time latency;
  double link_share;
  double lent_multiprocessors;  ///< s0
  double network_share;
};

/// T = tau + max(y/(eta beta_n) (1 + s0/SMs), z/(eta_net beta_net)), with y and z as wire times at full bandwidth: chunks that
/// have crossed the network are forwarded while others cross it (DeepEP 2025). No multiprocessors lent: the exchange runs by
/// itself.
inline Time expert_exchange_time(const ExpertExchangeLaw& law, Time inside, Time outside, double multiprocessors_lent) {
  const double lent = multiprocessors_lent > 0 ? 1 + law.lent_multiprocessors / multiprocessors_lent : 1;
  const Time within = inside / law.link_share * lent;
  return law.latency + (outside > Time{} ? std::max(within, outside / law.network_share) : within);
}

}  // namespace ironlaw::equations
