// The adapter asks facts once for the rows that share them, and answers as one row alone would.
#include <gtest/gtest.h>

#include <ironlaw/error.hpp>
#include <ironlaw/formats.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <vector>

namespace {
using namespace ironlaw;

enum class Small : std::uint8_t { none, some };
int asked = 0;

struct Scaled {
  static constexpr auto about = Solver::About{"scaled", "a number times what was asked for", "arithmetic"};
  struct Given {
    double factor = 1;
    Accumulation which = Accumulation::fp32;
    bool negative = false;
  };
  struct Inputs : Given {
    int count = 0;
    Maybe<double> more = absent;
    Small small = Small::none;
    bool doubled = false;
  };
  struct Outputs {
    double product;
    Maybe<double> more;
  };
  struct Facts {
    double factor;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::factor>("what is asked for"), port<&Inputs::which>("a choice"), port<&Inputs::negative>("a switch"),
            port<&Inputs::count>("a number"), port<&Inputs::more>("another"), port<&Inputs::small>("a choice of one byte"),
            port<&Inputs::doubled>("a switch of the row"));
  static constexpr auto outputs = ports(port<&Outputs::product>("the product"), port<&Outputs::more>("the other number"));
  static constexpr auto rules = ironlaw::rules(rule("count must not be 13", [](const Inputs& in) { return in.count != 13; }));

