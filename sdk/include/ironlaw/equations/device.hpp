#pragma once
// A device, asked once for what rows share.
#include <ironlaw/equations/roofline.hpp>

namespace ironlaw::equations {

/// The format that a device computes operands of `precision` in: itself, or what it widens them to.
inline Precision arithmetic_format(const Hardware& device, Precision precision) {
  const auto* formats = device.facet<ArithmeticFormats>();
  return formats == nullptr ? precision : formats->of[static_cast<std::size_t>(precision)];
}

/// What a device says of itself. Throws MissingData where it states no rate for the format.
struct AskedHardware {
  AskedHardware(const Hardware& asked, Precision precision, Accumulation accumulation = Accumulation::fp32)
      : hardware(&asked),
        peak(asked.peak_rate(precision, accumulation)),
        arithmetic(arithmetic_format(asked, precision)),
        memory(asked.memory()),
        dispatch_overhead(asked.dispatch_overhead()),
        tdp(asked.tdp()),
        host_link(asked.host_link()),
        on_chip(asked.facet<OnChipMemory>()),
        flash(asked.facet<FlashMemory>()),
        link(asked.facet<DeviceLink>()) {}
  [[nodiscard]] WeightMemory weight_memory(Information weights) const {
    return equations::weight_memory(on_chip, flash, memory, weights);
  }
  template <class I>
  [[nodiscard]] auto weight_bandwidth(const I& weights) const {
    return equations::weight_bandwidth(on_chip, flash, memory, weights);
  }
  /// Throws MissingData where the device states none and there is no other.
  [[nodiscard]] Bandwidth spill_link(Maybe<Bandwidth> unless_stated) const {
    return host_link ? *host_link : equations::spill_link(*hardware, unless_stated);
  }

  const Hardware* hardware;
  FlopRate peak;
  Precision arithmetic;  ///< that `peak` is of
  Memory memory;
  Time dispatch_overhead;
  Maybe<Power> tdp;
  Maybe<Bandwidth> host_link;
  const OnChipMemory* on_chip;  ///< null: none
  const FlashMemory* flash;     ///< null: none
  const DeviceLink* link;       ///< null: none
};

}  // namespace ironlaw::equations
