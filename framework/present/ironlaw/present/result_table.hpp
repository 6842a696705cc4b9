#pragma once
// A result in memory, for a program that embeds the host.
#include <ironlaw/host/run.hpp>
#include <ironlaw/present/arrow_c.hpp>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace ironlaw::host {

class KeptValues;

/// Every row of a run, an answer or a study, by column.
class ResultTable final : public RowSink {
 public:
  /// With the columns that a run of the pipeline gives.
  explicit ResultTable(std::shared_ptr<const Pipeline> pipeline);
  /// With those of a study, whose names are copied.
  ResultTable(std::shared_ptr<const Pipeline> pipeline, const std::vector<ResultColumn>& columns);

  ~ResultTable() override;

  void rows(const ResultRows& rows) override;
  /// The row that an answer is.
  void add(const Answer& answer);

  [[nodiscard]] const Pipeline& pipeline() const { return *pipeline_; }
  [[nodiscard]] const std::vector<ResultColumn>& columns() const { return columns_; }
  [[nodiscard]] std::size_t size() const { return status_.size(); }
  [[nodiscard]] std::span<const Cell> cells(std::size_t column) const { return cells_[column]; }
  [[nodiscard]] std::span<const RowStatus> status() const { return status_; }
  /// Hands its first rows, or all, to another sink, as one block.
  void replay(RowSink& sink, std::size_t most = ~std::size_t{0}) const;

 private:
  void reserve(std::uint64_t rows);
  std::shared_ptr<const Pipeline> pipeline_;
  std::deque<std::string> texts_;                      ///< what the columns of a study point to
  std::deque<std::vector<std::string_view>> choices_;  ///< the same
  std::vector<ResultColumn> columns_;
  std::vector<std::vector<Cell>> cells_;  ///< by column
  std::vector<RowStatus> status_;
  std::unique_ptr<KeptValues> kept_;             ///< what cells of series and texts point to
  std::map<std::uint64_t, std::string> errors_;  ///< by row of the table
};

/// The table as Arrow's C data interface: a schema and one record batch with the columns of OutputFormat::arrow. Numbers are not
/// copied; the table lives until both are released.
void export_arrow(const std::shared_ptr<const ResultTable>& table, ArrowSchema& schema, ArrowArray& batch);
/// The same as a stream of that batch.
void export_arrow(const std::shared_ptr<const ResultTable>& table, ArrowArrayStream& stream);

}  // namespace ironlaw::host
