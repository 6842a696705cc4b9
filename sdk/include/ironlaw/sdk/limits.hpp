#pragma once
// Walls and rules of a solver.
#include <ironlaw/sdk/ports.hpp>
#include <ironlaw/solver.hpp>

#include <tuple>

namespace ironlaw {

/// A member of a member, for a limit: `at<&Outputs::node, &SingleNode::Outputs::memory_footprint>`.
template <auto... M>
inline constexpr detail::Path<M...> at{};

namespace detail {
template <auto M>
struct PathOf {
  using type = Path<M>;
};
template <auto... M, Path<M...> P>
struct PathOf<P> {
  using type = Path<M...>;
};
}  // namespace detail

namespace detail {
/// Inputs, as types.
template <auto... Input>
struct InputList {};
}  // namespace detail

/// `used` must not exceed `bound`; both are members of Inputs or Outputs that are declared as ports.
template <auto Used, auto Bound, class Tightens = detail::InputList<>, class Loosens = detail::InputList<>>
struct Limit {
  std::string_view name;
  std::string_view doc;
  bool hard;
  std::string_view equation;

  /// Of these inputs more never mends the limit: a row that exceeds it goes on to where they grow. A promise that the conformance
  /// kit checks, as rises() is.
  template <auto... Input>
  [[nodiscard]] constexpr auto tightened_by() const {
    return Limit<Used, Bound, detail::InputList<Input...>, Loosens>{name, doc, hard, equation};
  }
  /// Of these less never does.
  template <auto... Input>
  [[nodiscard]] constexpr auto loosened_by() const {
    return Limit<Used, Bound, Tightens, detail::InputList<Input...>>{name, doc, hard, equation};
  }
};

/// Exceeded, the row is infeasible. `equation` says what the two sides are: "W + KV <= M".
template <auto Used, auto Bound>
constexpr Limit<Used, Bound> hard(std::string_view name, std::string_view doc = {}, std::string_view equation = {}) {
  return {name, doc, true, equation};
}
/// Exceeded, the row stays feasible and the wall is reported.
template <auto Used, auto Bound>
constexpr Limit<Used, Bound> soft(std::string_view name, std::string_view doc = {}, std::string_view equation = {}) {
  return {name, doc, false, equation};
}

namespace detail {
template <auto Used, auto Bound, class Tightens, class Loosens>
constexpr auto as_tuple(const Limit<Used, Bound, Tightens, Loosens>& l) {
  return std::tuple{l};
}
template <class... L>
constexpr auto as_tuple(const std::tuple<L...>& lifted) {
  return lifted;
}
}  // namespace detail

/// All limits of a solver, those that lift() gives among them.
template <class... L>
constexpr auto limits(const L&... l) {
  return std::tuple_cat(detail::as_tuple(l)...);
}

/// A promise that the conformance kit checks: see rises() and falls().
template <auto Output, auto Input>
struct Monotone {
  bool up;
};
/// More of the input never makes the output smaller: rises<&Outputs::cost, &Inputs::duration>.
template <auto Output, auto Input>
inline constexpr Monotone<Output, Input> rises{true};
/// More of the input never makes the output larger.
template <auto Output, auto Input>
inline constexpr Monotone<Output, Input> falls{false};
template <class... M>
constexpr auto promises(const M&... m) {
  return std::tuple{m...};
}

/// A condition that rows must meet, and what is said of one that does not.
template <class F>
struct Rule {
  std::string_view text;
  F holds;
};
/// Refuses the rows for which `holds(inputs)` is false.
template <class F>
constexpr Rule<F> rule(std::string_view text, F holds) {
  return {text, holds};
}
template <class... R>
constexpr auto rules(const R&... r) {
  return std::tuple{r...};
}

/// The walls of an inner struct, seen from outside: lift<&Outputs::node>(SingleNode::limits). What mends them is not known there.
template <auto Outer, auto Used, auto Bound, class Tightens, class Loosens>
constexpr auto lift(const Limit<Used, Bound, Tightens, Loosens>& l) {
  using UsedPath = typename detail::Inside<Outer, typename detail::PathOf<Used>::type>::type;
  using BoundPath = typename detail::Inside<Outer, typename detail::PathOf<Bound>::type>::type;
  return Limit<UsedPath{}, BoundPath{}>{l.name, l.doc, l.hard, l.equation};
}
template <auto Outer, class... L>
constexpr auto lift(const std::tuple<L...>& inner) {
  return std::apply([](const auto&... l) { return std::tuple{lift<Outer>(l)...}; }, inner);
}

namespace detail {

template <class P, class... Path>
constexpr std::size_t index_of_port(const Ports<Path...>&) {
  std::size_t found = sizeof...(Path);
  std::size_t i = 0;
  ((std::is_same_v<Path, P> ? void(found = i++) : void(++i)), ...);
  return found;
}

template <class S, auto M>
constexpr PortReference port_reference() {
  using P = typename PathOf<M>::type;
  if constexpr (std::is_same_v<typename P::owner, typename S::Outputs>) {
    constexpr std::size_t i = index_of_port<P>(S::outputs);
    static_assert(i < S::outputs.size(), "a limit names an output that is no port");
    return {PortReference::Side::output, i};
  } else {
    constexpr std::size_t i = index_of_port<P>(S::inputs);
    static_assert(i < S::inputs.size(), "a limit names an input that is no port");
    return {PortReference::Side::input, i};
  }
}

template <class S, class List>
struct InputIndices;
template <class S, auto... Input>
struct InputIndices<S, InputList<Input...>> {
  static constexpr std::array<std::size_t, sizeof...(Input)> of{port_reference<S, Input>().index...};
  static_assert(((port_reference<S, Input>().side == PortReference::Side::input) && ...), "a limit grows or shrinks with inputs");
};

template <class S, auto Used, auto Bound, class Tightens, class Loosens>
constexpr LimitInfo limit_info(const Limit<Used, Bound, Tightens, Loosens>& l) {
  using U = typename Unwrapped<typename PathOf<Used>::type::type>::type;
  using B = typename Unwrapped<typename PathOf<Bound>::type::type>::type;
  static_assert(dimension_of<U>() == dimension_of<B>(), "the two sides of a limit differ in dimension");
  return {l.name,
          l.doc,
          l.hard,
          port_reference<S, Used>(),
          port_reference<S, Bound>(),
          l.equation,
          InputIndices<S, Tightens>::of,
          InputIndices<S, Loosens>::of};
}

template <class S, auto Output, auto Input>
constexpr MonotoneInfo monotone_info(const Monotone<Output, Input>& m) {
  constexpr PortReference output = port_reference<S, Output>();
  constexpr PortReference input = port_reference<S, Input>();
  static_assert(output.side == PortReference::Side::output && input.side == PortReference::Side::input,
                "a promise names an output, then an input");
  return {input.index, output.index, m.up};
}

template <class S, auto M>
inline double side_of(const typename S::Inputs& in, const typename S::Outputs& out) {
  using P = typename PathOf<M>::type;
  if constexpr (std::is_same_v<typename P::owner, typename S::Outputs>) {
    return to_number(P::of(out));
  } else {
    return to_number(P::of(in));
  }
}
/// Absent on either side (NaN) is not exceeded.
template <class S, auto Used, auto Bound, class Tightens, class Loosens>
inline bool exceeded(const Limit<Used, Bound, Tightens, Loosens>&, const typename S::Inputs& in, const typename S::Outputs& out) {
  return side_of<S, Used>(in, out) > side_of<S, Bound>(in, out);
}

}  // namespace detail
}  // namespace ironlaw
