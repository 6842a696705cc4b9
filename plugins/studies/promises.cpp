#include "promises.hpp"

#include <algorithm>
#include <cmath>

namespace ironlaw::studies {
namespace {

using Along = Promises::Along;

Along opposite(Along a) { return a == Along::rises ? Along::falls : a == Along::falls ? Along::rises : a; }
Along together(Along a, Along b) {
  if (a == Along::constant) return b;
  return b == Along::constant || a == b ? a : Along::unknown;
}
Along of_promises(bool rises, bool falls) {
  if (rises && falls) return Along::constant;
  return rises ? Along::rises : falls ? Along::falls : Along::unknown;
}

/// How one input of an axis goes along it. Absent values and objects have no order.
Along of_values(const Space& space, const PortInfo& port, std::size_t axis, std::size_t k) {
  const SpaceAxis of = space.axis(axis);
  if (port.type != PortType::number && port.type != PortType::integer && port.type != PortType::boolean) return Along::unknown;
  if (of.size == 0) return Along::rises;  // a quantile
  std::vector<Cell> cells(of.inputs.size());
  bool rises = true;
  bool falls = true;
  double last = 0;
  for (std::uint64_t i = 0; i < of.size; ++i) {
    space.value(axis, i, cells);
    const double v = cells[k].number;
    if (std::isnan(v)) return Along::unknown;
    if (i > 0) {
      rises &= v >= last;
      falls &= v <= last;
    }
    last = v;
  }
  return of_promises(rises, falls);
}

bool names(std::span<const std::size_t> inputs, std::size_t input) {
  return std::find(inputs.begin(), inputs.end(), input) != inputs.end();
}

Along of_output(const Solver& solver, std::size_t output, std::size_t input) {
  bool rises = false;
  bool falls = false;
  for (const MonotoneInfo& promise : solver.monotone())
    if (promise.output == output && promise.input == input) (promise.rises ? rises : falls) = true;
  return of_promises(rises, falls);
}

}  // namespace

Promises::Promises(const Bench& bench, std::size_t goal, bool maximise, std::span<const std::size_t> conditions) {
  const Solver& solver = bench.pipeline();
  const Space& space = bench.space();
  std::vector<std::vector<Along>> values(space.axes());
  for (std::size_t a = 0; a < space.axes(); ++a)
    for (std::size_t k = 0; k < space.axis(a).inputs.size(); ++k)
      values[a].push_back(of_values(space, solver.inputs()[space.axis(a).inputs[k]], a, k));
  const auto add = [&](auto of_input) {
    auto& along = along_.emplace_back();
    for (std::size_t a = 0; a < space.axes(); ++a) {
      Along all = Along::constant;
      for (std::size_t k = 0; k < space.axis(a).inputs.size(); ++k) {
        const Along promised = of_input(space.axis(a).inputs[k]);
        const Along value = values[a][k];
        const bool none = promised == Along::constant || value == Along::constant;
        const bool lost = promised == Along::unknown || value == Along::unknown;
        all = together(all, none                    ? Along::constant
                            : lost                  ? Along::unknown
                            : value == Along::rises ? promised
                                                    : opposite(promised));
      }
      along.push_back(all);
    }
  };
  add([&](std::size_t i) { return maximise ? opposite(of_output(solver, goal, i)) : of_output(solver, goal, i); });
  for (const LimitInfo& limit : solver.limits())
    if (limit.hard) add([&](std::size_t i) { return of_promises(names(limit.tightens, i), names(limit.loosens, i)); });
  for (const std::size_t c : conditions) add([&](std::size_t i) { return opposite(of_output(solver, c, i)); });
}

std::uint64_t Promises::unbounded_designs(const Space& space) const {
  std::uint64_t designs = 1;
  for (std::size_t a = 0; a < space.axes(); ++a)
    if (along_.front()[a] == Along::unknown) designs *= std::max<std::uint64_t>(space.axis(a).size, 1);
  return designs;
}

}  // namespace ironlaw::studies
