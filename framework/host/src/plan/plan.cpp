#include "plan/scratch.hpp"

namespace ironlaw::host {

Plan::Plan(std::string name, std::vector<PlanInput> inputs, std::vector<PlanStage> stages, std::deque<std::string> names)
    : name_(std::move(name)), inputs_(std::move(inputs)), stages_(std::move(stages)), names_(std::move(names)) {
  about_ = {name_, "a pipeline", {}};
  for (const auto& input : inputs_) input_infos_.push_back(input.port);
  for (auto& stage : stages_) {
    auto& read = read_.emplace_back(stage.output_count(), char{0});
    if (stage.maker) read[0] = 1;  // its object lives in this plan only
    for (const auto& source : stage.in)
      if (source.from == PlanSource::From::stage) read_[source.index][source.port] = 1;
    if (stage.maker) continue;
    stage.first_output = output_infos_.size();
    for (PortInfo port : stage.solver->outputs()) {
      names_.push_back(stage.name + "." + std::string(port.name));
      port.name = names_.back();
      output_infos_.push_back(port);
    }
  }
  for (const auto& stage : stages_)
    if (stage.solver != nullptr) add_limits(stage);
}

/// The limits of a stage, with a wired input traced to the output that it takes.
void Plan::add_limits(const PlanStage& stage) {
  const auto traced = [&](const PortReference& side) -> PortReference {
    if (side.side == PortReference::Side::output) return {side.side, stage.first_output + side.index};
    const PlanSource& source = stage.in[side.index];
    if (source.from == PlanSource::From::input) return {PortReference::Side::input, source.index};
    return {PortReference::Side::output, stages_[source.index].first_output + source.port};
  };
  for (LimitInfo limit : stage.solver->limits()) {
    names_.push_back(stage.name + "." + std::string(limit.name));
    limit.name = names_.back();
    limit.used = traced(limit.used);
    limit.bound = traced(limit.bound);
    limits_.push_back(limit);
  }
}

Plan::~Plan() = default;

std::vector<Cell> Plan::base() const {
  std::vector<Cell> cells;
  for (const auto& input : inputs_) cells.push_back(input.base);
  return cells;
}

}  // namespace ironlaw::host
