#pragma once
#include <ironlaw/sdk.hpp>

#include <cmath>

using namespace ironlaw;

/// Dimensions that the project itself has no name for: the host works them out from the exponents.
using ThermalResistance = decltype(Temperature{} / Power{});
using PerTemperature = decltype(1.0 / Temperature{});

/// An accelerator that multiplies inside its memory arrays. Numbers wider than a cell or a converter take several passes, so its
/// peak falls with precision; a warmer array leaks more and is read more slowly, so its peak falls with temperature:
///   peak = arrays * rows * columns * 2 FLOP / (cycle * passes) * (1 - derating * max(0, ambient + resistance * tdp - rated))
struct InMemoryComputing {
  static constexpr auto about = Kind::About{"in_memory_computing", "accelerator that multiplies inside its memory arrays"};
  using Interface = Hardware;

  struct Fields {
    int arrays = required;
    int rows = 256;
    int columns = 256;
    Time cycle_time = 100e-9 * units::second;
    int cell_bits = 2;
    int converter_bits = 4;
    Temperature ambient = Temperature::from_value(300);
    Temperature rated_temperature = Temperature::from_value(330);
    ThermalResistance thermal_resistance = required;
    PerTemperature derating = PerTemperature::from_value(0.005);
    Information memory_capacity = required;
    Bandwidth memory_bandwidth = required;
    Time dispatch_overhead = 10.0 * units::microsecond;
    Power tdp = required;
  };
  static constexpr auto fields =
      ports(port<&Fields::arrays>("memory arrays that multiply at once", at_least_one),
            port<&Fields::rows>("rows of an array, summed in one read", at_least_one),
            port<&Fields::columns>("columns of an array", at_least_one),
            port<&Fields::cycle_time>("one read of an array", positive).display("ns"),
            port<&Fields::cell_bits>("bits that a cell stores", between(1, 8)),
            port<&Fields::converter_bits>("bits of an input that are converted at once", between(1, 16)),
            port<&Fields::ambient>("temperature of the air", positive).display("K"),
            port<&Fields::rated_temperature>("temperature up to which the cycle time holds", positive).display("K"),
            port<&Fields::thermal_resistance>("from the arrays to the air", non_negative).display("K/W"),
            port<&Fields::derating>("share of the peak lost for each kelvin above that", non_negative).display("1/K"),
            port<&Fields::memory_capacity>("main memory", positive).display("GB"),
            port<&Fields::memory_bandwidth>("reading of main memory", positive).display("GB/s"),
            port<&Fields::dispatch_overhead>("fixed cost of one piece of work", non_negative).display("us"),
            port<&Fields::tdp>("thermal design power", positive).display("W"));

  class Made final : public Hardware {
   public:
    Made(const Fields& f, std::string_view name) : Hardware(name), f_(f) {
      const Temperature array = f.ambient + f.thermal_resistance * f.tdp;
      const Temperature above = array - f.rated_temperature;
      speed_ = above.value() > 0 ? 1 - (f.derating * above) : 1;
      if (!(speed_ > 0)) throw DomainError("thermal_resistance", "leaves no speed: the arrays would run too hot at their power");
    }

   private:
    FlopRate do_peak_rate(Precision precision) const override {
      const double bits = 8 * bytes_per_element(precision);
      if (bits > widest) throw Unsupported(name(), "its arrays hold numbers of at most 16 bits");
      const double passes = std::ceil(bits / f_.cell_bits) * std::ceil(bits / f_.converter_bits);
      const double products = 1.0 * f_.arrays * f_.rows * f_.columns;
      return 2 * products * speed_ * units::flop / (f_.cycle_time * passes);
    }
    Memory do_memory() const override { return {f_.memory_capacity, f_.memory_bandwidth}; }
    Time do_dispatch_overhead() const override { return f_.dispatch_overhead; }
    Maybe<Power> do_tdp() const override { return f_.tdp; }

    static constexpr double widest = 16;
    Fields f_;
    double speed_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};
