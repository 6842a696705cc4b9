#pragma once
// The one adapter that makes a struct-to-struct function a Solver over columns.
#include <ironlaw/authored_solver.hpp>
#include <ironlaw/sdk/lane_rows.hpp>
#include <ironlaw/sdk/members.hpp>
#include <ironlaw/sdk/never_destroyed.hpp>
#include <ironlaw/sdk/row_columns.hpp>
#include <ironlaw/sdk/series_rows.hpp>
#include <ironlaw/sdk/solver_infos.hpp>

#include <cmath>
#include <concepts>
#include <exception>
#include <memory>

namespace ironlaw {

/// A solver that gives the outputs that it marks as cheap (Port::cheap) apart: `static Outputs solve_cheap(...)` takes what
/// `solve` takes, and is called in its place where nothing else is wanted. What it gives, and what hard limits look at, has the
/// bits that `solve` gives; the rest is left as it is made.
template <class S>
concept GivesCheapApart = requires(const typename S::Inputs& in) {
  { S::solve_cheap(in) } -> std::same_as<typename S::Outputs>;
}
|| requires(const typename S::Inputs& in, const typename S::Facts& facts) {
  { S::solve_cheap(in, facts) } -> std::same_as<typename S::Outputs>;
};

namespace detail {

/// Answers columns of rows with the struct's function.
template <class S>
class SolverAdapter final : public Solver, public SolverMembers {
  using In = typename S::Inputs;
  using Out = typename S::Outputs;
  static constexpr std::size_t solved_count = S::outputs.size();
  using OutputIndex = std::make_index_sequence<solved_count>;

  using Infos = SolverInfos<S>;
  static constexpr std::size_t output_count = Infos::output_count;
  static constexpr bool has_feasible = Infos::has_feasible;
  static constexpr bool writes_series =
      std::any_of(Infos::outputs.begin(), Infos::outputs.end(), [](const PortInfo& p) { return p.type == PortType::series; });
  using OfSeries = SeriesRows<Infos::inputs>;

  const About& do_about() const noexcept override { return S::about; }
  std::span<const PortInfo> do_inputs() const noexcept override { return Infos::inputs; }
  std::span<const PortInfo> do_outputs() const noexcept override { return Infos::outputs; }
  std::span<const LimitInfo> do_limits() const noexcept override { return Infos::limits; }
  std::span<const RuleInfo> do_rules() const noexcept override { return Infos::rules; }
  std::span<const MonotoneInfo> do_monotone() const noexcept override { return Infos::monotone; }
  std::string_view do_without_port() const noexcept override {
    static const std::string text =
        member_without_port<In>("Inputs", S::inputs) + member_without_port<Out>("Outputs", S::outputs);
    return text;
  }

  static constexpr bool asks_facts = AsksFacts<S>;
  using Facts = typename FactsOf<S>::type;

  static constexpr bool must_be_finite(std::size_t output) {
    return (Infos::outputs[output].type == PortType::number && !Infos::outputs[output].optional) ||
           Infos::outputs[output].type == PortType::series;
  }
  template <bool finite, class T>
  static void store_one(const T& value, Cell* to, std::size_t row, double& sum) {
    const double v = to_number(value);
    if constexpr (!is_series_out<T>)  // a series is where it belongs
      if (to != nullptr) to[row].number = v;
    if constexpr (finite) sum += v;
  }
  /// The sum of what must be finite: not finite where one of them is not, or (looked at again) where all of them are huge.
  template <class... Path, std::size_t... k>
  static double store(const Out& y, Cell* const* out, std::size_t row, const Ports<Path...>&, std::index_sequence<k...>) {
    double sum = 0;
    (store_one<must_be_finite(k)>(Path::of(y), out[k], row, sum), ...);
    return sum;
  }
  /// Whether a hard limit looks at the output, so that a row's status hangs on it whoever reads it.
  static constexpr bool decides(std::size_t output) {
    return std::any_of(Infos::limits.begin(), Infos::limits.end(), [&](const LimitInfo& l) {
      const auto is = [&](const PortReference& p) { return p.side == PortReference::Side::output && p.index == output; };
      return l.hard && (is(l.used) || is(l.bound));
    });
  }
  /// Of what somebody reads, or a hard limit looks at.
  template <class... Path>
  [[gnu::cold]] static std::string_view first_not_finite(const Out& y, const Block& block, const Ports<Path...>&) {
    const std::array<double, sizeof...(Path)> values{to_number(Path::of(y))...};
    for (std::size_t k = 0; k < values.size(); ++k)
      if (must_be_finite(k) && !std::isfinite(values[k]) && (block.out[k] != nullptr || decides(k)))
        return Infos::outputs[k].name;
    return {};
  }
  static bool within_limits(const In& x, const Out& y) {
    if constexpr (has_feasible) {
      return std::apply([&](const auto&... l) { return !((l.hard && exceeded<S>(l, x, y)) || ...); }, S::limits);
    } else {
      return true;
    }
  }
  /// The rule that the row breaks, or an empty text.
  static std::string_view broken_rule(const In& x) {
    std::string_view text;
    if constexpr (HasRules<S>) {
      std::apply([&](const auto&... r) { ((text.empty() && !r.holds(x) ? void(text = r.text) : void()), ...); }, S::rules);
    }
    return text;
  }

