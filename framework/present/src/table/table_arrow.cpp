// A table as Arrow has it: a batch for each block of rows.
#include "plan/environment.hpp"
#include "table/arrow_writer.hpp"
#include "table/table.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/series.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::array every_status{RowStatus::ok, RowStatus::infeasible, RowStatus::refused, RowStatus::failed,
                                  RowStatus::skipped};

class ArrowTable final : public TableWriter {
 public:
  explicit ArrowTable(const TableSource& source) : source_(source), reasons_(source.pipeline, source.columns) {
    std::vector<ArrowField> fields;
    for (std::size_t c = 0; c < columns().size(); ++c) fields.push_back(field_of(c));
    ArrowField status{"status", ArrowType::dictionary, {}, {}};
    for (const RowStatus s : every_status) status.dictionary.emplace_back(status_name(s));
    fields.push_back(status);
    fields.push_back({"reason", ArrowType::text, {}, {}});
    for (const ArrowField& field : fields) builders_.emplace_back(field.type);
    const auto form = source.options.format == OutputFormat::arrow ? ArrowForm::file : ArrowForm::stream;
    writer_.emplace(form, std::move(fields), source.out);
    const auto& earlier = source.options.earlier;
    earlier ? writer_->go_on(earlier->file, earlier->bytes) : writer_->begin();
  }

  void rows(const ResultRows& rows) override {
    const std::size_t count = rows.status.size();
    for (std::size_t c = 0; c < columns().size(); ++c)
      for (std::size_t r = 0; r < count; ++r) add_cell(c, rows.columns[c][r]);
    auto& status = builders_[columns().size()];
    auto& reason = builders_.back();
    for (std::size_t r = 0; r < count; ++r) {
      status.add(static_cast<std::int32_t>(rows.status[r]));
      const std::string text = reasons_.of(rows, r);
      text.empty() ? reason.add_absent() : reason.add(text);
    }
    std::vector<ArrowColumn> batch;
    for (auto& builder : builders_) batch.push_back(builder.take());
    writer_->batch(count, batch);
  }

  void finish(const RunSummary&) override { writer_->end(); }

 private:
  [[nodiscard]] const std::vector<ResultColumn>& columns() const { return source_.columns; }

  ArrowField field_of(std::size_t c) {
    const PortInfo& port = columns()[c].port;
    ArrowField field{columns()[c].name, ArrowType::float64, {}, {}};
    if (const std::string unit = si_unit(port.dimension); !unit.empty()) field.metadata.emplace_back("unit", unit);
    if (!port.doc.empty()) field.metadata.emplace_back("doc", port.doc);
    const ValueForm form = forms_.emplace_back(values_of(port.type).form());
    if (form == ValueForm::truth) field.type = ArrowType::boolean;
    if (form == ValueForm::choice) {
      field.type = ArrowType::dictionary;
      field.dictionary.assign(port.choices.begin(), port.choices.end());
    }
    if (form == ValueForm::list) field.type = ArrowType::list;
    if (form == ValueForm::text) field.type = ArrowType::text;
    if (form == ValueForm::object) {
      const bool known = columns()[c].from == ResultColumn::From::input;
      field.type = known ? ArrowType::dictionary : ArrowType::text;  // a study finds its objects as it goes
      if (known) name_objects(c, field.dictionary);
    }
    return field;
  }

  /// Every object that an input has in some row: its base, or the values of its axis.
  void name_objects(std::size_t c, std::vector<std::string>& names) {
    const std::size_t input = columns()[c].index;
    const auto add = [&](const Cell& cell) {
      const std::string name = object_name(source_.pipeline.environment().zoo(), columns()[c].port, cell);
      if (name.empty()) return;
      const auto known = std::find(names.begin(), names.end(), name);
      ordinals_[{c, cell.object}] = static_cast<std::int32_t>(known - names.begin());
      if (known == names.end()) names.push_back(name);
    };
    bool varies = false;
    for (const Axis& axis : source_.pipeline.axes())
      for (std::size_t k = 0; k < axis.inputs.size(); ++k) {
        if (axis.inputs[k] != input) continue;
        varies = true;
        std::for_each(axis.values[k].begin(), axis.values[k].end(), add);
      }
    if (!varies) add(source_.pipeline.base()[input]);
  }

  void add_cell(std::size_t c, const Cell& cell) {
    ArrowColumnBuilder& builder = builders_[c];
    const ValueForm form = forms_[c];
    if (form == ValueForm::object && columns()[c].from != ResultColumn::From::input) {
      const std::string name = object_name(source_.pipeline.environment().zoo(), columns()[c].port, cell);
      name.empty() ? builder.add_absent() : builder.add(name);
    } else if (form == ValueForm::object) {
      const auto ordinal = ordinals_.find({c, cell.object});
      ordinal == ordinals_.end() ? builder.add_absent() : builder.add(ordinal->second);
    } else if (form == ValueForm::text || form == ValueForm::list) {
      if (absent_cell(cell)) return builder.add_absent();
      if (form == ValueForm::text) return builder.add(std::string(*static_cast<const std::string_view*>(cell.object)));
      const SeriesCell& series = *series_of(cell);
      builder.add(std::span<const double>(series.data, series.size));
    } else if (!std::isfinite(cell.number)) {
      builder.add_absent();
    } else if (form == ValueForm::truth) {
      builder.add(cell.number != 0);
    } else if (form == ValueForm::choice) {
      builder.add(static_cast<std::int32_t>(cell.number));
    } else {
      builder.add(cell.number);
    }
  }

  TableSource source_;
  RowReasons reasons_;
  std::optional<ArrowWriter> writer_;
  std::vector<ValueForm> forms_;  ///< by column of the pipeline
  std::vector<ArrowColumnBuilder> builders_;
  std::map<std::pair<std::size_t, const void*>, std::int32_t> ordinals_;  ///< by column and object: its place in the dictionary
};

}  // namespace

std::unique_ptr<TableWriter> arrow_table(const TableSource& source) { return std::make_unique<ArrowTable>(source); }

}  // namespace ironlaw::host
