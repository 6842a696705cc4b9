// The trend of an expression: its program run over trends in place of values.
#include "expression/trend.hpp"

#include "expression/program.hpp"

#include <vector>

namespace ironlaw::host {
namespace {

/// What is known of an operand.
struct Operand : Trended {
  bool is_number = false;  ///< a constant of the expression
  double number = 0;
};

Operand moving(Trend trend, bool non_negative = false, bool positive = false) { return {{trend, non_negative, positive}}; }

Operand constant_operand(double v) { return {{Trend::constant, v >= 0, v > 0}, true, v}; }

Trend unless_constant(Trend t) { return t == Trend::constant ? Trend::constant : Trend::unknown; }

Operand trend_of_power(const Operand& a, int exponent) {
  if (exponent == 0) return constant_operand(1);
  const bool known = a.positive || (a.non_negative && exponent > 0) || (exponent > 0 && exponent % 2 == 1);
  if (!known) return moving(unless_constant(a.trend), exponent % 2 == 0);
  return moving(exponent > 0 ? a.trend : opposite(a.trend), a.non_negative, a.positive);
}

Operand trend_of_one(const Instruction& step, const Operand& a) {
  switch (step.op) {
    case Op::negate:
      return a.is_number ? constant_operand(-a.number) : moving(opposite(a.trend));
    case Op::power:
      return trend_of_power(a, step.exponent);
    case Op::absolute:
      return moving(a.non_negative ? a.trend : unless_constant(a.trend), true, a.positive);
    case Op::square_root:
      return moving(a.non_negative ? a.trend : unless_constant(a.trend), true, a.positive);
    case Op::round_down:
      return moving(a.trend, a.non_negative);
    case Op::round_up:
      return moving(a.trend, a.non_negative, a.positive);
    case Op::logarithm:
    case Op::logarithm2:
      return moving(a.positive ? a.trend : unless_constant(a.trend));
    case Op::exponential:
      return moving(a.trend, true, true);
    default:
      return moving(opposite(a.trend), true);
  }
}

/// A product or a quotient, `b` the trend of what multiplies.
Trend scaled(const Operand& a, const Operand& b, Trend by) {
  if (a.trend == Trend::constant && by == Trend::constant) return Trend::constant;
  if (a.non_negative && b.non_negative) return together(a.trend, by);
  if (by == Trend::constant && b.is_number) return b.number >= 0 ? a.trend : opposite(a.trend);
  if (by == Trend::constant && b.non_negative) return a.trend;
  if (a.trend == Trend::constant && a.is_number) return a.number >= 0 ? by : opposite(by);
  if (a.trend == Trend::constant && a.non_negative) return by;
  return Trend::unknown;
}

Operand trend_of_two(Op op, const Operand& a, const Operand& b) {
  switch (op) {
    case Op::add:
      return moving(together(a.trend, b.trend), a.non_negative && b.non_negative,
                    (a.positive && b.non_negative) || (a.non_negative && b.positive));
    case Op::subtract:
      return moving(together(a.trend, opposite(b.trend)));
    case Op::minimum:
      return moving(together(a.trend, b.trend), a.non_negative && b.non_negative, a.positive && b.positive);
    case Op::maximum:
      return moving(together(a.trend, b.trend), a.non_negative || b.non_negative, a.positive || b.positive);
    case Op::multiply:
      return moving(scaled(a, b, b.trend), a.non_negative && b.non_negative, a.positive && b.positive);
    case Op::divide:
      // Of a divisor that may be nought there may be no value.
      if (!b.positive && !(b.is_number && b.number != 0))
        return moving(a.trend == Trend::constant && b.trend == Trend::constant ? Trend::constant : Trend::unknown);
      return moving(scaled(a, b, opposite(b.trend)), a.non_negative && b.non_negative, a.positive && b.positive);
    case Op::less_equal:
    case Op::less:
      return moving(together(opposite(a.trend), b.trend), true);
    case Op::greater_equal:
    case Op::greater:
      return moving(together(a.trend, opposite(b.trend)), true);
    case Op::logical_and:
    case Op::logical_or:
      return moving(together(a.trend, b.trend), true);
    default:
      return moving(unless_constant(together(a.trend, b.trend)), true);
  }
}

}  // namespace

Trended Program::trend(const std::function<Trended(std::size_t)>& of_slot) const {
  std::vector<Operand> waiting;
  const auto pop = [&] {
    const Operand top = waiting.back();
    waiting.pop_back();
    return top;
  };
  for (const Instruction& step : code_) {
    switch (step.kind) {
      case Instruction::Kind::constant:
        waiting.push_back(constant_operand(step.number));
        break;
      case Instruction::Kind::column:
        waiting.push_back({of_slot(step.slot)});
        break;
      case Instruction::Kind::reduction: {
        const Trend argument = takes_argument(step.op) ? pop().trend : Trend::constant;
        waiting.push_back(moving(unless_constant(together(of_slot(step.slot).trend, argument))));
        break;
      }
      case Instruction::Kind::operation:
        if (step.op >= Op::negate && step.op <= Op::logical_not) {
          waiting.push_back(trend_of_one(step, pop()));
        } else {
          const Operand b = pop();
          waiting.push_back(trend_of_two(step.op, pop(), b));
        }
        break;
      default:
        waiting.push_back(moving(unless_constant(of_slot(step.slot).trend), true));
    }
  }
  return waiting.back();
}

}  // namespace ironlaw::host
