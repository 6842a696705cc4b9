#include "table/row_reasons.hpp"

#include "plan/plan.hpp"

#include <algorithm>

namespace ironlaw::host {
namespace {

std::optional<std::size_t> find_column(std::span<const ResultColumn> columns, ResultColumn::From from, std::size_t index) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const ResultColumn& c) { return c.from == from && c.index == index; });
  if (found == columns.end()) return {};
  return static_cast<std::size_t>(found - columns.begin());
}

bool varies(const Pipeline& pipeline, std::size_t input) {
  return std::any_of(pipeline.axes().begin(), pipeline.axes().end(), [&](const Axis& axis) {
    return std::find(axis.inputs.begin(), axis.inputs.end(), input) != axis.inputs.end();
  });
}

}  // namespace

RowReasons::RowReasons(const Pipeline& pipeline, std::span<const ResultColumn> columns) {
  if (pipeline.study() != nullptr) return;  // rows of a study's own table are no rows of the pipeline
  const Plan& plan = pipeline.plan();
  const auto output_side = [&](std::size_t output) -> std::optional<Side> {
    const auto column = find_column(columns, ResultColumn::From::output, output);
    return column ? std::optional(Side{column, 0}) : std::nullopt;
  };
  const auto input_side = [&](std::size_t input) -> std::optional<Side> {
    if (const auto column = find_column(columns, ResultColumn::From::input, input)) return Side{column, 0};
    return varies(pipeline, input) ? std::nullopt : std::optional(Side{{}, plan.plan_inputs()[input].base.number});
  };
  const auto side = [&](const PlanStage& stage, const PortReference& reference) -> std::optional<Side> {
    if (reference.side == PortReference::Side::output) return output_side(stage.first_output + reference.index);
    for (std::size_t a = 0; a < pipeline.amendable().size(); ++a)
      if (&plan.stages()[pipeline.amendable()[a].stage] == &stage && pipeline.amendable()[a].port == reference.index)
        return Side{find_column(columns, ResultColumn::From::used, a), 0};
    const PlanSource& source = stage.in[reference.index];
    if (source.from == PlanSource::From::input) return input_side(source.index);
    return output_side(plan.stages()[source.index].first_output + source.port);
  };
  const auto solvers =
      std::count_if(plan.stages().begin(), plan.stages().end(), [](const PlanStage& s) { return s.solver != nullptr; });
  for (const PlanStage& stage : plan.stages()) {
    if (stage.solver == nullptr) continue;
    for (const LimitInfo& limit : stage.solver->limits()) {
      const std::string name = (solvers > 1 ? stage.name + "." : "") + std::string(limit.name);
      if (limit.hard) checks_.push_back({name, side(stage, limit.used), side(stage, limit.bound)});
    }
  }
}

std::string RowReasons::of(const ResultRows& rows, std::size_t row) const {
  if (rows.status[row] == RowStatus::ok) return {};
  if (rows.status[row] == RowStatus::infeasible) {
    if (std::string limits = limits_of(rows, row); !limits.empty()) return limits;
  }
  if (rows.errors == nullptr) return {};
  const auto line = rows.errors->find(rows.number(row));
  return line == rows.errors->end() ? std::string() : line->second;
}

/// A limit that the table does not show is named only where no other can be meant.
std::string RowReasons::limits_of(const ResultRows& rows, std::size_t row) const {
  std::string text;
  const Check* hidden = nullptr;
  bool several = false;
  for (const Check& check : checks_) {
    if (!check.used || !check.bound) {
      several |= hidden != nullptr;
      hidden = &check;
    } else if (check.used->value(rows, row) > check.bound->value(rows, row)) {
      text += (text.empty() ? "" : "; ") + check.name;
    }
  }
  return text.empty() && hidden != nullptr && !several ? hidden->name : text;
}

}  // namespace ironlaw::host
