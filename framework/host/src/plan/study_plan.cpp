#include "plan/study_plan.hpp"

#include "plan/clauses.hpp"
#include "plan/compile.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <ironlaw/record_table.hpp>
#include <ironlaw/workload.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace ironlaw::host {
namespace {

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == text.npos ? std::string() : std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

/// "batch_size" of a config of one stage is "single_node.batch_size", and so are fields of its objects.
std::string qualified(const std::string& text, const Config::Impl& config) {
  std::string name = trimmed(text);
  if (name.starts_with('$')) name.erase(0, 1);
  const Json none = Json::object();
  const Json& stages = config.section("stages", none);
  const std::string first = name.substr(0, name.find('.'));
  if (stages.size() != 1 || stages.contains(first) || config.section("inputs", none).contains(first)) return name;
  return stages.begin().key() + "." + name;
}

void add_inputs(const Json& value, const std::string& json_pointer, const Config::Impl& config, StudyRequest& request) {
  if (value.is_string()) {
    request.inputs.push_back({qualified(value.get<std::string>(), config), config.where(json_pointer)});
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) add_inputs(value[i], pointer(json_pointer, i), config, request);
  }  // anything else is refused where the options are read
}

/// Where another design gives an input another value.
std::string where_replaced(const Config::Impl& config, const std::string& name) {
  const std::string where = config.where("/study/with");
  return where.starts_with("--") ? where : where + pointer("", std::string_view(name));
}

/// Fields that other designs replace: this one has them as inputs too, so that it says what they are here.
void add_replaced(const Json& with, const Config::Impl& config, StudyRequest& request) {
  const Json list = with.is_array() ? with : Json::array({with});
  for (const Json& other : list) {
    if (!other.is_object()) continue;
    for (const auto& [name, value] : other.items())
      if (name.find('.') != name.npos) request.inputs.push_back({qualified(name, config), where_replaced(config, name)});
  }
}

/// Finds what a study's options name: inputs, outputs, and expressions that become outputs.
class StudyPorts final : public PortReader {
 public:
  StudyPorts(const Config::Impl& config, const Plan& plan, const Symbols& symbols, StudyPlan& study)
      : config_(config), plan_(plan), symbols_(symbols), study_(study) {
    for (const PortInfo& port : plan.outputs()) names_of_outputs_.insert(port.name);
  }

  Found read(OptionType type, const std::string& text, const std::string& where) override {
    switch (type) {
      case OptionType::inputs:
        return {index_of(plan_.inputs(), qualified(text, config_), "input", where), false};
      case OptionType::goals:
        return goal(text, where);
      case OptionType::conditions:
        add_sides(text);
        return {add(parse_condition(text, symbols_, where)), false};
      default:
        return {output(text, where), false};
    }
  }

 private:
  static std::size_t index_of(std::span<const PortInfo> ports, const std::string& name, const char* what,
                              const std::string& where) {
    const auto found = std::find_if(ports.begin(), ports.end(), [&](const PortInfo& p) { return p.name == name; });
    if (found == ports.end())
      throw InputError(where, "no " + std::string(what) + " '" + name + "'" + did_you_mean(name, names_of(ports)));
    return static_cast<std::size_t>(found - ports.begin());
  }

  std::size_t add(Expression expression) {
    for (std::size_t i = 0; i < study_.derived.size(); ++i)
      if (study_.derived[i].text() == expression.text()) return plan_.outputs().size() + i;
    study_.derived.push_back(std::move(expression));
    return plan_.outputs().size() + study_.derived.size() - 1;
  }