  /// Whether the block wants nothing but what is cheap; `feasible` comes with hard limits.
  static bool wants_only_cheap(const Block& block) {
    const auto is_cheap = [](const PortInfo& p) { return p.cheap_set != 0; };
    static_assert(!writes_series && std::any_of(Infos::outputs.begin(), Infos::outputs.end(), is_cheap),
                  "solve_cheap is for outputs marked .cheap(), of a solver without a series among its outputs");
    for (std::size_t k = 0; k < solved_count; ++k)
      if (block.out[k] != nullptr && !is_cheap(Infos::outputs[k])) return false;
    return true;
  }

  template <bool only_cheap>
  static Out solve(const In& x, RememberedFacts<S>& known, [[maybe_unused]] const Block& block,
                   [[maybe_unused]] std::size_t row) {
    if constexpr (only_cheap) {
      if constexpr (asks_facts) {
        return S::solve_cheap(x, known.of(x, row));
      } else {
        return S::solve_cheap(x);
      }
    } else if constexpr (writes_series) {
      Out y{};
      OfSeries::place(y, block, row, S::outputs);
      if constexpr (asks_facts) {
        S::solve(x, known.of(x, row), y);
      } else {
        S::solve(x, y);
      }
      return y;
    } else if constexpr (asks_facts) {
      return S::solve(x, known.of(x, row));
    } else {
      return S::solve(x);
    }
  }
  /// A row apart, without its series.
  static Out solve_alone(const In& x) {
    if constexpr (!writes_series) {
      return S::solve(x);
    } else {
      Out y{};
      if constexpr (asks_facts) {
        S::solve(x, S::facts(x), y);
      } else {
        S::solve(x, y);
      }
      return y;
    }
  }
  template <bool only_cheap>
  static void solve_row(In& x, RememberedFacts<S>& known, const Block& block, std::size_t row) {
    if constexpr (HasRules<S>) {
      if (const auto text = broken_rule(x); !text.empty()) [[unlikely]] {
        reject_row(block, row, RowStatus::refused, {}, text);
        return;
      }
    }
    if (!OfSeries::lengths_agree(x, block, row, S::inputs)) [[unlikely]]
      return;
    const Out y = solve<only_cheap>(x, known, block, row);
    if (!std::isfinite(store(y, block.out.data(), row, S::outputs, OutputIndex{}))) [[unlikely]] {
      if (const auto name = first_not_finite(y, block, S::outputs); !name.empty()) {
        reject_row(block, row, RowStatus::failed, name, "is not finite");
        return;
      }
    }
    if constexpr (has_feasible) {
      const bool feasible = within_limits(x, y);
      if (!feasible) block.status[row] = RowStatus::infeasible;
      if (Cell* const to = block.out[solved_count]; to != nullptr) to[row].number = feasible ? 1 : 0;
    }
  }

