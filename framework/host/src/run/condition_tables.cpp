#include "run/condition_tables.hpp"

#include <algorithm>
#include <array>

namespace ironlaw::host {
namespace {

constexpr std::uint64_t most_combinations = std::uint64_t{1} << 16;
constexpr std::size_t combinations_at_a_time = 256;

bool reads(const Expression& condition, const Axis& axis) {
  const auto slots = condition.slots();
  return std::any_of(axis.inputs.begin(), axis.inputs.end(),
                     [&](std::size_t input) { return std::binary_search(slots.begin(), slots.end(), input); });
}

}  // namespace

ConditionTables::ConditionTables(const Pipeline& pipeline) {
  for (const Axis& axis : pipeline.axes()) sizes_.push_back(axis.size());
  const auto& constraints = pipeline.clauses().constraints;
  for (std::size_t c = 0; c < constraints.size(); ++c)
    if (constraints[c].before && !add(pipeline, c)) return;
}

bool ConditionTables::add(const Pipeline& pipeline, std::size_t constraint) {
  const Expression& condition = pipeline.clauses().constraints[constraint].condition;
  Table table{constraint, {}, std::vector<std::uint64_t>(sizes_.size())};
  std::uint64_t combinations = 1;
  for (std::size_t a = sizes_.size(); a-- > 0;) {
    if (!reads(condition, pipeline.axes()[a])) continue;
    if (sizes_[a] == 0 || combinations > most_combinations / sizes_[a]) return false;
    table.strides[a] = combinations;
    combinations *= sizes_[a];
  }
  const std::vector<Cell> base = pipeline.base();
  std::vector<Column> columns;
  for (const Cell& cell : base) columns.push_back({&cell, 0});
  std::vector<std::vector<Cell>> cells(base.size());
  std::array<double, combinations_at_a_time> values{};
  Expression::Workspace workspace;
  for (std::uint64_t first = 0; first < combinations; first += combinations_at_a_time) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(combinations_at_a_time, combinations - first));
    for (std::size_t a = 0; a < sizes_.size(); ++a) {
      if (table.strides[a] == 0) continue;
      const Axis& axis = pipeline.axes()[a];
      for (std::size_t k = 0; k < axis.inputs.size(); ++k) {
        auto& column = cells[axis.inputs[k]];
        column.resize(count);
        for (std::size_t i = 0; i < count; ++i) column[i] = axis.values[k][(first + i) / table.strides[a] % sizes_[a]];
        columns[axis.inputs[k]] = {column.data(), 1};
      }
    }
    condition.evaluate(columns, count, std::span(values).first(count), workspace);
    for (std::size_t i = 0; i < count; ++i) table.holds.push_back(values[i] != 0 ? 1 : 0);
  }
  tables_.push_back(std::move(table));
  return true;
}

/// In runs along the last axis, in which a condition that does not read it holds for all or for none.
std::size_t ConditionTables::sift(std::uint64_t first, std::span<std::uint64_t> left, std::span<std::uint64_t> rejected) const {
  const std::size_t axes = sizes_.size();
  const std::uint64_t inner = axes == 0 ? 1 : sizes_.back();
  std::vector<std::uint64_t> digits(axes);
  for (std::uint64_t a = axes, rest = first; a-- > 0; rest /= sizes_[a]) digits[a] = rest % sizes_[a];
  std::size_t kept = 0;
  const std::uint64_t end = first + left.size();
  for (std::uint64_t row = first; row < end;) {
    const std::uint64_t begin = axes == 0 ? 0 : digits.back();
    const auto run = static_cast<std::size_t>(std::min(inner - begin, end - row));
    const std::span<std::uint64_t> here = left.subspan(kept, run);  // never behind what is written: rows come one by one
    std::size_t open = run;
    bool written = false;
    for (std::size_t t = 0; t < tables_.size() && open > 0; ++t) {
      const Table& table = tables_[t];
      std::uint64_t at = 0;
      for (std::size_t a = 0; a < axes; ++a) at += digits[a] * table.strides[a];
      std::size_t meet = 0;
      if (axes == 0 || table.strides.back() == 0) {
        meet = table.holds[at] != 0 ? open : 0;
      } else {
        if (!written)
          for (std::size_t i = 0; i < run; ++i) here[i] = row + i;
        written = true;
        for (std::size_t i = 0; i < open; ++i) {
          const std::uint64_t one = here[i];
          here[meet] = one;
          meet += table.holds[at + (one - row)];
        }
      }
      rejected[t] += open - meet;
      open = meet;
    }
    if (!written)
      for (std::size_t i = 0; i < open; ++i) here[i] = row + i;
    kept += open;
    row += run;
    if (axes == 0) continue;
    digits.back() = 0;
    for (std::size_t a = axes - 1; a-- > 0;) {
      if (++digits[a] < sizes_[a]) break;
      digits[a] = 0;
    }
  }
  return kept;
}

}  // namespace ironlaw::host
