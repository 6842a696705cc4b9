#pragma once
#include "table/arrow_writer.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/host/pipeline.hpp>

#include <map>

namespace ironlaw::host {

/// The columns of a result as Arrow has them: what a field is called and made of, and what a cell becomes in it.
class ArrowColumns {
 public:
  ArrowColumns(const Pipeline& pipeline, const std::vector<ResultColumn>& columns);
  /// A field a column, and "status" and "reason" behind them.
  [[nodiscard]] const std::vector<ArrowField>& fields() const { return fields_; }
  /// Adds a cell of the column `c` to its builder.
  void add(std::size_t c, const Cell& cell, ArrowColumnBuilder& builder) const;

 private:
  ArrowField field_of(std::size_t c);
  void name_objects(std::size_t c, std::vector<std::string>& names);
  const Pipeline& pipeline_;
  std::vector<ResultColumn> columns_;
  std::vector<ArrowField> fields_;
  std::vector<ValueForm> forms_;                                          ///< by column
  std::map<std::pair<std::size_t, const void*>, std::int32_t> ordinals_;  ///< by column and object: its place in the dictionary
};

}  // namespace ironlaw::host
