#include "run/shared_block.hpp"

#include "plan/plan.hpp"

#include <new>

namespace ironlaw::host {
namespace {

constexpr std::size_t rows_a_block = Plan::block_rows;

}  // namespace

SharedBlock::SharedBlock(std::size_t columns, std::size_t goals)
    : columns_(columns),
      goals_(goals),
      memory_(rows_a_block * ((columns + goals) * sizeof(Cell) + sizeof(std::uint16_t) + sizeof(RowStatus))) {}
Cell* SharedBlock::column(std::size_t c) const { return reinterpret_cast<Cell*>(memory_.data()) + c * rows_a_block; }
double* SharedBlock::goal(std::size_t g) const {
  return reinterpret_cast<double*>(memory_.data()) + (columns_ + g) * rows_a_block;
}
std::uint16_t* SharedBlock::rejected() const { return reinterpret_cast<std::uint16_t*>(goal(goals_)); }
RowStatus* SharedBlock::status() const { return reinterpret_cast<RowStatus*>(rejected() + rows_a_block); }

SharedReport::SharedReport() : memory_(sizeof(std::atomic<std::uint32_t>) + most_bytes) {
  new (memory_.data()) std::atomic<std::uint32_t>(~std::uint32_t{0});
}
std::atomic<std::uint32_t>& SharedReport::stage() const {
  return *std::launder(reinterpret_cast<std::atomic<std::uint32_t>*>(memory_.data()));
}
char* SharedReport::text() const { return reinterpret_cast<char*>(memory_.data() + sizeof(std::atomic<std::uint32_t>)); }

}  // namespace ironlaw::host
