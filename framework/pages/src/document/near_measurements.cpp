#include "document/near_measurements.hpp"

#include "files/input_files.hpp"
#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "text/json.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/workload.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <tuple>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_shown = 3;
constexpr double most_distance = 2.5;  // beyond it a measurement says nothing of the answer
constexpr double another_device = 1;
constexpr double another_choice = 0.3;

/// A number that answers are near by, and how much a factor of e in it counts.
struct Measure {
  const char* input;
  double weight;
  const char* name;  ///< in a sentence
};
constexpr std::array measures{Measure{"batch_size", 0.3, "batch"},          Measure{"users", 0.3, "users"},
                              Measure{"prompt_tokens", 0.3, "prompt"},      Measure{"output_tokens", 0.2, "output"},
                              Measure{"sequence_length", 0.3, "sequence"},  Measure{"tensor_parallel", 0.4, "tensor"},
                              Measure{"pipeline_parallel", 0.3, "pipeline"}};

/// What the device of a measurement is to the one that was asked, the nearest first.
enum class Kinship { same, generation, another };

/// What an answer is near by.
struct AskedPoint {
  std::string solver;
  std::string device;
  const void* generation = nullptr;  ///< of the device: the records that its kernels share
  double parameters = 0;             ///< 0: not known
  double devices = 1;
  std::map<std::string, double> numbers;
};

const void* object_of(const Pipeline& pipeline, const Answer& answer, std::string_view stage_name, std::string_view interface) {
  for (const PlanStage& stage : pipeline.plan().stages()) {
    if (stage.name != stage_name) continue;
    for (std::size_t k = 0; k < stage.in.size(); ++k)
      if (stage.in[k].from == PlanSource::From::input && stage.inputs()[k].interface == interface)
        return answer.inputs[stage.in[k].index].object;
  }
  return nullptr;
}

/// The device of what a port takes, also where a config writes a fleet or a node out: then it is among the fields of what is
/// made.
const Hardware* device_in(const Pipeline& pipeline, const Answer& answer, const PlanSource& source) {
  if (source.from == PlanSource::From::input) {
    const auto interface = pipeline.plan().plan_inputs()[source.index].port.interface;
    const void* object = answer.inputs[source.index].object;
    if (object == nullptr) return nullptr;
    if (interface == Hardware::interface) return static_cast<const Hardware*>(object);
    if (interface == ironlaw::Node::interface) return static_cast<const ironlaw::Node*>(object)->accelerator;
    return interface == Fleet::interface ? static_cast<const Fleet*>(object)->node->accelerator : nullptr;
  }
  const PlanStage& made = pipeline.plan().stages()[source.index];
  if (!made.maker) return nullptr;
  for (const PlanSource& field : made.in)
    if (const Hardware* device = device_in(pipeline, answer, field)) return device;
  return nullptr;
}

/// The device of a stage, its own or that of its fleet.
const Hardware* device_of(const Pipeline& pipeline, const Answer& answer, std::string_view stage_name) {
  for (const PlanStage& stage : pipeline.plan().stages()) {
    if (stage.name != stage_name || stage.maker) continue;
    for (std::size_t k = 0; k < stage.in.size(); ++k)
      if (const auto interface = stage.inputs()[k].interface;
          stage.inputs()[k].type == PortType::object && (interface == Hardware::interface || interface == Fleet::interface))
        if (const Hardware* device = device_in(pipeline, answer, stage.in[k])) return device;
  }
  return nullptr;
}

/// The records that a device shares with those whose kernels are alike; null where its entry names none.
const void* generation_of(const ZooObject* device) {
  if (device == nullptr) return nullptr;
  const auto fields = device->kind->fields();
  for (std::size_t f = 0; f < fields.size(); ++f)
    if (fields[f].name == "generation" && fields[f].type == PortType::object) return device->fields[f].object;
  return nullptr;
}

AskedPoint point_of_stage(const Pipeline& pipeline, const Answer& answer, const AnsweredStage& stage) {
  AskedPoint point;
  point.solver = stage.solver->about().name;
  const Hardware* device = device_of(pipeline, answer, stage.name);
  for (const ShownValue& input : stage.inputs)
    if (input.port->type == PortType::number || input.port->type == PortType::integer)
      if (!is_absent(input)) point.numbers[input.name] = input.cell.number;
  const auto parallel = [&](const char* name) { return point.numbers.contains(name) ? point.numbers.at(name) : 1; };
  point.devices = parallel("tensor_parallel") * parallel("pipeline_parallel");
  if (const auto* fleet = static_cast<const Fleet*>(object_of(pipeline, answer, stage.name, Fleet::interface)))
    point.devices = fleet->accelerators();
  if (device != nullptr) {
    point.device = device->name();
    point.generation = generation_of(pipeline.environment().zoo().owner(device));
  }
  if (const auto* workload = static_cast<const Workload*>(object_of(pipeline, answer, stage.name, Workload::interface)))
    point.parameters = workload->parameters().value_or(0);
  return point;
}

