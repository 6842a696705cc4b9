#include "expression/program.hpp"

#include "expression/reduction.hpp"

#include <ironlaw/maybe.hpp>
#include <ironlaw/series.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// A truth is 1 or 0; the column of an optional boolean may hold NaN, which is not true.
bool is_true(double v) { return v > 0; }
double truth(bool v) { return v ? 1 : 0; }

double smaller(double a, double b) { return b < a || b != b ? b : a; }
double larger(double a, double b) { return b > a || b != b ? b : a; }
double raised_to(double v, int exponent) { return v != v ? v : std::pow(v, exponent); }

template <class F>
void each(std::span<double> a, F f) {
  for (double& v : a) v = f(v);
}

template <class F>
void each(std::span<double> a, const double* b, F f) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = f(a[i], b[i]);
}

void run_unary(const Instruction& step, std::span<double> a) {
  switch (step.op) {
    case Op::negate:
      return each(a, [](double v) { return -v; });
    case Op::power:
      return each(a, [n = step.exponent](double v) { return raised_to(v, n); });
    case Op::absolute:
      return each(a, [](double v) { return std::fabs(v); });
    case Op::square_root:
      return each(a, [](double v) { return std::sqrt(v); });
    case Op::round_down:
      return each(a, [](double v) { return std::floor(v); });
    case Op::round_up:
      return each(a, [](double v) { return std::ceil(v); });
    case Op::logarithm:
      return each(a, [](double v) { return std::log(v); });
    case Op::logarithm2:
      return each(a, [](double v) { return std::log2(v); });
    case Op::exponential:
      return each(a, [](double v) { return std::exp(v); });
    default:
      return each(a, [](double v) { return truth(!is_true(v)); });
  }
}

void run_binary(Op op, std::span<double> a, const double* b) {
  switch (op) {
    case Op::add:
      return each(a, b, [](double l, double r) { return l + r; });
    case Op::subtract:
      return each(a, b, [](double l, double r) { return l - r; });
    case Op::minimum:
      return each(a, b, smaller);
    case Op::maximum:
      return each(a, b, larger);
    case Op::multiply:
      return each(a, b, [](double l, double r) { return l * r; });
    case Op::divide:
      return each(a, b, [](double l, double r) { return l / r; });
    case Op::less_equal:
      return each(a, b, [](double l, double r) { return truth(l <= r); });
    case Op::greater_equal:
      return each(a, b, [](double l, double r) { return truth(l >= r); });
    case Op::less:
      return each(a, b, [](double l, double r) { return truth(l < r); });
    case Op::greater:
      return each(a, b, [](double l, double r) { return truth(l > r); });
    case Op::equal:
      return each(a, b, [](double l, double r) { return truth(l == r); });
    // Not "!=", which is true of an absent value.
    case Op::not_equal:
      return each(a, b, [](double l, double r) { return truth(l < r || l > r); });
    case Op::logical_and:
      return each(a, b, [](double l, double r) { return truth(is_true(l) && is_true(r)); });
    default:
      return each(a, b, [](double l, double r) { return truth(is_true(l) || is_true(r)); });
  }
}

/// Whether an instruction puts one more value on the stack.
bool pushes(const Instruction& step) {
  return step.kind != Instruction::Kind::operation && !(step.kind == Instruction::Kind::reduction && takes_argument(step.op));
}

bool is_unary(Op op) { return op >= Op::negate && op <= Op::logical_not; }

/// Fills the value on top of the stack.
void fill(const Instruction& step, std::span<const Column> columns, std::span<const std::string_view> texts, std::size_t first,
          std::span<double> to) {
  switch (step.kind) {
    case Instruction::Kind::column:
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = columns[step.slot][first + i].number;
      return;
    case Instruction::Kind::same_object:
      for (std::size_t i = 0; i < to.size(); ++i) {
        const void* object = columns[step.slot][first + i].object;
        to[i] = truth(object && (object == step.object) != step.negated);
      }
      return;
    case Instruction::Kind::same_word:
      for (std::size_t i = 0; i < to.size(); ++i) {
        const Cell& word = columns[step.slot][first + i];
        to[i] = truth(!absent_cell(word) && (*static_cast<const std::string_view*>(word.object) == step.text) != step.negated);
      }
      return;
    case Instruction::Kind::reduction:
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = reduce(step.op, series_of(columns[step.slot][first + i]), to[i]);
      return;
    case Instruction::Kind::same_text:
      std::fill(to.begin(), to.end(), truth(!texts[step.slot].empty() && (texts[step.slot] == step.text) != step.negated));
      return;
    default:
      std::fill(to.begin(), to.end(), step.number);
  }
}

}  // namespace

void Program::add(Instruction instruction) {
  if (pushes(instruction)) {
    depth_ = std::max(depth_, ++waiting_);
  } else if (instruction.kind == Instruction::Kind::operation && !is_unary(instruction.op)) {
    --waiting_;
  }
  code_.push_back(std::move(instruction));
}

std::vector<std::size_t> Program::slots() const {
  std::vector<std::size_t> slots;
  for (const auto& step : code_)
    if (step.kind != Instruction::Kind::constant && step.kind != Instruction::Kind::same_text &&
        step.kind != Instruction::Kind::operation)
      slots.push_back(step.slot);
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

void Program::evaluate(std::span<const Column> columns, std::span<const std::string_view> texts, std::span<double> out,
                       std::span<double> room) const {
  for (std::size_t first = 0; first < out.size(); first += block) {
    const std::size_t rows = std::min(block, out.size() - first);
    std::size_t used = 0;
    for (const auto& step : code_) {
      if (step.kind != Instruction::Kind::operation) {
        used += pushes(step) ? 1 : 0;
        fill(step, columns, texts, first, room.subspan(block * (used - 1), rows));
      } else if (is_unary(step.op)) {
        run_unary(step, room.subspan(block * (used - 1), rows));
      } else {
        --used;
        run_binary(step.op, room.subspan(block * (used - 1), rows), room.data() + block * used);
      }
    }
    std::copy_n(room.begin(), rows, out.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

}  // namespace ironlaw::host
