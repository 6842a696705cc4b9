// Any text: what parses as a quantity is printed and must parse back to the same bits; what does not is a UnitError of one line.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ironlaw/notation/units.hpp>
#include <string_view>

namespace {

using namespace ironlaw;
using namespace ironlaw::host;

void check(bool good) {
  if (!good) std::abort();
}

void round_trip(const Parsed& parsed, std::string_view unit) {
  const auto back = parse_quantity(format_quantity(parsed.value, parsed.dimension, unit), parsed.dimension);
  check(std::bit_cast<std::uint64_t>(back.value) == std::bit_cast<std::uint64_t>(parsed.value));
  check(back.dimension == parsed.dimension);
}

void try_text(std::string_view text, const Dimension& expected) {
  try {
    const auto parsed = parse_quantity(text, expected);
    round_trip(parsed, {});
    round_trip(parsed, readable_unit(parsed.value, parsed.dimension).unit);
    format_quantity(parsed.value, parsed.dimension, {}, 3);
  } catch (const UnitError& error) {
    check(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Dimension carbon_per_energy = parse_unit("kgCO2e/J").dimension;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_text(text, {});
  try_text(text, carbon_per_energy);
  return 0;
}
