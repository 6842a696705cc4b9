#include "expression_fixture.hpp"

#include <gtest/gtest.h>

namespace ironlaw::host {
namespace {

using namespace expression_fixture;

TEST(Expression, UnknownNamesHaveTheNearest) {
  EXPECT_EQ(error("serve.tpok <= 50 ms"), "here: column 1: unknown name 'serve.tpok'; did you mean 'serve.tpot'?");
  EXPECT_EQ(error("$btch > 1"), "here: column 1: unknown name '$btch'; did you mean '$batch'?");
  EXPECT_EQ(error("1 + nothing.like_it"), "here: column 5: unknown name 'nothing.like_it'");
  EXPECT_EQ(error("sqr(4)"), "here: column 1: unknown function 'sqr'; did you mean 'sqrt'?");
  EXPECT_EQ(error("variance(4)"),
            "here: column 1: unknown function 'variance'; there are min, max, abs, sqrt, floor, ceil, log, log2, exp, sum, "
            "mean, count, at, percentile");
}

TEST(Expression, UnknownUnitsHaveTheNearest) {
  EXPECT_EQ(error("serve.tpot <= 50 mss"), "here: column 15: unknown unit 'mss' in '50 mss'; nearest 'ms'");
  EXPECT_EQ(error("10 TB/sec < 1"), "here: column 1: unknown unit 'sec' in '10 TB/sec'; nearest 's'");
  EXPECT_EQ(error("5 MUSD/btch"), "here: column 8: unknown name 'btch'; did you mean '$batch'?");
  EXPECT_EQ(error("1e999 < 2"),
            "here: column 1: '1e999' is out of range; expected 0 or a magnitude from 4.9e-324 to 1.8e308 in SI units");
  EXPECT_EQ(error("5 ms ^2"), "here: column 1: expected '*', '/' or the end before '^2' in '5 ms ^2'");
}

TEST(Expression, DimensionErrorsNameBothUnits) {
  EXPECT_EQ(error("serve.tpot <= 5 GB"), "here: column 12: serve.tpot is in s, 5 GB is in B");
  EXPECT_EQ(error("1 + serve.tpot"), "here: column 3: 1 has no unit, serve.tpot is in s");
  EXPECT_EQ(error("min(serve.tpot, cost.tco)"), "here: column 1: serve.tpot is in s, cost.tco is in USD");
  EXPECT_EQ(error("(serve.tpot + serve.ttft) == 2 GB"), "here: column 27: (serve.tpot + serve.ttft) is in s, 2 GB is in B");
  EXPECT_EQ(error("sqrt(serve.tpot)"), "here: column 1: sqrt halves powers of units, but serve.tpot is in s");
  EXPECT_EQ(error("log(serve.tpot)"),
            "here: column 1: log takes a number without a unit, but serve.tpot is in s; divide it by '1 s' or a "
            "unit of your choice");
  EXPECT_EQ(error("(serve.tpot ^ 64) ^ 3"),
            "here: column 19: the unit of (serve.tpot ^ 64) ^ 3 is out of range; powers of a base dimension go from -128 to 127");
  EXPECT_EQ(error("serve.tpot + serve.tpot + serve.tpot + serve.tpot > 1 B"),
            "here: column 51: serve.tpot + serve.tpot + serve.tpot + s... is in s, 1 B is in B");
}

TEST(Expression, SyntaxErrorsPointToTheColumn) {
  EXPECT_EQ(error(""), "here: column 1: expected a value before the end");
  EXPECT_EQ(error("1 +"), "here: column 4: expected a value before the end");
  EXPECT_EQ(error("1 2"), "here: column 3: expected an operator or the end before '2'");
  EXPECT_EQ(error("5 serve.tpot"), "here: column 3: expected an operator or the end before 'serve.tpot'");
  EXPECT_EQ(error("(1 + 2"), "here: column 7: '(' of column 1 is not closed; expected ')' before the end");
  EXPECT_EQ(error("1 + 2)"), "here: column 6: there is no '(' for ')'");
  EXPECT_EQ(error("min(1)"), "here: column 5: min takes two values or more, or a series, but 1 is a number");
  EXPECT_EQ(error("abs(1, 2)"), "here: column 6: '(' of column 4 is not closed; expected ')' before ', 2)'");
  EXPECT_EQ(error("1 < 2 < 3"), "here: column 7: comparisons do not chain; write 'a < b and b < c'");
  EXPECT_EQ(error("2 ^ 3 ^ 2"), "here: column 7: powers do not chain; write (a^2)^3");
  EXPECT_EQ(error("2 ^ 0.5"), "here: column 5: '^' takes a whole number from -64 to 64; sqrt(x) is the square root");
  EXPECT_EQ(error("2 ^ $batch"), "here: column 5: '^' takes a whole number from -64 to 64; sqrt(x) is the square root");
  EXPECT_EQ(error("2 ^ 65"), "here: column 5: '^' takes a whole number from -64 to 64; sqrt(x) is the square root");
  EXPECT_EQ(error("serve.sparse == not serve.sparse"), "here: column 17: 'not' stands in parentheses here");
  EXPECT_EQ(error("serve.precision == 'fp8"), "here: column 20: the text that begins here has no closing quote");
  EXPECT_EQ(error("1 < and"), "here: column 5: expected a value before 'and'");
  EXPECT_EQ(error("serve.tpot = 1 s"), "here: column 12: expected an operator or the end before '= 1 s'; write '=='");
  EXPECT_EQ(error("1 == 1 && 2 == 2"), "here: column 8: expected an operator or the end before '&& 2 == 2'; write 'and'");
  EXPECT_EQ(error("!serve.sparse"), "here: column 1: expected a value before '!serve.sparse'; write 'not' or '!='");
  EXPECT_EQ(error("serve.precision == \"fp8"), "here: column 20: the text that begins here has no closing quote");
  EXPECT_EQ(error("serve.precision == \"fp8\""), "no error");
  EXPECT_EQ(error("$ > 1"), "here: column 1: expected a value before '$ > 1'");
}

TEST(Expression, ColumnsCountCharacters) {
  EXPECT_EQ(error("5 \u00b5s < serve.tpok"), "here: column 8: unknown name 'serve.tpok'; did you mean 'serve.tpot'?");
}

TEST(Expression, DepthAndLengthAreLimited) {
  const std::string open(200, '('), close(200, ')');
  EXPECT_EQ(value(open + "1" + close), 1);
  EXPECT_EQ(error("(" + open + "1"), "here: column 201: nested deeper than 200 levels");
  EXPECT_EQ(error(std::string(300, '-') + "1"), "here: column 201: nested deeper than 200 levels");
  std::string sum = "1";
  for (int i = 0; i < 1000; ++i) sum += " + 1";
  EXPECT_EQ(value(sum), 1001) << "long is not deep";
  EXPECT_EQ(error(std::string(10001, ' ')), "here: an expression takes at most 10000 characters, not 10001");
}

TEST(Condition, IsTrueOrFalse) {
  EXPECT_EQ(parse_condition("serve.tpot <= 50 ms", symbols(), "here").type(), ValueType::boolean);
  try {
    static_cast<void>(parse_condition("serve.tpot + 1 s", symbols(), "here"));
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(), "here: serve.tpot + 1 s is a number; a condition compares it, such as '<= 1 s'");
  }
}

TEST(Goal, Errors) {
  const std::string form =
      "a goal is 'min' or 'max', a blank and an expression without a parenthesis at its front, such as 'min serve.tpot'";
  for (const char* text : {"serve.tpot", "min(serve.tpot, serve.ttft)", "min (serve.tpot)", "", "minimum serve.tpot", "min"})
    EXPECT_EQ(goal_error(text), "here: column 1: " + form) << text;
  EXPECT_EQ(goal_error("max serve.tpok"), "here: column 5: unknown name 'serve.tpok'; did you mean 'serve.tpot'?");
  EXPECT_EQ(goal_error("max serve.sparse"), "here: serve.sparse is true or false; a goal takes a number");
}

}  // namespace
}  // namespace ironlaw::host
