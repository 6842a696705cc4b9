#include "unit_dimensions.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <ironlaw/notation/units.hpp>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {
namespace {

TEST(SiUnit, Names) {
  EXPECT_EQ(si_unit(none), "");
  EXPECT_EQ(si_unit(time), "s");
  EXPECT_EQ(si_unit(none / time), "1/s");
  EXPECT_EQ(si_unit(none / time.power(2)), "1/s^2");
  EXPECT_EQ(si_unit(information / time), "B/s");
  EXPECT_EQ(si_unit(operations / time), "FLOP/s");
  EXPECT_EQ(si_unit(operations / information), "FLOP/B");
  EXPECT_EQ(si_unit(operations / time / power), "FLOP/J");
  EXPECT_EQ(si_unit(money / energy), "USD/J");
  EXPECT_EQ(si_unit(carbon / energy), "kgCO2e/J");
  EXPECT_EQ(si_unit(volume / energy), "m^3/J");
  EXPECT_EQ(si_unit(power / of(Base::length, 2)), "W/m^2");
  EXPECT_EQ(si_unit(power), "W");
  EXPECT_EQ(si_unit(none / energy), "1/J");
  EXPECT_EQ(si_unit(mass / volume), "kg/m^3");
  EXPECT_EQ(si_unit(tokens * time), "token*s");
  EXPECT_EQ(si_unit(of(Base::spare0, 2) / of(Base::spare2)), "spare0^2/spare2");
}

TEST(SiUnit, ParsesBackWithScaleOneForAnyDimension) {
  std::mt19937_64 random(1);
  const auto exponent = [&](int limit) {
    return static_cast<std::int8_t>(std::uniform_int_distribution<int>(-limit, limit - 1)(random));
  };
  for (int i = 0; i < 2000; ++i) {
    Dimension d;
    for (auto& e : d.exponents) e = exponent(i % 2 == 0 ? 3 : 128);
    if (i % 3 == 0) d[Base::time] = static_cast<std::int8_t>(-2 * exponent(63) / 2 * 2);
    if (i % 3 == 0) d[Base::mass] = static_cast<std::int8_t>(-d[Base::time] / 2);
    const auto unit = parse_unit(si_unit(d));
    EXPECT_EQ(unit.value, 1) << si_unit(d);
    EXPECT_EQ(unit.dimension, d) << si_unit(d);
  }
}

TEST(FormatQuantity, Readable) {
  EXPECT_EQ(format_quantity(543e-6, time), "543 us");
  EXPECT_EQ(format_quantity(3.35e12, information / time), "3.35 TB/s");
  EXPECT_EQ(format_quantity(989e12, operations / time), "989 TFLOP/s");
  EXPECT_EQ(format_quantity(80e9, information), "80 GB");
  EXPECT_EQ(format_quantity(80.0 * 1024 * 1024 * 1024, information), "80 GiB");
  EXPECT_EQ(format_quantity(1e18, information), "1 EB");
  EXPECT_EQ(format_quantity(5e-9, time), "5 ns");
  EXPECT_EQ(format_quantity(5e-11, time), "0.05 ns");
  EXPECT_EQ(format_quantity(7200, time), "7200 s");
  EXPECT_EQ(format_quantity(0, time), "0 s");
  EXPECT_EQ(format_quantity(-0.0, time), "-0 s");
  EXPECT_EQ(format_quantity(-0.002, time), "-2 ms");
  EXPECT_EQ(format_quantity(2e6, money), "2 MUSD");
  EXPECT_EQ(format_quantity(36 / 3.6e8, money / energy), "0.36 USD/kWh");
  EXPECT_EQ(format_quantity(1e-8, carbon / energy), "36 gCO2e/kWh");
  EXPECT_EQ(format_quantity(5e-10, volume / energy), "1.8 L/kWh");
  EXPECT_EQ(format_quantity(2500, carbon), "2.5 tCO2e");
  EXPECT_EQ(format_quantity(0.4, carbon), "400 gCO2e");
  EXPECT_EQ(format_quantity(2.5, none), "2.5");
  EXPECT_EQ(format_quantity(1.5e9, operations / energy), "1.5 GFLOP/s/W");
  EXPECT_EQ(format_quantity(5e-12, energy / operations), "5 pJ/FLOP");
  EXPECT_EQ(format_quantity(2e-6, money / tokens), "2 USD/Mtoken");
  EXPECT_EQ(format_quantity(2, of(Base::spare1) / time), "2 spare1/s");
  EXPECT_EQ(format_quantity(1e300, time), "1e300 s");
  EXPECT_EQ(format_quantity(1.5e-7, none), "1.5e-7");
}

TEST(FormatQuantity, SignificantDigits) {
  EXPECT_EQ(format_quantity(1.0 / 3, time, {}, 3), "333 ms");
  EXPECT_EQ(format_quantity(0.0012345, time, {}, 3), "1.23 ms");
  EXPECT_EQ(format_quantity(0.0012345, time, {}, 20), "1.2344999999999999203 ms");
  EXPECT_EQ(format_quantity(0.0009996, time, {}, 3), "1 ms");
  EXPECT_EQ(format_quantity(0.0009994, time, {}, 3), "999 us");
  EXPECT_EQ(format_quantity(59.99, time, {}, 3), "1 min");
  EXPECT_EQ(format_quantity(3597.6, time, {}, 3), "60 min");
  EXPECT_EQ(format_quantity(5400, time, {}, 3), "1.5 hour");
  EXPECT_EQ(format_quantity(3 * 86400, time, {}, 3), "3 day");
  EXPECT_EQ(format_quantity(7.2e9, energy, {}, 3), "2 MWh");
  EXPECT_EQ(format_quantity(7.2e9, energy), "7.2 GJ");
  EXPECT_EQ(format_quantity(123456, none, {}, 3), "123000");
  EXPECT_EQ(format_quantity(2.5, none, {}, 1), "3");
  EXPECT_EQ(format_quantity(9.99, none, {}, 2), "10");
  EXPECT_EQ(format_quantity(1.0996, none, {}, 4), "1.1");
  EXPECT_EQ(format_quantity(0, time, {}, 3), "0 s");
}

TEST(FormatQuantity, FixedUnit) {
  EXPECT_EQ(format_quantity(0.0012, time, "us"), "1200 us");
  EXPECT_EQ(format_quantity(5400, time, "hour"), "1.5 hour");
  EXPECT_EQ(format_quantity(0.12, none, "%"), "12 %");
  EXPECT_EQ(format_quantity(12 / 3.6e8, money / energy, "USD/kWh"), "0.12 USD/kWh");
  EXPECT_EQ(format_quantity(5e9, operations / energy, "TFLOP/s/kW"), "5 TFLOP/s/kW");
  EXPECT_EQ(format_quantity(0.4, carbon, "g"), "400 g");
  EXPECT_EQ(format_quantity(1e-8, carbon / energy, "g/kWh"), "36 g/kWh");
  EXPECT_EQ(format_quantity(1.0 / 3, information, "bit", 4), "2.667 bit");
}

TEST(FormatQuantity, AFixedUnitMustFit) {
  const auto error = [](const Dimension& dimension, std::string_view unit) -> std::string {
    try {
      return format_quantity(1, dimension, unit);
    } catch (const UnitError& e) {
      return e.what();
    }
  };
  EXPECT_EQ(error(time, "B/s"), "unit 'B/s' does not fit a value in 's'; expected one such as 's'");
  EXPECT_EQ(error(none, "s"), "unit 's' does not fit a number without a dimension; expected none or '%'");
  EXPECT_EQ(error(time, "sec"), "unknown unit 'sec' in 'sec'; nearest 's'");
}

TEST(FormatQuantity, NoNumbersAreNamedWithTheirUnit) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(format_quantity(infinity, time), "inf s");
  EXPECT_EQ(format_quantity(-infinity, time, "ms"), "-inf ms");
  EXPECT_EQ(format_quantity(std::nan(""), none), "nan");
}

