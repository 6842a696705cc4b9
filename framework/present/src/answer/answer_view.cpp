#include "answer/answer_view.hpp"

#include <ironlaw/notation/port_order.hpp>

#include "plan/environment.hpp"
#include "plan/plan.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// Reads values of an answer where the plan says that they are.
class AnswerReader {
 public:
  AnswerReader(const Pipeline& pipeline, const Answer& answer)
      : plan_(pipeline.plan()), amendable_(pipeline.amendable()), zoo_(pipeline.environment().zoo()), answer_(answer) {}

  [[nodiscard]] std::vector<ShownValue> inputs(const PlanStage& stage) const {
    std::vector<ShownValue> values;
    for (std::size_t k = 0; k < stage.in.size(); ++k) {
      values.push_back(input(stage, k));
      if (const PlanStage* maker = maker_of(stage.in[k])) append_fields(*maker, std::string(stage.inputs()[k].name), values);
    }
    return values;
  }

  [[nodiscard]] std::vector<ShownValue> outputs(const PlanStage& stage) const {
    std::vector<ShownValue> values;
    for (std::size_t o = 0; o < stage.output_count(); ++o) values.push_back(output(stage, o));
    return values;
  }

  [[nodiscard]] std::vector<Wall> walls(const PlanStage& stage) const {
    std::vector<Wall> walls;
    for (const LimitInfo& limit : stage.solver->limits()) {
      Wall wall{&limit, side(stage, limit.used), side(stage, limit.bound)};
      if (!is_absent(wall.used) && !is_absent(wall.bound)) walls.push_back(std::move(wall));
    }
    return walls;
  }

 private:
  [[nodiscard]] const PlanStage* maker_of(const PlanSource& source) const {
    if (source.from == PlanSource::From::input) return nullptr;
    const PlanStage& stage = plan_.stages()[source.index];
    return stage.maker ? &stage : nullptr;
  }

  /// Fields were replaced on an object of the zoo, which is then the stage's first input.
  static bool replaces(const PlanStage& maker) { return maker.maker->name() == maker.name; }

  [[nodiscard]] std::string object_of(const PlanSource& source) const {
    if (source.from == PlanSource::From::input)
      return object_name(zoo_, plan_.plan_inputs()[source.index].port, answer_.inputs[source.index]);
    const PlanStage* maker = maker_of(source);
    if (maker == nullptr) return {};
    return replaces(*maker) ? object_of(maker->in.front()) + "*" : maker->maker->name();
  }

  [[nodiscard]] ShownValue input(const PlanStage& stage, std::size_t k) const {
    ShownValue value{std::string(stage.inputs()[k].name), &stage.inputs()[k], {}, {}};
    const PlanSource& source = stage.in[k];
    const auto stage_number = static_cast<std::size_t>(&stage - plan_.stages().data());
    for (std::size_t a = 0; a < answer_.amended.size(); ++a)
      if (amendable_[a].stage == stage_number && amendable_[a].port == k) {
        value.cell = answer_.amended[a].used;
        return value;
      }
    if (value.port->type == PortType::object) {
      value.object = object_of(source);
    } else if (source.from == PlanSource::From::input) {
      value.cell = answer_.inputs[source.index];
    } else {
      value.cell = answer_.outputs[plan_.stages()[source.index].first_output + source.port];
    }
    return value;
  }

  [[nodiscard]] ShownValue output(const PlanStage& stage, std::size_t o) const {
    const PortInfo& port = stage.solver->outputs()[o];
    const std::size_t at = stage.first_output + o;
    ShownValue value{std::string(port.name), &port, answer_.outputs[at], {}};
    if (!answer_.ends.empty()) {
      value.low = answer_.ends[0].outputs[at];
      value.high = answer_.ends[1].outputs[at];
    }
    return value;
  }

  [[nodiscard]] ShownValue side(const PlanStage& stage, const PortReference& reference) const {
    return reference.side == PortReference::Side::output ? output(stage, reference.index) : input(stage, reference.index);
  }

