#include "value/kept_values.hpp"

#include <algorithm>

namespace ironlaw::host {

Cell KeptValues::series(std::span<const double> values) {
  Series& kept = series_.emplace_back();
  kept.values = std::make_unique<double[]>(values.size());
  std::copy(values.begin(), values.end(), kept.values.get());
  kept.cell = {kept.values.get(), static_cast<std::uint32_t>(values.size()), 0};
  return Cell{.object = &kept.cell};
}

Cell KeptValues::text(std::string text) {
  auto& [owned, view] = texts_.emplace_back(std::move(text), std::string_view());
  view = owned;
  return Cell{.object = &view};
}

Cell KeptValues::keep(const PortInfo& port, const Cell& cell) {
  if (!is_kept(port) || absent_cell(cell)) return cell;
  if (port.type == PortType::text) return text(std::string(*static_cast<const std::string_view*>(cell.object)));
  const SeriesCell& values = *series_of(cell);
  return series({values.data, values.size});
}

void KeptValues::clear() {
  series_.clear();
  texts_.clear();
}

SeriesArena::SeriesArena(std::uint32_t longest, std::size_t rows)
    : longest_(longest), values_(new double[rows * longest]), cells_(rows) {}  // untouched until it is written

void SeriesArena::place(std::span<Cell> column, std::size_t first) {
  for (std::size_t r = 0; r < column.size(); ++r) {
    cells_[first + r] = {values_.get() + (first + r) * longest_, 0, longest_};
    column[r].object = &cells_[first + r];
  }
}

void SeriesArenas::place(std::span<const PortInfo> outputs, std::span<Cell* const> columns, std::size_t rows) {
  arenas_.resize(outputs.size());
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (outputs[o].type != PortType::series || columns[o] == nullptr) continue;
    auto& [arena, room] = arenas_[o];
    if (room < rows) arena = std::make_unique<SeriesArena>(outputs[o].longest, room = rows);
    arena->place({columns[o], rows});
  }
}

}  // namespace ironlaw::host
