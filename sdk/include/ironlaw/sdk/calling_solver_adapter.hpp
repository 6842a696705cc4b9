#pragma once
// Solvers that have others answer a part of their question.
#include <ironlaw/sdk/solver_adapter.hpp>

#include <array>
#include <memory>
#include <tuple>
#include <vector>

namespace ironlaw {

/// What a solver calls: `using Calls = ironlaw::Calls<Plain>;`, where each is a struct with the name of a solver, the ports that
/// are given and read, named as that solver names them, and the question:
///   struct Plain {
///     static constexpr std::string_view solver = "single_node";
///     struct Inputs { const Workload* workload; const Hardware* hardware; };
///     struct Outputs { Time latency; };
///     static constexpr auto inputs = ports(called<&Inputs::workload>(), called<&Inputs::hardware>());
///     static constexpr auto outputs = ports(called<&Outputs::latency>());
///     template <class Caller> static Inputs ask(const Caller& in) { return {in.workload, in.hardware}; }
///   };
/// Then `static Outputs solve(const Inputs&, const Plain::Outputs&)`, an argument a call; of a solver that writes series
/// `static void solve(const Inputs&, const Plain::Outputs&, Outputs&)`. A call is given series as Series, the caller's own, or as
/// SeriesOut, which `static void ask(const Caller&, Inputs&)` writes; those that it reads are Series. Without `Inputs`, `inputs`
/// and `ask` the called solver is asked the caller's own question: it takes the inputs that it has too, by their names.
template <class... Call>
struct Calls {
  static constexpr std::array<std::string_view, sizeof...(Call)> names{Call::solver...};
};

/// A port of a called solver, which says itself what it means.
template <auto M>
constexpr Port<M> called() {
  return port<M>("of the called solver");
}

namespace detail {

template <class C>
concept CallsSolvers = requires {
  C::Calls::names;
};

inline constexpr std::array<std::string_view, 4> answer_names{"called_0", "called_1", "called_2", "called_3"};

/// Of a call whose question is not the caller's own.
template <class Call>
concept AsksAnother = requires {
  typename Call::Inputs;
};

/// Where the answer to a call lies in a row.
template <class Call, std::size_t k>
struct Answered {
  typename Call::Outputs answer{};
};

template <class S, class Calls, class Index>
struct WithAnswers;
/// The solver of a row in which the calls are answered: their outputs are inputs of it.
template <class S, class... Call, std::size_t... k>
struct WithAnswers<S, Calls<Call...>, std::index_sequence<k...>> {
  struct Inputs : S::Inputs, Answered<Call, k>... {};
  using Outputs = typename S::Outputs;
  static constexpr auto about = S::about;
  static_assert(sizeof...(Call) <= answer_names.size(), "a solver calls four others at most");
  static constexpr auto inputs = ports(S::inputs, nest<&Answered<Call, k>::answer>(Call::outputs, answer_names[k])...);
  static constexpr auto outputs = S::outputs;
  static Outputs solve(const Inputs& x) {
    return S::solve(static_cast<const typename S::Inputs&>(x), static_cast<const Answered<Call, k>&>(x).answer...);
  }
  static void solve(const Inputs& x, Outputs& y) {
    S::solve(static_cast<const typename S::Inputs&>(x), static_cast<const Answered<Call, k>&>(x).answer..., y);
  }
  static constexpr auto limits = [] {
    if constexpr (HasLimits<S>) {
      return S::limits;
    } else {
      return std::tuple<>{};
    }
  }();
  static constexpr auto rules = [] {
    if constexpr (HasRules<S>) {
      return S::rules;
    } else {
      return std::tuple<>{};
    }
  }();
  static constexpr auto monotone = [] {
    if constexpr (HasPromises<S>) {
      return S::monotone;
    } else {
      return std::tuple<>{};
    }
  }();
  static void explain(const Inputs& x, const Outputs& y, Working& working) {
    const auto& in = static_cast<const typename S::Inputs&>(x);
    if constexpr (requires { S::explain(in, static_cast<const Answered<Call, k>&>(x).answer..., y, working); }) {
      S::explain(in, static_cast<const Answered<Call, k>&>(x).answer..., y, working);
    } else if constexpr (HasExplain<S>) {
      S::explain(in, y, working);
    }
  }
};

/// Columns of a block that a call takes and gives, and what their cells point to.
class CallColumns {
 public:
  /// `another`: its question is not the caller's own. `called` says how long the series are that it writes.
  CallColumns(const SolverCall& call, bool another, const Solver& called, std::size_t rows)
      : in_(another ? call.inputs : std::span<const PortInfo>(), rows), out_(called.outputs(), rows) {}
  void give(std::size_t port, std::size_t row, const void* object) { in_.cells[port][row].object = object; }
  void give(std::size_t port, std::size_t row, double number) { in_.cells[port][row].number = number; }
  void give(std::size_t port, std::size_t row, std::string_view text) {
    in_.texts[port][row] = text;
    give(port, row, &in_.texts[port][row]);
  }
  /// The caller's own: the called solver reads it where it is.
  void give(std::size_t port, std::size_t row, std::span<const double> values) {
    in_.series[port][row] = {const_cast<double*>(values.data()), static_cast<std::uint32_t>(values.size()), 0};
    give(port, row, &in_.series[port][row]);
  }
  /// Where a series of the caller's making goes.
  [[nodiscard]] SeriesCell* made(std::size_t port, std::size_t row) {
    give(port, row, &in_.series[port][row]);
    return &in_.series[port][row];
  }