/// The zoo's name of the device of a row.
std::string device_of(const Json& inputs) {
  const Json* device = inputs.contains("hardware") ? &inputs["hardware"] : nullptr;
  if (inputs.contains("fleet") && inputs["fleet"].contains("node")) device = &inputs["fleet"]["node"]["accelerator"];
  if (device == nullptr) return {};
  if (device->is_string()) return device->get<std::string>();
  return device->is_object() ? device->value("based_on", std::string()) : std::string();
}

double distance(const AskedPoint& point, Kinship kinship, const Json& row, const Json& workload) {
  const Json& inputs = row["inputs"];
  double sum = kinship == Kinship::same ? 0 : another_device;
  const double parameters = workload.is_object() ? workload.value("parameters", 0.0) : 0.0;
  sum += parameters > 0 && point.parameters > 0 ? std::abs(std::log(parameters / point.parameters)) : another_device;
  const double devices = row["devices"].is_number() ? row["devices"].get<double>() : 1;
  if (devices > 0 && point.devices > 0) sum += 0.2 * std::abs(std::log(devices / point.devices));
  for (const Measure& measure : measures) {
    const auto ours = point.numbers.find(measure.input);
    const bool theirs = inputs.contains(measure.input) && inputs[measure.input].is_number();
    if (ours == point.numbers.end() && !theirs) continue;
    if (ours == point.numbers.end() || !theirs) {
      sum += another_choice;
    } else if (ours->second > 0 && inputs[measure.input].get<double>() > 0) {
      sum += measure.weight * std::abs(std::log(inputs[measure.input].get<double>() / ours->second));
    }
  }
  return sum;
}

std::string what_it_is(const Json& row) {
  const Json& inputs = row["inputs"];
  std::string text = row["model"].get<std::string>() + " on " + (row["devices"].is_number() ? dump(row["devices"]) + " " : "") +
                     row["device"].get<std::string>();
  for (const Measure& measure : measures)
    if (inputs.contains(measure.input) && inputs[measure.input].is_number() &&
        (inputs[measure.input] != 1 || std::string_view(measure.input).find("parallel") == std::string_view::npos))
      text += ", " + std::string(measure.name) + " " + format_quantity(inputs[measure.input].get<double>(), {}, {}, shown_digits);
  for (const char* choice : {"format", "precision", "software_stack", "trainer"})
    if (inputs.contains(choice) && inputs[choice].is_string()) text += ", " + inputs[choice].get<std::string>();
  return text;
}

/// The question that a row answers. Throws Error where a zoo of one's own lacks what the row names.
Pipeline pipeline_of_row(const Json& row, const Json& workload, const DocumentText& text) {
  Json stage = row["inputs"];
  stage["solver"] = row["solver"];
  if (!workload.is_null()) stage["workload"] = workload;
  return text.compile(Config::parse(dump(Json{{"version", 1}, {"stages", {{"m", stage}}}}), "a measured row"));
}

/// Devices of rows, and what their kernels share with others; each device is looked up once.
class Kinships {
 public:
  explicit Kinships(const DocumentText& text) : text_(text) {}
  Kinship of(const AskedPoint& point, const Json& row, const Json& workload) {
    const std::string device = device_of(row["inputs"]);
    if (device == point.device) return Kinship::same;
    if (point.generation == nullptr || device.empty()) return Kinship::another;
    auto known = generations_.find(device);
    if (known == generations_.end()) known = generations_.emplace(device, generation_of_row(row, workload)).first;
    return known->second == point.generation ? Kinship::generation : Kinship::another;
  }

 private:
  [[nodiscard]] const void* generation_of_row(const Json& row, const Json& workload) const {
    try {
      const Pipeline pipeline = pipeline_of_row(row, workload, text_);
      for (const PlanInput& input : pipeline.plan().plan_inputs()) {
        if (input.port.type != PortType::object) continue;
        if (input.port.interface == Hardware::interface)
          return generation_of(pipeline.environment().zoo().owner(input.base.object));
        if (input.port.name.ends_with(".generation")) return input.base.object;  // of a device written out
      }
    } catch (const Error&) {
    }
    return nullptr;
  }
  const DocumentText& text_;
  std::map<std::string, const void*> generations_;
};

