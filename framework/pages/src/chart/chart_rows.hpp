#pragma once
#include "value/kept_values.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/pages/chart.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace ironlaw::host {

/// Whether a name is that of an end of an estimate: `latency_low` and `latency_high` of `latency`.
inline bool is_end_of(std::string_view name, std::string_view banded) {
  return name.starts_with(banded) && (name.substr(banded.size()) == "_low" || name.substr(banded.size()) == "_high");
}

/// Every row of a pipeline, whatever its report selects, as charts read it.
class ChartRows final : public RowSink {
 public:
  explicit ChartRows(const Pipeline& pipeline);

  [[nodiscard]] std::size_t size() const { return status_.size(); }
  [[nodiscard]] bool has_outputs(std::size_t row) const { return ironlaw::has_outputs(status_[row]); }
  [[nodiscard]] RowStatus status(std::size_t row) const { return status_[row]; }
  [[nodiscard]] const Cell& cell(std::size_t column, std::size_t row) const { return cells_[column][row]; }
  [[nodiscard]] double number(std::size_t column, std::size_t row) const { return cells_[column][row].number; }
  [[nodiscard]] std::string text(std::size_t column, std::size_t row) const;

  [[nodiscard]] const ResultColumn& column(std::size_t column) const { return pipeline_.columns()[column]; }
  [[nodiscard]] bool is_number(std::size_t column) const;
  [[nodiscard]] bool is_series(std::size_t column) const;
  /// A column by its name or the end of it behind a full stop. Throws InputError at `where`, with the nearest.
  [[nodiscard]] std::size_t find(const std::string& name, const std::string& where) const;
  /// Why the first row without an answer has none, to follow what is wrong: ": reason", or nothing.
  [[nodiscard]] std::string because() const { return reason_.empty() ? reason_ : ": " + reason_; }
  /// Inputs that are not the same in all rows.
  [[nodiscard]] const std::vector<std::size_t>& varying() const { return varying_; }
  /// Outputs and expressions that are numbers, less the ends of bands.
  [[nodiscard]] std::vector<std::size_t> answers() const;
  /// The columns of a column's ends, where the report asks for bands and it has some.
  [[nodiscard]] std::optional<std::array<std::size_t, 2>> ends(std::size_t column) const;
  /// "A100, 16": the inputs of a row that vary, less some.
  [[nodiscard]] std::string label(std::size_t row, const std::vector<std::size_t>& without) const;
  /// "device A100\nbatch 16\nlatency 3 ms".
  [[nodiscard]] std::string tip(std::size_t row, const std::vector<std::size_t>& more) const;

 private:
  void rows(const ResultRows& rows) override;
  const Pipeline& pipeline_;
  KeptValues kept_;
  std::vector<std::vector<Cell>> cells_;
  std::vector<RowStatus> status_;
  std::string reason_;
  std::vector<std::size_t> varying_;
};

/// A column's values as an axis has them: its unit, and what to divide by.
struct AxisScale {
  ChartAxis axis;
  double scale = 1;
};
[[nodiscard]] AxisScale axis_of(const ChartRows& rows, std::size_t column);
/// The same for any numbers of a dimension.
[[nodiscard]] AxisScale axis_of(std::string name, const std::vector<double>& numbers, const Dimension& dimension,
                                std::string_view preferred_unit = {});

}  // namespace ironlaw::host
