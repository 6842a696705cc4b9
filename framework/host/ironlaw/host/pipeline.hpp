#pragma once
#include <ironlaw/solver.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ironlaw::host {

class Plan;
class Environment;
class Zoo;
struct Clauses;
struct StudyPlan;
struct PipelineOrigin;
class Budget;

/// How likely the values of a continuous axis are; in SI.
struct Distribution {
  enum class Shape { uniform, log_uniform, normal, lognormal, triangular };
  Shape shape = Shape::uniform;
  double first = 0;   ///< low end; mean; median
  double second = 0;  ///< high end; standard deviation; geometric standard deviation; mode of a triangular one
  double third = 0;   ///< high end of a triangular one
  Range range{};      ///< of the port: what lies outside is cut off
  /// The value that a share `u` of all lies below; u in [0, 1].
  [[nodiscard]] IRONLAW_API double quantile(double u) const;
};

/// Inputs that vary together, and their values: values[k][i] is the i-th value of input inputs[k]. A continuous axis has a
/// distribution instead, and one input.
struct Axis {
  std::vector<std::size_t> inputs;
  std::vector<std::vector<Cell>> values;
  std::optional<Distribution> distribution{};
  /// Count of its values; 0 where it is continuous.
  [[nodiscard]] std::size_t size() const { return distribution ? 0 : values.front().size(); }
};

/// An input of a stage that a guard of the config may amend.
struct AmendableInput {
  std::string name;  ///< "serve.batch_size"
  std::size_t stage = 0;
  std::size_t port = 0;
  std::vector<std::string> guards;  ///< that declared it
  std::size_t source = 0;           ///< where it is from: an input of the pipeline or, behind those, an output
  /// Nothing else reads the source: what reports show of it, and what expressions read, is the amended value. Else the amended
  /// one has a column of its own.
  bool alone = false;
};

/// A column of the result: an input or an output of the pipeline, an expression over them, or an amendable input as the stage
/// used it or as it was asked. Columns of a study count as expressions.
struct ResultColumn {
  enum class From { input, output, expression, used, asked };
  enum class End { none, low, high };
  std::string name;  ///< as the report shows it
  From from = From::input;
  /// Among the pipeline's inputs, outputs, amendable inputs or expressions; behind those the binding wall and its margin, and
  /// whether the bands move every result one way.
  std::size_t index = 0;
  PortInfo port;
  End end = End::none;  ///< of the bands: the value with all of them at their low, or at their high ends
};

/// Whether a column says what was asked of the rows, on an axis or not.
[[nodiscard]] inline bool says_what_was_asked(const ResultColumn& column) {
  return column.from == ResultColumn::From::input || column.from == ResultColumn::From::asked;
}

/// A compiled config: the pipeline as a solver, the axes that it runs over, and what to report.
class IRONLAW_API Pipeline {
 public:
  Pipeline(std::shared_ptr<const Environment> environment, std::unique_ptr<Plan> plan, std::vector<Axis> axes,
           std::vector<ResultColumn> columns, std::unique_ptr<const Clauses> clauses, std::unique_ptr<const StudyPlan> study,
           std::vector<std::string> notes);
  Pipeline(Pipeline&&) noexcept;
  ~Pipeline();

  [[nodiscard]] const Solver& solver() const;
  [[nodiscard]] const Plan& plan() const { return *plan_; }
  [[nodiscard]] const Environment& environment() const { return *environment_; }
  /// Where its objects are from.
  [[nodiscard]] const Zoo& zoo() const;
  /// One cell an input: what the config, the profile and the ports' defaults say.
  [[nodiscard]] std::vector<Cell> base() const;
  [[nodiscard]] const std::vector<Axis>& axes() const { return axes_; }
  [[nodiscard]] const std::vector<ResultColumn>& columns() const { return columns_; }
  /// Constraints, selection and callbacks.
  [[nodiscard]] const Clauses& clauses() const { return *clauses_; }
  /// What its guards may amend.
  [[nodiscard]] const std::vector<AmendableInput>& amendable() const { return amendable_; }
  /// Has the columns show amended inputs, with what was asked beside them.
  void amended_by_guards(std::vector<AmendableInput> amendable);
  /// The study to run, or null: then a run is a sweep over the axes.
  [[nodiscard]] const StudyPlan* study() const { return study_.get(); }
  /// What its reader may want to know of the config, a line each: inputs that nothing reads.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  /// What the processes that evaluate its rows compile it from; null where they are evaluated here.
  [[nodiscard]] const PipelineOrigin* origin() const { return origin_.get(); }
  void evaluated_elsewhere(std::shared_ptr<const PipelineOrigin> origin) { origin_ = std::move(origin); }
  /// What its request may still take.
  [[nodiscard]] Budget& budget() const { return *budget_; }
  void keep_within(std::shared_ptr<Budget> budget) { budget_ = std::move(budget); }
  /// True where an observer of the config watches its runs.
  [[nodiscard]] bool observed() const;
  /// The product of the axes that have values; 1 without any.
  [[nodiscard]] std::uint64_t rows() const;
  /// Index of an input or output by its name; throws InputError at `where` with the nearest.
  [[nodiscard]] std::size_t input(std::string_view name, const std::string& where = {}) const;
  [[nodiscard]] std::size_t output(std::string_view name, const std::string& where = {}) const;

 private:
  std::shared_ptr<const Environment> environment_;
  std::unique_ptr<Plan> plan_;
  std::vector<Axis> axes_;
  std::vector<ResultColumn> columns_;
  std::vector<AmendableInput> amendable_;
  std::unique_ptr<const Clauses> clauses_;
  std::unique_ptr<const StudyPlan> study_;
  std::vector<std::string> notes_;
  std::shared_ptr<const PipelineOrigin> origin_;
  std::shared_ptr<Budget> budget_;
};

}  // namespace ironlaw::host