/// What the program says of a row: its output, with its port.
struct Ours {
  double value = 0;
  Dimension dimension{};
};
std::optional<Ours> ours_of(const Json& row, const Json& workload, const DocumentText& text) {
  try {
    const Pipeline pipeline = pipeline_of_row(row, workload, text);
    const Answer answer = host::answer(pipeline);
    if (!has_outputs(answer.status)) return {};
    const std::size_t at = pipeline.output("m." + row["output"].get<std::string>());
    const double value = answer.outputs[at].number;
    if (!(value > 0)) return {};
    return Ours{value, pipeline.solver().outputs()[at].dimension};
  } catch (const Error&) {
    return {};  // a zoo of one's own may lack what a row names
  }
}

struct Near {
  Kinship kinship = Kinship::another;
  double distance = 0;
  const Json* row = nullptr;
  Json workload;
};

/// What the same device did comes first, then one of its generation, then others, however near they are else.
std::vector<Near> nearest(const Json& table, const std::vector<AskedPoint>& points, const DocumentText& text) {
  Kinships kinships(text);
  std::vector<Near> near;
  for (const Json& row : table["rows"]) {
    const Json& named = row["inputs"]["workload"];
    const Json workload = named.is_number() ? table["workloads"][named.get<std::size_t>()] : Json();
    for (const AskedPoint& point : points) {
      if (point.solver != row["solver"]) continue;
      const Kinship kinship = kinships.of(point, row, workload);
      const double d = distance(point, kinship, row, workload);
      if (d < most_distance) near.push_back({kinship, d, &row, workload});
    }
  }
  std::stable_sort(near.begin(), near.end(), [](const Near& a, const Near& b) {
    return std::tie(a.kinship, a.distance) < std::tie(b.kinship, b.distance);
  });
  return near;
}

const char* name_of(Kinship kinship) {
  return kinship == Kinship::same ? "the same" : kinship == Kinship::generation ? "of its generation" : "another";
}

/// How the sentence about the nearest one begins.
const char* beginning_of(Kinship kinship) {
  switch (kinship) {
    case Kinship::same:
      return "The nearest published measurement on this device is of ";
    case Kinship::generation:
      return "Nothing near this was published for this device; the nearest on one of its generation is ";
    default:
      return "Nothing near this was published for this device or one of its generation; the nearest on another is ";
  }
}

}  // namespace

std::optional<DocumentSection> near_measurements(const Pipeline& pipeline, const Answer& answer,
                                                 const std::vector<AnsweredStage>& stages, const DocumentText& text) {
  const auto file = data_folder() / "measured" / "rows.json";
  if (!text.compile || !has_outputs(answer.status) || !std::filesystem::exists(file)) return {};
  std::vector<AskedPoint> points;
  for (const AnsweredStage& stage : stages) points.push_back(point_of_stage(pipeline, answer, stage));
  const Json table = Json::parse(read_file(file));
  Grid grid{{"measured", "what", "device", "was", "ours", "off", "source"}, {false, false, false, true, true, true, false}, {}};
  std::string first;
  std::vector<std::string> known;
  for (const Near& near : nearest(table, points, text)) {
    if (grid.rows.size() == most_shown) break;
    const Json& row = *near.row;
    const std::string id = row["id"].get<std::string>() + row["output"].get<std::string>();
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    known.push_back(id);
    const auto ours = ours_of(row, near.workload, text);
    if (!ours) continue;
    const double measured = row["measured"].get<double>();
    const auto shown = [&](double v) { return format_quantity(v, ours->dimension, {}, shown_digits); };
    const std::string off = (ours->value >= measured ? "+" : "") + format_quantity(ours->value / measured - 1, {}, "%", 2);
    if (first.empty())
      first = beginning_of(near.kinship) + what_it_is(row) + ": measured " + row["output"].get<std::string>() + " " +
              shown(measured) + ", ours " + shown(ours->value) + " (" + off + ").";
    grid.rows.push_back({{row["output"].get<std::string>(), what_it_is(row), name_of(near.kinship), shown(measured),
                          shown(ours->value), off, row["source"].get<std::string>()},
                         false});
  }
  if (grid.rows.empty()) return {};
  return DocumentSection{
      "Measured near this",
      {Paragraph{first +
                 " The same device comes first, then one whose kernels are alike, then others; within each, what is near by "
                 "model, layout and load. docs/accuracy.md holds all of them against the program."},
       std::move(grid)}};
}

}  // namespace ironlaw::host