  void evaluate(const Solver& solver, std::span<const Column> own, std::span<RowStatus> status, ErrorSink* errors) {
    std::vector<Column> in;
    for (const auto& column : in_.cells) in.push_back({column.data(), 1});
    std::vector<Cell*> out;
    for (auto& column : out_.cells) out.push_back(column.data());
    for (std::size_t port = 0; port < out_.cells.size(); ++port)
      for (std::size_t row = 0; row < out_.series[port].size(); ++row) out_.cells[port][row].object = &out_.series[port][row];
    solver.evaluate({in_.cells.empty() ? own : std::span<const Column>(in), out, status, errors});
  }
  void append_answers(std::vector<Column>& columns) const {
    for (const auto& column : out_.cells) columns.push_back({column.data(), 1});
  }
  [[nodiscard]] const Cell& answer(std::size_t port) const { return out_.cells[port][0]; }
  [[nodiscard]] std::size_t answers() const { return out_.cells.size(); }

 private:
  struct Side {
    Side(std::span<const PortInfo> ports, std::size_t rows)
        : cells(ports.size(), std::vector<Cell>(rows)), series(ports.size()), room(ports.size()), texts(ports.size()) {
      for (std::size_t port = 0; port < ports.size(); ++port) {
        if (ports[port].type == PortType::text) texts[port].resize(rows);
        if (ports[port].type != PortType::series) continue;
        const std::uint32_t longest = ports[port].longest;
        room[port].reset(new double[rows * longest]);  // untouched until it is written
        for (std::size_t row = 0; row < rows; ++row) series[port].push_back({room[port].get() + row * longest, 0, longest});
      }
    }
    std::vector<std::vector<Cell>> cells;  ///< by port
    std::vector<std::vector<SeriesCell>> series;
    std::vector<std::unique_ptr<double[]>> room;
    std::vector<std::vector<std::string_view>> texts;
  };
  Side in_;
  Side out_;
};

/// Names the port of a called solver as its own: what it refuses is told as "single_node.batch_size".
class CalledSink final : public ErrorSink {
 public:
  CalledSink(std::string_view solver, const Block& block) : solver_(solver), block_(block) {}
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    std::string text = "called " + std::string(solver_) + ": ";
    if (!port.empty()) text.append(port).append(" ");
    reject_row(block_, row, status, {}, text.append(what));
  }
  /// A row that keeps its values.
  void told(std::size_t row, std::string_view what) const {
    if (block_.errors != nullptr)
      block_.errors->row(row, RowStatus::infeasible, {}, "called " + std::string(solver_) + " " + std::string(what));
  }

