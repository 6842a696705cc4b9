// Reading the values of an axis.
#include "plan/binder.hpp"
#include "value/check.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

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

/// {"from": 1, "to": 64} of a count: every whole number.
std::vector<Cell> whole_numbers(const PortInfo& port, double from, double to, const std::string& where) {
  if (to < from || to - from >= static_cast<double>(most_values))
    throw InputError(where, "a range of counts goes upwards over at most 10000000 values");
  std::vector<Cell> cells;
  for (double v = from; v <= to; ++v) cells.push_back(checked(port, v, where));
  return cells;
}

std::vector<Cell> range(const PortInfo& port, const Json& value, const std::string& where) {
  constexpr std::array<std::string_view, 4> keys{"from", "to", "steps", "scale"};
  check_keys(value, keys, where);
  const double from = end_of(port, value, "from", where);
  const double to = end_of(port, value, "to", where);
  if (!value.contains("steps") && port.type == PortType::integer && !value.contains("scale"))
    return whole_numbers(port, from, to, where);
  if (!value.contains("steps") || !value["steps"].is_number_unsigned() || value["steps"] < 2 || value["steps"] > most_values)
    throw InputError(where, "a range needs \"steps\", the count of values with both ends: 2 to 10000000");
  const auto scale = value.contains("scale") ? value["scale"] : Json("linear");
  if (scale != "linear" && scale != "log") throw InputError(where, "scale takes \"linear\" or \"log\", not " + shown_json(scale));
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

/// A way to say how likely the values of an axis are: {"normal": [mean, standard deviation]}.
struct Form {
  const char* name;
  Distribution::Shape shape;
  std::size_t numbers;
  const char* what;
};
constexpr std::array forms{
    Form{"uniform", Distribution::Shape::uniform, 2, "[low, high]"},
    Form{"log_uniform", Distribution::Shape::log_uniform, 2, "[low, high], both above 0"},
    Form{"normal", Distribution::Shape::normal, 2, "[mean, standard deviation above 0]"},
    Form{"lognormal", Distribution::Shape::lognormal, 2, "[median above 0, geometric standard deviation above 1]"},
    Form{"triangular", Distribution::Shape::triangular, 3, "[low, mode, high]"}};

bool sensible(const Distribution& d) {
  switch (d.shape) {
    case Distribution::Shape::uniform:
      return d.first < d.second;
    case Distribution::Shape::log_uniform:
      return 0 < d.first && d.first < d.second;
    case Distribution::Shape::normal:
      return d.second > 0;
    case Distribution::Shape::lognormal:
      return d.first > 0 && d.second > 1;
    case Distribution::Shape::triangular:
      return d.first <= d.second && d.second <= d.third && d.first < d.third;
  }
  return false;
}

/// A number of a distribution: a spread may lie outside the port's range, and a ratio has no unit.
double number_of(PortInfo port, const Json& value, bool spread, bool ratio, const std::string& where) {
  if (spread) port.range = {0, std::numeric_limits<double>::max(), true};
  if (ratio) port.dimension = {};
  return read_value(port, value, where).number;
}

Distribution read_form(const Form& form, const PortInfo& port, const Json& value, const std::string& where) {
  if (value.size() != 1) throw InputError(where, std::string("{\"") + form.name + "\": " + form.what + "} takes no other key");
  const Json& list = value[form.name];
  const std::string here = where + "/" + form.name;
  if (!list.is_array() || list.size() != form.numbers) throw InputError(here, std::string("takes ") + form.what);
  Distribution d;
  d.shape = form.shape;
  d.range = port.range;
  const bool lognormal = form.shape == Distribution::Shape::lognormal;
  const bool spread = lognormal || form.shape == Distribution::Shape::normal;
  d.first = number_of(port, list[0], false, false, here + "/0");
  d.second = number_of(port, list[1], spread, lognormal, here + "/1");
  if (form.numbers == 3) d.third = number_of(port, list[2], false, false, here + "/2");
  if (!sensible(d)) throw InputError(here, std::string("takes ") + form.what);
  return d;
}

/// {"from": a, "to": b} without steps: any value between.
Distribution read_interval(const PortInfo& port, const Json& value, const std::string& where) {
  constexpr std::array<std::string_view, 4> keys{"from", "to", "scale", "steps"};
  check_keys(value, keys, where);
  Distribution d;
  const auto scale = value.contains("scale") ? value["scale"] : Json("linear");
  if (scale != "linear" && scale != "log") throw InputError(where, "scale takes \"linear\" or \"log\", not " + shown_json(scale));
  if (scale == "log") d.shape = Distribution::Shape::log_uniform;
  d.first = end_of(port, value, "from", where);
  d.second = end_of(port, value, "to", where);
  d.range = port.range;
  if (!sensible(d)) throw InputError(where, "a range without steps goes upwards, and on a log scale from above 0");
  return d;
}

/// One of the values of an axis.
Cell read_one(const PortInfo& port, const Json& value, const std::string& where, Zoo& zoo, TableValues& tables) {
  if (TableValues::reads(port)) return tables.value(port, value, where);
  if (port.type != PortType::object) return read_value(port, value, where);
  const std::string name = said_name(value);
  if (name.empty() && !value.is_object())
    throw InputError(
        where, std::string(port.name) + " takes the name of a " + std::string(port.interface) + " or one written out in {}");
  const auto counted = name.empty() ? std::nullopt : zoo.impl().counted(port.interface, name);
  const ZooObject& object = counted         ? zoo.impl().make_inline(port.interface, *counted, where)
                            : !name.empty() ? zoo.find(port.interface, name, where)
                                            : zoo.impl().make_inline(port.interface, value, where);
  check_layout(port, *object.kind, where);
  Cell cell;
  cell.object = object.object;
  return cell;
}

}  // namespace

std::optional<Distribution> read_distribution(const PortInfo& port, const Json& value, const std::string& where) {
  if (!value.is_object() || port.type != PortType::number) return {};
  if (value.contains("from") && !value.contains("steps") && !value.contains("powers_of"))
    return read_interval(port, value, where);
  for (const Form& form : forms)
    if (value.contains(form.name)) return read_form(form, port, value, where);
  return {};
}

std::vector<Cell> read_axis(const PortInfo& port, const Json& value, const std::string& where, const Config::Impl& config,
                            const std::string& json_pointer, Zoo& zoo, TableValues& tables) {
  std::vector<Cell> cells;
  if (TableValues::is_column(value) && port.type != PortType::series) {
    for (const TableValues::Place& cell : tables.column(port, value, where))
      cells.push_back(read_one(port, cell.value, cell.where, zoo, tables));
    return cells;
  }
  if (value.is_object() && port.type == PortType::object && value.contains("zoo")) return read_zoo_axis(port, value, where, zoo);
  if (value.is_object() && port.type != PortType::number && port.type != PortType::integer)
    throw InputError(where, std::string(port.name) + " takes a list of values");
  if (value.is_object()) {
    if (value.contains("powers_of")) return powers(port, value, where);
    return value.contains("divisors_of") ? divisors(port, value, where) : range(port, value, where);
  }
  if (!value.is_array()) throw InputError(where, "an axis takes a list, or a range {\"from\", \"to\", \"steps\"}");
  if (value.empty()) throw InputError(where, "an axis needs at least one value");
  for (std::size_t i = 0; i < value.size(); ++i)
    cells.push_back(read_one(port, value[i], config.where(pointer(json_pointer, i)), zoo, tables));
  return cells;
}

}  // namespace ironlaw::host
