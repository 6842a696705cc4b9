#include "plan/compile.hpp"

#include "config/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

constexpr std::uint64_t most_rows = 1'000'000'000'000;

std::vector<Axis> bind_axes(Binder& binder, const Config::Impl& config, Zoo& zoo) {
  const Json none = Json::array();
  const Json& axes = config.section("axes", none);
  std::vector<Axis> bound;
  std::uint64_t rows = 1;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::string at = pointer("/axes", i);
    Axis axis;
    for (const auto& [name, value] : axes[i].items()) {
      const std::string here = pointer(at, std::string_view(name));
      const std::string where = config.where(here);
      const std::size_t input = binder.axis_input(name, where);
      for (const auto& other : bound)
        if (std::find(other.inputs.begin(), other.inputs.end(), input) != other.inputs.end())
          throw InputError(where, "'" + name + "' is on two axes");
      axis.inputs.push_back(input);
      axis.values.push_back(read_axis(binder.input(input).port, value, where, config, here, zoo));
      if (axis.values.back().size() != axis.size())
        throw InputError(where, "varies together with " + std::to_string(axis.size()) + " values, but has " +
                                    std::to_string(axis.values.back().size()));
      binder.give(input);
    }
    if (axis.size() > most_rows / rows)
      throw InputError(config.where(at), "the axes span more than 10^12 rows; take fewer values or split the sweep");
    rows *= axis.size();
    bound.push_back(std::move(axis));
  }
  return bound;
}

/// "serve.itl", a named input, or, with one stage, "itl" alone.
ResultColumn find_column(const Plan& plan, const std::string& name, const std::string& where) {
  const auto outputs = plan.outputs();
  const auto inputs = plan.inputs();
  std::vector<std::string_view> known;
  const std::size_t solvers = static_cast<std::size_t>(
      std::count_if(plan.stages().begin(), plan.stages().end(), [](const PlanStage& s) { return s.solver != nullptr; }));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto bare = outputs[i].name.substr(outputs[i].name.find('.') + 1);
    if (outputs[i].name == name || (solvers == 1 && bare == name)) return {name, true, i, outputs[i]};
    known.push_back(solvers == 1 ? bare : outputs[i].name);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto bare = inputs[i].name.substr(inputs[i].name.find('.') + 1);
    if (inputs[i].name == name || (solvers == 1 && bare == name)) return {name, false, i, inputs[i]};
    known.push_back(solvers == 1 ? bare : inputs[i].name);
  }
  throw InputError(where, "no column '" + name + "'" + did_you_mean(name, known));
}

/// The axes, then every output: under bare names where one stage leaves no doubt.
std::vector<ResultColumn> default_columns(const Plan& plan, const std::vector<Axis>& axes) {
  std::vector<ResultColumn> columns;
  const bool one = std::count_if(plan.stages().begin(), plan.stages().end(), [](const PlanStage& s) { return s.solver != nullptr; }) == 1;
  const auto shown = [&](std::string_view name) { return std::string(one ? name.substr(name.find('.') + 1) : name); };
  for (const auto& axis : axes)
    for (const std::size_t i : axis.inputs) columns.push_back({shown(plan.inputs()[i].name), false, i, plan.inputs()[i]});
  for (std::size_t o = 0; o < plan.outputs().size(); ++o) columns.push_back({shown(plan.outputs()[o].name), true, o, plan.outputs()[o]});
  return columns;
}

std::vector<ResultColumn> report_columns(const Config::Impl& config, const Plan& plan, const std::vector<Axis>& axes) {
  const Json none = Json::object();
  const Json& report = config.section("report", none);
  constexpr std::array<std::string_view, 1> keys{"columns"};
  for (const auto& [key, value] : report.items())
    if (key != "columns") throw InputError(config.where("/report" + pointer("", std::string_view(key))), "unknown key '" + key + "'" + did_you_mean(key, keys));
  if (!report.contains("columns")) return default_columns(plan, axes);
  if (!report["columns"].is_array() || report["columns"].empty())
    throw InputError(config.where("/report/columns"), "takes a list of inputs and outputs");
  std::vector<ResultColumn> columns;
  for (std::size_t i = 0; i < report["columns"].size(); ++i) {
    const Json& name = report["columns"][i];
    const std::string where = config.where(pointer("/report/columns", i));
    if (!name.is_string()) throw InputError(where, "takes the name of an input or output, not " + name.dump());
    columns.push_back(find_column(plan, name.get<std::string>(), where));
  }
  return columns;
}

void check_profile_ports(const Environment& environment) {
  Plugins& plugins = environment.plugins();
  for (const auto& [name, text] : environment.profile.defaults) {
    const std::string owner = name.substr(0, name.find('.'));
    const auto* record = plugins.provider("solver", owner);
    if (record == nullptr || !record->opened) continue;  // not of this run, or not used by it
    const auto ports = plugins.solver(owner).inputs();
    const std::string port = name.substr(owner.size() + 1);
    if (std::none_of(ports.begin(), ports.end(), [&](const PortInfo& p) { return p.name == port; }))
      throw InputError(environment.profile.file.string(), owner + " has no input '" + port + "'" + did_you_mean(port, names_of(ports)));
  }
}

}  // namespace

Pipeline compile(const Config::Impl& config, std::shared_ptr<Environment> environment) {
  Binder binder(config, *environment);
  binder.bind_stages();
  auto axes = bind_axes(binder, config, environment->zoo());
  binder.check_complete();
  check_profile_ports(*environment);
  auto plan = binder.finish(config.name);
  auto columns = report_columns(config, *plan, axes);
  return {std::move(environment), std::move(plan), std::move(axes), std::move(columns)};
}

}  // namespace ironlaw::host
