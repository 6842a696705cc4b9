#include "plan/bands.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// Of "step.band_quantile", and "chain.step.band_quantile" of a config that is a stage.
bool asks_for_band(std::string_view name) {
  return name.ends_with(band_input) && name.size() > band_input.size() && name[name.size() - band_input.size() - 1] == '.';
}

bool on_axis(const std::vector<Axis>& axes, std::size_t input) {
  return std::any_of(axes.begin(), axes.end(), [&](const Axis& axis) {
    return std::find(axis.inputs.begin(), axis.inputs.end(), input) != axis.inputs.end();
  });
}

std::size_t output_named(const Plan& plan, const std::string& name) {
  const auto outputs = plan.outputs();
  const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const PortInfo& p) { return p.name == name; });
  return static_cast<std::size_t>(found - outputs.begin());
}

bool is_number(const ResultColumn& column) {
  return column.port.type == PortType::number || column.port.type == PortType::integer;
}

}  // namespace

Bands::Bands(const Plan& plan, const std::vector<Axis>& axes, const std::string& where)
    : plan_inputs_(plan.inputs().size()), moves_(plan.outputs().size()) {
  bool placed = false;
  for (std::size_t i = 0; i < plan_inputs_; ++i) {
    if (!asks_for_band(plan.inputs()[i].name)) continue;
    if (std::isnan(plan.plan_inputs()[i].base.number) && !on_axis(axes, i)) {
      inputs_.push_back(i);
    } else {
      placed = true;
    }
  }
  if (inputs_.empty())
    throw InputError(where, placed
                                ? "band_quantile says already where in the band every answer stands; leave it out"
                                : "no stage gives an estimate with a band; those of the family estimates do (ironlaw solvers)");
  std::vector<char> moved(plan.stages().size());
  for (std::size_t s = 0; s < plan.stages().size(); ++s) {
    const PlanStage& stage = plan.stages()[s];
    for (const PlanSource& source : stage.in)
      if (source.from == PlanSource::From::stage ? moved[source.index] != 0
                                                 : std::find(inputs_.begin(), inputs_.end(), source.index) != inputs_.end())
        moved[s] = 1;
    if (moved[s] == 0 || stage.maker) continue;
    std::fill_n(moves_.begin() + static_cast<std::ptrdiff_t>(stage.first_output), stage.output_count(), char{1});
  }
  find_estimates(plan);
}

void Bands::find_estimates(const Plan& plan) {
  for (std::size_t o = 0; o < moves_.size(); ++o) {
    const PortInfo& port = plan.outputs()[o];
    if (!moves(o) || !port.banded) continue;
    const Estimate e{o, output_named(plan, std::string(port.name) + "_low"),
                     output_named(plan, std::string(port.name) + "_high")};
    if (e.low < moves_.size() && e.high < moves_.size()) estimates_.push_back(e);
  }
}

bool Bands::moves(const Expression& expression) const {
  const auto slots = expression.slots();
  return std::any_of(slots.begin(), slots.end(), [&](std::size_t s) { return s >= plan_inputs_ && moves(s - plan_inputs_); });
}

bool Bands::is_end(std::size_t output) const {
  return std::any_of(estimates_.begin(), estimates_.end(),
                     [&](const Estimate& e) { return e.low == output || e.high == output; });
}

void Bands::add_columns(const std::deque<Expression>& derived, std::vector<ResultColumn>& columns) {
  using From = ResultColumn::From;
  const auto shown = [&](std::size_t output) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const ResultColumn& c) { return c.from == From::output && c.index == output; });
  };
  const auto has_ends = [&](const ResultColumn& c) {
    if (!is_number(c) || c.from == From::input) return false;
    if (c.from == From::expression) return c.index < derived.size() && moves(derived[c.index]);
    const bool own = std::any_of(estimates_.begin(), estimates_.end(), [&](const Estimate& e) {
      return e.output == c.index && shown(e.low) && shown(e.high);  // which say the same
    });
    return moves(c.index) && !is_end(c.index) && !own;
  };
  std::vector<ResultColumn> all;
  for (const ResultColumn& column : columns) {
    all.push_back(column);
    if (!has_ends(column)) continue;
    columns_.push_back({all.size() - 1, all.size(), all.size() + 1});
    const bool name = column.from == From::output;
    for (const auto& [end, low] : {std::pair(ResultColumn::End::low, true), std::pair(ResultColumn::End::high, false)}) {
      ResultColumn one = column;
      one.end = end;
      one.name = name ? column.name + (low ? "_low" : "_high") : (low ? "low of " : "high of ") + column.name;
      one.port.optional = true;
      one.port.banded = false;
      all.push_back(std::move(one));
    }
  }
  columns = std::move(all);
}

bool between_ends(double low, double value, double high) {
  constexpr double rounding = 1e-12;
  const double slack = rounding * std::abs(value);
  return std::min(low, high) <= value + slack && value - slack <= std::max(low, high);
}

bool moved(double low, double value, double high) { return low != value || high != value; }

PortInfo monotone_port() {
  PortInfo port;
  port.name = "monotone";
  port.doc = "whether every result lies between its ends";
  port.type = PortType::boolean;
  port.optional = true;
  port.range = {0, 1};
  return port;
}

}  // namespace ironlaw::host
