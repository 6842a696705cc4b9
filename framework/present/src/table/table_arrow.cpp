// A table as Arrow has it: a batch for each block of rows.
#include "answer/provenance.hpp"
#include "table/arrow_columns.hpp"
#include "table/table.hpp"

#include <optional>

namespace ironlaw::host {
namespace {

class ArrowTable final : public TableWriter {
 public:
  explicit ArrowTable(const TableSource& source)
      : source_(source), columns_(source.pipeline, source.columns), reasons_(source.pipeline, source.columns) {
    const std::vector<ArrowField>& fields = columns_.fields();
    for (const ArrowField& field : fields) builders_.emplace_back(field.type);
    const auto form = source.options.format == OutputFormat::arrow ? ArrowForm::file : ArrowForm::stream;
    writer_.emplace(form, fields, ArrowMetadata{{"provenance", dump(provenance(source.pipeline, source.options))}}, source.out);
    const auto& earlier = source.options.earlier;
    earlier ? writer_->go_on(earlier->file, earlier->bytes) : writer_->begin();
  }

  void rows(const ResultRows& rows) override {
    const std::size_t count = rows.status.size();
    const std::size_t columns = source_.columns.size();
    for (std::size_t c = 0; c < columns; ++c)
      for (std::size_t r = 0; r < count; ++r) columns_.add(c, rows.columns[c][r], builders_[c]);
    for (std::size_t r = 0; r < count; ++r) {
      builders_[columns].add(static_cast<std::int32_t>(rows.status[r]));
      const std::string text = reasons_.of(rows, r);
      text.empty() ? builders_.back().add_absent() : builders_.back().add(text);
    }
    std::vector<ArrowColumn> batch;
    for (auto& builder : builders_) batch.push_back(builder.take());
    writer_->batch(count, batch);
  }

  void finish(const RunSummary&) override { writer_->end(); }

 private:
  TableSource source_;
  ArrowColumns columns_;
  RowReasons reasons_;
  std::optional<ArrowWriter> writer_;
  std::vector<ArrowColumnBuilder> builders_;
};

}  // namespace

std::unique_ptr<TableWriter> arrow_table(const TableSource& source) { return std::make_unique<ArrowTable>(source); }

}  // namespace ironlaw::host