  /// The fields of an object made here, under "hardware.tdp"; those left out are not shown.
  void append_fields(const PlanStage& maker, const std::string& prefix, std::vector<ShownValue>& values) const {
    for (std::size_t k = replaces(maker) ? 1 : 0; k < maker.in.size(); ++k) {
      ShownValue field = input(maker, k);
      if (is_absent(field)) continue;
      field.name = prefix + "." + field.name;
      values.push_back(field);
      if (const PlanStage* nested = maker_of(maker.in[k])) append_fields(*nested, field.name, values);
    }
  }

  const Plan& plan_;
  const std::vector<AmendableInput>& amendable_;
  const Zoo& zoo_;
  const Answer& answer_;
};

/// Keeps what a solver shows.
class Recorder final : public Working {
 public:
  explicit Recorder(std::span<const PortInfo> outputs) : outputs_(outputs) {}
  std::vector<WorkingLine> lines;
  std::vector<OperatorLine> operators;

 private:
  void do_step(std::string_view what, std::string_view equation, std::span<const Term> terms, const Value& result,
               std::string_view source) override {
    WorkingLine line{std::string(what), std::string(equation), {}, result, std::string(source), {}, nullptr};
    for (const Term& term : terms) line.terms.emplace_back(term.symbol, term.value);
    const auto port = std::find_if(outputs_.begin(), outputs_.end(), [&](const PortInfo& p) { return p.name == what; });
    if (port != outputs_.end()) line.output = &*port;
    lines.push_back(std::move(line));
  }
  void do_note(std::string_view text) override { lines.push_back({{}, {}, {}, {}, {}, std::string(text), nullptr}); }

  void do_operation(const OperatorTime& o) override {
    operators.push_back({std::string(o.name), o.count, o.time, o.bytes, o.operations, std::string(o.wall),
                         std::string(o.constant), std::string(o.record), std::string(o.source)});
  }

  std::span<const PortInfo> outputs_;
};

/// Whether an error line, "stage: what" or "stage.port: what", is of this stage.
bool speaks_of(std::string_view line, std::string_view stage) {
  return line.starts_with(stage) && line.size() > stage.size() && (line[stage.size()] == '.' || line[stage.size()] == ':');
}

/// What became of one stage of several: the answer's status is the worst of all.
RowStatus status_of(const AnsweredStage& stage, const Answer& answer) {
  const bool valued = std::any_of(stage.outputs.begin(), stage.outputs.end(), [](const ShownValue& v) { return !is_absent(v); });
  if (valued || has_outputs(answer.status)) {
    const bool broken =
        std::any_of(stage.walls.begin(), stage.walls.end(), [](const Wall& w) { return w.limit->hard && w.exceeded(); });
    return broken ? RowStatus::infeasible : RowStatus::ok;
  }
  const bool named =
      std::any_of(answer.errors.begin(), answer.errors.end(), [&](const auto& e) { return speaks_of(e, stage.name); });
  return named ? answer.status : RowStatus::skipped;
}

bool is_port(std::span<const PortInfo> ports, std::string_view name) {
  return std::any_of(ports.begin(), ports.end(), [&](const PortInfo& p) { return p.name == name; });
}

}  // namespace

std::vector<AnsweredStage> answered_stages(const Pipeline& pipeline, const Answer& answer, bool explain) {
  const AnswerReader reader(pipeline, answer);
  const auto& stages = pipeline.plan().stages();
  const bool single = std::count_if(stages.begin(), stages.end(), [](const PlanStage& s) { return s.solver != nullptr; }) == 1;
  std::vector<AnsweredStage> answered;
  for (const PlanStage& stage : stages) {
    if (stage.solver == nullptr) continue;
    AnsweredStage one{
        stage.name, stage.solver, RowStatus::ok, reader.inputs(stage), reader.outputs(stage), reader.walls(stage), {}, {}};
    one.status = single ? answer.status : status_of(one, answer);
    if (explain && has_outputs(one.status)) {
      Recorder recorder(stage.solver->outputs());
      host::explain(pipeline, answer, stage.name, recorder);
      one.working = std::move(recorder.lines);
      one.operators = std::move(recorder.operators);
    }
    answered.push_back(std::move(one));
  }
  return answered;
}

