// Places sorted by the bits of a number.
#include "run/place_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace ironlaw::host {
namespace {

TEST(PlaceOrder, BitsRiseAsValuesDo) {
  const double rising[] = {-std::numeric_limits<double>::infinity(), -1e300, -2, -1, -5e-324, 0, 5e-324, 1, 2, 1e300,
                           std::numeric_limits<double>::infinity(),  NAN};
  for (std::size_t i = 1; i < std::size(rising); ++i) EXPECT_LT(rising_bits(rising[i - 1]), rising_bits(rising[i])) << rising[i];
  EXPECT_EQ(rising_bits(-0.0), rising_bits(0.0));
  EXPECT_EQ(rising_bits(-std::numeric_limits<double>::quiet_NaN()), rising_bits(NAN))
      << "what is absent comes last, whatever its sign";
}

TEST(PlaceOrder, SortsAsTheLibraryDoesAndLeavesTiesAsTheyWere) {
  std::mt19937_64 random(11);
  for (const std::uint64_t mask :
       {~std::uint64_t{0}, std::uint64_t{0xff}, std::uint64_t{0xff00000000000000}, std::uint64_t{7} << 30, std::uint64_t{0}})
    for (const std::size_t size : {0, 1, 2, 255, 5000}) {
      KeyedPlaces order;
      for (std::size_t i = 0; i < size; ++i) order.keys.push_back(random() & mask);
      order.places.resize(size);
      std::iota(order.places.begin(), order.places.end(), 0u);
      const std::vector<std::uint64_t> keys = order.keys;
      std::vector<std::uint32_t> expected = order.places;
      std::stable_sort(expected.begin(), expected.end(), [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; });
      order.sort();
      EXPECT_EQ(order.places, expected) << size << " keys of " << mask;
      EXPECT_TRUE(std::is_sorted(order.keys.begin(), order.keys.end()));
    }
}

}  // namespace
}  // namespace ironlaw::host