  /// The sides of a comparison are outputs too, so that a study says by how much it is missed.
  void add_sides(const std::string& text) {
    const auto left = text.find_first_of("<>");
    const auto right = text.find_first_not_of("<>=", left);
    if (left == text.npos || right == text.npos || text.find_first_of("<>=", right) != text.npos) return;
    try {
      for (const std::string& side : {trimmed(text.substr(0, left)), trimmed(text.substr(right))}) {
        Expression expression = Expression::parse(side, symbols_, "");
        const bool number = expression.type() == ValueType::number;
        if (number && names_of_outputs_.find(qualified(side, config_)) == names_of_outputs_.end()) add(std::move(expression));
      }
    } catch (const InputError&) {
      // The condition says what is wrong with it, or compares more than two numbers.
    }
  }

  /// An output by its name, else an expression.
  std::size_t output(const std::string& text, const std::string& where) {
    const std::string name = qualified(text, config_);
    const auto outputs = plan_.outputs();
    const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const PortInfo& p) { return p.name == name; });
    if (found != outputs.end()) return static_cast<std::size_t>(found - outputs.begin());
    return add(Expression::parse(text, symbols_, where));
  }

  Found goal(const std::string& text, const std::string& where) {
    Goal goal = parse_goal(text, symbols_, where);
    const auto slots = goal.expression.slots();
    const bool one = slots.size() == 1 && slots[0] >= plan_.inputs().size();
    if (one && plan_.outputs()[slots[0] - plan_.inputs().size()].name == qualified(goal.expression.text(), config_))
      return {slots[0] - plan_.inputs().size(), goal.maximise};
    const bool maximise = goal.maximise;
    return {add(std::move(goal.expression)), maximise};
  }

  const Config::Impl& config_;
  const Plan& plan_;
  const Symbols& symbols_;
  StudyPlan& study_;
  std::set<std::string_view, std::less<>> names_of_outputs_;
};

/// Another design to hold this one against: a file, or this config with other values.
std::unique_ptr<const Pipeline> read_other(const Json& value, const std::string& where, const Config::Impl& config,
                                           const std::shared_ptr<Environment>& environment) {
  if (value.is_string()) {
    Config other = config.included(value.get<std::string>(), where);
    if (!other.profile().empty() && other.profile() != environment->profile.name)
      throw InputError(where, other.impl().file + " asks for the profile " + other.profile() + ", and this run has " +
                                  environment->profile.name);
    other.without_study();
    return std::make_unique<const Pipeline>(compile(other.impl(), environment));
  }
  if (!value.is_object() || value.empty())
    throw InputError(where, "takes a file, or an object of other values: {\"device\": \"H100\"}");
  Config other = Config::copy_of(config);
  other.without_study();
  for (const auto& [name, given] : value.items())
    other.set(qualified(name, config), given.is_string() ? given.get<std::string>() : given.dump(), where_replaced(config, name));
  return std::make_unique<const Pipeline>(compile(other.impl(), environment));
}

void refuse_sweep_only(const Config::Impl& config, const std::string& study) {
  if (config.root.contains("report"))
    throw InputError(config.where("/report"), "is for a sweep; the study " + study + " makes its own table");
}

class NumberFields {
 public:
  NumberFields(const Zoo& zoo, const std::string& where) : zoo_(zoo), where_(where) {}

  void add(const std::string& path, const void* object) {
    const ZooObject* owner = object == nullptr ? nullptr : zoo_.owner(object);
    if (owner == nullptr || owner->kind->interface() == Workload::interface) return;
    const auto fields = owner->kind->fields();
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const std::string name = path + "." + std::string(fields[f].name);
      if (takes_table(fields[f])) continue;
      if (fields[f].type == PortType::object) add(name, owner->fields[f].object);
      const bool number = fields[f].type == PortType::number || fields[f].type == PortType::integer;
      if (number && std::isfinite(owner->fields[f].number) && owner->fields[f].number != 0) all.push_back({name, where_});
    }
  }
  std::vector<VariedInput> all;

 private:
  const Zoo& zoo_;
  std::string where_;
};

}  // namespace

