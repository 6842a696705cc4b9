#include "units/unit_table.hpp"

#include <ironlaw/notation/nearest.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

namespace ironlaw::host {
namespace {

/// Which prefixes a unit takes: none below 1 for what is counted, binary ones for information only.
enum Prefixes : std::uint8_t { none = 0, small = 1, big = 2, metric = 3, binary = 4, data = 6 };

struct Prefix {
  std::string_view name;
  Prefixes kind;
  Scale scale;
};

constexpr Prefix prefixes[] = {
    {"f", small, Scale::ten(-15)},
    {"p", small, Scale::ten(-12)},
    {"n", small, Scale::ten(-9)},
    {"u", small, Scale::ten(-6)},
    {"\u00b5", small, Scale::ten(-6)},
    {"\u03bc", small, Scale::ten(-6)},
    {"m", small, Scale::ten(-3)},
    {"k", big, Scale::ten(3)},
    {"M", big, Scale::ten(6)},
    {"G", big, Scale::ten(9)},
    {"T", big, Scale::ten(12)},
    {"P", big, Scale::ten(15)},
    {"E", big, Scale::ten(18)},
    {"Z", big, Scale::ten(21)},
    {"Y", big, Scale::ten(24)},
    {"Ki", binary, Scale::whole(1024)},
    {"Mi", binary, Scale::whole(1 << 20)},
    {"Gi", binary, Scale::whole(1 << 30)},
    {"Ti", binary, Scale::whole(1ULL << 40)},
    {"Pi", binary, Scale::whole(1ULL << 50)},
};

constexpr Dimension of(Base base, int power = 1) {
  Dimension d;
  d[base] = static_cast<std::int8_t>(power);
  return d;
}

constexpr Dimension energy = of(Base::mass) * of(Base::length, 2) * of(Base::time, -2);

/// A unit is factor * 10^ten in SI. Each row but the first of a kind is another way to write it.
struct Row {
  std::string_view name;
  Prefixes prefixes;
  Dimension dimension;
  std::uint64_t factor = 1;
  int ten = 0;
};

constexpr Row unit_rows[] = {
    {"B", data, of(Base::information)},
    {"byte", data, of(Base::information)},
    {"bytes", data, of(Base::information)},
    {"bit", data, of(Base::information), 125, -3},
    {"bits", data, of(Base::information), 125, -3},
    {"FLOP", big, of(Base::operations)},
    {"MAC", big, of(Base::operations), 2},
    {"USD", big, of(Base::money)},
    {"$", big, of(Base::money)},
    {"gCO2e", metric, of(Base::carbon), 1, -3},
    {"tCO2e", big, of(Base::carbon), 1, 3},
    {"token", big, of(Base::tokens)},
    {"tokens", big, of(Base::tokens)},
    {"request", big, of(Base::requests)},
    {"requests", big, of(Base::requests)},
    {"s", small, of(Base::time)},
    {"second", none, of(Base::time)},
    {"seconds", none, of(Base::time)},
    {"min", none, of(Base::time), 60},
    {"minute", none, of(Base::time), 60},
    {"minutes", none, of(Base::time), 60},
    {"h", none, of(Base::time), 3600},
    {"hour", none, of(Base::time), 3600},
    {"hours", none, of(Base::time), 3600},
    {"day", none, of(Base::time), 86400},
    {"days", none, of(Base::time), 86400},
    {"week", none, of(Base::time), 7 * 86400ull},
    {"weeks", none, of(Base::time), 7 * 86400ull},
    {"year", none, of(Base::time), 365 * 86400ull},
    {"years", none, of(Base::time), 365 * 86400ull},
    {"Hz", metric, of(Base::time, -1)},
    {"W", metric, energy / of(Base::time)},
    {"J", metric, energy},
    {"Wh", metric, energy, 3600},
    {"m", metric, of(Base::length)},
    {"L", metric, of(Base::length, 3), 1, -3},
    {"litre", none, of(Base::length, 3), 1, -3},
    {"litres", none, of(Base::length, 3), 1, -3},
    {"g", metric, of(Base::mass), 1, -3},
    {"t", big, of(Base::mass), 1, 3},
    {"K", metric, of(Base::temperature)},
    {"A", metric, of(Base::current)},
    {"mol", metric, of(Base::amount)},
    {"cd", metric, of(Base::luminosity)},
    {"%", none, {}, 1, -2},
    {"spare0", none, of(Base::spare0)},
    {"spare1", none, of(Base::spare1)},
    {"spare2", none, of(Base::spare2)},
};

/// A spelling in use elsewhere, refused because it reads two ways or hides one; `right` has alternatives between bars.
struct Refused {
  std::string_view wrong;
  std::string_view right;
  std::string_view why;
};

constexpr Refused refused[] = {
    {"FLOPS", "FLOP/s", "FLOPS reads as a count or as a rate"},
    {"FLOPs", "FLOP|FLOP/s", "FLOPs reads as a count or as a rate"},
    {"flops", "FLOP|FLOP/s", "flops reads as a count or as a rate"},
    {"OPS", "FLOP/s", "an operation is a FLOP here, whatever its precision"},
    {"OPs", "FLOP", "an operation is a FLOP here, whatever its precision"},
    {"OP", "FLOP", "an operation is a FLOP here, whatever its precision"},
    {"MACS", "MAC/s", "1 MAC is 2 FLOP"},
    {"MACs", "MAC", "1 MAC is 2 FLOP"},
    {"bps", "bit/s", ""},
    {"Bps", "B/s", ""},
    {"b", "bit|B", "b reads as bit or as byte"},
    {"month", "day", "a month has no fixed length"},
    {"months", "day", "a month has no fixed length"},
    {"d", "day", ""},
    {"hr", "hour", ""},
    {"hrs", "hour", ""},
    {"yr", "year", ""},
    {"sec", "s", ""},
    {"ton", "t", ""},
    {"tonne", "t", ""},
    {"rps", "request/s", ""},
    {"qps", "request/s", ""},
    {"tok", "token", ""},
    {"req", "request", ""},
    {"m2", "m^2", ""},
    {"m3", "m^3", ""},
    {"m\u00b2", "m^2", ""},
    {"m\u00b3", "m^3", ""},
    {"C", "K", "0 C is 273.15 K"},
    {"\u00b0C", "K", "0 C is 273.15 K"},
};

constexpr std::string_view families =
    "B, bit, FLOP, MAC, s, min, hour, day, week, year, Hz, W, J, Wh, m, L, g, t, K, gCO2e, tCO2e, USD, "
    "token, request, % (with prefixes such as n, u, m, k, M, G, T)";

bool known(std::string_view name) { return find_unit(name.substr(0, name.find_first_of("/^")), false).has_value(); }

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "'" : " or '") + name + "'";
  return text;
}