 private:
  std::string_view solver_;
  const Block& block_;
};

template <class S>
class CallingSolverAdapter final : public Solver, public CallingSolver, public SolverMembers {
  template <class... Call>
  static constexpr std::index_sequence_for<Call...> index_of(const Calls<Call...>&);
  using Index = decltype(index_of(typename S::Calls{}));
  using In = typename S::Inputs;
  using Whole = WithAnswers<S, typename S::Calls, Index>;

  static constexpr auto own_inputs_ = port_infos<In>(S::inputs);
  template <class Call>
  struct PortsOf {
    static constexpr auto outputs = port_infos_without_defaults(Call::outputs);
  };
  template <AsksAnother Call>
  struct PortsOf<Call> {
    static constexpr auto inputs = port_infos_without_defaults(Call::inputs);
    static constexpr auto outputs = port_infos_without_defaults(Call::outputs);
  };
  template <class Call>
  static constexpr std::span<const PortInfo> asked_ports() {
    if constexpr (AsksAnother<Call>) {
      return PortsOf<Call>::inputs;
    } else {
      return own_inputs_;
    }
  }
  template <class... Call>
  static constexpr std::array<SolverCall, sizeof...(Call)> calls_of(const Calls<Call...>&) {
    return {SolverCall{Call::solver, asked_ports<Call>(), PortsOf<Call>::outputs}...};
  }
  static constexpr auto calls_ = calls_of(typename S::Calls{});
  const Solver& whole() const { return only_instance<SolverAdapter<Whole>>.value; }

  const About& do_about() const noexcept override { return S::about; }
  std::span<const PortInfo> do_inputs() const noexcept override { return own_inputs_; }
  std::span<const PortInfo> do_outputs() const noexcept override { return whole().outputs(); }
  std::span<const LimitInfo> do_limits() const noexcept override { return whole().limits(); }
  std::span<const RuleInfo> do_rules() const noexcept override { return whole().rules(); }
  std::span<const MonotoneInfo> do_monotone() const noexcept override { return whole().monotone(); }
  std::span<const SolverCall> do_calls() const noexcept override { return calls_; }
  std::string_view do_without_port() const noexcept override {
    static const std::string text =
        member_without_port<In>("Inputs", S::inputs) + member_without_port<typename S::Outputs>("Outputs", S::outputs);
    return text;
  }
  void do_evaluate(const Block& block) const override {
    for (std::size_t r = 0; r < block.rows(); ++r)
      if (has_outputs(block.status[r]))
        reject_row(block, r, RowStatus::failed, {}, "calls other solvers, which only a host finds for it");
  }

