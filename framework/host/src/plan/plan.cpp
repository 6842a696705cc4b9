#include "plan/scratch.hpp"

#include <algorithm>

namespace ironlaw::host {

Plan::Plan(std::string name, std::vector<PlanInput> inputs, std::vector<PlanStage> stages, std::deque<std::string> names)
    : name_(std::move(name)), inputs_(std::move(inputs)), stages_(std::move(stages)), names_(std::move(names)) {
  about_ = {name_, "a pipeline", {}};
  for (const auto& input : inputs_) input_infos_.push_back(input.port);
  for (auto& stage : stages_) {
    writes_series_.push_back(stage.writes_series() ? 1 : 0);
    remembers_.push_back(stage.may_remember() ? 1 : 0);
    auto& read = read_.emplace_back(stage.output_count(), char{0});
    if (stage.maker) read[0] = 1;  // its object lives in this plan only
    for (const auto& source : stage.in)
      if (source.from == PlanSource::From::stage) read_[source.index][source.port] = 1;
    if (stage.maker) continue;
    stage.first_output = output_infos_.size();
    for (PortInfo port : stage.evaluated().outputs()) {
      names_.push_back(stage.arithmetic ? stage.name : stage.name + "." + std::string(port.name));
      port.name = names_.back();
      output_infos_.push_back(port);
    }
    add_limits(stage);
  }
}

bool PlanStage::writes_series() const {
  if (maker) return false;
  const auto outputs = evaluated().outputs();
  return std::any_of(outputs.begin(), outputs.end(), [](const PortInfo& p) { return p.type == PortType::series; });
}

bool PlanStage::may_remember() const {
  if (maker) return false;
  const auto ports = evaluated().inputs();
  for (std::size_t k = 0; k < in.size(); ++k) {
    const bool points = ports[k].type == PortType::object || ports[k].type == PortType::series || ports[k].type == PortType::text;
    if (points && in[k].from == PlanSource::From::stage) return false;
  }
  return true;
}

/// The stage's limits as the plan's own, which is how those of a config that is a stage reach the one around it.
void Plan::add_limits(const PlanStage& stage) {
  const auto side = [&](const PortReference& reference) -> PortReference {
    using Side = PortReference::Side;
    if (reference.side == Side::output) return {Side::output, stage.first_output + reference.index};
    const PlanSource& source = stage.in[reference.index];
    if (source.from == PlanSource::From::input) return {Side::input, source.index};
    return {Side::output, stages_[source.index].first_output + source.port};
  };
  for (LimitInfo limit : stage.evaluated().limits()) {
    names_.push_back(stage.name + "." + std::string(limit.name));
    limit.name = names_.back();
    limit.used = side(limit.used);
    limit.bound = side(limit.bound);
    limit.tightens = limit.loosens = {};  // of the stage's own inputs; see PlanTrends
    limit_infos_.push_back(limit);
  }
}

Plan::~Plan() = default;

std::vector<Cell> Plan::base() const {
  std::vector<Cell> cells;
  for (const auto& input : inputs_) cells.push_back(input.base);
  return cells;
}

}  // namespace ironlaw::host
