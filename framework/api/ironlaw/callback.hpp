#pragma once
// Callbacks of a pipeline: an Observer is told and changes nothing; a Guard may amend, veto or stop.
#include <ironlaw/options.hpp>
#include <ironlaw/solver.hpp>

namespace ironlaw {

/// A column of a block read as a typed quantity.
template <class Q>
class ColumnView {
 public:
  explicit ColumnView(Column column) : column_(column) {}
  [[nodiscard]] Q operator[](std::size_t row) const {
    if constexpr (std::is_pointer_v<Q>) {
      return static_cast<Q>(column_[row].object);
    } else {
      return *Maybe<Q>::from_cell(column_[row].number);
    }
  }

 private:
  Column column_;
};

/// One stage of the plan, before and after it ran over a block.
class IRONLAW_API StageView {
 public:
  StageView(std::string_view name, const Solver& solver, std::span<const Column> in, std::span<const Column> out,
            std::span<const RowStatus> status, std::uint64_t first_row, double seconds, std::span<const Column> asked = {})
      : name_(name),
        solver_(&solver),
        in_(in),
        out_(out),
        status_(status),
        first_row_(first_row),
        seconds_(seconds),
        asked_(asked.empty() ? in : asked) {}

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const Solver& solver() const { return *solver_; }
  [[nodiscard]] std::size_t rows() const { return status_.size(); }
  [[nodiscard]] std::span<const RowStatus> status() const { return status_; }
  /// Number of the block's first row in the run.
  [[nodiscard]] std::uint64_t first_row() const { return first_row_; }
  /// Time the block took; 0 before the stage ran.
  [[nodiscard]] double seconds() const { return seconds_; }
  /// Columns by port; those that nobody asked for are null. Inputs are what the stage computes with, guards' amendments in them.
  [[nodiscard]] std::span<const Column> inputs() const { return in_; }
  /// The inputs before any guard amended them.
  [[nodiscard]] std::span<const Column> asked() const { return asked_; }
  [[nodiscard]] std::span<const Column> outputs() const { return out_; }
  /// Name and dimension are checked once; throws Error naming the port or both units, or where nobody asked for the column.
  template <class Q>
  [[nodiscard]] ColumnView<Q> input(std::string_view port) const {
    return ColumnView<Q>(find(solver_->inputs(), in_, port, dimension_of<Q>()));
  }
  template <class Q>
  [[nodiscard]] ColumnView<Q> asked(std::string_view port) const {
    return ColumnView<Q>(find(solver_->inputs(), asked_, port, dimension_of<Q>()));
  }
  template <class Q>
  [[nodiscard]] ColumnView<Q> output(std::string_view port) const {
    return ColumnView<Q>(find(solver_->outputs(), out_, port, dimension_of<Q>()));
  }
  /// The numbers of an input whose dimension is not known to the callback, in SI. Throws as input() does.
  [[nodiscard]] Column numbers(std::string_view port) const { return find_numbers(solver_->inputs(), in_, port); }

 private:
  static Column find(std::span<const PortInfo> ports, std::span<const Column> columns, std::string_view port,
                     const Dimension& dimension);
  static Column find_numbers(std::span<const PortInfo> ports, std::span<const Column> columns, std::string_view port);
  std::string_view name_;
  const Solver* solver_;
  std::span<const Column> in_;
  std::span<const Column> out_;
  std::span<const RowStatus> status_;
  std::uint64_t first_row_;
  double seconds_;
  std::span<const Column> asked_;
};

/// What a callback may know of the plan before the first block.
class IRONLAW_API PlanView {
 public:
  [[nodiscard]] std::size_t stages() const { return do_stages(); }
  [[nodiscard]] std::string_view stage_name(std::size_t stage) const { return do_stage_name(stage); }
  [[nodiscard]] const Solver& stage_solver(std::size_t stage) const { return do_stage_solver(stage); }
  [[nodiscard]] std::uint64_t rows() const { return do_rows(); }

