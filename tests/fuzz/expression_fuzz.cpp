// Any text as an expression, a condition and a goal: what parses has a value that the same text gives again, what does not is
// an InputError of one line.
#include "expression/expression.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <ironlaw/error.hpp>

namespace {

using namespace ironlaw;
using namespace ironlaw::host;

constexpr std::array<std::string_view, 3> precisions{"fp16", "fp8", "int8"};
const int device = 0;

void check(bool good) {
  if (!good) std::abort();
}

PortInfo port(PortType type, std::string_view unit = {}) {
  PortInfo info;
  info.type = type;
  info.dimension = parse_unit(unit).dimension;
  info.choices = precisions;
  return info;
}

Symbols symbols(bool bare) {
  Symbols s;
  s.bare = bare;
  s.by_name = {{"serve.tpot", {port(PortType::number, "s"), 0}},
               {"batch", {port(PortType::integer), 1}},
               {"power.footprint", {port(PortType::number, "kgCO2e"), 2}},
               {"serve.precision", {port(PortType::choice), 3}},
               {"sparse", {port(PortType::boolean), 4}},
               {"device", {port(PortType::object), 5}},
               {"category", {{}, 0, true}},
               {"h-2", {port(PortType::number), 1}}};
  s.object_named = [](const PortInfo&, std::string_view name, const std::string& where) -> const void* {
    if (name == "H100") return &device;
    throw InputError(where, "no such device");
  };
  return s;
}

double value_of(const Expression& expression) {
  std::array<Cell, 6> cells{{{0.04}, {8}, {4}, {1}, {1}, {}}};
  cells[5].object = &device;
  const std::array<std::string_view, 1> texts{"cloud"};
  return expression.value(cells, texts);
}

template <class Parse>
void try_text(Parse parse) {
  try {
    parse();
  } catch (const InputError& e) {
    const std::string_view what(e.what());
    check(what.find('\n') == what.npos && what.starts_with("here: "));
  }
}

void try_symbols(std::string_view text, const Symbols& names) {
  try_text([&] {
    const auto expression = Expression::parse(text, names, "here");
    const double value = value_of(expression);
    check(expression.type() == ValueType::number || value == 0 || value == 1);
    const double again = value_of(Expression::parse(expression.text(), names, "here"));
    check(value == again || (std::isnan(value) && std::isnan(again)));
  });
  try_text([&] { static_cast<void>(parse_condition(text, names, "here")); });
  try_text([&] { static_cast<void>(value_of(parse_goal(text, names, "here").expression)); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Symbols bare = symbols(true), marked = symbols(false);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_symbols(text, bare);
  try_symbols(text, marked);
  return 0;
}