  static Facts facts(const Given& given) {
    ++asked;
    if (given.factor == 0) throw Unsupported("zero", "it has no facts");
    return {(given.negative ? -1 : 1) * (given.which == Accumulation::fp16 ? 2 : 1) * given.factor};
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    return {f.factor * in.count * (in.doubled ? 2 : 1) + (in.small == Small::some ? 0.5 : 0), in.more};
  }
};

struct Told final : ErrorSink {
  void row(std::size_t row, RowStatus, std::string_view, std::string_view what) noexcept override {
    rows.emplace_back(row, std::string(what));
  }
  std::vector<std::pair<std::size_t, std::string>> rows;
};

struct Answer {
  std::vector<Cell> product;
  std::vector<Cell> more;
  std::vector<RowStatus> status;
  Told told;
  int asked;
};
/// `columns`: a value, or one a row, for each port in order.
Answer evaluate(std::vector<std::vector<double>> columns, std::size_t rows) {
  std::vector<std::vector<Cell>> cells;
  std::vector<Column> in;
  for (const auto& column : columns) {
    auto& into = cells.emplace_back();
    for (const double v : column) into.push_back({.number = v});
  }
  for (const auto& column : cells) in.push_back({column.data(), column.size() > 1 ? 1u : 0u});
  Answer a{std::vector<Cell>(rows), std::vector<Cell>(rows), std::vector<RowStatus>(rows, RowStatus::ok), {}, 0};
  Cell* out[] = {a.product.data(), a.more.data()};
  asked = 0;
  solver_adapter<Scaled>.evaluate({in, out, a.status, &a.told});
  a.asked = asked;
  return a;
}
std::vector<double> counting(std::size_t rows, std::size_t period = 1u << 20u) {
  std::vector<double> column;
  for (std::size_t r = 0; r < rows; ++r) column.push_back(static_cast<double>(r % period));
  return column;
}
constexpr double none = absent_value;

TEST(FactsOnce, AreAskedOnceWhereOnlyNumbersVary) {
  const auto a = evaluate({{3}, {1}, {1}, counting(100), {none}, {1}, {0}}, 100);
  EXPECT_EQ(a.asked, 1);
  for (std::size_t r = 0; r < 100; ++r) {
    if (r == 13) continue;
    EXPECT_EQ(a.product[r].number, -6.0 * static_cast<double>(r) + 0.5);
    EXPECT_TRUE(a.more[r].number != a.more[r].number);
  }
  EXPECT_EQ(a.status[13], RowStatus::refused);
  ASSERT_EQ(a.told.rows.size(), 1u);
  EXPECT_EQ(a.told.rows[0], (std::pair<std::size_t, std::string>{13, "count must not be 13"}));
}
TEST(FactsOnce, LastFewCombinationsAreKept) {
  const auto periodic = [](std::size_t period) {
    std::vector<double> factor;
    for (std::size_t r = 0; r < 240; ++r) factor.push_back(1 + static_cast<double>(r % period));
    return factor;
  };
  for (const std::size_t period : {2, 3, 4})
    EXPECT_EQ(evaluate({periodic(period), {0}, {0}, {2}, {none}, {0}, {0}}, 240).asked, period);
  const auto six = periodic(6);
  const auto many = evaluate({six, {0}, {0}, {2}, counting(240), {0}, {0}}, 240);
  EXPECT_EQ(many.asked, 240);
  for (std::size_t r = 0; r < 240; ++r) {
    EXPECT_EQ(many.product[r].number, 2 * six[r]);
    EXPECT_EQ(many.more[r].number, static_cast<double>(r));
  }
}
TEST(FactsOnce, ChoicesAndSwitchesAreFactsToo) {
  const auto a = evaluate({{3}, counting(64, 2), {0}, {5}, {none}, counting(64, 2), counting(64, 2)}, 64);
  EXPECT_EQ(a.asked, 2);
  for (std::size_t r = 0; r < 64; ++r) EXPECT_EQ(a.product[r].number, r % 2 == 0 ? 15 : 60.5);
}
TEST(FactsOnce, ARowWhoseFactsAreMissingIsRefusedAndNoOther) {
  const auto a = evaluate({counting(9, 3), {0}, {0}, {4}, {none}, {0}, {0}}, 9);
  for (std::size_t r = 0; r < 9; ++r) {
    EXPECT_EQ(a.status[r], r % 3 == 0 ? RowStatus::refused : RowStatus::ok);
    if (r % 3 != 0) {
      EXPECT_EQ(a.product[r].number, 4.0 * static_cast<double>(r % 3));
    }
  }
  ASSERT_EQ(a.told.rows.size(), 3u);
  EXPECT_EQ(a.told.rows[1], (std::pair<std::size_t, std::string>{3, "zero is not supported: it has no facts"}));
}

/// Blocks of one row of a caller with a memory.
struct Caller {
  RowStatus ask(double factor, double count) {
    const Cell cells[] = {{.number = factor}, {.number = 0}, {.number = 0}, {.number = count},
                          {.number = none},   {.number = 0}, {.number = 0}};
    std::vector<Column> in;
    for (const Cell& cell : cells) in.push_back({&cell, 0});
    in[3].stride = 1;
    in[0].stride = factor_varies ? 1 : 0;
    Cell* out[] = {&product, &more};
    RowStatus status = RowStatus::ok;
    solver_adapter<Scaled>.evaluate({in, out, {&status, 1}, &told, &memory});
    return status;
  }
  BlockMemory memory;
  Told told;
  Cell product{}, more{};
  bool factor_varies = false;
};
TEST(BlockMemory, WhatBlocksShareIsAskedOnce) {
  Caller caller;
  asked = 0;
  for (int count = 0; count < 10; ++count) {
    EXPECT_EQ(caller.ask(3, count), RowStatus::ok);
    EXPECT_EQ(caller.product.number, 3 * count);
  }
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(caller.ask(5, 2), RowStatus::ok) << "the caller need not say that another value stands there now";
  EXPECT_EQ(caller.product.number, 10);
  EXPECT_EQ(asked, 2);
  caller.factor_varies = true;
  for (int r = 0; r < 12; ++r) {
    EXPECT_EQ(caller.ask(1 + r % 3, 7), RowStatus::ok);
    EXPECT_EQ(caller.product.number, 7 * (1 + r % 3));
  }
  EXPECT_EQ(asked, 5) << "the last few are kept from block to block too";
}
TEST(BlockMemory, WhatMayNotEnterIsRefusedEachTime) {
  Caller caller;
  for (int block = 0; block < 3; ++block) EXPECT_EQ(caller.ask(none, 1), RowStatus::refused);
  EXPECT_EQ(caller.told.rows.size(), 3u);
  EXPECT_EQ(caller.ask(2, 13), RowStatus::refused);
  EXPECT_EQ(caller.told.rows.back().second, "count must not be 13");
  EXPECT_EQ(caller.ask(0, 1), RowStatus::refused) << "it has no facts";
  EXPECT_EQ(caller.ask(0, 1), RowStatus::refused);
  EXPECT_EQ(caller.ask(2, 4), RowStatus::ok);
  EXPECT_EQ(caller.product.number, 8);
}

struct Huge {
  static constexpr auto about = Solver::About{"huge", "outputs whose sum overflows", "arithmetic"};
  struct Inputs {
    double of = 1;
  };
  struct Outputs {
    double first, second;
  };
  static constexpr auto inputs = ports(port<&Inputs::of>("a number"));
  static constexpr auto outputs = ports(port<&Outputs::first>("a number"), port<&Outputs::second>("a number"));
  static Outputs solve(const Inputs& in) { return {in.of, in.of > 0 ? in.of : absent_value}; }
};
TEST(OneFiniteTest, HugeOutputsAreFineAndMissingOnesAreNot) {
  const Cell of[] = {{.number = 1.7e308}, {.number = -1}, {.number = 2}};
  const Column in[] = {{of, 1}};
  Cell first[3], second[3];
  Cell* out[] = {first, second};
  RowStatus status[] = {RowStatus::ok, RowStatus::ok, RowStatus::ok};
  Told told;
  solver_adapter<Huge>.evaluate({in, out, status, &told});
  EXPECT_EQ(status[0], RowStatus::ok);
  EXPECT_EQ(second[0].number, 1.7e308);
  EXPECT_EQ(status[1], RowStatus::failed);
  EXPECT_TRUE(first[1].number != first[1].number);
  EXPECT_EQ(status[2], RowStatus::ok);
  ASSERT_EQ(told.rows.size(), 1u);
  EXPECT_EQ(told.rows[0].second, "is not finite");
}

/// Facts follow from a part of Given.
struct PartlyAsked {
  static constexpr auto about = Solver::About{"partly_asked", "a number times what was asked for, with a sign", "arithmetic"};
  struct Asked {
    double factor = 1;
  };
  struct Given : Asked {
    bool negative = false;
  };
  struct Inputs : Given {
    double count = 0;
  };
  struct Outputs {
    double product;
  };
  struct Facts {
    double factor;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::factor>("what is asked for"), port<&Inputs::negative>("a switch"), port<&Inputs::count>("a number"));
  static constexpr auto outputs = ports(port<&Outputs::product>("the product"));
  static Facts facts(const Asked& of) {
    ++asked;
    return {of.factor};
  }
  static Outputs solve(const Inputs& in, const Facts& f) { return {(in.negative ? -1 : 1) * f.factor * in.count}; }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
};

TEST(FactsOnce, RowsThatDifferInOtherChoicesShareWhatWasAsked) {
  constexpr std::size_t rows = 100;
  std::vector<Cell> factor(rows), negative(rows), count(rows), product(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    factor[r].number = r < 50 ? 3 : 5;
    negative[r].number = static_cast<double>(r % 2);
    count[r].number = static_cast<double>(r);
  }
  const Column in[] = {{factor.data(), 1}, {negative.data(), 1}, {count.data(), 1}};
  Cell* out[] = {product.data()};
  std::vector<RowStatus> status(rows, RowStatus::ok);
  asked = 0;
  solver_adapter<PartlyAsked>.evaluate({in, out, status});
  EXPECT_EQ(asked, 2);
  for (std::size_t r = 0; r < rows; ++r)
    EXPECT_EQ(product[r].number, (r % 2 == 1 ? -1.0 : 1.0) * (r < 50 ? 3 : 5) * static_cast<double>(r));
}

}  // namespace
