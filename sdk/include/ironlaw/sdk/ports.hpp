#pragma once
// Ports declared by member pointer: the one declaration that flags, validation, schemas, tables and axes derive from.
#include <ironlaw/maybe.hpp>
#include <ironlaw/object.hpp>
#include <ironlaw/port_info.hpp>
#include <ironlaw/record_table.hpp>
#include <ironlaw/row.hpp>
#include <ironlaw/sdk/reflection.hpp>

#include <algorithm>
#include <array>
#include <span>
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
    static_assert(std::is_same_v<typename detail::Unwrapped<type>::type, double>, "an int is whole by itself");
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
  /// An object that may be null. (Other types say so with Maybe.)
  [[nodiscard]] constexpr Port optional() const {
    static_assert(std::is_pointer_v<type>, "write Maybe<...> for an optional value");
    Port p = *this;
    p.declared[0].may_be_absent = true;
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

/// A port of type T, without a default.
template <class T>
constexpr PortInfo port_info(const PortDeclaration& p) {
  using U = typename Unwrapped<T>::type;
  PortInfo info;
  info.name = p.name.view();
  info.doc = p.doc;
  info.display = p.unit;
  info.need = p.need;
  info.banded = p.banded;
  info.cheap_set = p.cheap_set;
  info.optional = Unwrapped<T>::maybe || p.may_be_absent;
  info.fallback = absent_value;
  if constexpr (std::is_pointer_v<U>) {
    info.type = PortType::object;
    info.interface = std::remove_pointer_t<U>::interface;
    info.interface_layout = interface_layout<std::remove_cv_t<std::remove_pointer_t<U>>>();
    info.required = !info.optional;
    info.columns = p.columns;
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
  }
  return info;
}

template <class T>
constexpr PortInfo port_info(const PortDeclaration& p, const T& value) {
  PortInfo info = port_info<T>(p);
  if constexpr (!Unwrapped<T>::maybe && !std::is_pointer_v<T>) {
    info.required = is_required_mark(value);
    if (!info.required) info.fallback = to_number(value);
  }
  return info;
}

/// Inputs of a solver, fields of a kind: a member's initialiser is the port's default.
template <class Struct, class... Path>
constexpr std::array<PortInfo, sizeof...(Path)> port_infos(const Ports<Path...>& ports) {
  [[maybe_unused]] Struct defaults;  // not {}: a member without an initialiser stays unread, and reading it does not compile
  std::array<PortInfo, sizeof...(Path)> infos{};
  std::size_t k = 0;
  ((infos[k] = port_info(ports.declared[k], Path::of(defaults)), ++k), ...);
  return infos;
}

/// Outputs, which have no defaults.
template <class... Path>
constexpr std::array<PortInfo, sizeof...(Path)> port_infos_without_defaults(const Ports<Path...>& ports) {
  std::array<PortInfo, sizeof...(Path)> infos{};
  std::size_t k = 0;
  ((infos[k] = port_info<typename Path::type>(ports.declared[k]), ++k), ...);
  return infos;
}

/// Reads every port of a struct from its cell, in order: `cell(k)`.
template <class Struct, class... Path, class CellAt>
void load_ports(Struct& x, const Ports<Path...>&, [[maybe_unused]] CellAt cell) {
  std::size_t k = 0;
  (load(Path::of(x), cell(k++)), ...);
}

/// A column of type T: texts where T is a string_view; a number that may be left out where T is a Maybe.
template <class T>
constexpr ColumnInfo column_info(const PortDeclaration& p) {
  if constexpr (std::is_same_v<T, std::string_view>) {
    return {p.name.view(), p.doc, true, false, {}, {}, {}};
  } else {
    const PortInfo port = port_info<T>(p);
    return {port.name, port.doc, false, !port.optional, port.dimension, port.range, port.display};
  }
}

constexpr bool defaults_in_range(std::span<const PortInfo> ports) {
  return std::all_of(ports.begin(), ports.end(), [](const PortInfo& p) {
    return p.type == PortType::object || p.required || p.optional || p.range.contains(p.fallback);
  });
}
/// Names are compared by their hash: texts, pair by pair, cost the compiler a second where there are a hundred ports.
template <std::size_t N>
struct NameHashes {
  std::uint64_t of[N + 1]{};
  constexpr explicit NameHashes(const std::array<PortInfo, N>& ports) {
    for (std::size_t i = 0; i < N; ++i) of[i] = fnv1a(ports[i].name);
  }
};
template <std::size_t N>
constexpr bool names_unique(const std::array<PortInfo, N>& ports) {
  const NameHashes<N> hash(ports);
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (hash.of[i] == hash.of[j]) return false;
  return true;
}
/// Global flags and stage keys, which a port may not take.
inline constexpr std::uint64_t reserved_names[] = {fnv1a("solver"),
                                                   fnv1a("when"),
                                                   fnv1a("output"),
                                                   fnv1a("out"),
                                                   fnv1a("plugin"),
                                                   fnv1a("plugin_path"),
                                                   fnv1a("no_default_plugins"),
                                                   fnv1a("profile"),
                                                   fnv1a("zoo"),
                                                   fnv1a("explain"),
                                                   fnv1a("all"),
                                                   fnv1a("help"),
                                                   fnv1a("threads"),
                                                   fnv1a("progress"),
                                                   fnv1a("shard"),
                                                   fnv1a("isolate"),
                                                   fnv1a("row_timeout"),
                                                   fnv1a("row_memory"),
                                                   fnv1a("max_bytes"),
                                                   fnv1a("max_depth"),
                                                   fnv1a("max_includes"),
                                                   fnv1a("max_rows"),
                                                   fnv1a("max_memory"),
                                                   fnv1a("max_seconds"),
                                                   fnv1a("walls")};
template <std::size_t N>
constexpr bool names_free(const std::array<PortInfo, N>& ports) {
  const NameHashes<N> hash(ports);
  for (std::size_t i = 0; i < N; ++i)
    for (const std::uint64_t reserved : reserved_names)
      if (hash.of[i] == reserved) return false;
  return true;
}

}  // namespace detail

/// The columns of a table whose rows are Records, from its ports.
template <class Record, class... Path>
constexpr std::array<ColumnInfo, sizeof...(Path)> columns_of(const Ports<Path...>& ports) {
  std::array<ColumnInfo, sizeof...(Path)> infos{};
  std::size_t k = 0;
  ((infos[k] = detail::column_info<typename Path::type>(ports.declared[k]), ++k), ...);
  return infos;
}

/// One row of a table whose columns are `ports`.
template <class Record, class... Path>
Record record_of(const RecordTable& table, std::size_t row, const Ports<Path...>&) {
  Record record;
  std::size_t k = 0;
  const auto read = [&]<class T>(T& to) {
    const TableColumn& column = table.columns[k++];
    if constexpr (std::is_same_v<T, std::string_view>) {
      to = column.texts[row];
    } else {
      detail::load(to, Cell{column.numbers[row]});
    }
  };
  (read(Path::of(record)), ...);
  return record;
}

}  // namespace ironlaw