/// The alternatives of `entry` that exist with the prefix the writer put before it.
std::vector<std::string> alternatives(const Refused& entry, std::string_view prefix) {
  std::vector<std::string> found;
  for (std::string_view rest = entry.right; !rest.empty();) {
    const std::size_t bar = std::min(rest.find('|'), rest.size());
    std::string name = std::string(prefix) + std::string(rest.substr(0, bar));
    if (known(name)) found.push_back(std::move(name));
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  return found;
}

std::string refused_hint(std::string_view name) {
  for (const auto& entry : refused) {
    if (!name.ends_with(entry.wrong)) continue;
    const auto found = alternatives(entry, name.substr(0, name.size() - entry.wrong.size()));
    if (found.empty()) continue;
    return "; nearest " + joined(found) + (entry.why.empty() ? "" : " (" + std::string(entry.why) + ")");
  }
  return {};
}

std::string kilo_hint(std::string_view name) {
  if (!name.starts_with('K')) return {};
  std::vector<std::string> found;
  for (const std::string_view prefix : {"k", "Ki"}) {
    std::string right = std::string(prefix) + std::string(name.substr(1));
    if (known(right)) found.push_back(std::move(right));
  }
  return found.empty() ? "" : "; nearest " + joined(found);
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const auto& row : unit_rows) {
    names.emplace_back(row.name);
    for (const auto& prefix : prefixes) {
      if ((row.prefixes & prefix.kind) != 0) names.push_back(std::string(prefix.name) + std::string(row.name));
    }
  }
  return names;
}

}  // namespace

void Unit::multiply(const Unit& other, std::int64_t n) {
  scale.multiply(other.scale, n);
  for (std::size_t i = 0; i < powers.size(); ++i) powers[i] += other.powers[i] * n;
}

std::optional<Unit> find_unit(std::string_view name, bool carbon) {
  for (const auto& row : unit_rows) {
    if (!name.ends_with(row.name)) continue;
    const auto front = name.substr(0, name.size() - row.name.size());
    const auto* const prefix =
        std::find_if(std::begin(prefixes), std::end(prefixes), [&](const Prefix& p) { return p.name == front; });
    const bool prefixed = prefix != std::end(prefixes) && (row.prefixes & prefix->kind) != 0;
    if (!front.empty() && !prefixed) continue;
    Unit unit{Scale::whole(row.factor), {}};
    unit.scale.multiply(Scale::ten(row.ten));
    if (prefixed) unit.scale.multiply(prefix->scale);
    const auto& dimension = carbon && row.dimension == of(Base::mass) ? of(Base::carbon) : row.dimension;
    std::copy(dimension.exponents.begin(), dimension.exponents.end(), unit.powers.begin());
    return unit;
  }
  return std::nullopt;
}

std::string unit_hint(std::string_view name) {
  if (auto hint = refused_hint(name); !hint.empty()) return hint;
  if (auto hint = kilo_hint(name); !hint.empty()) return hint;
  const auto names = all_names();
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  if (const auto best = nearest(name, candidates); !best.empty()) return "; nearest '" + std::string(best) + "'";
  return "; known units: " + std::string(families);
}

}  // namespace ironlaw::host
