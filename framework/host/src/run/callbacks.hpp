#pragma once
#include "plan/callback_specs.hpp"
#include "plan/plan.hpp"

#include <ironlaw/host/pipeline.hpp>

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
  enum class Which { all, guards, observers, none };
  CallbackRun(const Plan& plan, std::uint64_t rows, const CallbackSpecs& specs, Which which = Which::all);
  ~CallbackRun();
  CallbackRun(const CallbackRun&) = delete;
  CallbackRun& operator=(const CallbackRun&) = delete;

  [[nodiscard]] bool any() const { return !observers_.empty() || !guards_.empty(); }
  [[nodiscard]] bool observed() const { return !observers_.empty(); }
  [[nodiscard]] bool guarded() const { return !guards_.empty(); }
  /// Outputs of the plan that an observer asked for.
  [[nodiscard]] const std::set<std::size_t>& wanted() const { return wanted_; }
  /// Observers are told in another process, and want this.
  void observed_elsewhere(std::span<const std::size_t> wanted) {
    elsewhere_ = true;
    wanted_.insert(wanted.begin(), wanted.end());
  }
  /// Whether somebody wants errors in parts.
  [[nodiscard]] bool tells_errors() const { return observed() || elsewhere_; }
  /// Inputs that guards declared, in the order of the plan.
  [[nodiscard]] const std::vector<AmendableInput>& amendable() const { return amendable_; }

  /// A block as observers are told of it. Columns are by input and output of the plan, and unasked outputs are null; `used` is by
  /// amendable input.
  struct Seen {
    std::uint64_t first = 0;
    std::span<const Column> in;
    std::span<const Column> out;
    std::span<const RowStatus> status;
    std::span<const double> seconds;  ///< by stage
    std::span<const StageError> errors;
    std::span<const AmendableInput> amendable{};
    std::span<const Column> used{};
  };
  /// Tells every observer of every stage of a block, then of its errors, row by row.
  void observe(const Seen& seen);
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
  void list_amendable();

  const Plan& plan_;
  std::vector<std::pair<const CallbackSpec*, Observer*>> observers_;
  std::vector<std::pair<const CallbackSpec*, Guard*>> guards_;
  std::vector<std::vector<Amendment>> amendments_;  ///< by guard
  std::vector<AmendableInput> amendable_;
  std::set<std::size_t> wanted_;
  bool elsewhere_ = false;
};

/// Asks the guards before each stage of a block and times the stages; one a worker.
class GuardHooks final : public StageHooks {
 public:
  explicit GuardHooks(CallbackRun& run);
  /// The number of the stage that runs is to be seen there, from another process too.
  void show_stage(std::atomic<std::uint32_t>& running) { running_ = &running; }
  [[nodiscard]] bool shows_stage() const { return running_ != nullptr; }
  void begin_block(std::uint64_t first);
  void before_stage(std::size_t stage, std::span<Column> in, std::span<RowStatus> status) override;
  void after_stage(std::size_t stage, double seconds) override { seconds_[stage] = seconds; }
  /// Once the block ran: the rows that a guard spoiled have failed.
  void mark_failed(std::span<RowStatus> status) const;

  [[nodiscard]] std::span<const double> seconds() const { return seconds_; }
  /// Why guards took rows out, by row of the run.
  [[nodiscard]] const std::map<std::uint64_t, StageError>& vetoes() const { return vetoes_; }
  /// An amendable input as its stage used it.
  [[nodiscard]] Column used(std::size_t amendable) const { return {used_[amendable].data(), 1}; }
  /// Rows of the block in which a guard amended something.
  [[nodiscard]] std::size_t amended_rows() const { return touched_.size(); }
  /// Why the run is to end after this block, or empty.
  [[nodiscard]] const std::string& stop_reason() const { return stop_; }

 private:
  class Answer;
  CallbackRun& run_;
  std::vector<double> seconds_;
  std::map<std::uint64_t, StageError> vetoes_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Cell>> amended_;  ///< by stage and port
  std::vector<std::vector<Cell>> used_;                                       ///< by amendable input
  std::set<std::size_t> touched_;                                             ///< rows of the block
  std::string stop_;
  std::uint64_t first_ = 0;
  std::atomic<std::uint32_t>* running_ = nullptr;
};

}  // namespace ironlaw::host
