// Lists of numbers over an index, and texts.
#include "value/port_values.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>
#include <span>

namespace ironlaw::host {
namespace {

std::span<const double> numbers_of(const Cell& cell) {
  const SeriesCell& series = *series_of(cell);
  return {series.data, series.size};
}

std::string allowed_length(const PortInfo& port) {
  if (port.longest == 0) return port.shortest == 0 ? "values" : std::to_string(port.shortest) + " values or more";
  if (port.shortest == port.longest) return std::to_string(port.longest) + " values";
  return (port.shortest == 0 ? "at most " : std::to_string(port.shortest) + " to ") + std::to_string(port.longest) + " values";
}

bool has_length(const PortInfo& port, std::size_t size) {
  return size >= port.shortest && (port.longest == 0 || size <= port.longest);
}

bool in_range(const PortInfo& port, double v) { return port.range.contains(v) && std::isfinite(v); }

class SeriesValues final : public PortValues {
 public:
  [[nodiscard]] ValueForm form() const override { return ValueForm::list; }
  [[nodiscard]] std::string name(const PortInfo& port) const override {
    return port.index.empty() ? "series" : "series over " + std::string(port.index);
  }
  [[nodiscard]] std::string carried(const PortInfo& port) const override {
    return std::string("a series ") + (port.dimension.dimensionless() ? "of plain numbers" : "in " + si_unit(port.dimension)) +
           (port.index.empty() ? "" : " over " + std::string(port.index));
  }
  [[nodiscard]] std::string allowed(const PortInfo& port) const override {
    return with_bounds("a list of " + allowed_length(port), port);
  }
  [[nodiscard]] bool suits(const PortInfo& from, const PortInfo& to) const override {
    return from.dimension == to.dimension && (from.index.empty() || to.index.empty() || from.index == to.index);
  }

  [[nodiscard]] bool absent(const Cell& cell) const override { return absent_cell(cell); }
  [[nodiscard]] bool accepts(const PortInfo& port, const Cell& cell) const override {
    const auto numbers = numbers_of(cell);
    return has_length(port, numbers.size()) &&
           std::all_of(numbers.begin(), numbers.end(), [&](double v) { return in_range(port, v); });
  }
  [[nodiscard]] std::string reason_refused(const PortInfo& port, const Cell& cell) const override {
    if (absent_cell(cell)) return "is required: give " + allowed(port);
    const auto numbers = numbers_of(cell);
    if (!has_length(port, numbers.size()))
      return "has " + std::to_string(numbers.size()) + (numbers.size() == 1 ? " value" : " values") +
             "; allowed: " + allowed(port);
    const auto bad = std::find_if(numbers.begin(), numbers.end(), [&](double v) { return !in_range(port, v); });
    const std::string which = "value " + std::to_string(bad - numbers.begin()) + " ";
    if (!std::isfinite(*bad)) return which + "is not a finite number; allowed: " + allowed(port);
    return which + "= " + number_in_words(port, *bad) + " is not allowed; allowed: " + allowed(port);
  }

  Cell read(const PortInfo& port, const Json& value, const std::string& where, KeptValues& kept) const override {
    const PortInfo one = value_of_series(port);
    std::vector<double> numbers;
    if (value.is_object() && value.contains("value") && value["value"].is_array()) {
      Json quantity{{"value", 0}, {"unit", value.value("unit", Json())}};
      if (value.size() != 2 || !quantity["unit"].is_string())
        throw InputError(where, std::string(port.name) + " takes a list, or {\"value\": list, \"unit\": text}");
      for (std::size_t i = 0; i < value["value"].size(); ++i) {
        quantity["value"] = value["value"][i];
        numbers.push_back(read_value(one, quantity, pointer(where + "/value", i)).number);
      }
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) numbers.push_back(read_value(one, value[i], pointer(where, i)).number);
    } else {
      throw InputError(where, std::string(port.name) + " takes " + allowed(port) + ", not " + shown_json(value));
    }
    return kept.series(numbers);
  }

  /// What a row of a table has room for: short series in full, of long ones the ends of what they hold.
  [[nodiscard]] std::string text(const PortInfo& port, const Cell& cell) const override {
    constexpr std::size_t written_out = 6;
    const auto numbers = numbers_of(cell);
    if (numbers.empty()) return "no values";
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    const std::string preferred = preferred_unit(port);
    const std::string unit =
        preferred.empty() ? readable_unit(std::max(std::abs(*least), std::abs(*most)), port.dimension).unit : preferred;
    const auto in_unit = [&](double v) { return format_quantity(v, port.dimension, unit, shown_digits); };
    if (numbers.size() > written_out)
      return std::to_string(numbers.size()) + " values, " + in_unit(*least) + " to " + in_unit(*most);
    std::string list;
    for (const double v : numbers.first(numbers.size() - 1)) {
      const std::string one = in_unit(v);
      list += one.substr(0, one.find(' ')) + ", ";
    }
    return list + in_unit(numbers.back());
  }
  [[nodiscard]] Json json(const PortInfo&, const Cell& cell) const override {
    Json list = Json::array();
    for (const double v : numbers_of(cell)) list.push_back(number_json(v));
    return list;
  }
  [[nodiscard]] Json schemas(const PortInfo& port) const override {
    Json list{{"type", "array"}, {"items", {{"type", {"number", "string", "object"}}}}};
    if (port.shortest > 0) list["minItems"] = port.shortest;
    if (port.longest > 0) list["maxItems"] = port.longest;
    return Json::array({list,
                        {{"type", "object"}, {"required", {"value", "unit"}}},
                        {{"type", "object"}, {"required", {"table"}}},
                        {{"type", "string"}, {"description", "a file with a column of this name"}}});
  }
};

class TextValues final : public PortValues {
 public:
  [[nodiscard]] ValueForm form() const override { return ValueForm::text; }
  [[nodiscard]] std::string name(const PortInfo&) const override { return "text"; }
  [[nodiscard]] std::string carried(const PortInfo&) const override { return "a text"; }
  [[nodiscard]] std::string allowed(const PortInfo&) const override { return "a text"; }
  [[nodiscard]] bool suits(const PortInfo&, const PortInfo&) const override { return true; }
  [[nodiscard]] bool absent(const Cell& cell) const override { return absent_cell(cell); }
  [[nodiscard]] bool accepts(const PortInfo&, const Cell&) const override { return true; }
  [[nodiscard]] std::string reason_refused(const PortInfo& port, const Cell&) const override {
    return "is required: give " + allowed(port);
  }
  Cell read(const PortInfo& port, const Json& value, const std::string& where, KeptValues& kept) const override {
    if (!value.is_string()) throw InputError(where, std::string(port.name) + " takes a text, not " + shown_json(value));
    return kept.text(value.get<std::string>());
  }
  [[nodiscard]] std::string text(const PortInfo&, const Cell& cell) const override {
    return std::string(*static_cast<const std::string_view*>(cell.object));
  }
  [[nodiscard]] Json json(const PortInfo& port, const Cell& cell) const override { return text(port, cell); }
  [[nodiscard]] Json schemas(const PortInfo&) const override { return Json::array({{{"type", "string"}}}); }
};

}  // namespace

const PortValues& series_values() {
  static const SeriesValues values;
  return values;
}
const PortValues& text_values() {
  static const TextValues values;
  return values;
}

PortInfo value_of_series(PortInfo port) {
  port.type = PortType::number;
  port.optional = false;
  return port;
}

}  // namespace ironlaw::host
