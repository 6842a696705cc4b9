#pragma once
// An answer taken apart by stage: what every format prints.
#include "value/shown_value.hpp"

#include <ironlaw/present/report.hpp>
#include <ironlaw/working.hpp>

#include <utility>
#include <vector>

namespace ironlaw::host {

/// A limit of a solver with the values of this answer; limits that an absent value switches off are not among them.
struct Wall {
  const LimitInfo* limit = nullptr;
  ShownValue used;
  ShownValue bound;
  [[nodiscard]] bool exceeded() const { return used.cell.number > bound.cell.number; }
  /// A limit that somebody set, as its bound is an input: a budget, a latency to keep. The others are what things are.
  [[nodiscard]] bool is_target() const { return limit->bound.side == PortReference::Side::input; }
};

/// One line of a solver's working: an equation, or a note.
struct WorkingLine {
  std::string what;
  std::string equation;
  std::vector<std::pair<std::string, Value>> terms;
  Value result;
  std::string source;
  std::string note;                  ///< the sentence, where it is no equation
  const PortInfo* output = nullptr;  ///< the output that the step ends in, or null
};

/// One operator of an answer: OperatorTime with its texts kept.
struct OperatorLine {
  std::string name;
  double count = 1;
  Time time{};
  Information bytes{};
  Operations operations{};
  std::string wall;
  std::string constant;
  std::string record;
  std::string source;
};

/// What one solver took and gave.
struct AnsweredStage {
  std::string_view name;
  const Solver* solver = nullptr;
  RowStatus status = RowStatus::ok;
  std::vector<ShownValue> inputs;
  std::vector<ShownValue> outputs;
  std::vector<Wall> walls;
  std::vector<WorkingLine> working;
  std::vector<OperatorLine> operators;
};

/// The solvers of a pipeline in the order they ran; with their working where `explain` is set. Throws PluginError.
[[nodiscard]] std::vector<AnsweredStage> answered_stages(const Pipeline& pipeline, const Answer& answer, bool explain);

/// Columns of the report that are expressions over inputs and outputs.
[[nodiscard]] std::vector<ShownValue> derived_values(const Pipeline& pipeline, const Answer& answer);

/// The inputs as people are shown them: in the order of need, and settings of parity only where they differ from their default or
/// `all` is set.
[[nodiscard]] std::vector<ShownValue> shown_inputs(const AnsweredStage& stage, bool all);

/// Whether any of them has ends.
[[nodiscard]] bool has_ends(const std::vector<ShownValue>& values);

/// What to say of the bands of an answer: which ends are shown, and what they do not hold. Empty where nobody asked for them.
[[nodiscard]] std::vector<std::string> band_lines(const Answer& answer);

/// An input that a guard amended.
struct AmendedValue {
  ShownValue asked;
  ShownValue used;
  std::string guards;
};
[[nodiscard]] std::vector<AmendedValue> amended_values(const Pipeline& pipeline, const Answer& answer);

/// What stands below an answer: amended inputs, then the lines about the bands.
[[nodiscard]] std::vector<std::string> lines_below(const Pipeline& pipeline, const Answer& answer);

/// "single_node: workload ResNet50, hardware A100".
[[nodiscard]] std::string heading_of(const AnsweredStage& stage);

/// "160 GB of 80 GiB (186 %)".
[[nodiscard]] std::string wall_text(const Wall& wall);

}  // namespace ironlaw::host
