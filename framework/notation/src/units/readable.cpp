#include "units/readable.hpp"

#include "units/unit_text.hpp"

#include <ironlaw/notation/units.hpp>
#include <string_view>

namespace ironlaw::host {
namespace {

enum class Use { always, exact, rounded };

/// Rungs of one unit: a letter is a prefix, a blank the unit itself.
struct Steps {
  std::string_view prefixes;
  std::string_view unit;
  Use use = Use::always;
};

constexpr Steps steps[] = {
    {"num ", "s"},
    {" ", "min", Use::rounded},
    {" ", "hour", Use::rounded},
    {" ", "day", Use::rounded},
    {"num k", "m"},
    {"m k", "g"},
    {" ", "t"},
    {" ", "m^2"},
    {"m ", "L"},
    {" ", "m^3"},
    {"num kMGT", "W"},
    {"pnum kM", "J"},
    {"GT", "J", Use::exact},
    {"kMGT", "Wh", Use::rounded},
    {" kMGTPE", "B"},
    {" kMGTPE", "B/s"},
    {" kMGTPE", "B/token"},
    {" kMGTPEZ", "FLOP"},
    {" kMGTPEZ", "FLOP/s"},
    {" ", "FLOP/B"},
    {" kMGTPE", "FLOP/token"},
    {" kMGTPE", "FLOP/s/W"},
    {"fpnum ", "J/FLOP"},
    {"fpnum ", "J/B"},
    {"num k", "J/token"},
    {"num k", "J/request"},
    {"num ", "s/token"},
    {" kMGT", "USD"},
    {" kM", "USD/hour"},
    {" ", "USD/kWh"},
    {" ", "USD/tCO2e"},
    {" ", "USD/Mtoken"},
    {"m k", "gCO2e"},
    {" kMG", "tCO2e"},
    {" ", "gCO2e/kWh"},
    {" ", "gCO2e/Mtoken"},
    {" ", "L/kWh"},
    {" MGT", "token"},
    {" kMGT", "token/s"},
    {" MGT", "request"},
    {" kMGT", "request/s"},
};

struct Entry {
  Dimension dimension;
  Rung rung;
  Use use;
};

std::vector<Entry> make_entries() {
  std::vector<Entry> entries;
  for (const auto& step : steps) {
    for (const char prefix : step.prefixes) {
      const std::string name = (prefix == ' ' ? "" : std::string(1, prefix)) + std::string(step.unit);
      const auto unit = read_unit(name, {}, name);
      entries.push_back({unit.dimension, {name, unit.scale}, step.use});
    }
  }
  return entries;
}

}  // namespace

std::vector<Rung> ladder(const Dimension& dimension, bool exact) {
  static const std::vector<Entry> entries = make_entries();
  std::vector<Rung> rungs;
  for (const auto& entry : entries) {
    if (entry.dimension == dimension && entry.use != (exact ? Use::rounded : Use::exact)) rungs.push_back(entry.rung);
  }
  if (rungs.empty()) rungs.push_back({si_unit(dimension), {}});
  return rungs;
}

}  // namespace ironlaw::host