  /// What rows share, of a block or of all that a caller has a memory for: inputs that do not vary, and facts.
  struct Shared final : SolverMemory {
    Shared(const Block& block, std::size_t first) : varying(x, block.in), known(varying) {
      load_ports(x, S::inputs, [&](std::size_t k) { return block.in[k][first]; });
    }
    In x;
    VaryingColumns<S> varying;
    RememberedFacts<S> known;
  };
  template <bool only_cheap = false>
  static void rows_one_by_one(const Block& block, Shared& shared, std::size_t row, std::size_t end) {
    const RowStatus* const status = block.status.data();
    while (row < end) {
      try {
        for (; row < end; ++row) {
          if (!has_outputs(status[row])) continue;
          shared.varying.load(shared.x, row);
          solve_row<only_cheap>(shared.x, shared.known, block, row);
        }
      } catch (const Refusal& e) {
        reject_row(block, row++, RowStatus::refused, {}, e.what());
      } catch (const std::exception& e) {
        reject_row(block, row++, RowStatus::failed, {}, e.what());
      } catch (...) {
        reject_row(block, row++, RowStatus::failed, {}, "threw something that is not a std::exception");
      }
    }
  }

  /// The facts of a row, or null where they cannot be had.
  static const Facts* facts_or_null(Shared& shared, std::size_t row) {
    shared.varying.load(shared.x, row);
    try {
      return &shared.known.of(shared.x, row);
    } catch (...) {
      return nullptr;
    }
  }
  template <int W>
  static void rows_in_lanes(const Block& block, Shared& shared, std::size_t row) {
    const std::size_t rows = block.rows();
    LaneRows<S, Infos::outputs, W> lanes(block, row);
    while (row < rows) {
      const std::size_t end = shared.varying.end_of_run(block, row);
      const Facts* const facts = end - row >= W ? facts_or_null(shared, row) : nullptr;
      if (facts != nullptr) lanes.give(shared.x);
      while (facts != nullptr && row + W <= end) {
        unsigned alone = (1u << W) - 1;
        try {
          alone = lanes.answer(*facts, row, end);
        } catch (...) {  // some row of the group at `row`: the path of one row finds it out
          row += W;
        }
        for (std::size_t r = 0; alone != 0 && r < W; ++r)
          if ((alone >> r & 1) != 0) rows_one_by_one(block, shared, row - W + r, row - W + r + 1);
      }
      rows_one_by_one(block, shared, row, end);
      for (row = end; row < rows && !has_outputs(block.status[row]);) ++row;
    }
  }

  void do_evaluate(const Block& block) const override {
    const std::size_t rows = block.rows();
    std::size_t row = 0;
    while (row < rows && !has_outputs(block.status[row])) ++row;
    if (row == rows) return;
    if (block.memory == nullptr) {
      Shared shared(block, row);
      return answer(block, shared, row);
    }
    std::unique_ptr<SolverMemory>& memory = block.memory->of_solver;
    if (memory == nullptr) {
      memory = std::make_unique<Shared>(block, row);
    } else {
      static_cast<Shared&>(*memory).varying.move_to(block.in);
    }
    answer(block, static_cast<Shared&>(*memory), row);
  }
  static void answer(const Block& block, Shared& shared, std::size_t row) {
    if constexpr (SolvesInLanes<S>) {
      const int width = block.rows() - row > 1 ? lane_width() : 1;
      if (width == 4) return rows_in_lanes<4>(block, shared, row);
      if (width == 2) return rows_in_lanes<2>(block, shared, row);
    }
    if constexpr (GivesCheapApart<S>)
      if (wants_only_cheap(block)) return rows_one_by_one<true>(block, shared, row, block.rows());
    rows_one_by_one(block, shared, row, block.rows());
  }

  bool do_explain(std::span<const Cell> in, std::span<const Cell>, Working& working) const override {
    if constexpr (HasExplain<S>) {
      In x;
      load_ports(x, S::inputs, [&](std::size_t k) { return in[k]; });
      S::explain(x, solve_alone(x), working);
      return true;
    } else {
      return false;
    }
  }
};

}  // namespace detail

/// The Solver of a struct with Inputs, Outputs, `about`, `inputs`, `outputs` and a static `solve`.
template <class S>
inline const detail::SolverAdapter<S>& solver_adapter = detail::only_instance<detail::SolverAdapter<S>>.value;

}  // namespace ironlaw
