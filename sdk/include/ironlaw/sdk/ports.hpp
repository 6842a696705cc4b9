#pragma once
// What the host learns of declared ports, and how a row's cells become members of a struct.
#include <ironlaw/maybe.hpp>
#include <ironlaw/object.hpp>
#include <ironlaw/record_table.hpp>
#include <ironlaw/row.hpp>
#include <ironlaw/sdk/port_declarations.hpp>

#include <algorithm>
#include <limits>

namespace ironlaw {

namespace detail {

template <class T>
inline void load(T& to, const Cell& cell) {
  using U = typename Unwrapped<T>::type;
  if constexpr (Unwrapped<T>::maybe) {
    to = T::from_cell(cell.number);
  } else if constexpr (!is_port_type<T>) {
    // port() has said so
  } else if constexpr (is_series<T>) {
    to = T(series_of(cell));
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    to = absent_cell(cell) ? T() : *static_cast<const T*>(cell.object);
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
  } else if constexpr (!is_port_type<T>) {
    return 0;
  } else if constexpr (is_series_out<T>) {
    return value.finite_sum();
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
  } else if constexpr (std::is_same_v<U, std::string_view>) {
    info.type = PortType::text;
    info.required = !info.optional;
  } else if constexpr (is_series<U> || is_series_out<U>) {
    using Q = typename U::value_type;
    constexpr double huge = std::numeric_limits<double>::max();
    info.type = PortType::series;
    info.dimension = dimension_of<Q>();
    info.range = within(p.range, -huge, huge);
    info.index = p.index;
    info.shortest = p.shortest;
    info.longest = p.longest;
    if constexpr (is_series_out<U>) {
      info.longest = U::longest;
    } else {
      info.required = !info.optional;
    }
  } else if constexpr (!is_port_type<T>) {
    info.required = true;  // port() has said what is wrong with it
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
      info.type = p.counted ? PortType::integer : PortType::number;
      info.range = p.counted ? within(p.range, -9007199254740992.0, 9007199254740992.0) : within(p.range, -huge, huge);
    }
  }
  return info;
}

template <class T>
constexpr PortInfo port_info(const PortDeclaration& p, const T& value) {
  PortInfo info = port_info<T>(p);
  if constexpr (!Unwrapped<T>::maybe && !std::is_pointer_v<T> && !is_series<T> && !std::is_same_v<T, std::string_view>) {
    info.required = is_required_mark(value);
    if (!info.required) info.fallback = to_number(value);
  }
  return info;
}

/// Outputs, which have no defaults.
template <class... Path>
constexpr std::array<PortInfo, sizeof...(Path)> port_infos_without_defaults(const Ports<Path...>& ports) {
  std::array<PortInfo, sizeof...(Path)> infos{};
  std::size_t k = 0;
  ((infos[k] = port_info<typename Path::type>(ports.declared[k]), ++k), ...);
  return infos;
}

/// Inputs of a solver, fields of a kind: a member's initialiser is the port's default.
template <class Struct, class... Path>
constexpr std::array<PortInfo, sizeof...(Path)> port_infos(const Ports<Path...>& ports) {
  if constexpr ((is_port_type<typename Path::type> && ...)) {
    [[maybe_unused]] Struct defaults;  // not {}: a member without an initialiser stays unread, and reading it does not compile
    std::array<PortInfo, sizeof...(Path)> infos{};
    std::size_t k = 0;
    ((infos[k] = port_info(ports.declared[k], Path::of(defaults)), ++k), ...);
    return infos;
  } else {
    auto infos = port_infos_without_defaults(ports);  // port() has said what is wrong: nothing else is to be said of them
    for (PortInfo& info : infos) info.required = true;
    return infos;
  }
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
    return {p.name.view(), p.doc, true, false, {}, {}, {}, false};
  } else {
    const PortInfo port = port_info<T>(p);
    return {port.name, port.doc, false, !port.optional, port.dimension, port.range, port.display, p.is_key};
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
                                                   fnv1a("walls"),
                                                   fnv1a("bands")};
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
