#pragma once
// Series and texts that outlive where they came from.
#include <ironlaw/series.hpp>

#include <ironlaw/port_info.hpp>

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// Whether a cell of the port points to values that somebody must own.
constexpr bool is_kept(const PortInfo& port) { return port.type == PortType::series || port.type == PortType::text; }

/// Owns values; the cells that it gives point into it and stay valid until it is cleared.
class IRONLAW_API KeptValues {
 public:
  Cell series(std::span<const double> values);
  Cell text(std::string text);
  /// The cell itself, or of a series or a text one that points to a copy.
  Cell keep(const PortInfo& port, const Cell& cell);
  void clear();

 private:
  struct Series {
    std::unique_ptr<double[]> values;
    SeriesCell cell;
  };
  std::deque<Series> series_;
  std::deque<std::pair<std::string, std::string_view>> texts_;
};

/// Room for the series of an output, row by row.
class IRONLAW_API SeriesArena {
 public:
  SeriesArena(std::uint32_t longest, std::size_t rows);
  /// Points the cells of `column` to the rows from `first` on, each empty.
  void place(std::span<Cell> column, std::size_t first = 0);
  /// What one row takes.
  static constexpr std::size_t bytes_a_row(std::uint32_t longest) { return sizeof(SeriesCell) + longest * sizeof(double); }

 private:
  std::uint32_t longest_;
  std::unique_ptr<double[]> values_;
  std::vector<SeriesCell> cells_;
};

/// Room for all series among the outputs of a block, made where it is first needed.
class IRONLAW_API SeriesArenas {
 public:
  /// Points the cells of every series that has a column to empty ones; the columns have `rows` rows.
  void place(std::span<const PortInfo> outputs, std::span<Cell* const> columns, std::size_t rows);

 private:
  struct OfOutput {
    std::unique_ptr<SeriesArena> arena;
    std::size_t rows = 0;
  };
  std::vector<OfOutput> arenas_;
};

}  // namespace ironlaw::host
