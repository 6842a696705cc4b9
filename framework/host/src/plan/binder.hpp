#pragma once
#include "config/config_impl.hpp"
#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "plan/table_values.hpp"
#include "text/problems.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/host/pipeline.hpp>
#include <ironlaw/maybe.hpp>

#include <map>
#include <optional>
#include <set>

namespace ironlaw::host {

/// Names of a map, to say which is near.
[[nodiscard]] std::vector<std::string_view> keys_of(const auto& map) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

/// A name that a study varies, and where it says so.
struct VariedInput {
  std::string name;
  std::string where;
};

/// Turns names into ports, objects and wires: stages in dependency order and the inputs of the plan. What is wrong goes to
/// `problems`, and binding goes on with nothing in its place, so that one refusal says all.
class Binder {
 public:
  /// `varied` are names that a study varies beside the axes.
  Binder(const Config::Impl& config, Environment& environment, Problems& problems, std::span<const VariedInput> varied = {});

  void bind_stages();
  /// The plan's input of a dotted name, made where an axis is the first to speak of it; nothing where a problem of the stages
  /// stands in its place. Throws InputError at `where`.
  std::optional<std::size_t> axis_input(const std::string& name, const std::string& where);
  /// Marks an input as given by an axis; where nothing else gives it, the base takes the axis' first value.
  void give(std::size_t input, const Cell& first) {
    if (missing_.erase(input) != 0) inputs_[input].base = first;
  }
  /// An input whose axis cannot be read is not missing, too.
  void excuse(const std::string& name) {
    if (const auto it = input_index_.find(name); it != input_index_.end()) missing_.erase(it->second);
  }
  /// Takes the place of what the config says.
  void set(std::size_t input, const Cell& value) {
    missing_.erase(input);
    inputs_[input].base = value;
  }
  /// Refuses series of one index and different lengths, where no axis varies them.
  void check_lengths(std::span<const Axis> axes) const;
  /// Refuses what nobody gave, and whatever else was wrong until then.
  void check_complete() const;
  /// What a reader may want to know: inputs that no stage reads, and what was taken for something else than an entry of the zoo.
  [[nodiscard]] std::vector<std::string> notes() const;

  /// What reads tables, series and texts.
  [[nodiscard]] TableValues& tables() { return tables_; }
  [[nodiscard]] const PlanInput& input(std::size_t i) const { return inputs_[i]; }
  std::unique_ptr<Plan> finish(const std::string& name);

 private:
  struct NamedInput {
    Json value;
    std::string where;
    bool given = false;  ///< in `inputs`, not only on an axis
    std::optional<PlanSource> source;
  };

  struct Override {
    std::string field;
    Json value;
    bool given = false;
    std::string where;
    bool studied = false;  ///< starts from the object's own value
  };

  void read_nested();
  void read_inputs();
  void read_overrides();
  void note_override(const std::string& name, const Json* value, const std::string& where, bool studied = false);
  void find_override(const std::string& name, const Json* value, const std::string& where, bool studied);

