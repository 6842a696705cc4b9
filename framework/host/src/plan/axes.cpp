// Reading the values of an axis.
#include "api/check.hpp"
#include "config/value.hpp"
#include "plan/binder.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_values = 10'000'000;

void check_keys(const Json& value, std::span<const std::string_view> known, const std::string& where) {
  for (const auto& [key, v] : value.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw InputError(where, "unknown key '" + key + "'" + did_you_mean(key, known));
}

Cell checked(const PortInfo& port, double v, const std::string& where) {
  const Cell cell{v};
  if (!accepts(port, cell)) throw InputError(where, std::string(port.name) + " " + reason_refused(port, cell));
  return cell;
}

double end_of(const PortInfo& port, const Json& value, const char* key, const std::string& where) {
  if (!value.contains(key)) throw InputError(where, std::string("a range needs \"") + key + "\"");
  return read_value(port, value[key], where + "/" + key).number;
}

std::vector<Cell> powers(const PortInfo& port, const Json& value, const std::string& where) {
  constexpr std::array<std::string_view, 3> keys{"powers_of", "from", "to"};
  check_keys(value, keys, where);
  if (!value["powers_of"].is_number() || !(value["powers_of"].get<double>() > 1))
    throw InputError(where, "powers_of takes a number above 1");
  const double base = value["powers_of"].get<double>();
  const double from = end_of(port, value, "from", where);
  const double to = end_of(port, value, "to", where);
  if (!(from > 0) || to < from) throw InputError(where, "a range of powers goes upwards from a value above 0");
  std::vector<Cell> cells;
  for (double v = from; v <= to; v *= base) {
    if (cells.size() >= most_values) throw InputError(where, "more than 10000000 values");
    cells.push_back(checked(port, v, where));
  }
  return cells;
}

std::vector<Cell> divisors(const PortInfo& port, const Json& value, const std::string& where) {
  constexpr std::array<std::string_view, 1> keys{"divisors_of"};
  check_keys(value, keys, where);
  if (!value["divisors_of"].is_number_unsigned() || value["divisors_of"] < 1 || value["divisors_of"] > 1'000'000'000'000)
    throw InputError(where, "divisors_of takes a whole number from 1 to 10^12");
  const auto n = value["divisors_of"].get<std::uint64_t>();
  std::vector<std::uint64_t> all;
  for (std::uint64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    all.push_back(d);
    if (d * d != n) all.push_back(n / d);
  }
  std::sort(all.begin(), all.end());
  std::vector<Cell> cells;
  for (const auto d : all) cells.push_back(checked(port, static_cast<double>(d), where));
  return cells;
}

std::vector<Cell> range(const PortInfo& port, const Json& value, const std::string& where) {
  constexpr std::array<std::string_view, 4> keys{"from", "to", "steps", "scale"};
  check_keys(value, keys, where);
  const double from = end_of(port, value, "from", where);
  const double to = end_of(port, value, "to", where);
  if (!value.contains("steps") || !value["steps"].is_number_unsigned() || value["steps"] < 2 || value["steps"] > most_values)
    throw InputError(where, "a range needs \"steps\", the count of values with both ends: 2 to 10000000");
  const auto scale = value.contains("scale") ? value["scale"] : Json("linear");
  if (scale != "linear" && scale != "log") throw InputError(where, "scale takes \"linear\" or \"log\", not " + scale.dump());
  const bool log = scale == "log";
  if (log && !(from > 0 && to > 0)) throw InputError(where, "a log range takes ends above 0");
  const auto steps = value["steps"].get<std::size_t>();
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < steps; ++i) {
    const auto k = static_cast<double>(i);
    const auto last = static_cast<double>(steps - 1);
    // Multiplied before it is divided, whole numbers stay whole.
    const double v = i == 0           ? from
                     : i + 1 == steps ? to
                     : log            ? from * std::pow(to / from, k / last)
                                      : from + (to - from) * k / last;
    cells.push_back(checked(port, v, where));
  }
  return cells;
}

Cell read_object(const PortInfo& port, const Json& value, const std::string& where, Zoo& zoo) {
  if (!value.is_string() && !value.is_object())
    throw InputError(
        where, std::string(port.name) + " takes the name of a " + std::string(port.interface) + " or one written out in {}");
  const ZooObject& object = value.is_string()
                                ? zoo.find(port.interface, value.get<std::string>(), where)
                                : zoo.impl().make(zoo.impl().spec_inline(port.interface, value, where, false), where);
  check_layout(port, *object.kind, where);
  Cell cell;
  cell.object = object.object;
  return cell;
}

}  // namespace

std::vector<Cell> read_axis(const PortInfo& port, const Json& value, const std::string& where, const Config::Impl& config,
                            const std::string& json_pointer, Zoo& zoo) {
  if (value.is_object() && port.type == PortType::object && value.contains("zoo")) return read_zoo_axis(port, value, where, zoo);
  if (value.is_object() && port.type != PortType::number && port.type != PortType::integer)
    throw InputError(where, std::string(port.name) + " takes a list of values");
  if (value.is_object()) {
    if (value.contains("powers_of")) return powers(port, value, where);
    return value.contains("divisors_of") ? divisors(port, value, where) : range(port, value, where);
  }
  if (!value.is_array()) throw InputError(where, "an axis takes a list, or a range {\"from\", \"to\", \"steps\"}");
  if (value.empty()) throw InputError(where, "an axis needs at least one value");
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string here = config.where(pointer(json_pointer, i));
    if (port.type != PortType::object) {
      cells.push_back(read_value(port, value[i], here));
      continue;
    }
    cells.push_back(read_object(port, value[i], here, zoo));
  }
  return cells;
}

}  // namespace ironlaw::host
