// The working of a plan's stages for one row that was evaluated.
#include "plan/plan.hpp"

#include <algorithm>

namespace ironlaw::host {

/// The inputs of a stage are the plan's inputs, outputs of other stages, or objects that a maker stage builds: the makers run
/// again.
void Plan::explain_stage(std::span<const Cell> in, std::span<const Cell> out, std::string_view name, Working& working,
                         std::span<const Replaced> replaced) const {
  ObjectArena arena;
  std::vector<Cell> made(stages_.size());
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    const PlanStage& stage = stages_[s];
    std::vector<Cell> cells;
    for (const auto& source : stage.in) {
      if (source.from == PlanSource::From::input) {
        cells.push_back(in[source.index]);
      } else if (stages_[source.index].maker) {
        cells.push_back(made[source.index]);
      } else {
        cells.push_back(out[stages_[source.index].first_output + source.port]);
      }
    }
    for (const Replaced& one : replaced)
      if (one.stage == s) cells[one.port] = one.cell;
    if (stage.maker) {
      std::vector<Column> columns;
      for (const Cell& cell : cells) columns.push_back({&cell, 0});
      Cell* object = &made[s];
      RowStatus status = RowStatus::ok;
      stage.maker->evaluate({columns, {&object, 1}, {&status, 1}, nullptr}, arena);
    } else if (stage.name == name) {
      if (!stage.solver->explain(cells, out.subspan(stage.first_output, stage.output_count()), working))
        working.note("this solver shows no working");
      return;
    }
  }
}

namespace {

/// Names the steps of a stage that speak of its ports as the plan does: "serve.tpot".
class StageWorking final : public Working {
 public:
  StageWorking(const PlanStage& stage, Working& to) : stage_(stage), to_(to) {}

 private:
  void do_step(std::string_view what, std::string_view equation, std::span<const Term> terms, const Value& result,
               std::string_view source) override {
    const auto has = [&](std::span<const PortInfo> ports) {
      return std::any_of(ports.begin(), ports.end(), [&](const PortInfo& p) { return p.name == what; });
    };
    const bool port = has(stage_.solver->outputs()) || has(stage_.solver->inputs());
    to_.step(port ? stage_.name + "." + std::string(what) : std::string(what), equation, terms, result, source);
  }
  void do_note(std::string_view text) override { to_.note(text); }
  void do_operation(const OperatorTime& one) override { to_.operation(one); }
  const PlanStage& stage_;
  Working& to_;
};

}  // namespace

/// As a stage of another config, and for studies: the working of every stage, under its name.
bool Plan::do_explain(std::span<const Cell> in, std::span<const Cell> out, Working& working) const {
  for (const auto& stage : stages_) {
    if (stage.solver == nullptr) continue;
    working.note(stage.name + " (" + std::string(stage.solver->about().name) + ")");
    StageWorking named(stage, working);
    explain_stage(in, out, stage.name, named);
  }
  return true;
}

}  // namespace ironlaw::host
