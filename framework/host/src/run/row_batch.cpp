#include "run/row_batch.hpp"

#include "plan/clauses.hpp"
#include "value/series_bytes.hpp"

#include <ironlaw/series.hpp>

namespace ironlaw::host {

RowInputs::RowInputs(const Pipeline& pipeline) : sources_(pipeline.columns().size()) {
  const std::vector<Cell> base = pipeline.base();
  for (std::size_t c = 0; c < sources_.size(); ++c) {
    const ResultColumn& column = pipeline.columns()[c];
    if (column.from != ResultColumn::From::input) continue;
    sources_[c].base = base[column.index];
    std::uint64_t inner = 1;
    for (auto axis = pipeline.axes().rbegin(); axis != pipeline.axes().rend(); ++axis) {
      for (std::size_t k = 0; k < axis->inputs.size(); ++k)
        if (axis->inputs[k] == column.index) sources_[c] = {&axis->values[k], inner, {}};
      inner *= axis->size();
    }
  }
}

Cell RowInputs::cell(std::size_t column, std::uint64_t number) const {
  const Source& source = sources_[column];
  if (source.values == nullptr) return source.base;
  return (*source.values)[static_cast<std::size_t>(number / source.inner % source.values->size())];
}

RowBatch::RowBatch(const Pipeline& pipeline)
    : pipeline_(pipeline),
      inputs_(pipeline),
      cells_(pipeline.columns().size()),
      goals_(pipeline.clauses().goals()),
      view_columns_(pipeline.columns().size()),
      view_goals_(goals_.size()) {
  for (const ResultColumn& column : pipeline.columns())
    kinds_.push_back(column.from == ResultColumn::From::input ? Kind::input
                     : is_series_of_block(column)             ? Kind::series
                                                              : Kind::other);
}

void RowBatch::add_cell(std::size_t column, const Cell& cell) {
  cells_[column].push_back(kinds_[column] == Kind::series ? kept_.keep(pipeline_.columns()[column].port, cell) : cell);
}

void RowBatch::add(const ResultRows& rows, std::size_t row) {
  const std::uint64_t number = rows.number(row);
  numbers_.push_back(number);
  status_.push_back(rows.status[row]);
  for (std::size_t c = 0; c < cells_.size(); ++c) add_cell(c, rows.columns[c][row]);
  if (rows.errors == nullptr) return;
  if (const auto line = rows.errors->find(number); line != rows.errors->end()) errors_[number] = line->second;
}

void RowBatch::add(const KeptRow& row) {
  numbers_.push_back(row.number);
  status_.push_back(row.status);
  std::size_t next = 0;
  std::size_t series = 0;
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    switch (kinds_[c]) {
      case Kind::input:
        cells_[c].push_back(inputs_.cell(c, row.number));
        break;
      case Kind::series: {
        const bool absent = absent_cell(row.cells[next++]);
        cells_[c].push_back(absent ? Cell{absent_value} : kept_.series(row.series[series]));
        ++series;
        break;
      }
      case Kind::other:
        cells_[c].push_back(row.cells[next++]);
        break;
    }
  }
  for (std::size_t g = 0; g < goals_.size(); ++g) goals_[g].push_back(row.goals[g]);
  if (!row.error.empty()) errors_[row.number] = row.error;
}

void RowBatch::clear() {
  numbers_.clear();
  status_.clear();
  for (auto& column : cells_) column.clear();
  kept_.clear();
  for (auto& goal : goals_) goal.clear();
  errors_.clear();
}

EvaluatedBlock RowBatch::view(std::size_t first, std::size_t count) {
  for (std::size_t c = 0; c < cells_.size(); ++c) view_columns_[c] = {cells_[c].data() + first, 1};
  for (std::size_t g = 0; g < goals_.size(); ++g)
    if (!goals_[g].empty())  // rows that are only passed on have none
      view_goals_[g].assign(goals_[g].begin() + static_cast<std::ptrdiff_t>(first),
                            goals_[g].begin() + static_cast<std::ptrdiff_t>(first + count));
  const auto numbers = std::span(numbers_).subspan(first, count);
  return {{count > 0 ? numbers.front() : 0, view_columns_, std::span(status_).subspan(first, count), &errors_, numbers},
          {},
          view_goals_,
          {}};
}

std::size_t RowBatch::same_block(std::size_t first) const {
  std::size_t end = first;
  while (end < numbers_.size() && numbers_[end] / Plan::block_rows == numbers_[first] / Plan::block_rows) ++end;
  return end - first;
}

void RowBatch::write(std::string& bytes) const {
  put(bytes, static_cast<std::uint64_t>(numbers_.size()));
  put(bytes, numbers_);
  put(bytes, status_);
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    if (kinds_[c] == Kind::series) {
      for (const Cell& cell : cells_[c]) put_series(bytes, cell);
    } else if (kinds_[c] == Kind::other) {
      put(bytes, cells_[c]);
    }
  }
  for (const auto& goal : goals_) put(bytes, goal);
  put(bytes, static_cast<std::uint64_t>(errors_.size()));
  for (const auto& [number, line] : errors_) {
    put(bytes, number);
    put(bytes, std::string_view(line));
  }
}

void RowBatch::read(std::string_view& bytes) {
  clear();
  const auto rows = take<std::uint64_t>(bytes);
  take_all(bytes, numbers_, rows);
  take_all(bytes, status_, rows);
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    if (kinds_[c] == Kind::series) {
      for (std::uint64_t r = 0; r < rows; ++r) cells_[c].push_back(take_series(bytes, kept_));
    } else if (kinds_[c] == Kind::other) {
      take_all(bytes, cells_[c], rows);
    } else {
      for (const std::uint64_t number : numbers_) cells_[c].push_back(inputs_.cell(c, number));
    }
  }
  for (auto& goal : goals_) take_all(bytes, goal, rows);
  for (auto lines = take<std::uint64_t>(bytes); lines > 0; --lines) {
    const auto number = take<std::uint64_t>(bytes);
    errors_[number] = take_text(bytes);
  }
}

}  // namespace ironlaw::host
