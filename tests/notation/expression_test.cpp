#include "expression_fixture.hpp"

#include <gtest/gtest.h>

namespace ironlaw::host {
namespace {

using namespace expression_fixture;

TEST(Expression, ComparesWithQuantities) {
  const auto e = Expression::parse(" serve.tpot <= 50 ms ", symbols(), "here");
  EXPECT_EQ(e.type(), ValueType::boolean);
  EXPECT_EQ(e.text(), "serve.tpot <= 50 ms");
  EXPECT_EQ(std::vector(e.slots().begin(), e.slots().end()), std::vector<std::size_t>{tpot});
  EXPECT_EQ(e.value(cells()), 1);
  EXPECT_EQ(value("serve.tpot <= 39 ms"), 0);
  EXPECT_EQ(value("cost.tco < 2 MUSD"), 1);
  EXPECT_EQ(value("cost.tco < $1000000"), 0);
  EXPECT_EQ(value("50 ms >= serve.tpot"), 1);
  EXPECT_EQ(value("serve.tpot == 40 ms"), 1);
  EXPECT_EQ(value("serve.tpot != 40 ms"), 0);
  EXPECT_EQ(value("serve.tpot > 40 ms"), 0);
  EXPECT_EQ(value("serve.memory_required/$batch<=10 GB"), 1);
  EXPECT_EQ(value("cost.per_kwh <= 0.12 USD/kWh"), 1);
  EXPECT_EQ(value("$batch > 5 %"), 1);
}

TEST(Expression, NamesCarryADotOrADollar) {
  EXPECT_EQ(value("$batch"), 8);
  EXPECT_EQ(value("$serve.tpot"), 0.04);
  EXPECT_EQ(value("$batch-2"), 3) << "the input of that name";
  EXPECT_EQ(value("$batch - 2"), 6);
  EXPECT_EQ(value("$batch-1"), 7);
  EXPECT_EQ(value("$batch-2-1"), 2);
  EXPECT_EQ(error("batch > 1"), "here: column 1: a name without a dot has a '$' before it: write '$batch'");
}

TEST(Expression, PrecedenceIsThatOfArithmetic) {
  EXPECT_EQ(value("1 + 2 * 3"), 7);
  EXPECT_EQ(value("(1 + 2) * 3"), 9);
  EXPECT_EQ(value("2 * 3 ^ 2"), 18);
  EXPECT_EQ(value("-2 ^ 2"), -4);
  EXPECT_EQ(value("(-2) ^ 2"), 4);
  EXPECT_EQ(value("2 ^ -1"), 0.5);
  EXPECT_EQ(value("7 - 2 - 1"), 4);
  EXPECT_EQ(value("8 / 4 / 2"), 1);
  EXPECT_EQ(value("2 - -3"), 5);
  EXPECT_EQ(value("1e3 + .5"), 1000.5);
  EXPECT_EQ(value("1 == 1 or 1 == 1 and 1 == 2"), 1);
  EXPECT_EQ(value("(1 == 1 or 1 == 1) and 1 == 2"), 0);
  EXPECT_EQ(value("not 1 == 2"), 1);
  EXPECT_EQ(value("not 1 == 2 and 1 == 2"), 0);
  EXPECT_EQ(value("not not 1 == 1"), 1);
}

TEST(Expression, Functions) {
  EXPECT_EQ(value("min(3, 2)"), 2);
  EXPECT_EQ(value("max (serve.tpot, 50 ms, 45 ms)"), 0.05);
  EXPECT_EQ(value("abs(-2)"), 2);
  EXPECT_EQ(value("sqrt(9)"), 3);
  EXPECT_EQ(value("floor(2.7) + ceil(2.2)"), 5);
  EXPECT_EQ(value("log(1) + log2(8)"), 3);
  EXPECT_EQ(value("exp(0)"), 1);
}

TEST(Expression, DimensionsFollow) {
  EXPECT_EQ(dimension("serve.memory_required / serve.tpot"), information / time);
  EXPECT_EQ(dimension("serve.tpot ^ 2 * $batch"), time.power(2));
  EXPECT_EQ(dimension("sqrt(serve.tpot ^ 2)"), time);
  EXPECT_EQ(dimension("-min(serve.tpot, serve.ttft)"), time);
  EXPECT_EQ(dimension("floor(serve.tpot / 1 ms)"), none);
  EXPECT_EQ(dimension("power.grid_intensity * 3 kWh"), carbon);
}

TEST(Expression, AUnitGoesOnWhileAUnitFollows) {
  EXPECT_EQ(value("10 TB/s"), 10e12);
  EXPECT_EQ(value("10 TB / s"), 10e12);
  EXPECT_EQ(value("2/s"), 2);
  EXPECT_EQ(dimension("2/s"), time.power(-1));
  EXPECT_EQ(value("5 m^2"), 5);
  EXPECT_EQ(value("3 kW*h"), 3 * 3.6e6);
  EXPECT_EQ(value("5 min"), 300);
  EXPECT_EQ(value("2 s * min(3, 4)"), 6);
  EXPECT_EQ(value("6 GB / 2 s"), 3e9);
  EXPECT_EQ(value("1 s / serve.tpot"), 25);
  EXPECT_EQ(value("2 us / $batch"), 2e-6 / 8);
}

TEST(Expression, ABareZeroAndBareCountsNeedNoUnit) {
  EXPECT_EQ(value("serve.tpot > 0"), 1);
  EXPECT_EQ(value("max(0, serve.tpot)"), 0.04);
  EXPECT_EQ(value("serve.tokens >= 2048"), 1);
  EXPECT_EQ(error("serve.tpot > 5"), "here: column 11: serve.tpot is in s, 5 has no unit");
}

TEST(Expression, MassBesideCarbonIsCarbon) {
  EXPECT_EQ(value("power.footprint <= 5 kg"), 1);
  EXPECT_EQ(value("3 kg >= power.footprint"), 0);
  EXPECT_EQ(value("power.footprint - 1 kg + 2 kg == 5 kg"), 1);
  EXPECT_EQ(value("1 kg + 2 kg < power.footprint"), 1);
  EXPECT_EQ(value("1 kg + 2 kgCO2e < power.footprint - 500 g"), 1);
  EXPECT_EQ(value("power.grid_intensity <= 300.001 g/kWh"), 1);
  EXPECT_EQ(value("power.footprint <= 2 * 3 kg"), 1);
  EXPECT_EQ(value("power.footprint <= (2 kg + 3 kg) * $batch / 8"), 1);
  EXPECT_EQ(value("300 g/kWh * 10 kWh <= power.footprint"), 1);
  EXPECT_EQ(value("10 kWh / (1 kWh / 300 g) <= power.footprint"), 1);
  EXPECT_EQ(value("-5 kg < abs(power.footprint)"), 1);
  EXPECT_EQ(value("max(power.footprint, 5 kg) / 1 kgCO2e"), 5);
  EXPECT_EQ(dimension("5 kg"), mass);
  EXPECT_EQ(error("3 kg + 2 kgCO2e < 0"), "here: column 6: 3 kg is in kg, 2 kgCO2e is in kgCO2e");
}

TEST(Expression, ChoicesCompareWithTheirNames) {
  EXPECT_EQ(value("serve.precision == 'fp8'"), 1);
  EXPECT_EQ(value("'fp8' != serve.precision"), 0);
  EXPECT_EQ(value("serve.precision == serve.weights"), 0);
  EXPECT_EQ(value("serve.precision != serve.weights"), 1);
  EXPECT_EQ(error("serve.precision == 'fp9'"), "here: column 20: serve.precision is never 'fp9'; did you mean 'fp8'?");
  EXPECT_EQ(error("serve.precision == 'half'"),
            "here: column 20: serve.precision is never 'half'; allowed: 'fp16', 'fp8', 'int8'");
  EXPECT_EQ(error("serve.precision == 1"),
            "here: column 17: serve.precision is a choice, 1 is a number; allowed: 'fp16', 'fp8', 'int8'");
  EXPECT_EQ(error("serve.precision == serve.layout"),
            "here: column 17: serve.precision is one of 'fp16', 'fp8', 'int8', serve.layout one of 'dense', 'sparse'");
  EXPECT_EQ(error("serve.precision < 'fp8'"), "here: column 1: '<' takes numbers, but serve.precision is a choice");
  EXPECT_EQ(error("serve.precision"), "here: column 1: serve.precision is a choice; compare it with == or !=");
  EXPECT_EQ(error("serve.precision == ''"), "here: column 20: an empty text equals nothing");
}

TEST(Expression, BooleansStandAloneOrCompareWithTrueAndFalse) {
  EXPECT_EQ(value("serve.sparse"), 1);
  EXPECT_EQ(value("not serve.sparse"), 0);
  EXPECT_EQ(value("serve.sparse == true and $batch > 1"), 1);
  EXPECT_EQ(value("false == serve.sparse"), 0);
  EXPECT_EQ(error("serve.sparse == 1"), "here: column 14: serve.sparse is true or false, 1 is a number");
  EXPECT_EQ(error("serve.sparse + 1"), "here: column 1: '+' takes numbers, but serve.sparse is true or false");
  EXPECT_EQ(error("serve.tpot and serve.sparse"),
            "here: column 1: 'and' takes what is true or false, but serve.tpot is a number");
  EXPECT_EQ(error("not serve.tpot"), "here: column 5: 'not' takes what is true or false, but serve.tpot is a number");
}

TEST(Expression, ObjectsCompareWithNames) {
  EXPECT_EQ(value("$device == 'H100'"), 1);
  EXPECT_EQ(value("$device != 'A100' and 'H100' == $device"), 1);
  EXPECT_EQ(error("$device == 'B100'"), "here: column 12: no hardware is named 'B100'");
  EXPECT_EQ(error("$device == 1"), "here: column 9: $device is an object; compare it with a quoted name, such as 'H100'");
  EXPECT_EQ(error("$device + 1"), "here: column 1: '+' takes numbers, but $device is an object");
  auto without = symbols();
  without.object_named = nullptr;
  EXPECT_EQ(error("$device == 'H100'", without), "here: column 12: objects cannot be compared here");
}

TEST(Expression, TextsOfAnEntryCompareWithQuotedText) {
  const auto filter = parse_condition("category == 'cloud' and memory_capacity >= 40 GB", fields(), "where");
  const std::vector<Cell> entry{{80e9}, {1}};
  const std::vector<std::string_view> cloud{"cloud", ""}, edge{"edge", ""};
  EXPECT_EQ(filter.value(entry, cloud), 1);
  EXPECT_EQ(filter.value(entry, edge), 0);
  EXPECT_EQ(filter.value(std::vector<Cell>{{20e9}, {1}}, cloud), 0);
  EXPECT_EQ(parse_condition("category != 'cloud'", fields(), "where").value(entry, edge), 1);
  EXPECT_EQ(parse_condition("vendor != 'cloud'", fields(), "where").value(entry, edge), 0)
      << "an absent text compares to nothing";
  EXPECT_EQ(error("category < 'cloud'", fields()), "here: column 1: '<' takes numbers, but category is a text");
  EXPECT_EQ(error("category == vendor", fields()),
            "here: column 10: category is a text; compare it with a quoted name, such as 'H100'");
  EXPECT_EQ(error("memory_capacity == 'cloud'", fields()),
            "here: column 17: memory_capacity is a number, not a name to compare with 'cloud'");
  EXPECT_EQ(error("'cloud'", fields()), "here: column 1: 'cloud' is a quoted text; compare it with == or !=");
  EXPECT_EQ(error("memory_capacty > 1 GB", fields()),
            "here: column 1: unknown name 'memory_capacty'; did you mean 'memory_capacity'?");
}

TEST(Expression, ABareNameComesBeforeAUnitBehindAnOperator) {
  const std::vector<Cell> entry{{80e9}, {2}};
  EXPECT_EQ(Expression::parse("6 s / h", fields(), "").value(entry), 3) << "the field";
  EXPECT_EQ(Expression::parse("1 h", fields(), "").value(entry), 3600) << "the unit";
}

TEST(Expression, AbsentValues) {
  auto row = cells();
  row[tpot].number = row[precision].number = row[sparse].number = absent_value;
  row[device].object = nullptr;
  for (const char* e : {"serve.tpot + 1 s", "1 s - serve.tpot", "min(serve.tpot, 1 s)", "min(1 s, serve.tpot)",
                        "max(1 s, serve.tpot)", "serve.tpot ^ 0", "abs(serve.tpot)", "floor(serve.tpot / 1 s)"})
    EXPECT_TRUE(std::isnan(value(e, row))) << e;
  for (const char* e : {"serve.tpot < 1 s", "serve.tpot >= 0", "serve.tpot == serve.tpot", "serve.tpot != 1 s",
                        "serve.precision == 'fp8'", "serve.precision != 'fp8'", "$device == 'H100'", "$device != 'H100'",
                        "serve.sparse", "serve.sparse == false", "serve.sparse != true", "serve.sparse and 1 == 1"})
    EXPECT_EQ(value(e, row), 0) << e;
  EXPECT_EQ(value("not serve.sparse", row), 1);
  EXPECT_EQ(value("serve.sparse or 1 == 1", row), 1);
}

TEST(Expression, EvaluatesRowsOfColumns) {
  constexpr std::size_t rows = 1000;
  const auto e = Expression::parse("serve.memory_required / serve.tpot + 2 GB/s", symbols(), "");
  std::vector<Cell> times(rows), fixed{{70e9}};
  for (std::size_t i = 0; i < rows; ++i) times[i].number = 0.01 * static_cast<double>(i + 1);
  std::vector<Column> columns(slots);
  columns[tpot] = {times.data(), 1};
  columns[memory] = {fixed.data(), 0};
  std::vector<double> out(rows);
  Expression::Workspace workspace;
  e.evaluate(columns, rows, out, workspace);
  for (std::size_t i = 0; i < rows; ++i) ASSERT_EQ(out[i], 70e9 / times[i].number + 2e9) << i;
  e.evaluate(columns, 0, {}, workspace);
}

TEST(Expression, OneWorkspaceServesSeveral) {
  Expression::Workspace workspace;
  const auto row = cells();
  std::vector<Column> columns;
  for (const Cell& cell : row) columns.push_back({&cell, 0});
  double out = 0;
  Expression::parse("1 + 2 * (3 + 4 * (5 + 6))", symbols(), "").evaluate(columns, 1, {&out, 1}, workspace);
  EXPECT_EQ(out, 95);
  Expression::parse("$batch", symbols(), "").evaluate(columns, 1, {&out, 1}, workspace);
  EXPECT_EQ(out, 8);
}

TEST(Expression, LinesAreReadAsOne) {
  EXPECT_EQ(Expression::parse("serve.tpot\n  <= 50\nms", symbols(), "").text(), "serve.tpot   <= 50 ms");
}

TEST(Goal, IsANumberToMakeSmallOrLarge) {
  const Goal small = parse_goal("min serve.tpot", symbols(), "here");
  EXPECT_FALSE(small.maximise);
  EXPECT_EQ(small.expression.text(), "serve.tpot");
  EXPECT_EQ(small.expression.dimension(), time);
  EXPECT_EQ(small.expression.value(cells()), 0.04);
  const Goal large = parse_goal("  max min(serve.tpot, serve.ttft) / 2", symbols(), "here");
  EXPECT_TRUE(large.maximise);
  EXPECT_EQ(large.expression.value(cells()), 0.02);
}

}  // namespace
}  // namespace ironlaw::host
