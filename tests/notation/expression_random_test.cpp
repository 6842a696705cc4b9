#include "expression/expression.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ironlaw/maybe.hpp>
#include <random>
#include <string>
#include <vector>

namespace ironlaw::host {
namespace {

/// A random expression of numbers without a unit, beside what C++ makes of it. `level` is how tightly its operator binds.
struct Made {
  std::string text;
  double value;
  int level;
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {
    for (double& v : names) v = below(6) == 0 ? absent_value : below(9) / 2.0 - 1;
  }

  std::array<double, 3> names{};

  Made number(int depth) {
    if (depth == 0 || below(8) == 0) return leaf();
    const Made a = number(depth - 1);
    if (const int kind = below(12); kind < 6) return arithmetic(kind, a, number(depth - 1));
    switch (below(5)) {
      case 0:
        return {"-" + in(a, 7), -a.value, 7};
      case 1:
        return {"abs(" + a.text + ")", std::fabs(a.value), 9};
      case 2:
        return {"floor(" + a.text + ")", std::floor(a.value), 9};
      case 3:
        return {"sqrt(" + a.text + ")", std::sqrt(a.value), 9};
      default:
        return {in(a, 9) + "^3", std::pow(a.value, 3), 8};
    }
  }

  Made truth(int depth) {
    if (depth == 0 || below(4) == 0) return comparison(number(depth), number(depth));
    const Made a = truth(depth - 1);
    if (below(3) == 0) return {"not " + in(a, 3), a.value > 0 ? 0.0 : 1.0, 3};
    const Made b = truth(depth - 1);
    if (below(2) == 0) return {in(a, 2) + " and " + in(b, 3), a.value > 0 && b.value > 0 ? 1.0 : 0.0, 2};
    return {in(a, 1) + " or " + in(b, 2), a.value > 0 || b.value > 0 ? 1.0 : 0.0, 1};
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  /// In parentheses where its operator binds less tightly than `level`, and now and then where it does not.
  std::string in(const Made& made, int level) { return made.level < level || below(8) == 0 ? "(" + made.text + ")" : made.text; }

  Made leaf() {
    if (const int i = below(4); i < 3)
      return {"$" + std::string(1, static_cast<char>('a' + i)), names[static_cast<std::size_t>(i)], 9};
    const int v = below(5);
    return {std::to_string(v), static_cast<double>(v), 9};
  }

  Made arithmetic(int kind, const Made& a, const Made& b) {
    const bool absent = std::isnan(a.value) || std::isnan(b.value);
    switch (kind) {
      case 0:
        return {in(a, 5) + " + " + in(b, 6), a.value + b.value, 5};
      case 1:
        return {in(a, 5) + "-" + in(b, 6), a.value - b.value, 5};
      case 2:
        return {in(a, 6) + "*" + in(b, 7), a.value * b.value, 6};
      case 3:
        return {in(a, 6) + " / " + in(b, 7), a.value / b.value, 6};
      case 4:
        return {"min(" + a.text + ", " + b.text + ")", absent ? absent_value : std::min(a.value, b.value), 9};
      default:
        return {"max(" + a.text + ", " + b.text + ")", absent ? absent_value : std::max(a.value, b.value), 9};
    }
  }

  Made comparison(const Made& a, const Made& b) {
    switch (below(6)) {
      case 0:
        return {in(a, 5) + " <= " + in(b, 5), a.value <= b.value ? 1.0 : 0.0, 4};
      case 1:
        return {in(a, 5) + " >= " + in(b, 5), a.value >= b.value ? 1.0 : 0.0, 4};
      case 2:
        return {in(a, 5) + " < " + in(b, 5), a.value < b.value ? 1.0 : 0.0, 4};
      case 3:
        return {in(a, 5) + " > " + in(b, 5), a.value > b.value ? 1.0 : 0.0, 4};
      case 4:
        return {in(a, 5) + " == " + in(b, 5), a.value == b.value ? 1.0 : 0.0, 4};
      default:
        return {in(a, 5) + " != " + in(b, 5), a.value < b.value || a.value > b.value ? 1.0 : 0.0, 4};
    }
  }

  std::mt19937 random_;
};

TEST(Expression, RandomOnesAgreeWithArithmetic) {
  Symbols abc;
  abc.by_name = {{"a", {{}, 0}}, {"b", {{}, 1}}, {"c", {{}, 2}}};
  for (unsigned seed = 0; seed < 5000; ++seed) {
    Generator generator(seed);
    const Made made = seed % 2 == 0 ? generator.number(5) : generator.truth(3);
    std::vector<Cell> row;
    for (const double v : generator.names) row.push_back({v});
    const double value = Expression::parse(made.text, abc, "").value(row);
    ASSERT_TRUE(value == made.value || (std::isnan(value) && std::isnan(made.value)))
        << seed << ": " << made.text << " is " << value << ", not " << made.value;
  }
}

}  // namespace
}  // namespace ironlaw::host
