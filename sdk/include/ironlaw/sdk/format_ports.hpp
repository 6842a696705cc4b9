#pragma once
// The ports by which a question says in what widths tensors are stored, beside its `precision`.
#include <ironlaw/formats.hpp>
#include <ironlaw/sdk/ports.hpp>

namespace ironlaw {

/// Widths of an inference. What is left out is the checkpoint's own, or else that of `precision`, which is the arithmetic's.
struct FormatInputs {
  Maybe<double> weight_bits = absent;
  Maybe<double> attention_bits = absent;
  Maybe<double> expert_bits = absent;
  Maybe<double> embedding_bits = absent;
  Maybe<double> head_bits = absent;
  Maybe<double> cache_bits = absent;
  Maybe<double> activation_bits = absent;
  Accumulation accumulation = Accumulation::fp32;

  [[nodiscard]] constexpr Formats formats(Precision precision) const {
    Formats f = Formats::of(precision);
    f.accumulation = accumulation;
    f.bits = {weight_bits, attention_bits, expert_bits ? expert_bits : weight_bits, embedding_bits, head_bits, absent,
              cache_bits,  activation_bits};
    return f;
  }
};
inline constexpr Range bits_of_an_element = between(0.1, 64);
/// Widths alone, for a question that multiplies nothing.
inline constexpr auto width_ports = ports(
    port<&FormatInputs::weight_bits>(
        "stored bits of a weight of linear layers, attention and experts, scales included (4.25); absent: "
        "the checkpoint's own, or precision's",
        bits_of_an_element),
    port<&FormatInputs::attention_bits>("stored bits of a weight of attention's projections; absent: as weight_bits",
                                        bits_of_an_element)
        .refinement(),
    port<&FormatInputs::expert_bits>("stored bits of a weight of routed experts; absent: as weight_bits", bits_of_an_element)
        .refinement(),
    port<&FormatInputs::embedding_bits>(
        "stored bits of an element of the embedding; absent: the checkpoint's own, or precision's", bits_of_an_element)
        .refinement(),
    port<&FormatInputs::head_bits>("stored bits of a weight of the output head; absent: likewise", bits_of_an_element)
        .refinement(),
    port<&FormatInputs::cache_bits>("stored bits of an element of the cache; absent: likewise", bits_of_an_element),
    port<&FormatInputs::activation_bits>("bits of an activation; absent: likewise", bits_of_an_element).refinement());
inline constexpr auto format_ports =
    ports(width_ports,
          port<&FormatInputs::accumulation>("what sums of products are held in: fp32, or fp16 where a device is faster with it")
              .refinement());

}  // namespace ironlaw
