#include "table/arrow_columns.hpp"

#include "plan/environment.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/series.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::array every_status{RowStatus::ok, RowStatus::infeasible, RowStatus::refused, RowStatus::failed,
                                  RowStatus::skipped};

}  // namespace

ArrowColumns::ArrowColumns(const Pipeline& pipeline, const std::vector<ResultColumn>& columns)
    : pipeline_(pipeline), columns_(columns) {
  for (std::size_t c = 0; c < columns_.size(); ++c) fields_.push_back(field_of(c));
  ArrowField status{"status", ArrowType::dictionary, {}, {}};
  for (const RowStatus s : every_status) status.dictionary.emplace_back(status_name(s));
  fields_.push_back(status);
  fields_.push_back({"reason", ArrowType::text, {}, {}});
}

ArrowField ArrowColumns::field_of(std::size_t c) {
  const PortInfo& port = columns_[c].port;
  ArrowField field{columns_[c].name, ArrowType::float64, {}, {}};
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
    const bool known = columns_[c].from == ResultColumn::From::input;
    field.type = known ? ArrowType::dictionary : ArrowType::text;  // a study finds its objects as it goes
    if (known) name_objects(c, field.dictionary);
  }
  return field;
}

/// Every object that an input has in some row: its base, or the values of its axis.
void ArrowColumns::name_objects(std::size_t c, std::vector<std::string>& names) {
  const std::size_t input = columns_[c].index;
  const auto add = [&](const Cell& cell) {
    const std::string name = object_name(pipeline_.environment().zoo(), columns_[c].port, cell);
    if (name.empty()) return;
    const auto known = std::find(names.begin(), names.end(), name);
    ordinals_[{c, cell.object}] = static_cast<std::int32_t>(known - names.begin());
    if (known == names.end()) names.push_back(name);
  };
  bool varies = false;
  for (const Axis& axis : pipeline_.axes())
    for (std::size_t k = 0; k < axis.inputs.size(); ++k) {
      if (axis.inputs[k] != input) continue;
      varies = true;
      std::for_each(axis.values[k].begin(), axis.values[k].end(), add);
    }
  if (!varies) add(pipeline_.base()[input]);
}

void ArrowColumns::add(std::size_t c, const Cell& cell, ArrowColumnBuilder& builder) const {
  const ValueForm form = forms_[c];
  if (form == ValueForm::object && columns_[c].from != ResultColumn::From::input) {
    const std::string name = object_name(pipeline_.environment().zoo(), columns_[c].port, cell);
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

}  // namespace ironlaw::host