std::vector<VariedInput> fields_of_objects(const Config::Impl& config, const Plan& plan, const Zoo& zoo,
                                           const std::string& where) {
  const Json none = Json::array();
  const Json& axes = config.section("axes", none);
  NumberFields fields(zoo, where);
  for (const PlanInput& input : plan.plan_inputs()) {
    const std::string name(input.port.name);
    const bool varies = std::any_of(axes.begin(), axes.end(), [&](const Json& axis) { return axis.contains(name); });
    if (input.port.type == PortType::object && !takes_table(input.port) && !varies) fields.add(name, input.base.object);
  }
  return std::move(fields.all);
}

StudyRequest read_study(const Config::Impl& config, Plugins& plugins) {
  StudyRequest request;
  const Json none = Json::object();
  const Json& json = config.section("study", none);
  if (json.empty()) return request;
  const std::string name = json["use"].get<std::string>();
  request.where = config.where("/study");
  request.options = json;
  if (name == "sweep") {
    for (const auto& [key, value] : json.items())
      if (key != "use")
        throw InputError(config.where("/study" + pointer("", std::string_view(key))),
                         "unknown option '" + key + "'; a sweep has none");
    return request;
  }
  auto names = plugins.names("study");
  names.emplace_back("sweep");
  if (std::find(names.begin(), names.end(), name.substr(name.find('/') + 1)) == names.end()) {
    std::string all;
    for (const auto& known : names) all += (all.empty() ? "" : ", ") + known;
    throw InputError(config.where("/study/use"),
                     "unknown study '" + name + "'" +
                         did_you_mean(name, std::vector<std::string_view>(names.begin(), names.end())) + " Studies: " + all);
  }
  request.study = &plugins.study(name);
  for (const auto& option : request.study->options()) {
    if (option.type != OptionType::inputs) continue;
    if (json.contains(std::string(option.name))) {
      add_inputs(json[std::string(option.name)], "/study" + pointer("", option.name), config, request);
    } else if (option.name == "inputs") {
      request.every_field = true;
    }
  }
  if (json.contains("with")) add_replaced(json["with"], config, request);
  return request;
}

std::unique_ptr<const StudyPlan> bind_study(const StudyRequest& request, const Config::Impl& config, const Plan& plan,
                                            const std::vector<Axis>& axes, const std::shared_ptr<Environment>& environment) {
  if (request.study == nullptr) {
    for (std::size_t a = 0; a < axes.size(); ++a)
      if (axes[a].distribution)
        throw InputError(config.where(pointer("/axes", a)),
                         std::string(plan.inputs()[axes[a].inputs.front()].name) +
                             " has a range without \"steps\", which a sweep cannot walk; give steps, or use a study");
    return nullptr;
  }
  auto study = std::make_unique<StudyPlan>();
  study->name = request.options["use"].get<std::string>();
  study->study = request.study;
  refuse_sweep_only(config, study->name);
  Json options = request.options;
  if (options.contains("with")) {
    const Json with = options["with"];
    options.erase("with");
    const Json list = with.is_array() ? with : Json::array({with});
    for (const Json& other : list) study->others.push_back(read_other(other, config.where("/study/with"), config, environment));
  }
  if (options.contains("seed")) {
    if (!options["seed"].is_number_unsigned())
      throw InputError(config.where("/study/seed"), "takes a whole number from 0, not " + shown_json(options["seed"]));
    study->seed = options["seed"].get<std::uint64_t>();
    options.erase("seed");
  }
  const Symbols symbols = symbols_of(plan, environment->zoo());
  StudyPorts ports(config, plan, symbols, *study);
  const OptionPlace place = [&](const std::string& path) { return config.where("/study" + path); };
  study->options = std::make_unique<OptionValues>(request.study->options(), options, place, &ports);
  for (const auto& expression : study->derived) {
    PortInfo port;
    port.name = expression.text();
    port.doc = "asked for by the study";
    port.type = expression.type() == ValueType::boolean ? PortType::boolean : PortType::number;
    port.optional = true;
    port.dimension = expression.dimension();
    study->derived_ports.push_back(port);
  }
  return study;
}

}  // namespace ironlaw::host
