#pragma once
// The names, and a row of values, that tests of expressions use.
#include "expression/expression.hpp"

#include "unit_dimensions.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <string>
#include <vector>

namespace ironlaw::host::expression_fixture {

inline constexpr std::array<std::string_view, 3> precisions{"fp16", "fp8", "int8"};
inline constexpr std::array<std::string_view, 2> layouts{"dense", "sparse"};
inline constexpr int h100 = 0, a100 = 0;

/// Slots of the symbols below.
enum Slot : std::size_t {
  tpot,
  ttft,
  memory,
  tco,
  batch,
  tokens_out,
  footprint,
  grid,
  precision,
  weights,
  layout,
  sparse,
  device,
  dashed,
  cost,
  slots
};
enum TextSlot : std::size_t { category, vendor };

inline PortInfo port(PortType type, const Dimension& dimension = {}) {
  PortInfo info;
  info.type = type;
  info.dimension = dimension;
  return info;
}

inline PortInfo choice(std::span<const std::string_view> names) {
  PortInfo info = port(PortType::choice);
  info.choices = names;
  return info;
}

inline const void* device_named(const PortInfo& port, std::string_view name, const std::string& where) {
  EXPECT_EQ(port.interface, "hardware");
  if (name == "H100") return &h100;
  if (name == "A100") return &a100;
  throw InputError(where, "no hardware is named '" + std::string(name) + "'");
}

inline Symbols symbols() {
  PortInfo hardware = port(PortType::object);
  hardware.interface = "hardware";
  Symbols s;
  s.by_name = {{"serve.tpot", {port(PortType::number, time), tpot}},
               {"serve.ttft", {port(PortType::number, time), ttft}},
               {"serve.memory_required", {port(PortType::number, information), memory}},
               {"cost.tco", {port(PortType::number, money), tco}},
               {"batch", {port(PortType::integer), batch}},
               {"serve.tokens", {port(PortType::number, tokens), tokens_out}},
               {"power.footprint", {port(PortType::number, carbon), footprint}},
               {"power.grid_intensity", {port(PortType::number, carbon / energy), grid}},
               {"serve.precision", {choice(precisions), precision}},
               {"serve.weights", {choice(precisions), weights}},
               {"serve.layout", {choice(layouts), layout}},
               {"serve.sparse", {port(PortType::boolean), sparse}},
               {"device", {hardware, device}},
               {"batch-2", {port(PortType::integer), dashed}},
               {"cost.per_kwh", {port(PortType::number, money / energy), cost}}};
  s.object_named = device_named;
  return s;
}

/// The fields and metadata of a zoo entry, as `where` has them.
inline Symbols fields() {
  Symbols s;
  s.bare = true;
  s.by_name = {{"category", {{}, category, true}},
               {"vendor", {{}, vendor, true}},
               {"memory_capacity", {port(PortType::number, information), 0}},
               {"h", {port(PortType::number, time), 1}}};
  return s;
}

inline std::vector<Cell> cells() {
  std::vector<Cell> c(slots, Cell{0});
  c[tpot].number = 0.04;
  c[ttft].number = 0.5;
  c[memory].number = 70e9;
  c[tco].number = 1.5e6;
  c[batch].number = 8;
  c[tokens_out].number = 2048;
  c[footprint].number = 4;
  c[grid].number = 0.3 / 3.6e6;
  c[precision].number = 1;
  c[weights].number = 2;
  c[layout].number = 1;
  c[sparse].number = 1;
  c[device].object = &h100;
  c[dashed].number = 3;
  c[cost].number = 0.12 / 3.6e6;
  return c;
}

inline double value(std::string_view text, const std::vector<Cell>& row = cells()) {
  return Expression::parse(text, symbols(), "here").value(row);
}

inline Dimension dimension(std::string_view text) { return Expression::parse(text, symbols(), "here").dimension(); }

inline std::string error(std::string_view text, const Symbols& names = symbols()) {
  try {
    static_cast<void>(Expression::parse(text, names, "here"));
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

inline std::string goal_error(std::string_view text) {
  try {
    static_cast<void>(parse_goal(text, symbols(), "here"));
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace ironlaw::host::expression_fixture