const std::vector<Dimension>& dimensions() {
  static const std::vector<Dimension> all = {none,
                                             time,
                                             information,
                                             information / time,
                                             operations / time,
                                             energy,
                                             power,
                                             money,
                                             money / energy,
                                             carbon,
                                             carbon / energy,
                                             volume / energy,
                                             money / time,
                                             operations / energy,
                                             tokens / time,
                                             energy / tokens,
                                             mass,
                                             of(Base::spare2) / time};
  return all;
}

void expect_round_trip(double value, const Dimension& dimension, std::string_view unit = {}) {
  const std::string text = format_quantity(value, dimension, unit);
  const auto back = parse_quantity(text, dimension);
  ASSERT_EQ(std::bit_cast<std::uint64_t>(back.value), std::bit_cast<std::uint64_t>(value)) << text;
  ASSERT_EQ(back.dimension, dimension) << text;
}

TEST(FormatQuantity, ParsesBackToTheSameBits) {
  std::mt19937_64 random(20240607);
  for (int i = 0; i < 100'000; ++i) {
    const auto& dimension = dimensions()[static_cast<std::size_t>(i) % dimensions().size()];
    const double any = std::bit_cast<double>(random());
    if (std::isfinite(any)) expect_round_trip(any, dimension);
    expect_round_trip(std::ldexp(std::uniform_real_distribution<double>(-1, 1)(random), i % 120 - 60), dimension);
  }
}

