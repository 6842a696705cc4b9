#pragma once
// Ports declared by member pointer: the one declaration that flags, validation, schemas, tables and axes derive from.
#include <ironlaw/maybe.hpp>
#include <ironlaw/object.hpp>
#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>
#include <ironlaw/sdk/reflection.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace ironlaw {
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
    if constexpr (sizeof...(Rest) == 0) {
      return s.*First;
    } else {
      return Path<Rest...>::of(s.*First);
    }
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

/// One port: made by port<&Inputs::member>(doc, range), refined by the functions below.
template <auto... M>
struct Port {
  using path = detail::Path<M...>;
  using type = typename path::type;
  detail::PortName name;
  std::string_view doc;
  Range range;
  std::string_view unit;
  bool may_be_absent = false;
  bool counted = false;

  /// A double that holds a count: fractions are refused, axes step by 1, and products of counts cannot overflow.
  [[nodiscard]] constexpr Port whole() const {
    static_assert(std::is_same_v<typename detail::Unwrapped<type>::type, double>, "an int is whole by itself");
    Port p = *this;
    p.counted = true;
    return p;
  }
  /// Another name than the member's.
  [[nodiscard]] constexpr Port named(std::string_view other) const {
    Port p = *this;
    p.name = detail::PortName(other);
    return p;
  }
  /// An object that may be null. (Other types say so with Maybe.)
  [[nodiscard]] constexpr Port optional() const {
    static_assert(std::is_pointer_v<type>, "write Maybe<...> for an optional value");
    Port p = *this;
    p.may_be_absent = true;
    return p;
  }
  /// The unit that people want to read it in, e.g. "GB/s".
  [[nodiscard]] constexpr Port display(std::string_view preferred) const {
    Port p = *this;
    p.unit = preferred;
    return p;
  }
};

/// Declares a member as a port; its name is the member's name.
template <auto M>
constexpr Port<M> port(std::string_view doc, Range range = unbounded) {
  return {detail::PortName(detail::member_name<M>()), doc, range, {}, false, false};
}

namespace detail {
template <auto Outer, auto... M>
constexpr Port<Outer, M...> nest(const Port<M...>& p, std::string_view prefix) {
  PortName name(prefix);
  if (!prefix.empty()) name.append(".");
  name.append(p.name.view());
  return {name, p.doc, p.range, p.unit, p.may_be_absent, p.counted};
}
template <auto... M>
constexpr auto as_tuple(const Port<M...>& p) {
  return std::tuple{p};
}
template <class... P>
constexpr auto as_tuple(const std::tuple<P...>& t) {
  return t;
}
}  // namespace detail

/// The ports of an inner struct under the member's name: group<&Outputs::node>(SingleNode::outputs) gives "node.latency".
template <auto Outer, class... P>
constexpr auto group(const std::tuple<P...>& inner) {
  return std::apply([](const auto&... p) { return std::tuple{detail::nest<Outer>(p, detail::member_name<Outer>())...}; }, inner);
}
/// The ports of an inner struct under their own names.
template <auto Outer, class... P>
constexpr auto merge(const std::tuple<P...>& inner) {
  return std::apply([](const auto&... p) { return std::tuple{detail::nest<Outer>(p, "")...}; }, inner);
}
/// All ports of a struct, groups flattened.
template <class... P>
constexpr auto ports(const P&... p) {
  return std::tuple_cat(detail::as_tuple(p)...);
}

namespace detail {

template <class T>
inline void load(T& to, const Cell& cell) {
  using U = typename Unwrapped<T>::type;
  if constexpr (Unwrapped<T>::maybe) {
    to = T::from_cell(cell.number);
  } else if constexpr (std::is_pointer_v<U>) {
    to = static_cast<U>(cell.object);
  } else if constexpr (std::is_same_v<U, bool>) {
    to = cell.number != 0;
  } else if constexpr (Quantity<U>) {
    to = U::from_value(cell.number);
  } else if constexpr (std::is_enum_v<U>) {
    to = static_cast<U>(static_cast<int>(cell.number));
  } else {
    to = static_cast<U>(cell.number);
  }
}

template <class T>
constexpr double to_number(const T& value) {
  if constexpr (Unwrapped<T>::maybe) {
    return value.cell();
  } else if constexpr (Quantity<T>) {
    return value.value();
  } else {
    return static_cast<double>(value);
  }
}

template <class T>
constexpr bool is_required_mark(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return false;
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<int>(value) < 0;
  } else if constexpr (std::is_integral_v<T>) {
    return value == std::numeric_limits<T>::min();
  } else {
    return to_number(value) != to_number(value);
  }
}

