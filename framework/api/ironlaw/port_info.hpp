#pragma once
// What the host knows of a port at run time.
#include <ironlaw/dimension.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace ironlaw {

/// What a port takes. The cell of an object, a series or a text is a pointer that the host owns: to the object's interface, to a
/// SeriesCell, to a std::string_view. A table is an object.
enum class PortType : std::uint8_t { number, integer, boolean, choice, object, series, text };
inline constexpr PortType last_port_type = PortType::text;

/// Closed interval of allowed values, in SI units; open at the low end where `above` is set.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above = false;
  [[nodiscard]] constexpr bool contains(double v) const { return (above ? v > low : v >= low) && v <= high; }
};

inline constexpr Range unbounded{};
inline constexpr Range positive{0, std::numeric_limits<double>::max(), true};
inline constexpr Range non_negative{0, std::numeric_limits<double>::max()};
inline constexpr Range fraction{0, 1};
inline constexpr Range positive_fraction{0, 1, true};
inline constexpr Range at_least_one{1, std::numeric_limits<double>::max()};

/// A column of the table that a port takes. A row may leave out what is not required.
struct ColumnInfo {
  std::string_view name;
  std::string_view doc;
  bool text = false;
  bool required = false;
  Dimension dimension{};
  Range range{};
  std::string_view display{};
  bool key = false;  ///< rows rise by their keys, the last one fastest; with two keys or more they are a whole grid
};

/// What a port is for, in the order in which people are shown ports.
enum class PortNeed : std::uint8_t {
  question,    ///< part of what is asked: which device, how many tokens, which layout, what target
  refinement,  ///< how well hardware and software do, or a fact that may be missing: a default that a measurement betters
  parity       ///< reproduces another tool's equation: no answer of the default profile is the better for it
};

/// A port of a solver or a field of a kind. All views point into the plugin, which stays loaded.
struct PortInfo {
  std::string_view name;
  std::string_view doc;
  PortType type = PortType::number;
  bool optional = false;  ///< may be absent
  bool required = false;  ///< has no default and must be given
  PortNeed need = PortNeed::question;
  Dimension dimension{};
  double fallback = 0;  ///< the default, in SI; NaN where optional or required
  Range range{};
  std::span<const std::string_view> choices{};  ///< names of a choice, by ordinal
  std::string_view interface {};                ///< of an object: "hardware", "workload", "fleet" ...
  std::uint64_t interface_layout = 0;           ///< of an object: what this side was compiled with
  std::string_view display{};                   ///< preferred unit of the author, or empty
  std::span<const ColumnInfo> columns{};        ///< of a table, whose interface is "table"
  bool banded = false;                          ///< of an output: an estimate that has a low and a high one beside it
  std::uint32_t cheap_set = 0;  ///< of an output: those of one set (1, 2 ...) cost little where nothing else is asked; 0: of none
  std::string_view index{};     ///< of a series: what it runs over ("hour"); series of one index have one length in a row
  std::uint32_t shortest = 0;   ///< of a series: values at least
  std::uint32_t longest = 0;    ///< of a series: values at most; of an output the room that a row has. 0: any number
};

}  // namespace ironlaw