  /// The solver of a stage: a plugin's, or the plan of another config.
  const Solver& solver_of(const std::string& stage);
  /// An input of a config that is a stage keeps the value which that config gives it.
  PlanSource bind_nested_base(const std::string& stage, const std::string& name, const PortInfo& port,
                              std::vector<std::string>& path);
  std::shared_ptr<const Plan> nested_plan(const std::string& file, const std::string& where);
  std::size_t bind_stage(const std::string& name, std::vector<std::string>& path);
  PlanSource bind_port(const std::string& stage, const Json& json, const PortInfo& port, std::vector<std::string>& path);
  /// What `bind` binds the input `name` to; where it refuses, an input that nobody gave.
  template <class Bind>
  PlanSource bound_or_empty(const std::string& name, const PortInfo& port, const std::string& where,
                            std::vector<std::string>& path, Bind&& bind) {
    PlanSource source;
    const std::size_t depth = path.size();
    if (problems_.during([&] { source = bind(); })) return source;
    path.resize(depth);
    unbound_.insert(name);
    Cell none{absent_value};
    if (port.type == PortType::object) none.object = nullptr;
    return add_input(name, port, none, where);
  }
  PlanSource bind_reference(const std::string& text, const PortInfo& port, const std::string& full_name, const std::string& where,
                            std::vector<std::string>& path);
  PlanSource bind_named(const std::string& name, const PortInfo& port, const std::string& where, std::vector<std::string>& path);
  /// Whether a text that reads names does more than name one.
  [[nodiscard]] bool is_arithmetic(const std::string& text) const;
  PlanSource bind_arithmetic(const std::string& name, const PortInfo& port, const std::string& text, const std::string& where,
                             std::vector<std::string>& path);
  /// The names that arithmetic may read, and those of them that it reads, in order.
  [[nodiscard]] Symbols wire_symbols();
  [[nodiscard]] std::vector<std::string> operands_of(const std::string& text, const std::string& where);
  PlanSource bind_operand(const std::string& name, const std::string& where, std::vector<std::string>& path);
  [[nodiscard]] const PortInfo& port_of(const PlanSource& source) const;
  static void enter(const std::string& name, std::vector<std::string>& path, const std::string& where);
  PlanSource bind_value(const std::string& name, const PortInfo& port, const Json& value, const std::string& where,
                        std::vector<std::string>& path);
  PlanSource bind_default(const std::string& name, const PortInfo& port, std::string_view solver, const std::string& where,
                          std::vector<std::string>& path);
  PlanSource bind_object(const std::string& name, const ObjectSpec& spec, const std::string& where,
                         std::vector<std::string>& path);
  void pass_overrides_on(const std::string& name, const Kind& kind);
  /// Whether a field of an object in the object `name` is replaced: then its own fields are inputs, too.
  [[nodiscard]] bool enters_objects(const std::string& name, const Kind& kind) const;
  static PortInfo replaced_field(const Kind& kind, const Override& o, const std::string& name, const std::string& key);
  PlanSource override_fields(const std::string& name, PlanSource source, std::string_view interface, const std::string& where,
                             std::vector<std::string>& path);
  void check_wire(const PortInfo& from, const std::string& from_name, const PortInfo& to, const std::string& to_name,
                  const std::string& where) const;
  void check_stage_keys(const std::string& stage, const Json& json, const Solver& solver);

  PlanSource add_input(const std::string& name, PortInfo port, Cell base, const std::string& where);
  std::string_view keep(std::string text);
  [[nodiscard]] bool on_axis(const std::string& name) const;
  const ZooObject& object_of_axis_or_base(const PlanSource& source, const std::string& name, std::string_view interface,
                                          const std::string& where);

  const Config::Impl& config_;
  Environment& environment_;
  Problems& problems_;
  TableValues tables_;
  std::span<const VariedInput> varied_;
  std::map<std::string, NamedInput, std::less<>> named_;
  std::map<std::string, std::size_t, std::less<>> stage_index_;
  std::map<std::string, std::shared_ptr<const Plan>, std::less<>> nested_;  ///< by stage
  std::map<std::string, std::vector<Override>> overrides_;                  ///< by the name of an object input
  std::set<std::string, std::less<>> unbound_;                              ///< names whose problem is told
  std::vector<PlanInput> inputs_;
  std::map<std::string, std::size_t, std::less<>> input_index_;
  std::vector<PlanStage> stages_;
  std::deque<std::string> names_;
  std::vector<std::string> notes_;
  /// What nobody gave: where it is missing, who needs it, and what it takes.
  struct Missing {
    std::string where;
    std::string who;  ///< "single_node needs ", or empty
    std::string what;
  };
  std::map<std::size_t, Missing> missing_;  ///< by input
  Json no_object_ = Json::object();
  Json no_array_ = Json::array();
};

/// Reads one entry of `axes` for the input it names.
[[nodiscard]] std::vector<Cell> read_axis(const PortInfo& port, const Json& value, const std::string& where,
                                          const Config::Impl& config, const std::string& json_pointer, Zoo& zoo,
                                          TableValues& tables);

/// What an axis without a list or steps says of its values: {"from", "to"} or {"normal": [mean, deviation]}; nothing where it has
/// values.
[[nodiscard]] std::optional<Distribution> read_distribution(const PortInfo& port, const Json& value, const std::string& where);

/// An axis over entries of the zoo, filtered by a condition on their fields.
[[nodiscard]] std::vector<Cell> read_zoo_axis(const PortInfo& port, const Json& value, const std::string& where, Zoo& zoo);

}  // namespace ironlaw::host
