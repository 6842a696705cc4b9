#pragma once
// What every device states, and the blocks of fields that several kinds share.
#include <ironlaw/facets.hpp>
#include <ironlaw/hardware.hpp>

#include <optional>

#include "rates.hpp"

namespace ironlaw::hardware {

/// Fields of every device.
struct DeviceFields {
  RateFields peak_rate;
  RateFields sparse_peak_rate;
  NarrowRateFields fp16_accumulate_rate;
  MissingRate missing_rate = MissingRate::widen;
  Information memory_capacity = required;
  Bandwidth memory_bandwidth = required;
  Maybe<Power> tdp;
  Maybe<Money> price;
  Maybe<Carbon> embodied_carbon;
};
inline constexpr auto device_fields =
    ports(group<&DeviceFields::peak_rate>(rate_fields), group<&DeviceFields::sparse_peak_rate>(rate_fields),
          group<&DeviceFields::fp16_accumulate_rate>(narrow_rate_fields),
          port<&DeviceFields::missing_rate>(
              "answer for a number format without a dense rate: widen to one that has, refuse, or take the fp16 rate; "
              "4-bit integers, and 16 bits slower than fp32, are always widened to multiply unless it is refuse or use_fp16")
              .refinement(),
          port<&DeviceFields::memory_capacity>("capacity of the main memory", positive).display("GiB"),
          port<&DeviceFields::memory_bandwidth>("bandwidth of the main memory", positive).display("GB/s"),
          port<&DeviceFields::tdp>("thermal design power", non_negative).display("W"),
          port<&DeviceFields::price>("purchase price of one device", non_negative).display("USD"),
          port<&DeviceFields::embodied_carbon>("emissions of making one device", non_negative).display("kgCO2e"));

/// Memory on the die. A capacity without a bandwidth is a fact that no equation can use.
struct OnChipFields {
  Maybe<Information> on_chip_capacity;
  Maybe<Bandwidth> on_chip_bandwidth;
  [[nodiscard]] std::optional<OnChipMemory> on_chip() const {
    if (!on_chip_capacity || !on_chip_bandwidth) return std::nullopt;
    return OnChipMemory{*on_chip_capacity, *on_chip_bandwidth};
  }
};
inline constexpr auto on_chip_fields =
    ports(port<&OnChipFields::on_chip_capacity>("capacity of the memory on the die", positive).display("MiB"),
          port<&OnChipFields::on_chip_bandwidth>("bandwidth of the memory on the die", positive).display("GB/s"));

/// Local storage; without a bandwidth it counts as absent.
struct StorageFields {
  Maybe<Information> storage_capacity;
  Maybe<Bandwidth> storage_bandwidth;
  [[nodiscard]] std::optional<Storage> storage() const {
    if (!storage_bandwidth) return std::nullopt;
    return Storage{storage_capacity, *storage_bandwidth};
  }
};
inline constexpr auto storage_fields =
    ports(port<&StorageFields::storage_capacity>("capacity of the local storage", positive).display("GB"),
          port<&StorageFields::storage_bandwidth>("read bandwidth of the local storage", positive).display("GB/s"));

template <class F>
const F* address_of(const std::optional<F>& facet) {
  return facet ? &*facet : nullptr;
}

/// Answers from DeviceFields; a kind adds its facets.
class Device : public Hardware {
 protected:
  [[nodiscard]] const ArithmeticFormats& arithmetic_formats() const { return rates_.formats(); }
  Device(std::string_view name, const DeviceFields& f, Time dispatch_overhead, Maybe<Bandwidth> host_link)
      : Hardware(name),
        rates_(f.peak_rate, f.sparse_peak_rate, f.fp16_accumulate_rate, f.missing_rate, name),
        memory_{f.memory_capacity, f.memory_bandwidth},
        dispatch_overhead_(dispatch_overhead),
        host_link_(host_link),
        tdp_(f.tdp),
        price_(f.price),
        embodied_carbon_(f.embodied_carbon) {}

 private:
  FlopRate do_peak_rate(Precision precision) const override { return rates_.at(precision, name()); }
  FlopRate do_narrow_rate(Precision precision) const override { return rates_.narrow_at(precision, name()); }
  Memory do_memory() const override { return memory_; }
  Time do_dispatch_overhead() const override { return dispatch_overhead_; }
  Maybe<Bandwidth> do_host_link() const override { return host_link_; }
  Maybe<Power> do_tdp() const override { return tdp_; }
  Maybe<Money> do_price() const override { return price_; }
  Maybe<Carbon> do_embodied_carbon() const override { return embodied_carbon_; }

  Rates rates_;
  Memory memory_;
  Time dispatch_overhead_;
  Maybe<Bandwidth> host_link_;
  Maybe<Power> tdp_;
  Maybe<Money> price_;
  Maybe<Carbon> embodied_carbon_;
};

}  // namespace ironlaw::hardware
