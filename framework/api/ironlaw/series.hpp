#pragma once
// Ports that hold more than a number: what the cell of a series points to. A cell stays eight bytes, so a series is gathered,
// shared by rows and wired as a number is.
#include <ironlaw/maybe.hpp>
#include <ironlaw/row.hpp>

#include <cstdint>
#include <cstring>

namespace ironlaw {

/// Values over an index, in SI units; the host owns them while a block is evaluated. Those of an input are not to be written. Who
/// evaluates a block points each cell of an output that is read to one with room for PortInfo::longest values; the solver sets
/// `size`.
struct SeriesCell {
  double* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t room = 0;
};
static_assert(sizeof(SeriesCell) == 16);

/// Whether a cell of a series or a text points nowhere: null, or the absent number that reject_row leaves behind.
inline bool absent_cell(const Cell& cell) {
  return cell.object == nullptr || std::memcmp(&cell, &absent_value, sizeof cell) == 0;
}

/// What a cell points to, or null.
inline const SeriesCell* series_of(const Cell& cell) {
  return absent_cell(cell) ? nullptr : static_cast<const SeriesCell*>(cell.object);
}

}  // namespace ironlaw
