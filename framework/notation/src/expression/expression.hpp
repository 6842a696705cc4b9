#pragma once
// Expressions of a config: "serve.tpot <= 50 ms and $batch >= 4", checked for types and dimensions before anything runs.
//
// Tightest first: ^ with a whole number; unary -; * and /; + and -; <= >= < > == !=, which do not chain; not; and; or. Functions:
// min and max of two values or more, abs, sqrt, and floor, ceil, log, log2, exp of a number without a unit. Of a series: sum,
// mean, min, max, count, at(series, place from 0 on) and percentile(series, percent). A number may have a unit behind it ("0.12
// USD/kWh"); a bare 0 fits any unit, and a bare count fits tokens and requests. Names carry a dot or a '$'. Choices, objects and
// texts compare by == and != with a text in single quotes.
#include "expression/program.hpp"

#include <ironlaw/dimension.hpp>
#include <ironlaw/row.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

enum class ValueType { number, boolean };

/// Immutable; may be evaluated on many threads at once, each with a Workspace of its own.
class Expression {
 public:
  /// What evaluate() needs besides; kept between calls, so that only the first allocates.
  class Workspace {
    friend class Expression;
    std::vector<double> values_;
  };

  /// Throws InputError "WHERE: column N: what".
  [[nodiscard]] static Expression parse(std::string_view text, const Symbols& symbols, const std::string& where);

  [[nodiscard]] ValueType type() const { return type_; }
  /// Of a number; values are in SI.
  [[nodiscard]] const Dimension& dimension() const { return dimension_; }
  /// As written, on one line.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// The columns that it reads, ascending.
  [[nodiscard]] std::span<const std::size_t> slots() const { return slots_; }

  /// Rows [0, rows) into `out`; `columns` are by slot, and those that it does not read may be empty. A number is NaN where an
  /// absent value goes into it; a comparison with an absent value (NaN, a null object, an empty text) is false, != too; a
  /// boolean is 0 or 1. Expressions with text symbols are for value() alone.
  void evaluate(std::span<const Column> columns, std::size_t rows, std::span<double> out, Workspace& workspace) const;
  /// Which way the value goes, from what each slot that it reads does; false is less than true.
  [[nodiscard]] Trended trend(const std::function<Trended(std::size_t)>& of_slot) const { return program_.trend(of_slot); }
  /// One row: a cell for each slot, and a text for each slot of a text symbol.
  [[nodiscard]] double value(std::span<const Cell> cells, std::span<const std::string_view> texts = {}) const;

 private:
  friend struct Goal parse_goal(std::string_view text, const Symbols& symbols, const std::string& where);
  Expression(const std::string& line, std::size_t begin, const Symbols& symbols, const std::string& where);
  void run(std::span<const Column> columns, std::span<const std::string_view> texts, std::span<double> out,
           Workspace& workspace) const;

  std::string text_;
  ValueType type_ = ValueType::number;
  Dimension dimension_;
  std::vector<std::size_t> slots_;
  Program program_;
};

/// An expression that must be true or false: an assertion, a filter. Throws InputError.
[[nodiscard]] Expression parse_condition(std::string_view text, const Symbols& symbols, const std::string& where);

/// "min serve.tpot": a number to make small, or large.
struct Goal {
  Expression expression;
  bool maximise = false;
};
[[nodiscard]] Goal parse_goal(std::string_view text, const Symbols& symbols, const std::string& where);

}  // namespace ironlaw::host
