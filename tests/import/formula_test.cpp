// The language of an architecture's facts.
#include "formula.hpp"

#include <ironlaw/error.hpp>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

const Json names{
    {"h", 64},        {"bias", true}, {"types", {"full", "sliding"}}, {"pattern", "M-*"}, {"rope", {{"factor", 4.0}}},
    {"none", nullptr}};

Json value(const std::string& text) {
  return Formula(text, "here").value([](std::string_view name) {
    const auto it = names.find(name);
    if (it == names.end()) throw InputError("", "asked for " + std::string(name));
    return *it;
  });
}
FormulaFault fault(const std::string& text) {
  try {
    (void)value(text);
  } catch (const FormulaFault& f) {
    return f;
  }
  ADD_FAILURE() << text << " has a value";
  return {};
}

TEST(Formula, ArithmeticAndChoices) {
  EXPECT_EQ(value("2 * h + 3 - 1"), 130);
  EXPECT_EQ(value("h * (1 + bias)"), 128);
  EXPECT_EQ(value("-7 % 4 + 10 / 4"), 3.5);
  EXPECT_EQ(value("1 < 2 && !(h == 64) || bias ? 'a' : 'b'"), "a");
  EXPECT_EQ(value("types[1] == 'sliding' ? 1 : missing"), 1);  // only what is chosen is asked for
  EXPECT_EQ(value("pattern[2] == '*'"), true);
  EXPECT_EQ(value("rope.factor * otherwise(rope.type, 2) + count(types)"), 10);
  EXPECT_EQ(value("count(7)"), 0);
  EXPECT_EQ(value("otherwise(none.x, min(3, max(1, 2)))"), 2);
  EXPECT_EQ(value("has(types, 'full') && ceil(1.2) == 2 && floor(1.8) == 1 && abs(-1) == 1"), true);
}

TEST(Formula, SaysWhatIsWrong) {
  EXPECT_EQ(fault("none + 1").name, "none");
  EXPECT_EQ(fault("none + 1").what, "is left out where a number is needed");
  EXPECT_EQ(fault("types[2]").what, "has 2 elements, too few");
  EXPECT_EQ(fault("h / (h - 64)").what, "is 0, which divides nothing");
  for (const char* broken : {"", "1 +", "(1", "1 2", "f(1)", "min(1)", "a ? 1", "'x", "types[0"})
    EXPECT_NE(refused([&] { (void)Formula(broken, "here"); }).find("here: the formula"), std::string::npos) << broken;
  EXPECT_NE(refused([&] { (void)Formula(std::string(3000, '('), "here"); }).find("nested too deep"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::host
