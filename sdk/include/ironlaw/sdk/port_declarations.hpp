#pragma once
// Ports declared by member pointer: the one declaration that flags, validation, schemas, tables and axes derive from.
#include <ironlaw/port_info.hpp>
#include <ironlaw/sdk/reflection.hpp>
#include <ironlaw/sdk/series.hpp>

#include <array>
#include <span>
#include <utility>

namespace ironlaw {
// Of lanes.hpp: what a member of a struct over a number type is for several rows.
template <int W>
class Lanes;
template <int W>
class Mask;
template <class T, int W>
class LaneMaybe;
template <class E, int W>
struct LaneChoice;

namespace detail {

template <auto M>
struct Member;
template <class S, class T, T S::*M>
struct Member<M> {
  using owner = S;
  using type = T;
};

/// The members to follow from the outer struct to the port's own.
template <auto First, auto... Rest>
struct Path {
  using owner = typename Member<First>::owner;
  template <class S>
  static constexpr auto& of(S& s) {
    return ((s.*First).*....*Rest);
  }
  using type = std::remove_cvref_t<decltype(of(std::declval<owner&>()))>;
};

template <class T>
struct Unwrapped {
  using type = T;
  static constexpr bool maybe = false;
};
template <class T>
struct Unwrapped<Maybe<T>> {
  using type = T;
  static constexpr bool maybe = true;
};

template <class T>
inline constexpr bool is_of_lanes = false;
template <int W>
inline constexpr bool is_of_lanes<Lanes<W>> = true;
template <int W>
inline constexpr bool is_of_lanes<Mask<W>> = true;
template <class U, int W>
inline constexpr bool is_of_lanes<boost::units::quantity<U, Lanes<W>>> = true;
template <class T, int W>
inline constexpr bool is_of_lanes<LaneMaybe<T, W>> = true;
template <class E, int W>
inline constexpr bool is_of_lanes<LaneChoice<E, W>> = true;

/// What a member that is a port may hold.
template <class T>
inline constexpr bool is_port_type = [] {
  using U = typename Unwrapped<T>::type;
  return is_of_lanes<T> || Quantity<U> || std::is_same_v<U, double> || std::is_integral_v<U> || std::is_enum_v<U> ||
         std::is_pointer_v<U> || std::is_same_v<U, std::string_view> || is_series<U> || is_series_out<U>;
}();

/// A port's name, built at compile time ("node.latency").
struct PortName {
  std::array<char, 64> text{};
  std::size_t size = 0;
  constexpr PortName() = default;
  constexpr PortName(std::string_view s) { append(s); }
  constexpr void append(std::string_view s) {
    for (const char c : s) text[size++] = c;  // an overlong name does not compile
  }
  [[nodiscard]] constexpr std::string_view view() const { return {text.data(), size}; }
};

}  // namespace detail

/// A closed range in a quantity's own unit, e.g. `between(1.0 * units::second, 1.0 * units::hour)`.
template <Quantity Q>
constexpr Range between(Q low, Q high) {
  return {low.value(), high.value()};
}
constexpr Range between(double low, double high) { return {low, high}; }

/// What is said of a port beside the member that holds it.
struct PortDeclaration {
  detail::PortName name;
  std::string_view doc;
  Range range;
  std::string_view unit;
  bool may_be_absent = false;
  bool counted = false;
  std::span<const ColumnInfo> columns{};
  PortNeed need = PortNeed::question;
  bool banded = false;
  std::uint32_t cheap_set = 0;
  std::string_view index{};
  std::uint32_t shortest = 0;
  std::uint32_t longest = 0;
  bool is_key = false;
};

/// Declared ports, in order: the members as types, what is said of them as values. Flat, where a chain of tuples would take
/// the compiler seconds.
template <class... Path>
struct Ports {
  std::array<PortDeclaration, sizeof...(Path)> declared;
  [[nodiscard]] static constexpr std::size_t size() { return sizeof...(Path); }
};

/// One port: made by port<&Inputs::member>(doc, range), refined by the functions below.
template <auto... M>
struct Port : Ports<detail::Path<M...>> {
  using type = typename detail::Path<M...>::type;