  /// Writes a row's question to the columns of a call, where it is another than the row's own.
  template <class Call>
  static void ask(const In& x, CallColumns& columns, std::size_t row) {
    if constexpr (AsksAnother<Call>) {
      using Asked = typename Call::Inputs;
      if constexpr (requires(Asked & asked) { Call::ask(x, asked); }) {
        Asked asked{};
        bind(asked, columns, row, Call::inputs);
        Call::ask(x, asked);
        put(asked, columns, row, Call::inputs);
      } else {
        put(Call::ask(x), columns, row, Call::inputs);
      }
    }
  }
  template <class Asked, class... Path>
  static void bind(Asked& asked, CallColumns& columns, std::size_t row, const Ports<Path...>&) {
    std::size_t port = 0;
    const auto bind_one = [&]<class T>(T& member) {
      if constexpr (is_series_out<T>) member.bind(columns.made(port, row));
      ++port;
    };
    (bind_one(Path::of(asked)), ...);
  }
  template <class Asked, class... Path>
  static void put(const Asked& asked, CallColumns& columns, std::size_t row, const Ports<Path...>&) {
    std::size_t port = 0;
    const auto put_one = [&]<class T>(const T& value) {
      if constexpr (is_series<T>) {
        columns.give(port, row, value.values());
      } else if constexpr (std::is_pointer_v<T>) {
        columns.give(port, row, static_cast<const void*>(value));
      } else if constexpr (std::is_same_v<T, std::string_view>) {
        columns.give(port, row, value);
      } else if constexpr (!is_series_out<T>) {  // which is where it belongs
        columns.give(port, row, to_number(value));
      }
      ++port;
    };
    (put_one(Path::of(asked)), ...);
  }
  /// Rows that break a rule are refused before anybody is called.
  static bool keeps_rules(const In& x, const Block& block, std::size_t row) {
    if constexpr (HasRules<S>) {
      std::string_view text;
      std::apply([&](const auto&... r) { ((text.empty() && !r.holds(x) ? void(text = r.text) : void()), ...); }, S::rules);
      if (text.empty()) return true;
      reject_row(block, row, RowStatus::refused, {}, text);
      return false;
    } else {
      return true;
    }
  }
  template <class... Call>
  static void ask_all(const Block& block, std::vector<CallColumns>& columns, const Calls<Call...>&) {
    for (std::size_t row = 0; row < block.rows(); ++row) {
      if (!has_outputs(block.status[row])) continue;
      In x;
      load_ports(x, S::inputs, [&](std::size_t k) { return block.in[k][row]; });
      if (!keeps_rules(x, block, row)) continue;
      try {
        std::size_t k = 0;
        (ask<Call>(x, columns[k++], row), ...);
      } catch (const Refusal& e) {
        reject_row(block, row, RowStatus::refused, {}, e.what());
      } catch (const std::exception& e) {
        reject_row(block, row, RowStatus::failed, {}, e.what());
      }
    }
  }
  static std::vector<CallColumns> call(const Block& block, std::span<const Solver* const> called) {
    std::vector<CallColumns> columns;
    for (std::size_t k = 0; k < calls_.size(); ++k)
      columns.emplace_back(calls_[k], calls_[k].inputs.data() != own_inputs_.data(), *called[k], block.rows());
    ask_all(block, columns, typename S::Calls{});
    for (std::size_t k = 0; k < columns.size(); ++k) {
      // What the called solver says of a row is of that row, but for a limit of its own: its outputs are there.
      std::vector<RowStatus> status(block.status.begin(), block.status.end());
      for (RowStatus& s : status)
        if (has_outputs(s)) s = RowStatus::ok;
      CalledSink sink(calls_[k].solver, block);
      columns[k].evaluate(*called[k], block.in, status, &sink);
      for (std::size_t r = 0; r < status.size(); ++r) {
        if (!has_outputs(block.status[r])) continue;
        if (!has_outputs(status[r])) {
          reject_row(block, r, status[r], {}, "called " + std::string(calls_[k].solver) + " gave no answer");
        } else if (status[r] == RowStatus::infeasible) {
          block.status[r] = RowStatus::infeasible;
          sink.told(r, "is infeasible");
        }
      }
    }
    return columns;
  }

  void do_evaluate_calling(const Block& block, std::span<const Solver* const> called) const override {
    const auto columns = call(block, called);
    std::vector<Column> in(block.in.begin(), block.in.end());
    for (const CallColumns& one : columns) one.append_answers(in);
    whole().evaluate({in, block.out, block.status, block.errors});
  }
  bool do_explain_calling(std::span<const Cell> in, std::span<const Cell> out, std::span<const Solver* const> called,
                          Working& working) const override {
    std::vector<Column> columns;
    for (const Cell& cell : in) columns.push_back({&cell, 0});
    RowStatus status = RowStatus::ok;
    const auto answers = call({columns, {}, {&status, 1}, nullptr}, called);
    if (!has_outputs(status)) return false;
    std::vector<Cell> cells(in.begin(), in.end());
    for (const CallColumns& one : answers)
      for (std::size_t o = 0; o < one.answers(); ++o) cells.push_back(one.answer(o));
    return whole().explain(cells, out, working);
  }
};

}  // namespace detail

/// The Solver of a struct with `Calls`.
template <class S>
inline const detail::CallingSolverAdapter<S>& calling_solver_adapter =
    detail::only_instance<detail::CallingSolverAdapter<S>>.value;

}  // namespace ironlaw
