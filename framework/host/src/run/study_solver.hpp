#pragma once
#include "plan/spares.hpp"
#include "plan/study_plan.hpp"
#include "run/callbacks.hpp"

#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>

namespace ironlaw::host {

/// A pipeline as a study sees it: its plan, then the constraints of the config, which take rows out as `skipped`, then the
/// outputs that the study's options ask for. A condition that does not hold because a value is absent is absent itself. What its
/// stages promise it promises too, of the inputs on axes.
class StudySolver final : public Solver {
 public:
  /// `derived` may be empty; all must outlive the solver.
  StudySolver(const Pipeline& pipeline, const std::deque<Expression>& derived, std::span<const PortInfo> derived_ports);
  ~StudySolver() override;

  using Tell = std::function<void(const CallbackRun::Seen&)>;
  /// From now on guards are asked before each stage, and `tell`, where it is not empty, is told of every block for observers, in
  /// the order of evaluation: then blocks must not run side by side.
  void watch(CallbackRun& callbacks, Tell tell);
  /// Rows in which a guard amended an input, and why a guard wants the study to end, or empty.
  [[nodiscard]] std::uint64_t amended() const { return amended_; }
  [[nodiscard]] std::string stop_reason() const;
  /// Throws what a guard or an observer threw in the meantime: as a solver's exception it would cost rows alone.
  void check_callbacks() const;
  /// Rows that observers were told of.
  [[nodiscard]] std::uint64_t observed() const { return observed_; }
  /// Of rows that were evaluated in another process.
  void add_observed(std::uint64_t rows) const { observed_ += rows; }
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
  std::span<const LimitInfo> do_limits() const noexcept override { return limits_; }
  std::span<const MonotoneInfo> do_monotone() const noexcept override { return monotone_; }
  void promise();
  void do_evaluate(const Block& block) const override;
  bool do_explain(std::span<const Cell> in, std::span<const Cell> out, Working& working) const override {
    return pipeline_.plan().explain(in, out.first(read_.size()), working);
  }
  Cell* column_of(const Block& block, std::size_t output, std::size_t first, Scratch& scratch) const;
  void evaluate_watched(const Block& part, Scratch& scratch) const;
  void evaluate_hooked(const Block& part, Scratch& scratch) const;
  void evaluate_chunk(const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const;
  void constrain(const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const;
  void blank_unknown(const Expression& condition, std::size_t rows, Scratch& scratch) const;
  std::unique_ptr<Scratch> acquire() const;

  const Pipeline& pipeline_;
  const std::deque<Expression>& derived_;
  std::vector<PortInfo> outputs_;
  std::vector<LimitInfo> limits_;
  std::vector<MonotoneInfo> monotone_;
  std::deque<std::vector<std::size_t>> promised_inputs_;  ///< what the limits point to
  std::vector<char> read_;  ///< by output of the plan: a constraint, an expression or an observer reads it
  bool remembers_;          ///< of the zoo's objects alone: a study may write its own series and texts anew
  CallbackRun* callbacks_ = nullptr;
  Tell tell_;
  mutable std::uint64_t observed_ = 0;
  mutable std::atomic<std::uint64_t> amended_{0};
  mutable std::string stop_;
  mutable std::exception_ptr thrown_;  ///< by a callback
  mutable std::vector<std::atomic<std::uint64_t>> rejected_;
  mutable std::mutex mutex_;
  mutable Spares<Scratch> free_;
};

}  // namespace ironlaw::host
