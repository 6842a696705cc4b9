#include "table/calibrated_rates.hpp"

#include "plan/environment.hpp"
#include "plan/plan.hpp"

#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/step_numbers.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace ironlaw::host {
namespace {

const PlanStage& stage_named(const Plan& plan, std::string_view name) {
  const auto& stages = plan.stages();
  return *std::find_if(stages.begin(), stages.end(), [&](const PlanStage& s) { return s.name == name; });
}

/// What the first measured row asked, with the steps of its working.
std::map<std::string, double, std::less<>> recorded(const Pipeline& pipeline, std::string_view stage) {
  std::vector<Cell> inputs = pipeline.base();
  for (const Axis& axis : pipeline.axes())
    for (std::size_t k = 0; k < axis.inputs.size(); ++k) inputs[axis.inputs[k]] = axis.values[k].front();
  StepNumbers steps;
  explain(pipeline, answer(pipeline, inputs), stage, steps);
  return steps.numbers;
}

/// What names a record, as the config says it: an object by its key, a choice by its word; empty where it says nothing.
std::string said(const Pipeline& pipeline, const PlanStage& stage, std::size_t port) {
  if (stage.in[port].from != PlanSource::From::input) return {};
  const std::size_t index = stage.in[port].index;
  const PlanInput& input = pipeline.plan().plan_inputs()[index];
  for (const Axis& axis : pipeline.axes())
    if (std::find(axis.inputs.begin(), axis.inputs.end(), index) != axis.inputs.end())
      throw InputError("-o", std::string(input.port.name) + " varies over the measured rows; a record is of one");
  if (input.port.type == PortType::object)
    return input.base.object != nullptr ? object_name(pipeline.zoo(), input.port, input.base) : std::string();
  if (input.port.type != PortType::choice || std::isnan(input.base.number)) return {};
  return std::string(input.port.choices[static_cast<std::size_t>(input.base.number)]);
}

Json quantity(const ColumnInfo& column, double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", number);
  if (column.dimension.dimensionless()) return Json::parse(text);
  return std::string(text) + " " + si_unit(column.dimension);
}

/// The records that are asked where the new row does not fit: those of the question, else those of its device.
std::string asked_next(const Pipeline& pipeline, const PlanStage& stage) {
  const auto inputs = stage.inputs();
  std::string of_device;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    if (inputs[k].type != PortType::object || stage.in[k].from != PlanSource::From::input) continue;
    const void* object = pipeline.plan().plan_inputs()[stage.in[k].index].base.object;
    if (object == nullptr) continue;
    if (inputs[k].interface == KernelRates::interface) return std::string(static_cast<const KernelRates*>(object)->name());
    if (inputs[k].interface != Hardware::interface) continue;
    const auto* platform = static_cast<const Hardware*>(object)->facet<KernelPlatform>();
    if (platform != nullptr && platform->generation != nullptr) of_device = platform->generation->name();
  }
  return of_device;
}

}  // namespace

std::size_t rates_input(const Plan& plan, std::string_view stage) {
  const PlanStage& s = stage_named(plan, stage);
  const auto inputs = s.inputs();
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (inputs[k].interface == KernelRates::interface && s.in[k].from == PlanSource::From::input) return s.in[k].index;
  return plan.plan_inputs().size();
}

Json calibrated_rates(const Pipeline& pipeline, const CalibratedRate& rate) {
  const PlanStage& stage = stage_named(pipeline.plan(), rate.stage);
  const auto inputs = stage.inputs();
  const auto own = recorded(pipeline, rate.stage);
  const Kind& kind = pipeline.environment().plugins().kind(std::string(KernelRates::interface));
  const auto fields = kind.fields();
  const auto table = std::find_if(fields.begin(), fields.end(), [](const PortInfo& p) { return p.name == "rates"; });
  Json row;
  for (const ColumnInfo& column : table->columns) {
    const auto found =
        std::find_if(rate.fitted.begin(), rate.fitted.end(), [&](const auto& f) { return f.first == column.name; });
    const auto port = std::find_if(inputs.begin(), inputs.end(), [&](const PortInfo& p) { return p.name == column.name; });
    const auto step = own.find(column.name);
    const std::string name(column.name);
    if (found != rate.fitted.end()) {
      row[name] = quantity(column, found->second);
    } else if (column.text && port != inputs.end()) {
      if (auto text = said(pipeline, stage, static_cast<std::size_t>(port - inputs.begin())); !text.empty())
        row[name] = std::move(text);
    } else if (!column.text && port != inputs.end() && step != own.end()) {
      row[name] = quantity(column, step->second);
    }
  }
  row["law"] = "kernel";
  row["how"] = "fitted";
  row["source"] = "measured rows of " + std::string(rate.stage) + ", by ironlaw study calibrate";
  row["rows"] = pipeline.rows();
  if (!std::isnan(rate.band_low)) {
    row["low"] = quantity({}, rate.band_low);
    row["high"] = quantity({}, rate.band_high);
  }
  Json entry;
  entry["kind"] = KernelRates::interface;
  if (const std::string next = asked_next(pipeline, stage); !next.empty()) entry["otherwise"] = next;
  entry["rates"] = Json::array({std::move(row)});
  return entry;
}

}  // namespace ironlaw::host
