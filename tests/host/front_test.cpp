// The Pareto front against its definition.
#include "run/front.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace ironlaw::host {
namespace {

using Goals = std::vector<double>;

bool matches(const Goals& a, const Goals& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return x <= y; });
}

/// Rows that no other matches in every goal; of equals the first.
std::set<std::uint64_t> by_definition(const std::vector<Goals>& rows) {
  std::set<std::uint64_t> front;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    bool beaten = false;
    for (std::size_t j = 0; j < rows.size(); ++j) beaten |= j != i && matches(rows[j], rows[i]) && (rows[j] != rows[i] || j < i);
    if (!beaten) front.insert(i);
  }
  return front;
}

TEST(Front, IsWhatItsDefinitionSaysInAnyOrderOfTheRows) {
  std::mt19937 random(1);
  for (const std::size_t goals : {1u, 2u, 3u, 4u, 5u, 6u}) {
    for (int round = 0; round < 30; ++round) {
      std::uniform_int_distribution<int> value(0, round % 2 == 0 ? 9 : 1000);  // with many equal values, and with few
      std::vector<Goals> rows(300, Goals(goals));
      for (auto& row : rows)
        for (double& v : row) v = value(random);
      std::vector<std::uint64_t> order(rows.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      if (round % 3 > 0) std::shuffle(order.begin(), order.end(), random);
      Front front(goals);
      std::vector<std::uint64_t> places;
      const auto settle = [&] {
        std::vector<std::uint64_t> staying;
        for (const std::uint32_t place : front.settle()) staying.push_back(places[place]);
        places = std::move(staying);
      };
      for (const std::uint64_t i : order) {
        if (!front.admits(rows[i], i)) continue;
        front.add(rows[i], i);
        places.push_back(i);
        if (front.due() || places.size() % 50 == 0) settle();
      }
      settle();
      const std::set<std::uint64_t> kept(places.begin(), places.end());
      EXPECT_EQ(kept, by_definition(rows)) << goals << " goals, round " << round;
    }
  }
}

}  // namespace
}  // namespace ironlaw::host
