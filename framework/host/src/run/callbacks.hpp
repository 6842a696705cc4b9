#pragma once
#include "plan/callback_specs.hpp"
#include "plan/plan.hpp"

#include <atomic>
#include <set>

namespace ironlaw::host {

/// What happened in one stage of one block, for observers.
struct StageError {
  std::uint64_t row;
  RowStatus status;
  std::string stage;
  std::string what;
};

/// The observers and guards of one run. Guards are asked on the workers; observers are told serially.
class CallbackRun {
 public:
  CallbackRun(const Plan& plan, std::uint64_t rows, const CallbackSpecs& specs);
  ~CallbackRun();
  CallbackRun(const CallbackRun&) = delete;
  CallbackRun& operator=(const CallbackRun&) = delete;

  [[nodiscard]] bool any() const { return !observers_.empty() || !guards_.empty(); }
  [[nodiscard]] bool observed() const { return !observers_.empty(); }
  /// Outputs of the plan that an observer asked for.
  [[nodiscard]] const std::set<std::size_t>& wanted() const { return wanted_; }

  /// Tells every observer of every stage of a block. `in` and `out` are by input and output of the plan; unasked outputs are
  /// null.
  void observe(std::uint64_t first, std::span<const Column> in, std::span<const Column> out, std::span<const RowStatus> status,
               std::span<const double> seconds, std::span<const StageError> errors);
  void end();

 private:
  friend class GuardHooks;
  class View;
  class Declared;
  struct Amendment {
    std::size_t stage;
    std::size_t port;
  };
  [[nodiscard]] std::size_t find_stage(std::string_view name) const;

  const Plan& plan_;
  std::vector<std::pair<const CallbackSpec*, Observer*>> observers_;
  std::vector<std::pair<const CallbackSpec*, Guard*>> guards_;
  std::vector<std::vector<Amendment>> amendments_;  ///< by guard
  std::set<std::size_t> wanted_;
};

/// Asks the guards before each stage of a block and times the stages; one a worker.
class GuardHooks final : public StageHooks {
 public:
  explicit GuardHooks(CallbackRun& run) : run_(run), seconds_(run.plan_.stages().size()) {}
  /// The number of the stage that runs is to be seen there, from another process too.
  void show_stage(std::atomic<std::uint32_t>& running) { running_ = &running; }
  [[nodiscard]] bool shows_stage() const { return running_ != nullptr; }
  void begin_block(std::uint64_t first);
  void before_stage(std::size_t stage, std::span<Column> in, std::span<RowStatus> status) override;
  void after_stage(std::size_t stage, double seconds) override { seconds_[stage] = seconds; }

  [[nodiscard]] std::span<const double> seconds() const { return seconds_; }
  [[nodiscard]] const std::map<std::uint64_t, std::string>& vetoes() const { return vetoes_; }
  /// Why the run is to end after this block, or empty.
  [[nodiscard]] const std::string& stop_reason() const { return stop_; }

 private:
  class Answer;
  CallbackRun& run_;
  std::vector<double> seconds_;
  std::map<std::uint64_t, std::string> vetoes_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Cell>> amended_;  ///< by stage and port
  std::string stop_;
  std::uint64_t first_ = 0;
  std::atomic<std::uint32_t>* running_ = nullptr;
};

}  // namespace ironlaw::host
