#pragma once
#include "device.hpp"

namespace ironlaw::hardware {

/// A microcontroller: kilobytes of memory on the die, weights executed in place from flash.
struct Microcontroller {
  static constexpr auto about = Kind::About{"microcontroller", "microcontroller that reads weights in place from flash"};
  using Interface = Hardware;

  struct Fields : DeviceFields, OnChipFields {
    Maybe<Information> flash_capacity;
    Maybe<Bandwidth> flash_bandwidth;
    Maybe<Bandwidth> host_link;
    Time dispatch_overhead = 10.0 * units::microsecond;
    Maybe<Energy> battery_capacity;
  };
  static constexpr auto fields =
      ports(device_fields, on_chip_fields, port<&Fields::flash_capacity>("capacity of the flash memory", positive).display("MiB"),
            port<&Fields::flash_bandwidth>("read bandwidth of the flash memory", positive).display("MB/s"),
            port<&Fields::host_link>("link to the host, one way", positive).display("MB/s"),
            port<&Fields::dispatch_overhead>("fixed cost of starting one piece of work", non_negative).display("us"),
            port<&Fields::battery_capacity>("energy of a full battery", positive).display("Wh"));

  class Made final : public Device {
   public:
    Made(const Fields& f, std::string_view name) : Device(name, f, f.dispatch_overhead, f.host_link), on_chip_(f.on_chip()) {
      if (f.flash_bandwidth) flash_ = FlashMemory{f.flash_capacity, *f.flash_bandwidth};
    }

   private:
    const void* do_facet(const FacetKey& key) const override {
      return answer(key, &arithmetic_formats(), address_of(on_chip_), address_of(flash_));
    }
    std::optional<OnChipMemory> on_chip_;
    std::optional<FlashMemory> flash_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::hardware