std::vector<ShownValue> derived_values(const Pipeline& pipeline, const Answer& answer) {
  std::vector<ShownValue> values;
  for (const ResultColumn& column : pipeline.columns())
    if (column.from == ResultColumn::From::expression && column.end == ResultColumn::End::none) {
      values.push_back({column.name, &column.port, answer.cell(column), {}});
      if (answer.ends.empty() || column.index >= answer.ends[0].derived.size()) continue;
      values.back().low = answer.ends[0].derived[column.index];
      values.back().high = answer.ends[1].derived[column.index];
    }
  return values;
}

std::vector<ShownValue> shown_inputs(const AnsweredStage& stage, bool all) {
  const auto at_default = [](const ShownValue& value) {
    return value.cell.number == value.port->fallback || (is_absent(value) && std::isnan(value.port->fallback));
  };
  std::vector<ShownValue> shown;
  for (const std::size_t i : port_order(stage.solver->inputs(), true)) {
    const ShownValue& value = stage.inputs[i];
    if (all || value.port->need != PortNeed::parity || !at_default(value)) shown.push_back(value);
  }
  return shown;
}

bool has_ends(const std::vector<ShownValue>& values) {
  return std::any_of(values.begin(), values.end(), [](const ShownValue& v) { return !band_text(v).empty(); });
}

std::vector<AmendedValue> amended_values(const Pipeline& pipeline, const Answer& answer) {
  std::vector<AmendedValue> values;
  for (std::size_t a = 0; a < answer.amended.size(); ++a) {
    if (!answer.amended[a].differs()) continue;
    const AmendableInput& one = pipeline.amendable()[a];
    const PortInfo& port = pipeline.plan().stages()[one.stage].inputs()[one.port];
    std::string guards;
    for (const auto& guard : one.guards) guards += (guards.empty() ? "" : ", ") + guard;
    values.push_back(
        {{one.name, &port, answer.amended[a].asked, {}}, {one.name, &port, answer.amended[a].used, {}}, std::move(guards)});
  }
  return values;
}

std::vector<std::string> lines_below(const Pipeline& pipeline, const Answer& answer) {
  std::vector<std::string> lines;
  for (const AmendedValue& one : amended_values(pipeline, answer))
    lines.push_back(one.used.name + " is " + value_text(one.used) + " in place of " + value_text(one.asked) +
                    ", which was asked for: amended by the guard " + one.guards);
  const auto bands = band_lines(answer);
  lines.insert(lines.end(), bands.begin(), bands.end());
  return lines;
}

std::vector<std::string> band_lines(const Answer& answer) {
  if (answer.ends.empty()) return {};
  std::vector<std::string> lines{"Behind a value: what it is with every band at its 10 %, and at its 90 %."};
  lines.insert(lines.end(), answer.band_faults.begin(), answer.band_faults.end());
  return lines;
}

std::string heading_of(const AnsweredStage& stage) {
  std::string text(stage.name);
  const std::string_view solver = stage.solver->about().name;
  if (stage.name != solver) text.append(" (").append(solver).append(")");
  std::string_view before = ": ";
  for (const ShownValue& input : stage.inputs) {
    if (input.object.empty() || !is_port(stage.solver->inputs(), input.name)) continue;  // not the objects in objects
    text.append(before).append(input.name).append(" ").append(input.object);
    before = ", ";
  }
  return text;
}

std::string wall_text(const Wall& wall) {
  std::string text = value_text(wall.used) + " of " + value_text(wall.bound);
  const double share = wall.used.cell.number / wall.bound.cell.number;
  if (std::isfinite(share)) text += " (" + format_quantity(share, {}, "%", 3) + ")";
  return text;
}

}  // namespace ironlaw::host
