#pragma once
#include "plan/study_plan.hpp"
#include "run/callbacks.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

namespace ironlaw::host {

/// A pipeline as a study sees it: its plan, then the constraints of the config, which take rows out as `skipped`, then the
/// outputs that the study's options ask for.
class StudySolver final : public Solver {
 public:
  /// `derived` may be empty; all must outlive the solver.
  StudySolver(const Pipeline& pipeline, const std::deque<Expression>& derived, std::span<const PortInfo> derived_ports);
  ~StudySolver() override;

  /// From now on guards are asked before each stage, and observers told of every block, in the order of evaluation; where there
  /// are observers, blocks must not run side by side.
  void watch(CallbackRun& callbacks);
  /// Rows in which a guard amended an input, and why a guard wants the study to end, or empty.
  [[nodiscard]] std::uint64_t amended() const { return amended_; }
  [[nodiscard]] std::string stop_reason() const;
  /// Of rows that were evaluated in another process.
  void add_guarded(std::uint64_t amended, const std::string& stop) const;
  /// Rows that each constraint took out so far.
  [[nodiscard]] std::uint64_t rejected(std::size_t constraint) const { return rejected_[constraint]; }
  [[nodiscard]] std::size_t constraints() const { return rejected_.size(); }
  /// Of rows that were evaluated in another process.
  void add_rejected(std::size_t constraint, std::uint64_t rows) const { rejected_[constraint] += rows; }

 private:
  struct Scratch;
  class Watch;
  const About& do_about() const noexcept override { return pipeline_.solver().about(); }
  std::span<const PortInfo> do_inputs() const noexcept override { return pipeline_.solver().inputs(); }
  std::span<const PortInfo> do_outputs() const noexcept override { return outputs_; }
  std::span<const LimitInfo> do_limits() const noexcept override { return pipeline_.solver().limits(); }
  void do_evaluate(const Block& block) const override;
  bool do_explain(std::span<const Cell> in, std::span<const Cell> out, Working& working) const override {
    return pipeline_.plan().explain(in, out.first(read_.size()), working);
  }
  Cell* column_of(const Block& block, std::size_t output, std::size_t first, Scratch& scratch) const;
  void evaluate_watched(const Block& part, Scratch& scratch) const;
  void evaluate_chunk(const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const;
  void constrain(const Block& block, bool before, std::size_t first, std::size_t rows, Scratch& scratch) const;
  std::unique_ptr<Scratch> acquire() const;

  const Pipeline& pipeline_;
  const std::deque<Expression>& derived_;
  std::vector<PortInfo> outputs_;
  std::vector<char> read_;  ///< by output of the plan: a constraint, an expression or an observer reads it
  CallbackRun* callbacks_ = nullptr;
  mutable std::uint64_t observed_ = 0;
  mutable std::atomic<std::uint64_t> amended_{0};
  mutable std::string stop_;
  mutable std::vector<std::atomic<std::uint64_t>> rejected_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Scratch>> free_;
};

}  // namespace ironlaw::host
