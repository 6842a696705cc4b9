#pragma once
// What a host reads of a solver before it answers a row, made of the struct's own lists.
#include <ironlaw/sdk/limits.hpp>

#include <algorithm>
#include <array>

namespace ironlaw::detail {

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

/// Ports, limits, rules and promises of a struct with `inputs`, `outputs` and, where it has them, `limits`, `rules`, `monotone`.
template <class S>
class SolverInfos {
  using In = typename S::Inputs;
  static constexpr std::size_t solved_count = S::outputs.size();

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

 public:
  static constexpr auto inputs = port_infos<In>(S::inputs);
  static constexpr auto limits = limit_infos();
  static constexpr auto rules = rule_infos();
  static constexpr auto monotone = monotone_infos();
  static constexpr bool has_feasible = std::any_of(limits.begin(), limits.end(), [](const LimitInfo& l) { return l.hard; });
  static constexpr std::size_t output_count = solved_count + (has_feasible ? 1 : 0);

 private:
  static constexpr auto output_infos() {
    std::array<PortInfo, output_count> all{};
    const auto solved = port_infos_without_defaults(S::outputs);
    std::copy(solved.begin(), solved.end(), all.begin());
    if constexpr (has_feasible) all[solved_count] = feasible_port;
    return all;
  }

 public:
  static constexpr auto outputs = output_infos();

  static_assert(defaults_in_range(inputs), "a port's default lies outside its range: write `= required` or another default");
  static_assert(names_unique(inputs) && names_unique(outputs), "two ports have the same name");
  static_assert(
      names_free(inputs),
      "a port has a reserved name: that of a key of stages (solver, when) or of a flag of the program (output, plugin ...)");
  static_assert(std::none_of(outputs.begin(), outputs.end(),
                             [](const PortInfo& p) { return p.type == PortType::object || p.type == PortType::text; }),
                "an output cannot be an object or a text");
};

}  // namespace ironlaw::detail
