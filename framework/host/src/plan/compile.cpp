#include "plan/compile.hpp"

#include "plan/clauses.hpp"
#include "plan/study_plan.hpp"
#include "value/value.hpp"
#include "zoo/table_rows.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <limits>

namespace ironlaw::host {
namespace {

/// Whether a list is one value of a series and no axis of it: of numbers, with units or without, where an axis has lists or
/// names.
bool is_one_series(const PortInfo& port, const Json& value) {
  const auto is_number = [](const Json& v) {
    if (!v.is_string()) return v.is_number();
    const auto& text = v.get_ref<const std::string&>();
    return !names_table_file(text) && text.find_first_of("0123456789.+-") == 0;
  };
  return port.type == PortType::series && value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), is_number);
}

/// Reads one axis: nothing where it is no axis (one value, or a problem that is told). Throws InputError.
std::optional<Axis> bind_axis(Binder& binder, const Config::Impl& config, Zoo& zoo, std::size_t number,
                              const std::vector<Axis>& before) {
  const Json none = Json::array();
  const Json& json = config.section("axes", none)[number];
  const std::string at = pointer("/axes", number);
  Axis axis;
  for (const auto& [name, value] : json.items()) {
    const std::string here = pointer(at, std::string_view(name));
    const std::string where = config.where(here);
    const auto found = binder.axis_input(name, where);
    if (!found) return {};
    const std::size_t input = *found;
    for (const auto& other : before)
      if (std::find(other.inputs.begin(), other.inputs.end(), input) != other.inputs.end())
        throw InputError(where, "'" + name + "' is on two axes");
    if (json.size() == 1 && is_one_series(binder.input(input).port, value)) {
      binder.set(input, binder.tables().value(binder.input(input).port, value, where));
      return {};
    }
    axis.inputs.push_back(input);
    axis.distribution = read_distribution(binder.input(input).port, value, where);
    if (axis.distribution) {
      if (json.size() > 1) throw InputError(where, "a range without steps stands on an axis of its own");
      binder.give(input, Cell{axis.distribution->quantile(0.5)});
      return axis;
    }
    axis.values.push_back(read_axis(binder.input(input).port, value, where, config, here, zoo, binder.tables()));
    config.budget->take_memory(axis.values.back().capacity() * sizeof(Cell), where);
    if (axis.values.back().size() != axis.size())
      throw InputError(where, "varies together with " + std::to_string(axis.size()) + " values, but has " +
                                  std::to_string(axis.values.back().size()));
    binder.give(input, axis.values.back().front());
  }
  return axis;
}

std::vector<Axis> bind_axes(Binder& binder, const Config::Impl& config, Zoo& zoo, Problems& problems) {
  const Json none = Json::array();
  const Json& axes = config.section("axes", none);
  std::vector<Axis> bound;
  std::uint64_t rows = 1;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].is_object()) continue;  // told where names were read
    std::optional<Axis> axis;
    if (!problems.during([&] { axis = bind_axis(binder, config, zoo, i, bound); })) {
      for (const auto& [name, value] : axes[i].items()) binder.excuse(name);
      continue;
    }
    if (!axis || axis->inputs.empty()) continue;
    if (!axis->distribution) {
      const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
      rows = axis->size() > most / rows ? most : rows * axis->size();
      config.budget->check_rows(rows, config.where(pointer("/axes", i)));
      config.budget->check_time(config.where(pointer("/axes", i)));
    }
    bound.push_back(std::move(*axis));
  }
  return bound;
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
      throw InputError(environment.profile.file.string(),
                       owner + " has no input '" + port + "'" + did_you_mean(port, names_of(ports)));
  }
}

/// Room that a worker has for the series of a block, whether they are read or not.
void take_room_of_series(const Plan& plan, std::span<const Axis> axes, Budget& budget) {
  std::uint64_t rows = 1;
  for (const Axis& axis : axes) rows = std::min<std::uint64_t>(Plan::block_rows, rows * std::max<std::uint64_t>(1, axis.size()));
  for (const PortInfo& port : plan.outputs())
    if (port.type == PortType::series) budget.take_memory(rows * SeriesArena::bytes_a_row(port.longest));
}

/// What a study that names no inputs looks at beside ports: found in the plan as it is without them.
std::vector<VariedInput> numbers_of_objects(const Config::Impl& config, Environment& environment, const std::string& where) {
  Problems problems;
  Binder binder(config, environment, problems);
  binder.bind_stages();
  (void)bind_axes(binder, config, environment.zoo(), problems);
  binder.check_complete();
  const auto plan = binder.finish(config.name);
  return fields_of_objects(config, *plan, environment.zoo(), where);
}

}  // namespace

/// Holds the plugins to what "plugins" of the config says of them, before any is opened.
void check_lock(const Config::Impl& config, const Plugins& plugins) {
  const Json none = Json::object();
  for (const auto& [name, locked] : config.section("plugins", none).items()) {
    const std::string where = config.where("/plugins" + pointer("", std::string_view(name)));
    if (!locked.is_object()) throw InputError(where, R"(takes {"version": "1.0.0", "sha256": "..."}, either or both)");
    const auto record = std::find_if(plugins.records().begin(), plugins.records().end(), [&, n = name](const PluginRecord& r) {
      return r.name == n && r.status != LoadStatus::duplicate;
    });
    if (record == plugins.records().end())
      throw InputError(where, "no plugin '" + name + "' was found, which this config is locked to");
    for (const auto& [key, wanted] : locked.items()) {
      if ((key != "version" && key != "sha256") || !wanted.is_string())
        throw InputError(where, R"(takes "version" and "sha256", each a text, not ')" + key + "'");
      const std::string found = key == "version" ? record->version : plugins.sha256(*record);
      if (found != wanted.get<std::string>())
        throw InputError(where, "locked to " + key + " " + wanted.get<std::string>() + ", found " + found + " in " +
                                    record->file.string() + "; ironlaw plugin lock says what is found");
    }
  }
}

Pipeline compile(const Config::Impl& config, std::shared_ptr<Environment> environment) {
  check_lock(config, environment->plugins());
  StudyRequest request = read_study(config, environment->plugins());
  if (request.every_field) request.inputs = numbers_of_objects(config, *environment, request.where);
  Problems problems;
  Binder binder(config, *environment, problems, request.inputs);
  binder.bind_stages();
  auto axes = bind_axes(binder, config, environment->zoo(), problems);
  for (const VariedInput& varied : request.inputs) problems.during([&] { (void)binder.axis_input(varied.name, varied.where); });
  binder.check_complete();
  binder.check_lengths(axes);
  check_profile_ports(*environment);
  auto notes = binder.notes();
  auto plan = binder.finish(config.name);
  take_room_of_series(*plan, axes, *config.budget);
  std::vector<ResultColumn> columns;
  auto clauses = std::make_unique<Clauses>(read_clauses(config, *plan, axes, *environment, columns));
  auto study = bind_study(request, config, *plan, axes, environment);
  Pipeline pipeline(std::move(environment), std::move(plan), std::move(axes), std::move(columns), std::move(clauses),
                    std::move(study), std::move(notes));
  pipeline.keep_within(config.budget);
  return pipeline;
}

}  // namespace ironlaw::host
