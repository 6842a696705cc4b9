#pragma once
// Tables of a question: rows over axes around the answer, and a row for each design.
#include "design.hpp"
#include "values.hpp"

#include <ironlaw/questions/answered.hpp>

namespace ironlaw::host {

/// What the tables of a question are made from.
struct TableGround {
  const Question::Spec& spec;
  const Config& asked;   ///< the question's config as its flags made it, with its axes and without its study
  const Config& design;  ///< the answer
  Session& session;
  const std::string& profile;
  const RunOptions& options;
};

/// A sweep around the answer.
[[nodiscard]] ToldPart swept_table(const TableSpec& table, const TableGround& ground);

/// A table without rows.
[[nodiscard]] ToldPart empty_table(const TableSpec& table);

/// Cells of a row, for the columns of a table.
[[nodiscard]] std::vector<ToldCell> row_of(const TableSpec& table, const DesignValues& values);

}  // namespace ironlaw::host
