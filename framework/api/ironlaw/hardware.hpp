#pragma once
#include <ironlaw/formats.hpp>
#include <ironlaw/object.hpp>

namespace ironlaw {

/// The main memory of a device.
struct Memory {
  Information capacity;
  Bandwidth bandwidth;
};

/// A device that computes. Rates count two FLOP a multiply-accumulate; links are one way.
class IRONLAW_API Hardware : public Object {
 public:
  static constexpr std::string_view interface = "hardware";
  using Object::Object;
  ~Hardware() override;

  /// Dense peak arithmetic rate, with sums in the format that is asked. Throws MissingData, naming the rates listed, where the
  /// device states none.
  [[nodiscard]] FlopRate peak_rate(Precision precision, Accumulation accumulation = Accumulation::fp32) const {
    return accumulation == Accumulation::fp32 ? do_peak_rate(precision) : do_narrow_rate(precision);
  }
  [[nodiscard]] Memory memory() const { return do_memory(); }
  /// Fixed cost of handing the device one piece of work.
  [[nodiscard]] Time dispatch_overhead() const { return do_dispatch_overhead(); }
  /// Link to the host or, for a wafer, the injection link.
  [[nodiscard]] Maybe<Bandwidth> host_link() const { return do_host_link(); }
  /// Thermal design power.
  [[nodiscard]] Maybe<Power> tdp() const { return do_tdp(); }
  /// Purchase price of one device.
  [[nodiscard]] Maybe<Money> price() const { return do_price(); }
  /// Emissions of making one device.
  [[nodiscard]] Maybe<Carbon> embodied_carbon() const { return do_embodied_carbon(); }

 private:
  virtual FlopRate do_peak_rate(Precision precision) const = 0;
  /// Where sums are 16-bit; a device that is no faster then says nothing.
  virtual FlopRate do_narrow_rate(Precision precision) const { return do_peak_rate(precision); }
  virtual Memory do_memory() const = 0;
  virtual Time do_dispatch_overhead() const = 0;
  virtual Maybe<Bandwidth> do_host_link() const { return absent; }
  virtual Maybe<Power> do_tdp() const { return absent; }
  virtual Maybe<Money> do_price() const { return absent; }
  virtual Maybe<Carbon> do_embodied_carbon() const { return absent; }
};

}  // namespace ironlaw
