#pragma once
#include "device.hpp"

namespace ironlaw::hardware {

/// A wafer that holds activations and cache on the die and takes weights in over an injection link.
struct WaferScale {
  static constexpr auto about = Kind::About{"wafer_scale", "wafer whose weights stream in over an injection link"};
  using Interface = Hardware;

  struct Fields : DeviceFields {
    Maybe<Bandwidth> injection_bandwidth;
    Time dispatch_overhead = 1.0 * units::microsecond;
  };
  static constexpr auto fields = ports(
      device_fields, port<&Fields::injection_bandwidth>("link that weights come in over, one way", positive).display("GB/s"),
      port<&Fields::dispatch_overhead>("fixed cost of handing the wafer one piece of work", non_negative)

          .display("us"));

  class Made final : public Device {
   public:
    Made(const Fields& f, std::string_view name) : Device(name, f, f.dispatch_overhead, f.injection_bandwidth) {}

   private:
    const void* do_facet(const FacetKey& key) const override { return answer(key, &arithmetic_formats()); }
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::hardware
