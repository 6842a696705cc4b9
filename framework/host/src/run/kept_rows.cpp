#include "run/kept_rows.hpp"

#include "plan/clauses.hpp"

#include <ironlaw/series.hpp>

namespace ironlaw::host {

KeptRows::KeptRows(const Pipeline& pipeline) : goals_(pipeline.clauses().goals()) {
  for (std::size_t c = 0; c < pipeline.columns().size(); ++c)
    if (pipeline.columns()[c].from != ResultColumn::From::input) columns_.push_back(c);
  cells_.resize(columns_.size());
  for (const std::size_t c : columns_) {
    const ResultColumn& column = pipeline.columns()[c];
    is_series_.push_back(is_series_of_block(column) ? 1 : 0);
    if (is_series_.back() == 0) continue;
    series_.emplace_back();
    series_bytes_ += sizeof(std::vector<double>) + column.port.longest * sizeof(double);
  }
}

std::size_t KeptRows::row_bytes() const {
  return sizeof(std::uint64_t) + sizeof(RowStatus) + goals_.size() * sizeof(double) + cells_.size() * sizeof(Cell) +
         series_bytes_;
}

void KeptRows::add(const EvaluatedBlock& block, std::size_t row) {
  const std::size_t place = size();
  numbers_.emplace_back();
  status_.emplace_back();
  for (auto& goal : goals_) goal.emplace_back();
  for (auto& cells : cells_) cells.emplace_back();
  for (auto& series : series_) series.emplace_back();
  set(place, block, row);
}

void KeptRows::replace(std::size_t place, const EvaluatedBlock& block, std::size_t row) {
  errors_.erase(numbers_[place]);
  set(place, block, row);
}

void KeptRows::set(std::size_t place, const EvaluatedBlock& block, std::size_t row) {
  const ResultRows& rows = block.rows;
  numbers_[place] = rows.number(row);
  status_[place] = rows.status[row];
  for (std::size_t g = 0; g < goals_.size(); ++g) goals_[g][place] = block.goals[g][row];
  std::size_t next = 0;
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const Cell& cell = rows.columns[columns_[c]][row];
    cells_[c][place] = cell;
    if (is_series_[c] == 0) continue;
    const SeriesCell* series = series_of(cell);
    cells_[c][place].number = series != nullptr ? 1 : absent_value;
    auto& values = series_[next++][place];
    series != nullptr ? values.assign(series->data, series->data + series->size) : values.clear();
  }
  if (rows.errors == nullptr || rows.errors->empty()) return;
  if (const auto line = rows.errors->find(numbers_[place]); line != rows.errors->end()) errors_[numbers_[place]] = line->second;
}

void KeptRows::keep(std::span<const std::uint32_t> places) {
  if (!errors_.empty()) {
    std::map<std::uint64_t, std::string> staying;
    for (const std::uint32_t place : places)
      if (auto line = errors_.extract(numbers_[place])) staying.insert(std::move(line));
    errors_ = std::move(staying);
  }
  const auto gather = [places](auto& values) {
    for (std::size_t to = 0; to < places.size(); ++to)
      if (to != places[to]) values[to] = std::move(values[places[to]]);
    values.resize(places.size());
  };
  gather(numbers_);
  gather(status_);
  for (auto& goal : goals_) gather(goal);
  for (auto& cells : cells_) gather(cells);
  for (auto& series : series_) gather(series);
}

void KeptRows::read(std::size_t place, KeptRow& row) const {
  row.number = numbers_[place];
  row.status = status_[place];
  row.goals.resize(goals_.size());
  for (std::size_t g = 0; g < goals_.size(); ++g) row.goals[g] = goals_[g][place];
  row.cells.resize(cells_.size());
  for (std::size_t c = 0; c < cells_.size(); ++c) row.cells[c] = cells_[c][place];
  row.series.resize(series_.size());
  for (std::size_t s = 0; s < series_.size(); ++s) row.series[s] = series_[s][place];
  row.error.clear();
  if (errors_.empty()) return;
  if (const auto line = errors_.find(row.number); line != errors_.end()) row.error = line->second;
}

KeptRow KeptRows::shape() const {
  KeptRow row;
  row.goals.resize(goals_.size());
  row.cells.resize(cells_.size());
  row.series.resize(series_.size());
  return row;
}

}  // namespace ironlaw::host
