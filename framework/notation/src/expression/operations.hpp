#pragma once
// What expressions can do: operators and functions, how they are written, and what they take.
#include <array>
#include <cstdint>
#include <string_view>

namespace ironlaw::host {

enum class Op : std::uint8_t {
  // Operands.
  name,
  number,
  truth,
  quoted,
  // Of one operand.
  negate,
  power,
  absolute,
  square_root,
  round_down,
  round_up,
  logarithm,
  logarithm2,
  exponential,
  logical_not,
  // Of a series.
  sum,
  mean,
  least,
  most,
  count,
  // Of a series and a number.
  value_at,
  percentile,
  // Of two.
  add,
  subtract,
  minimum,
  maximum,
  multiply,
  divide,
  less_equal,
  greater_equal,
  less,
  greater,
  equal,
  not_equal,
  logical_and,
  logical_or
};

constexpr bool is_comparison(Op op) { return op >= Op::less_equal && op <= Op::not_equal; }
constexpr bool is_reduction(Op op) { return op >= Op::sum && op <= Op::percentile; }
constexpr bool takes_argument(Op op) { return op == Op::value_at || op == Op::percentile; }
/// Whether both operands need the same unit.
constexpr bool keeps_unit(Op op) { return (op >= Op::add && op <= Op::maximum) || is_comparison(op); }
/// As an expression writes it: "<=", "sqrt".
[[nodiscard]] std::string_view spelling(Op op);

/// How tightly an operator binds; prefixes stand between.
enum Level { or_level = 1, and_level, not_level, compare_level, sum_level, product_level, minus_level };

struct BinaryOperator {
  std::string_view spelling;
  Op op;
  int level;
};
inline constexpr std::array<BinaryOperator, 12> binary_operators{{{"<=", Op::less_equal, compare_level},
                                                                  {">=", Op::greater_equal, compare_level},
                                                                  {"==", Op::equal, compare_level},
                                                                  {"!=", Op::not_equal, compare_level},
                                                                  {"<", Op::less, compare_level},
                                                                  {">", Op::greater, compare_level},
                                                                  {"+", Op::add, sum_level},
                                                                  {"-", Op::subtract, sum_level},
                                                                  {"*", Op::multiply, product_level},
                                                                  {"/", Op::divide, product_level},
                                                                  {"and", Op::logical_and, and_level},
                                                                  {"or", Op::logical_or, or_level}}};

struct Function {
  enum class Takes { one, one_and_number, one_or_more };
  std::string_view name;
  Op op;
  Takes takes = Takes::one;
  Op of_series = op;  ///< where it has one operand of one or more
};
inline constexpr std::array<Function, 14> functions{{{"min", Op::minimum, Function::Takes::one_or_more, Op::least},
                                                     {"max", Op::maximum, Function::Takes::one_or_more, Op::most},
                                                     {"abs", Op::absolute},
                                                     {"sqrt", Op::square_root},
                                                     {"floor", Op::round_down},
                                                     {"ceil", Op::round_up},
                                                     {"log", Op::logarithm},
                                                     {"log2", Op::logarithm2},
                                                     {"exp", Op::exponential},
                                                     {"sum", Op::sum},
                                                     {"mean", Op::mean},
                                                     {"count", Op::count},
                                                     {"at", Op::value_at, Function::Takes::one_and_number},
                                                     {"percentile", Op::percentile, Function::Takes::one_and_number}}};

}  // namespace ironlaw::host