  /// A double that holds a count: fractions are refused, axes step by 1, and products of counts cannot overflow.
  [[nodiscard]] constexpr Port whole() const {
    using Number = typename detail::Unwrapped<type>::type;
    static_assert(!std::is_integral_v<Number> && !Quantity<Number>, "an int is whole by itself, a quantity is none");
    Port p = *this;
    p.declared[0].counted = true;
    return p;
  }
  /// Another name than the member's.
  [[nodiscard]] constexpr Port named(std::string_view other) const {
    Port p = *this;
    p.declared[0].name = detail::PortName(other);
    return p;
  }
  /// An object that may be null, a series that may be empty, a text that may be. (Other types say so with Maybe.)
  [[nodiscard]] constexpr Port optional() const {
    static_assert(std::is_pointer_v<type> || detail::is_series<type> || std::is_same_v<type, std::string_view>,
                  "write Maybe<...> for an optional value");
    Port p = *this;
    p.declared[0].may_be_absent = true;
    return p;
  }
  /// What a series runs over ("hour"): the series of one index have one length in a row.
  [[nodiscard]] constexpr Port over(std::string_view index) const {
    static_assert(detail::is_series<type> || detail::is_series_out<type>, "only a series runs over an index");
    Port p = *this;
    p.declared[0].index = index;
    return p;
  }
  /// How many values a series of an input has.
  [[nodiscard]] constexpr Port length(std::uint32_t least, std::uint32_t most) const {
    static_assert(detail::is_series<type>, "an output says its longest in its type");
    Port p = *this;
    p.declared[0].shortest = least;
    p.declared[0].longest = most;
    return p;
  }
  [[nodiscard]] constexpr Port length(std::uint32_t exactly) const { return length(exactly, exactly); }
  /// A column of a table by which rows rise, the last key fastest. With two keys or more, rows are a whole grid.
  [[nodiscard]] constexpr Port key() const {
    Port p = *this;
    p.declared[0].is_key = true;
    return p;
  }
  /// The columns that a table must have: an array made by columns_of<Record>(ports(...)).
  [[nodiscard]] constexpr Port columns(std::span<const ColumnInfo> declared_columns) const {
    Port p = *this;
    p.declared[0].columns = declared_columns;
    return p;
  }
  /// An input that refines the physics, with a default that serves where nothing better is known: shown behind the question's
  /// own.
  [[nodiscard]] constexpr Port refinement() const { return needed_for(PortNeed::refinement); }
  /// An input that reproduces another tool: no answer of the default profile is the better for it. Shown where all is asked for.
  [[nodiscard]] constexpr Port parity() const { return needed_for(PortNeed::parity); }
  /// An output that is an estimate: it comes with a low and a high one.
  [[nodiscard]] constexpr Port with_band() const {
    Port p = *this;
    p.declared[0].banded = true;
    return p;
  }
  /// An output that costs little beside the others of its set, where nothing else is asked.
  [[nodiscard]] constexpr Port cheap(std::uint32_t set = 1) const {
    Port p = *this;
    p.declared[0].cheap_set = set;
    return p;
  }
  /// The unit that people want to read it in, e.g. "GB/s".
  [[nodiscard]] constexpr Port display(std::string_view preferred) const {
    Port p = *this;
    p.declared[0].unit = preferred;
    return p;
  }

 private:
  [[nodiscard]] constexpr Port needed_for(PortNeed need) const {
    Port p = *this;
    p.declared[0].need = need;
    return p;
  }
};

/// Declares a member as a port; its name is the member's name.
template <auto M>
constexpr Port<M> port(std::string_view doc, Range range = unbounded) {
  static_assert(
      detail::is_port_type<typename detail::Member<M>::type>,
      "a port is a quantity, a double, an integer, a bool, an enum, a pointer to an object, a Series (SeriesOut among outputs) "
      "in place of a std::vector, or a std::string_view in place of a std::string");
  return {{{PortDeclaration{detail::PortName(detail::member_name<M>()), doc, range, {}}}}};
}

namespace detail {

template <class... P>
constexpr Ports<P...> list_of(const Ports<P...>&);

/// The lists in one: eight at a time, since each step costs the compiler the names of all that are left.
template <class... List>
struct Joined {
  using type = Ports<>;
};
template <class... P>
struct Joined<Ports<P...>> {
  using type = Ports<P...>;
};
template <class... A, class... B, class... Rest>
struct Joined<Ports<A...>, Ports<B...>, Rest...> : Joined<Ports<A..., B...>, Rest...> {};
template <class... A, class... B, class... C, class... D, class... E, class... F, class... G, class... H, class... Rest>
struct Joined<Ports<A...>, Ports<B...>, Ports<C...>, Ports<D...>, Ports<E...>, Ports<F...>, Ports<G...>, Ports<H...>, Rest...>
    : Joined<Ports<A..., B..., C..., D..., E..., F..., G..., H...>, Rest...> {};

template <auto Outer, class Path>
struct Inside;
template <auto Outer, auto... M>
struct Inside<Outer, Path<M...>> {
  using type = Path<Outer, M...>;
};

template <auto Outer, class... P>
constexpr Ports<typename Inside<Outer, P>::type...> nest(const Ports<P...>& inner, std::string_view prefix) {
  Ports<typename Inside<Outer, P>::type...> nested{inner.declared};
  if (prefix.empty()) return nested;
  for (PortDeclaration& p : nested.declared) {
    const PortName name = p.name;
    p.name = PortName(prefix);
    p.name.append(".");
    p.name.append(name.view());
  }
  return nested;
}

}  // namespace detail

/// The ports of an inner struct under the member's name: group<&Outputs::node>(SingleNode::outputs) gives "node.latency".
template <auto Outer, class... P>
constexpr auto group(const Ports<P...>& inner) {
  return detail::nest<Outer>(inner, detail::member_name<Outer>());
}
/// The ports of an inner struct under their own names.
template <auto Outer, class... P>
constexpr auto merge(const Ports<P...>& inner) {
  return detail::nest<Outer>(inner, "");
}
/// All ports of a struct, groups flattened.
template <class... P>
constexpr auto ports(const P&... p) {
  typename detail::Joined<decltype(detail::list_of(p))...>::type all{};
  std::size_t k = 0;
  [[maybe_unused]] const auto append = [&](const auto& list) {
    for (const PortDeclaration& one : list.declared) all.declared[k++] = one;
  };
  (append(p), ...);
  return all;
}

}  // namespace ironlaw