 protected:
  PlanView() = default;
  PlanView(const PlanView&) = default;
  PlanView& operator=(const PlanView&) = default;
  virtual ~PlanView();

 private:
  virtual std::size_t do_stages() const = 0;
  virtual std::string_view do_stage_name(std::size_t stage) const = 0;
  virtual const Solver& do_stage_solver(std::size_t stage) const = 0;
  virtual std::uint64_t do_rows() const = 0;
};

/// Where an observer says, once, which outputs it will read: what nobody reads is not stored.
class IRONLAW_API Wants {
 public:
  void output(std::string_view stage, std::string_view port) { do_output(stage, port); }

 protected:
  Wants() = default;
  Wants(const Wants&) = default;
  Wants& operator=(const Wants&) = default;
  virtual ~Wants();

 private:
  virtual void do_output(std::string_view stage, std::string_view port) = 0;
};

/// Told of a run, serially and in block order, after each block. Read-only. Stages that only make objects are not shown. A row
/// that a guard vetoed is told of as an error of status `skipped`, with the guard's reason.
class IRONLAW_API Observer {
 public:
  virtual ~Observer();
  virtual void run_begin(const PlanView&, Wants&) {}
  virtual void stage_end(const StageView&) {}
  virtual void stage_error(std::string_view /*stage*/, std::uint64_t /*row*/, RowStatus, std::string_view /*what*/) {}
  virtual void run_end() {}
};

/// What a guard decided about a block, before a stage ran.
class IRONLAW_API Verdict {
 public:
  /// The row becomes `skipped`, with the reason.
  void veto(std::size_t row, std::string_view reason) { do_veto(row, reason); }
  /// The whole run ends at the next block boundary.
  void stop(std::string_view reason) { do_stop(reason); }
  /// Replaces an input that was declared at run_begin; SI value. Reports show it, with what was asked beside it. A value that the
  /// input does not take is the guard's failure, and costs the row.
  void amend(std::size_t amendment, std::size_t row, double value) { do_amend(amendment, row, value); }

 protected:
  Verdict() = default;
  Verdict(const Verdict&) = default;
  Verdict& operator=(const Verdict&) = default;
  virtual ~Verdict();

 private:
  virtual void do_veto(std::size_t row, std::string_view reason) = 0;
  virtual void do_stop(std::string_view reason) = 0;
  virtual void do_amend(std::size_t amendment, std::size_t row, double value) = 0;
};

/// Where a guard says, once, which inputs it will amend.
class IRONLAW_API Amendments {
 public:
  /// Returns the number to name it by in Verdict::amend.
  std::size_t declare(std::string_view stage, std::string_view port) { return do_declare(stage, port); }

 protected:
  Amendments() = default;
  Amendments(const Amendments&) = default;
  Amendments& operator=(const Amendments&) = default;
  virtual ~Amendments();

 private:
  virtual std::size_t do_declare(std::string_view stage, std::string_view port) = 0;
};

/// Runs before each stage, on the worker that evaluates the block; its answers must depend on the row alone.
class IRONLAW_API Guard {
 public:
  virtual ~Guard();
  virtual void run_begin(const PlanView&, Amendments&) {}
  virtual void before(const StageView& stage, Verdict& verdict) const = 0;
};

/// Makes the observers or guards of one name.
template <class Callback>
class CallbackType {
 public:
  struct About {
    std::string_view name;
    std::string_view doc;
  };
  CallbackType() = default;
  CallbackType(const CallbackType&) = delete;
  CallbackType& operator=(const CallbackType&) = delete;
  virtual ~CallbackType() = default;
  [[nodiscard]] virtual const About& about() const noexcept = 0;
  [[nodiscard]] virtual std::span<const OptionInfo> options() const noexcept = 0;
  /// Owned by the caller, ended by destroy() of the same type.
  [[nodiscard]] virtual Callback* create(const Options& options) const = 0;
  virtual void destroy(Callback* callback) const noexcept = 0;
};
using ObserverType = CallbackType<Observer>;
using GuardType = CallbackType<Guard>;

}  // namespace ironlaw
