#include "plugins/bound_solver.hpp"

#include <ironlaw/notation/nearest.hpp>
#include <ironlaw/notation/units.hpp>

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

bool is_plain_number(const PortInfo& port) { return port.type == PortType::number || port.type == PortType::integer; }

/// What keeps a port of a call from being that of the solver, or an empty text.
std::string misfit(const PortInfo& own, const PortInfo& real, bool input) {
  const auto unit = [](const PortInfo& p) { return p.dimension.dimensionless() ? "no unit" : si_unit(p.dimension); };
  const bool numbers = is_plain_number(own) && is_plain_number(real);
  if (own.type != real.type && !(numbers && (input || own.type == PortType::number))) return "which is of another type";
  if (own.dimension != real.dimension) return "which is in " + unit(real) + ", not in " + unit(own);
  if (own.type == PortType::choice &&
      !std::equal(own.choices.begin(), own.choices.end(), real.choices.begin(), real.choices.end()))
    return "which has other choices";
  if (own.type == PortType::object && (own.interface != real.interface || own.interface_layout != real.interface_layout))
    return "which takes a " + std::string(real.interface) + " as this host has it";
  if (!input && real.optional && !own.optional) return "which may be absent: write Maybe<...>";
  return {};
}

std::vector<std::size_t> matched(std::span<const PortInfo> own, std::span<const PortInfo> real, bool input, bool all,
                                 const std::string& whom, const std::string& where) {
  std::vector<std::string_view> names;
  for (const PortInfo& port : real) names.push_back(port.name);
  std::vector<std::size_t> found;
  for (const PortInfo& port : own) {
    const auto at = std::find(names.begin(), names.end(), port.name);
    if (at == names.end() && !all) {
      found.push_back(names.size());
      continue;
    }
    if (at == names.end()) {
      const std::string_view near = nearest(port.name, names);
      throw InputError(where, "calls " + whom + ", which has no " + (input ? "input" : "output") + " '" + std::string(port.name) +
                                  "'" + (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
    }
    found.push_back(static_cast<std::size_t>(at - names.begin()));
    if (const std::string what = misfit(port, real[found.back()], input); !what.empty())
      throw InputError(where, "calls " + whom + " with '" + std::string(port.name) + "', " + what);
  }
  return found;
}

}  // namespace

CalledSolver::CalledSolver(const SolverCall& call, bool own, const Solver& solver, const std::string& where)
    : call_(call), solver_(solver) {
  const std::string whom(call.solver);
  inputs_ = matched(call.inputs, solver.inputs(), true, !own, whom, where);
  outputs_ = matched(call.outputs, solver.outputs(), false, true, whom, where);
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    answers_.push_back(call.outputs[o]);
    answers_.back().longest = solver.outputs()[outputs_[o]].longest;
  }
  const auto ports = solver.inputs();
  for (std::size_t k = 0; k < ports.size(); ++k) {
    const bool given = std::find(inputs_.begin(), inputs_.end(), k) != inputs_.end();
    if (ports[k].required && !given)
      throw InputError(where, "calls " + whom + " without '" + std::string(ports[k].name) + "', which it needs");
    Cell cell{};
    if (ports[k].type == PortType::object) {
      cell.object = nullptr;
    } else {
      cell.number = ports[k].fallback;
    }
    defaults_.push_back(cell);
  }
}

void CalledSolver::do_evaluate(const Block& block) const {
  std::vector<Column> in;
  for (const Cell& cell : defaults_) in.push_back({&cell, 0});
  for (std::size_t k = 0; k < inputs_.size(); ++k)
    if (inputs_[k] < in.size()) in[inputs_[k]] = block.in[k];
  std::vector<Cell*> out(solver_.outputs().size(), nullptr);
  for (std::size_t o = 0; o < outputs_.size(); ++o) out[outputs_[o]] = block.out[o];
  solver_.evaluate({in, out, block.status, block.errors});
}

BoundSolver::BoundSolver(const Solver& caller, const CallingSolver& calling, Called called)
    : caller_(caller), calling_(calling), called_(std::move(called)) {
  for (const auto& one : called_) solvers_.push_back(one.get());
}

std::string_view BoundSolver::do_without_port() const noexcept {
  const auto* members = dynamic_cast<const SolverMembers*>(&caller_);
  return members != nullptr ? members->without_port() : std::string_view();
}

}  // namespace ironlaw::host
