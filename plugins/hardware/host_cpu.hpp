#pragma once
#include "device.hpp"

namespace ironlaw::hardware {

/// A general-purpose processor that runs the model itself.
struct HostCpu {
  static constexpr auto about = Kind::About{"host_cpu", "general-purpose processor that runs the model itself"};
  using Interface = Hardware;

  struct Fields : DeviceFields, OnChipFields, StorageFields {
    Maybe<Bandwidth> host_link;
    Time dispatch_overhead = 10.0 * units::microsecond;
  };
  static constexpr auto fields =
      ports(device_fields, on_chip_fields, storage_fields,
            port<&Fields::host_link>("link to memory beyond its own, one way", positive).display("GB/s"),
            port<&Fields::dispatch_overhead>("fixed cost of starting one piece of work", non_negative).display("us"));

  class Made final : public Device {
   public:
    Made(const Fields& f, std::string_view name)
        : Device(name, f, f.dispatch_overhead, f.host_link), on_chip_(f.on_chip()), storage_(f.storage()) {}

   private:
    const void* do_facet(const FacetKey& key) const override {
      return answer(key, &arithmetic_formats(), address_of(on_chip_), address_of(storage_));
    }
    std::optional<OnChipMemory> on_chip_;
    std::optional<Storage> storage_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::hardware