TEST(FormatQuantity, ParsesBackFromAnyUnit) {
  std::mt19937_64 random(7);
  const std::array<std::string_view, 8> units = {"ns", "ms", "min", "hour", "day", "week", "year", "year^2/s"};
  for (int i = 0; i < 20'000; ++i) {
    const double any = std::bit_cast<double>(random());
    if (std::isfinite(any)) expect_round_trip(any, time, units[static_cast<std::size_t>(i) % units.size()]);
  }
}

TEST(FormatQuantity, ParsesBackAtTheEdges) {
  using limits = std::numeric_limits<double>;
  for (const double value :
       {limits::max(), limits::min(), limits::denorm_min(), limits::epsilon(), std::nextafter(limits::min(), 0.0), 0.0,
        9007199254740993.0, 1073741824.0 * 3, std::ldexp(1.0, 1000), std::ldexp(1.0, -1000)}) {
    for (const auto& dimension : dimensions()) {
      expect_round_trip(value, dimension);
      expect_round_trip(-value, dimension);
    }
    for (const auto unit : {"year", "ns", "hour"}) expect_round_trip(value, time, unit);
    for (const auto unit : {"GiB", "bit", "EB"}) expect_round_trip(value, information, unit);
  }
}

TEST(FormatQuantity, AShortDecimalComesBackAsWritten) {
  for (const std::string text :
       {"0.07 USD/kWh", "0.123456789012345 USD/kWh", "429 gCO2e/kWh", "1.8 L/kWh", "98.32 USD/hour", "4.1 TB/s"}) {
    const auto parsed = parse_quantity(text);
    EXPECT_EQ(format_quantity(parsed.value, parsed.dimension), text);
  }
}

TEST(ReadableUnit, OneUnitForAColumn) {
  const auto milliseconds = readable_unit(0.02, time);
  EXPECT_EQ(milliseconds.unit, "ms");
  EXPECT_EQ(milliseconds.scale, 1e-3);
  const auto hours = readable_unit(7200, time);
  EXPECT_EQ(hours.unit, "hour");
  EXPECT_EQ(hours.scale, 3600);
  EXPECT_EQ(readable_unit(-3e12, information / time).unit, "TB/s");
  EXPECT_EQ(readable_unit(0, information).unit, "B");
  EXPECT_EQ(readable_unit(std::nan(""), time).unit, "s");
  EXPECT_EQ(readable_unit(1e-30, time).unit, "ns");
  EXPECT_EQ(readable_unit(5, none).unit, "");
  EXPECT_EQ(readable_unit(5, none).scale, 1);
  EXPECT_EQ(readable_unit(1, money / energy).scale, parse_unit("USD/kWh").value);
}

}  // namespace
}  // namespace ironlaw::host