constexpr Range within(Range r, double low, double high) {
  if (r.low < low) r = {low, r.high, false};
  if (r.high > high) r.high = high;
  return r;
}

template <bool with_defaults = true, class P, class Struct>
constexpr PortInfo port_info(const P& p, const Struct& defaults) {
  using T = typename P::type;
  using U = typename Unwrapped<T>::type;
  PortInfo info;
  info.name = p.name.view();
  info.doc = p.doc;
  info.display = p.unit;
  info.optional = Unwrapped<T>::maybe || p.may_be_absent;
  info.fallback = absent_value;
  if constexpr (std::is_pointer_v<U>) {
    info.type = PortType::object;
    info.interface = std::remove_pointer_t<U>::interface;
    info.interface_layout = interface_layout<std::remove_cv_t<std::remove_pointer_t<U>>>();
    info.required = !info.optional;
  } else {
    constexpr double huge = std::numeric_limits<double>::max();
    info.dimension = dimension_of<U>();
    if constexpr (std::is_same_v<U, bool>) {
      info.type = PortType::boolean;
      info.range = {0, 1};
    } else if constexpr (std::is_enum_v<U>) {
      info.type = PortType::choice;
      info.choices = enumerator_names<U>;
      info.range = {0, static_cast<double>(enumerator_names<U>.size()) - 1};
    } else if constexpr (std::is_integral_v<U>) {
      info.type = PortType::integer;
      info.range = within(p.range, static_cast<double>(std::numeric_limits<U>::min()) + 1,
                          std::min(9007199254740992.0, static_cast<double>(std::numeric_limits<U>::max())));
    } else {
      static_assert(Quantity<U> || std::is_same_v<U, double>,
                    "a port is a quantity, a double, an integer, a bool, an enum or a pointer");
      info.type = p.counted ? PortType::integer : PortType::number;
      info.range = p.counted ? within(p.range, -9007199254740992.0, 9007199254740992.0) : within(p.range, -huge, huge);
    }
    if constexpr (with_defaults && !Unwrapped<T>::maybe) {
      const T& value = P::path::of(defaults);
      info.required = is_required_mark(value);
      if (!info.required) info.fallback = to_number(value);
    }
  }
  return info;
}

template <class Struct, bool with_defaults = true, class... P>
constexpr std::array<PortInfo, sizeof...(P)> port_infos(const std::tuple<P...>& declared) {
  Struct defaults;  // not {}: a member without an initialiser stays unread, and reading it does not compile
  return std::apply(
      [&](const auto&... p) { return std::array<PortInfo, sizeof...(P)>{port_info<with_defaults>(p, defaults)...}; }, declared);
}

constexpr bool defaults_in_range(std::span<const PortInfo> ports) {
  return std::all_of(ports.begin(), ports.end(), [](const PortInfo& p) {
    return p.type == PortType::object || p.required || p.optional || p.range.contains(p.fallback);
  });
}
constexpr bool names_unique(std::span<const PortInfo> ports) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (ports[i].name == ports[j].name) return false;
  return true;
}
/// Global flags and stage keys, which a port may not take.
constexpr bool name_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 17> reserved{
      "solver",  "when", "output",  "out",      "plugin", "plugin_path", "no_default_plugins", "profile", "zoo",
      "explain", "help", "threads", "progress", "shard",  "isolate",     "row_timeout",        "walls"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}
constexpr bool names_free(std::span<const PortInfo> ports) {
  return std::none_of(ports.begin(), ports.end(), [](const PortInfo& p) { return name_reserved(p.name); });
}

}  // namespace detail
}  // namespace ironlaw
