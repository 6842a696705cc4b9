#include "run/shared_block.hpp"

#include "plan/plan.hpp"
#include "run/row_batch.hpp"

#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <new>
#include <numeric>

namespace ironlaw::host {
namespace {

constexpr std::size_t rows_a_block = Plan::block_rows;

std::vector<std::size_t> longest_of(std::span<const ResultColumn> columns) {
  std::vector<std::size_t> longest;
  for (const ResultColumn& column : columns) longest.push_back(is_series_of_block(column) ? column.port.longest : 0);
  longest.push_back(0);  // behind the last
  return longest;
}

/// Values of a row in the series before a column.
std::size_t values_before(const std::vector<std::size_t>& longest, std::size_t column) {
  return std::accumulate(longest.begin(), longest.begin() + static_cast<std::ptrdiff_t>(column), std::size_t{0});
}

}  // namespace

SharedBlock::SharedBlock(std::span<const ResultColumn> columns, std::size_t goals)
    : columns_(columns.size()),
      goals_(goals),
      longest_(longest_of(columns)),
      memory_(rows_a_block * ((columns_ + goals + values_before(longest_, columns_)) * sizeof(Cell) + sizeof(std::uint16_t) +
                              sizeof(RowStatus))) {}
double* SharedBlock::series(std::size_t c, std::size_t row) const {
  return goal(goals_) + values_before(longest_, c) * rows_a_block + row * longest_[c];
}
void SharedBlock::write(std::size_t c, const Column& from, std::size_t offset, std::size_t rows) const {
  for (std::size_t r = 0; r < rows; ++r) {
    Cell& cell = column(c)[offset + r] = from[r];
    if (longest_[c] == 0) continue;
    const SeriesCell* values = series_of(cell);
    if (values != nullptr) std::copy_n(values->data, values->size, series(c, offset + r));
    cell.number = values != nullptr ? values->size : absent_value;
  }
}
Cell* SharedBlock::column(std::size_t c) const { return reinterpret_cast<Cell*>(memory_.data()) + c * rows_a_block; }
double* SharedBlock::goal(std::size_t g) const {
  return reinterpret_cast<double*>(memory_.data()) + (columns_ + g) * rows_a_block;
}
std::uint16_t* SharedBlock::rejected() const { return reinterpret_cast<std::uint16_t*>(series(columns_, 0)); }
RowStatus* SharedBlock::status() const { return reinterpret_cast<RowStatus*>(rejected() + rows_a_block); }

SharedReport::SharedReport() : memory_(sizeof(std::atomic<std::uint32_t>) + most_bytes) {
  new (memory_.data()) std::atomic<std::uint32_t>(~std::uint32_t{0});
}
std::atomic<std::uint32_t>& SharedReport::stage() const {
  return *std::launder(reinterpret_cast<std::atomic<std::uint32_t>*>(memory_.data()));
}
char* SharedReport::text() const { return reinterpret_cast<char*>(memory_.data() + sizeof(std::atomic<std::uint32_t>)); }

}  // namespace ironlaw::host
