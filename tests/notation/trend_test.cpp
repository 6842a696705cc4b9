// Which way an expression goes where one thing that it reads grows.
#include "expression_fixture.hpp"

#include <functional>
#include <random>

namespace ironlaw::host {
namespace {

using namespace expression_fixture;

/// Where `batch` grows, and `serve.tpot` by `tpot_goes`; nothing else does. No value is below nought but batch-2.
Trend trend_of(const std::string& text, Trend tpot_goes = Trend::constant) {
  return Expression::parse(text, symbols(), "here")
      .trend([&](std::size_t slot) -> Trended {
        const Trend goes = slot == batch ? Trend::rises : slot == tpot ? tpot_goes : Trend::constant;
        return {goes, slot != dashed, slot != dashed};
      })
      .trend;
}

TEST(Trend, OfArithmetic) {
  EXPECT_EQ(trend_of("$batch + 1"), Trend::rises);
  EXPECT_EQ(trend_of("1 - $batch"), Trend::falls);
  EXPECT_EQ(trend_of("-$batch * 3"), Trend::falls);
  EXPECT_EQ(trend_of("3 / $batch"), Trend::falls);
  EXPECT_EQ(trend_of("$batch * serve.tpot", Trend::rises), Trend::rises);
  EXPECT_EQ(trend_of("$batch / serve.tpot", Trend::rises), Trend::unknown);
  EXPECT_EQ(trend_of("$batch / serve.tpot", Trend::falls), Trend::rises);
  EXPECT_EQ(trend_of("min($batch, 7)"), Trend::rises);
  EXPECT_EQ(trend_of("$batch ^ 2"), Trend::rises);
  EXPECT_EQ(trend_of("($batch - 5) ^ 2"), Trend::unknown);
  EXPECT_EQ(trend_of("floor(sqrt($batch))"), Trend::rises);
  EXPECT_EQ(trend_of("log($batch)"), Trend::rises);
  EXPECT_EQ(trend_of("serve.tpot * 2"), Trend::constant);
}

/// A divisor or an operand that may be nought or less: there may be no value, or the sign may turn.
TEST(Trend, IsUnknownWhereAValueMayBeMissing) {
  EXPECT_EQ(trend_of("$batch / ($batch - 1)"), Trend::unknown);
  EXPECT_EQ(trend_of("sqrt($batch - 1)"), Trend::unknown);
  EXPECT_EQ(trend_of("log($batch - 1)"), Trend::unknown);
  EXPECT_EQ(trend_of("$batch * $batch-2"), Trend::unknown);
}

TEST(Trend, OfConditions) {
  EXPECT_EQ(trend_of("$batch <= 4"), Trend::falls);
  EXPECT_EQ(trend_of("serve.tpot < 1 s and $batch >= 2"), Trend::rises);
  EXPECT_EQ(trend_of("serve.tpot < 1 s and $batch >= 2", Trend::rises), Trend::unknown);
  EXPECT_EQ(trend_of("not $batch > 4"), Trend::falls);
  EXPECT_EQ(trend_of("$batch == 4"), Trend::unknown);
  EXPECT_EQ(trend_of("serve.precision == 'fp8'"), Trend::constant);
}

/// What is said to rise does, over random expressions of one name that is positive.
TEST(Trend, HoldsForRandomExpressions) {
  std::mt19937 random(7);
  const auto below = [&](unsigned n) { return random() % n; };
  const std::function<std::string(int)> made = [&](int depth) -> std::string {
    if (depth == 0) return below(2) == 0 ? "$batch" : std::to_string(below(5));
    const std::string a = "(" + made(depth - 1) + ")";
    const std::string b = "(" + made(depth - 1) + ")";
    switch (below(10)) {
      case 0:
        return a + " + " + b;
      case 1:
        return a + " - " + b;
      case 2:
        return a + " * " + b;
      case 3:
        return a + " / " + b;
      case 4:
        return "min(" + a + ", " + b + ")";
      case 5:
        return "max(" + a + ", " + b + ")";
      case 6:
        return "sqrt(" + a + ")";
      case 7:
        return a + " ^ 3";
      case 8:
        return "abs(" + a + ")";
      default:
        return "ceil(" + a + ")";
    }
  };
  std::size_t known = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = made(3);
    const Trend trend = trend_of(text);
    if (trend == Trend::unknown) continue;
    ++known;
    double last = absent_value;
    auto row = cells();
    for (double v = 0.25; v < 40; v *= 1.5) {
      row[batch].number = v;
      const double now = value(text, row);
      const double slack = 1e-12 * std::max(std::abs(now), std::abs(last));
      EXPECT_FALSE(trend != Trend::falls && now < last - slack) << text << " at " << v;
      EXPECT_FALSE(trend != Trend::rises && now > last + slack) << text << " at " << v;
      last = now;
    }
  }
  EXPECT_GT(known, 500u);
}

}  // namespace
}  // namespace ironlaw::host
