#pragma once
#include "device.hpp"

namespace ironlaw::hardware {

/// A GPU, TPU or other accelerator with its own memory.
struct Accelerator {
  static constexpr auto about = Kind::About{"accelerator", "GPU, TPU or other accelerator with a memory of its own"};
  using Interface = Hardware;

  struct Fields : DeviceFields, OnChipFields, StorageFields {
    Maybe<Bandwidth> host_link;
    Maybe<Bandwidth> device_link;
    Time device_link_latency = 0.5 * units::microsecond;
    Time dispatch_overhead = 10.0 * units::microsecond;
    Maybe<Energy> battery_capacity;
  };
  static constexpr auto fields =
      ports(device_fields, on_chip_fields, storage_fields,
            port<&Fields::host_link>("link to the host, one way", positive).display("GB/s"),
            port<&Fields::device_link>("link to the other devices of a node, one way", positive).display("GB/s"),
            port<&Fields::device_link_latency>("latency of that link", non_negative).display("us"),
            port<&Fields::dispatch_overhead>("fixed cost of handing the device one piece of work", non_negative)

                .display("us"),
            port<&Fields::battery_capacity>("energy of a full battery", positive).display("Wh"));

  class Made final : public Device {
   public:
    Made(const Fields& f, std::string_view name)
        : Device(name, f, f.dispatch_overhead, f.host_link),
          on_chip_(f.on_chip()),
          storage_(f.storage()),
          link_{f.device_link, f.device_link_latency} {}

   private:
    const void* do_facet(const FacetKey& key) const override {
      return answer(key, address_of(on_chip_), address_of(storage_), &link_);
    }
    std::optional<OnChipMemory> on_chip_;
    std::optional<Storage> storage_;
    DeviceLink link_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::hardware
