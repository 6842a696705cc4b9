#pragma once
#include "expression/expression.hpp"
#include "plan/bands.hpp"
#include "plan/binder.hpp"
#include "plan/callback_specs.hpp"
#include "plan/walls.hpp"

#include <ironlaw/host/pipeline.hpp>

#include <deque>
#include <optional>

namespace ironlaw::host {

/// A condition that rows must meet to be in the result.
struct Constraint {
  Expression condition;
  bool before;  ///< reads inputs only (`where`): rows that fail are not evaluated
  /// Why a row is not in the result that does not meet it.
  [[nodiscard]] std::string reason() const { return "rejected by " + condition.text(); }
};

/// What a config asks of its rows beside evaluating them. Expressions read inputs of the plan by slot, outputs behind them.
struct Clauses {
  std::vector<Constraint> constraints;
  std::deque<Expression> derived;  ///< by ResultColumn::index of a column that is an expression
  std::optional<Goal> best;
  std::size_t keep = 0;  ///< how many of the best
  std::vector<Goal> front;
  std::vector<Goal> sort;
  bool show_rejected = false;  ///< keep rejected rows, as skipped, with the constraint as reason
  CallbackSpecs callbacks;
  std::unique_ptr<const Walls> walls;  ///< where the report asks for them
  std::unique_ptr<Bands> bands;        ///< likewise

  [[nodiscard]] bool selects() const { return best.has_value() || !front.empty() || !sort.empty(); }
  /// How many goals a row has: of best, front and sort, in this order.
  [[nodiscard]] std::size_t goals() const { return (best ? 1 : 0) + front.size() + sort.size(); }
};

/// Names of a plan's inputs and outputs as expressions use them; with one stage, ports under their own names too.
[[nodiscard]] Symbols symbols_of(const Plan& plan, Zoo& zoo);

/// Reads `assert`, `where`, `report` and `callbacks`; the columns go to `columns`. Throws InputError.
[[nodiscard]] Clauses read_clauses(const Config::Impl& config, const Plan& plan, const std::vector<Axis>& axes,
                                   Environment& environment, std::vector<ResultColumn>& columns);

}  // namespace ironlaw::host
