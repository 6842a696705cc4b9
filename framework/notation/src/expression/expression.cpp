#include "expression/expression.hpp"

#include "expression/binding.hpp"
#include "expression/literals.hpp"
#include "expression/words.hpp"
#include "text/excerpt.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

constexpr std::size_t longest_text = 10000;

/// A text of several lines (YAML has them) as one, position by position.
std::string on_one_line(std::string_view text, const std::string& where) {
  if (text.size() > longest_text)
    throw InputError(
        where, "an expression takes at most " + std::to_string(longest_text) + " characters, not " + std::to_string(text.size()));
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

Expression::Expression(const std::string& line, std::size_t begin, const Symbols& symbols, const std::string& where) {
  const Source source{line, where};
  auto nodes = parse_syntax(source, begin, symbols);
  steer_literals(source, nodes);
  auto bound = bind_nodes(source, nodes, symbols);
  begin = skip_blanks(line, begin);
  text_ = line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
  type_ = bound.truth ? ValueType::boolean : ValueType::number;
  dimension_ = bound.dimension;
  program_ = std::move(bound.program);
  slots_ = program_.slots();
}

Expression Expression::parse(std::string_view text, const Symbols& symbols, const std::string& where) {
  return {on_one_line(text, where), 0, symbols, where};
}

void Expression::run(std::span<const Column> columns, std::span<const std::string_view> texts, std::span<double> out,
                     Workspace& workspace) const {
  if (workspace.values_.size() < program_.room()) workspace.values_.resize(program_.room());
  program_.evaluate(columns, texts, out, workspace.values_);
  // A boolean column that stands alone may hold NaN.
  if (type_ == ValueType::boolean)
    for (double& v : out) v = v > 0 ? 1 : 0;
}

void Expression::evaluate(std::span<const Column> columns, std::size_t rows, std::span<double> out, Workspace& workspace) const {
  run(columns, {}, out.first(rows), workspace);
}

double Expression::value(std::span<const Cell> cells, std::span<const std::string_view> texts) const {
  std::vector<Column> columns;
  for (const Cell& cell : cells) columns.push_back({&cell, 0});
  Workspace workspace;
  double result = 0;
  run(columns, texts, {&result, 1}, workspace);
  return result;
}

Expression parse_condition(std::string_view text, const Symbols& symbols, const std::string& where) {
  auto expression = Expression::parse(text, symbols, where);
  if (expression.type() == ValueType::boolean) return expression;
  const std::string unit = si_unit(expression.dimension());
  throw InputError(where, excerpt(expression.text()) + " is a number; a condition compares it, such as '<= 1" +
                              (unit.empty() ? "" : " " + unit) + "'");
}

Goal parse_goal(std::string_view text, const Symbols& symbols, const std::string& where) {
  const std::string line = on_one_line(text, where);
  const std::size_t begin = skip_blanks(line, 0);
  const auto word = std::string_view(line).substr(begin, 3);
  const char next = char_at(line, skip_blanks(line, begin + 3));
  const bool blank = char_at(line, begin + 3) == ' ' || char_at(line, begin + 3) == '\t';
  if ((word != "min" && word != "max") || !blank || next == '(')
    Source{line, where}.fail(
        begin,
        "a goal is 'min' or 'max', a blank and an expression without a parenthesis at its front, such as 'min serve.tpot'");
  Goal goal{Expression(line, begin + 3, symbols, where), word == "max"};
  if (goal.expression.type() != ValueType::number)
    throw InputError(where, excerpt(goal.expression.text()) + " is true or false; a goal takes a number");
  return goal;
}

}  // namespace ironlaw::host
