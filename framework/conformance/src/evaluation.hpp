#pragma once
#include "row_maker.hpp"

#include "value/kept_values.hpp"

#include <ironlaw/solver.hpp>

namespace ironlaw::host {

/// What a solver answered to rows.
struct Outcome {
  std::vector<RowStatus> status;
  std::vector<std::vector<Cell>> outputs;  ///< by port, then row
  SeriesArenas series;                     ///< what those of series point to
  std::vector<char> is_series;             ///< by port
  struct Error {
    std::string port, what;
  };
  std::map<std::size_t, Error> errors;  ///< by row

  /// The same to the last bit, errors' texts included.
  [[nodiscard]] bool same_row(std::size_t row, const Outcome& other, std::size_t other_row) const;
  /// Row and text of the first row with that status, or an empty text.
  [[nodiscard]] std::pair<std::size_t, std::string> first(RowStatus wanted) const;
};

/// Evaluates the rows as one block, or in blocks of `block` rows.
[[nodiscard]] Outcome evaluate(const Solver& solver, std::span<const RowMaker::Row> rows, std::size_t block = 0);

/// "batch_size = 8, hardware = H100": the inputs of a row that are not defaults.
[[nodiscard]] std::string in_words(std::span<const PortInfo> ports, const RowMaker::Row& row);

}  // namespace ironlaw::host
