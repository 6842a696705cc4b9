// Fast texts of numbers are the exact ones.
#include "units/numbers_in_unit.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace ironlaw::host {
namespace {

std::string exact(double value, const Dimension& dimension, const std::string& unit) {
  const std::string text = format_quantity(value, dimension, unit, 4);
  return text.substr(0, text.find(' '));
}

std::string fast(const NumbersInUnit& numbers, double value) {
  std::string text;
  numbers.append(value, text);
  return text;
}

TEST(NumbersInUnit, AreTheTextsOfFormatQuantity) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> power(-12, 20);
  std::uniform_real_distribution<double> mantissa(1, 10);
  const std::vector<std::pair<Dimension, std::string>> units{
      {dimension_of<Time>(), "us"}, {dimension_of<Time>(), "h"}, {dimension_of<Information>(), "GiB"}, {{}, ""}, {{}, "%"}};
  for (const auto& [dimension, unit] : units) {
    const NumbersInUnit numbers(dimension, unit, 4);
    for (int i = 0; i < 20000; ++i) {
      const double value = (i % 2 == 0 ? 1 : -1) * mantissa(random) * std::pow(10, std::floor(power(random)));
      ASSERT_EQ(fast(numbers, value), exact(value, dimension, unit)) << value << " " << unit;
    }
    for (const double value : {0.0, 1.0, 0.5, 999.95, 999.949999, 9999.5, 99995.0, 1e-3, 0.0009999, 1e15, 9.9995e14, 1.0005,
                               2.00050, 1e22, 1e-300, 0.125, 12.345, 12.335})
      EXPECT_EQ(fast(numbers, value), exact(value, dimension, unit)) << value << " " << unit;
  }
}

}  // namespace
}  // namespace ironlaw::host
