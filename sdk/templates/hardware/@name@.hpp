#pragma once
#include <ironlaw/sdk.hpp>

/// A kind of device: fields in, an object out. Entries of the zoo, checks, axes over fields and docs follow from the fields.
struct @Name@ {
  static constexpr auto about =
      ironlaw::Kind::About{"@name@", "a device whose arithmetic slows down with the width of its numbers"};
  // What its objects are to a solver: every solver that takes a Hardware takes them.
  using Interface = ironlaw::Hardware;

  // A type says the dimension, the initialiser is the default; `= ironlaw::required` for none. An optional value is a Maybe.
  struct Fields {
    ironlaw::FlopRate rate_at_8_bit = ironlaw::required;
    ironlaw::Information memory_capacity = ironlaw::required;
    ironlaw::Bandwidth memory_bandwidth = ironlaw::required;
    ironlaw::Time dispatch_overhead = 10.0 * ironlaw::units::microsecond;
    ironlaw::Maybe<ironlaw::Power> tdp;
  };
  static constexpr auto fields = ironlaw::ports(
      ironlaw::port<&Fields::rate_at_8_bit>("peak arithmetic on numbers of 8 bits", ironlaw::positive).display("TFLOP/s"),
      ironlaw::port<&Fields::memory_capacity>("main memory", ironlaw::positive).display("GiB"),
      ironlaw::port<&Fields::memory_bandwidth>("reading of main memory", ironlaw::positive).display("TB/s"),
      ironlaw::port<&Fields::dispatch_overhead>("fixed cost of one piece of work", ironlaw::non_negative).display("us"),
      ironlaw::port<&Fields::tdp>("thermal design power", ironlaw::positive).display("W"));

  // Immutable, and asked on many threads at once.
  class Made final : public ironlaw::Hardware {
   public:
    Made(const Fields& given, std::string_view name) : Hardware(name), given_(given) {}

   private:
    ironlaw::FlopRate do_peak_rate(ironlaw::Precision precision) const override {
      return given_.rate_at_8_bit / ironlaw::bytes_per_element(precision);
    }
    ironlaw::Memory do_memory() const override { return {given_.memory_capacity, given_.memory_bandwidth}; }
    ironlaw::Time do_dispatch_overhead() const override { return given_.dispatch_overhead; }
    ironlaw::Maybe<ironlaw::Power> do_tdp() const override { return given_.tdp; }

    Fields given_;
  };

  static Made make(const Fields& given, std::string_view name) { return Made(given, name); }
};
