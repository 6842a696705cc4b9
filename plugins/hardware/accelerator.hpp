#pragma once
#include <ironlaw/kernel_rates.hpp>

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
    const KernelRates* generation = nullptr;
    const KernelRates* kernel_rates = nullptr;
    Maybe<double> multiprocessors;
    Maybe<double> link_domain;
    Maybe<Bandwidth> network_link;
    bool in_band_ecc = false;
  };
  static constexpr auto fields =
      ports(device_fields, on_chip_fields, storage_fields,
            port<&Fields::host_link>("link to the host, one way", positive).display("GB/s"),
            port<&Fields::device_link>("link to the other devices of a node, one way", positive).display("GB/s"),
            port<&Fields::device_link_latency>("latency of that link", non_negative).display("us"),
            port<&Fields::dispatch_overhead>("fixed cost of handing the device one piece of work", non_negative).display("us"),
            port<&Fields::battery_capacity>("energy of a full battery", positive).display("Wh"),
            port<&Fields::generation>("generation of devices whose kernels are alike, as kernel_rates has it").optional(),
            port<&Fields::kernel_rates>("records of this device alone, asked before those of its generation").optional(),
            port<&Fields::multiprocessors>("streaming multiprocessors, compute units or cores that share out tiles", at_least_one)
                .refinement()
                .whole(),
            port<&Fields::link_domain>("devices that device_link joins without a network", at_least_one).refinement().whole(),
            port<&Fields::network_link>("the device's share of the node's network cards, one way", positive)
                .refinement()
                .display("GB/s"),
            port<&Fields::in_band_ecc>("error correction takes a sixteenth of the memory traffic, as on GDDR6 cards of servers")
                .refinement());

  class Made final : public Device {
   public:
    Made(const Fields& f, std::string_view name)
        : Device(name, f, f.dispatch_overhead, f.host_link),
          on_chip_(f.on_chip()),
          storage_(f.storage()),
          link_{f.device_link, f.device_link_latency},
          platform_{.generation = f.kernel_rates != nullptr ? f.kernel_rates : f.generation,
                    .multiprocessors = f.multiprocessors,
                    .link_domain = f.link_domain,
                    .network_bandwidth = f.network_link,
                    .in_band_ecc = f.in_band_ecc} {}

   private:
    const void* do_facet(const FacetKey& key) const override {
      return answer(key, &arithmetic_formats(), address_of(on_chip_), address_of(storage_), &link_, &platform_);
    }
    std::optional<OnChipMemory> on_chip_;
    std::optional<Storage> storage_;
    DeviceLink link_;
    KernelPlatform platform_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::hardware
