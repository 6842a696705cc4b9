#pragma once
// The one adapter that makes a struct-to-struct function a Solver over columns.
#include <ironlaw/sdk/limits.hpp>
#include <ironlaw/sdk/never_destroyed.hpp>

#include <cmath>
#include <exception>

namespace ironlaw {
namespace detail {

template <class S>
concept HasLimits = requires {
  S::limits;
};
template <class S>
concept HasRules = requires {
  S::rules;
};
template <class S>
concept HasPromises = requires {
  S::monotone;
};
template <class S>
concept HasExplain = requires(const typename S::Inputs& i, const typename S::Outputs& o, Working& w) {
  S::explain(i, o, w);
};

inline constexpr PortInfo feasible_port = [] {
  PortInfo p;
  p.name = "feasible";
  p.doc = "whether every hard limit holds";
  p.type = PortType::boolean;
  p.range = {0, 1};
  p.fallback = absent_value;
  return p;
}();

template <class S>
class SolverAdapter final : public Solver {
  using In = typename S::Inputs;
  using Out = typename S::Outputs;
  static constexpr std::size_t input_count = S::inputs.size();
  static constexpr std::size_t solved_count = S::outputs.size();
  using OutputIndex = std::make_index_sequence<solved_count>;

  static constexpr auto limit_infos() {
    if constexpr (HasLimits<S>) {
      return std::apply([](const auto&... l) { return std::array<LimitInfo, sizeof...(l)>{limit_info<S>(l)...}; }, S::limits);
    } else {
      return std::array<LimitInfo, 0>{};
    }
  }
  static constexpr auto rule_infos() {
    if constexpr (HasRules<S>) {
      return std::apply([](const auto&... r) { return std::array<RuleInfo, sizeof...(r)>{RuleInfo{r.text}...}; }, S::rules);
    } else {
      return std::array<RuleInfo, 0>{};
    }
  }
  static constexpr auto monotone_infos() {
    if constexpr (HasPromises<S>) {
      return std::apply([](const auto&... m) { return std::array<MonotoneInfo, sizeof...(m)>{monotone_info<S>(m)...}; },
                        S::monotone);
    } else {
      return std::array<MonotoneInfo, 0>{};
    }
  }
  static constexpr auto inputs_ = port_infos<In>(S::inputs);
  static constexpr auto limits_ = limit_infos();
  static constexpr auto rules_ = rule_infos();
  static constexpr auto monotone_ = monotone_infos();
  static constexpr bool has_feasible = std::any_of(limits_.begin(), limits_.end(), [](const LimitInfo& l) { return l.hard; });
  static constexpr std::size_t output_count = solved_count + (has_feasible ? 1 : 0);

  static constexpr auto output_infos() {
    std::array<PortInfo, output_count> all{};
    const auto solved = port_infos_without_defaults(S::outputs);
    std::copy(solved.begin(), solved.end(), all.begin());
    if constexpr (has_feasible) all[solved_count] = feasible_port;
    return all;
  }
  static constexpr auto outputs_ = output_infos();

  static_assert(defaults_in_range(inputs_), "a port's default lies outside its range: write `= required` or another default");
  static_assert(names_unique(inputs_) && names_unique(outputs_), "two ports have the same name");
  static_assert(
      names_free(inputs_),
      "a port has a reserved name: that of a key of stages (solver, when) or of a flag of the program (output, plugin ...)");
  static_assert(std::none_of(outputs_.begin(), outputs_.end(), [](const PortInfo& p) { return p.type == PortType::object; }),
                "an output cannot be an object");

  const About& do_about() const noexcept override { return S::about; }
  std::span<const PortInfo> do_inputs() const noexcept override { return inputs_; }
  std::span<const PortInfo> do_outputs() const noexcept override { return outputs_; }
  std::span<const LimitInfo> do_limits() const noexcept override { return limits_; }
  std::span<const RuleInfo> do_rules() const noexcept override { return rules_; }
  std::span<const MonotoneInfo> do_monotone() const noexcept override { return monotone_; }

  template <class... Path>
  static void load_varying(In& x, const Column* in, std::size_t row, const Ports<Path...>&) {
    std::size_t k = 0;
    ((in[k].stride != 0 ? load(Path::of(x), in[k].data[row]) : void(), ++k), ...);
  }
  static constexpr bool must_be_finite(std::size_t output) {
    return outputs_[output].type == PortType::number && !outputs_[output].optional;
  }
  /// Stores one output where it is wanted; false where it must be finite and is not.
  template <bool finite, class T>
  static bool store_one(const T& value, Cell* column, std::size_t row) {
    const double v = to_number(value);
    if (column != nullptr) column[row].number = v;
    return !finite || std::isfinite(v);
  }
  /// False where an output that must be finite is not.
  template <class... Path, std::size_t... k>
  static bool store(const Out& y, Cell* const* out, std::size_t row, const Ports<Path...>&, std::index_sequence<k...>) {
    bool finite = true;
    ((finite &= store_one<must_be_finite(k)>(Path::of(y), out[k], row)), ...);
    return finite;
  }
  template <class... Path>
  [[gnu::cold]] static std::string_view first_not_finite(const Out& y, const Ports<Path...>&) {
    const std::array<double, sizeof...(Path)> values{to_number(Path::of(y))...};
    for (std::size_t k = 0; k < values.size(); ++k)
      if (must_be_finite(k) && !std::isfinite(values[k])) return outputs_[k].name;
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

  static void solve_row(In& x, const Block& block, Cell* const* out, std::size_t row) {
    if constexpr (HasRules<S>) {
      if (const auto text = broken_rule(x); !text.empty()) [[unlikely]] {
        reject_row(block, row, RowStatus::refused, {}, text);
        return;
      }
    }
    const Out y = S::solve(x);
    if (!store(y, out, row, S::outputs, OutputIndex{})) [[unlikely]] {
      reject_row(block, row, RowStatus::failed, first_not_finite(y, S::outputs), "is not finite");
      return;
    }
    if constexpr (has_feasible) {
      const bool feasible = within_limits(x, y);
      if (!feasible) block.status[row] = RowStatus::infeasible;
      if (out[solved_count] != nullptr) out[solved_count][row].number = feasible ? 1 : 0;
    }
  }

  void do_evaluate(const Block& block) const override {
    std::array<Column, input_count> in;
    std::copy_n(block.in.begin(), input_count, in.begin());
    std::array<Cell*, output_count> out;
    std::copy_n(block.out.begin(), output_count, out.begin());
    const RowStatus* const status = block.status.data();
    const std::size_t rows = block.rows();

    std::size_t row = 0;
    while (row < rows && !has_outputs(status[row])) ++row;
    if (row == rows) return;
    In x;
    load_ports(x, S::inputs, [&](std::size_t k) { return in[k][row]; });
    while (row < rows) {
      try {
        for (; row < rows; ++row) {
          if (!has_outputs(status[row])) continue;
          load_varying(x, in.data(), row, S::inputs);
          solve_row(x, block, out.data(), row);
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

  bool do_explain(std::span<const Cell> in, std::span<const Cell>, Working& working) const override {
    if constexpr (HasExplain<S>) {
      In x;
      load_ports(x, S::inputs, [&](std::size_t k) { return in[k]; });
      S::explain(x, S::solve(x), working);
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
