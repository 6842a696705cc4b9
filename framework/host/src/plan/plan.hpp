#pragma once
#include "plan/arithmetic_stage.hpp"
#include "plan/object_stage.hpp"
#include "plan/spares.hpp"

#include <ironlaw/solver.hpp>

#include <atomic>
#include <deque>

namespace ironlaw::host {

/// Where an input of a stage comes from.
struct PlanSource {
  enum class From { input, stage };
  From from = From::input;
  std::size_t index = 0;  ///< of the plan's input, or of the stage
  std::size_t port = 0;   ///< output port of the stage
};

/// A stage of the plan: a solver, the making of an object, or the arithmetic of an input.
class Plan;
struct PlanStage {
  std::string name;
  std::shared_ptr<const Plan> owned;  ///< the solver, where it is a config of its own
  const Solver* solver = nullptr;
  std::unique_ptr<ObjectStage> maker;
  std::unique_ptr<ArithmeticStage> arithmetic;
  std::vector<PlanSource> in;
  std::size_t first_output = 0;  ///< of its outputs among the plan's, where it makes no object
  /// What evaluates it; not of the making of an object.
  [[nodiscard]] const Solver& evaluated() const { return arithmetic ? *arithmetic : *solver; }
  [[nodiscard]] std::span<const PortInfo> inputs() const { return maker ? maker->inputs() : evaluated().inputs(); }
  /// Whether a series is among its outputs.
  [[nodiscard]] bool writes_series() const;
  /// Whether what its cells point to lives as long as what those of the plan's inputs point to.
  [[nodiscard]] bool may_remember() const;
  [[nodiscard]] std::size_t output_count() const { return maker ? 1 : evaluated().outputs().size(); }
};

/// An input of the plan: a named input, or a port that no wire reaches, under its dotted name.
struct PlanInput {
  PortInfo port;  ///< its name is the plan's
  Cell base{};    ///< what the config, the profile or the port's default says
  std::string where;
};

/// Told of the stages of a block while it runs, on the worker that runs it.
class StageHooks {
 public:
  virtual ~StageHooks() = default;
  /// May mark rows `skipped` and replace columns; both have a cell a row, or stride 0.
  virtual void before_stage(std::size_t stage, std::span<Column> in, std::span<RowStatus> status) = 0;
  virtual void after_stage(std::size_t stage, double seconds) = 0;
};

class StageTables;

/// A compiled pipeline: stages in dependency order. It is itself a Solver, so whatever works on a solver works on it.
class Plan final : public Solver {
 public:
  static constexpr std::size_t block_rows = 1024;

  /// `stages` are in dependency order and their sources point to inputs and earlier stages.
  Plan(std::string name, std::vector<PlanInput> inputs, std::vector<PlanStage> stages, std::deque<std::string> names);
  ~Plan() override;

  [[nodiscard]] const std::vector<PlanInput>& plan_inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<PlanStage>& stages() const { return stages_; }
  [[nodiscard]] std::vector<Cell> base() const;
  /// As Solver::evaluate, with hooks; the block has at most block_rows rows.
  void evaluate_hooked(const Block& block, StageHooks& hooks) const;
  /// As Solver::evaluate, for rows of a run from `first` on whose tables these are.
  void evaluate_prepared(const Block& block, const StageTables& tables, std::uint64_t first) const;
  /// An input of a stage that is not what its source says.
  struct Replaced {
    std::size_t stage;
    std::size_t port;
    Cell cell;
  };
  /// Writes the working of the stage `name` of a row with these inputs and outputs of the plan. Throws PluginError.
  void explain_stage(std::span<const Cell> in, std::span<const Cell> out, std::string_view name, Working& working,
                     std::span<const Replaced> replaced = {}) const;
  /// True where a later stage reads the output, or it is an object, which lives in this plan only.
  [[nodiscard]] bool read(std::size_t stage, std::size_t output) const { return read_[stage][output] != 0; }
  /// Rows that stages evaluated since the start: what hoisting left.
  [[nodiscard]] std::uint64_t stage_rows() const { return stage_rows_; }

 private:
  struct Scratch;
  struct Memory;
  /// What a run knows of its rows beyond their columns.
  struct RowContext {
    StageHooks* hooks = nullptr;
    const StageTables* tables = nullptr;
    std::uint64_t first = 0;  ///< row of the run that is the block's first
  };
  const About& do_about() const noexcept override { return about_; }
  std::span<const PortInfo> do_inputs() const noexcept override { return input_infos_; }
  std::span<const PortInfo> do_outputs() const noexcept override { return output_infos_; }
  std::span<const LimitInfo> do_limits() const noexcept override { return limit_infos_; }
  bool do_explain(std::span<const Cell> in, std::span<const Cell> out, Working& working) const override;
  void do_evaluate(const Block& block) const override { evaluate_rows(block, {}); }
  void evaluate_rows(const Block& block, const RowContext& context) const;

  void look_up(std::size_t s, const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const;
  void evaluate_chunk(const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const;
  void add_limits(const PlanStage& stage);
  void gather(const PlanStage& stage, const Block& block, std::size_t first, Scratch& scratch) const;
  void place_outputs(std::size_t s, const Block& block, std::size_t first, Scratch& scratch) const;
  void place_series(std::size_t s, std::size_t rows, Scratch& scratch) const;
  void run_stage(std::size_t s, const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const;
  std::unique_ptr<Scratch> acquire() const;
  void release(std::unique_ptr<Scratch> scratch) const;

  std::string name_;
  About about_;
  std::vector<PlanInput> inputs_;
  std::vector<PlanStage> stages_;
  std::deque<std::string> names_;  ///< what the views in the port infos point into
  std::vector<PortInfo> input_infos_;
  std::vector<PortInfo> output_infos_;
  std::vector<LimitInfo> limit_infos_;   ///< of every stage: "serve.memory"
  std::vector<std::vector<char>> read_;  ///< by stage and output: a later stage reads it
  std::vector<char> writes_series_;      ///< by stage
  std::vector<char> remembers_;          ///< by stage: it may
  mutable Spares<Scratch> free_;
  mutable std::atomic<std::uint64_t> stage_rows_{0};
};

}  // namespace ironlaw::host
