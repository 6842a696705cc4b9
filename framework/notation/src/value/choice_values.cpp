// Names of a closed list, and true or false.
#include "value/port_values.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Ordinals in cells.
class OrdinalValues : public PortValues {
 public:
  [[nodiscard]] bool absent(const Cell& cell) const final { return !std::isfinite(cell.number); }
  [[nodiscard]] bool accepts(const PortInfo& port, const Cell& cell) const final {
    return port.range.contains(cell.number) && cell.number == std::floor(cell.number);
  }
  [[nodiscard]] std::string reason_refused(const PortInfo& port, const Cell& cell) const final {
    if (std::isnan(cell.number)) return "has no value (NaN or absent); allowed: " + allowed(port);
    if (std::isinf(cell.number)) return "is infinite; allowed: " + allowed(port);
    return "= " + number_in_words(port, cell.number) + " is not allowed; allowed: " + allowed(port);
  }
};

class BooleanValues final : public OrdinalValues {
 public:
  [[nodiscard]] ValueForm form() const override { return ValueForm::truth; }
  [[nodiscard]] std::string name(const PortInfo&) const override { return "boolean"; }
  [[nodiscard]] std::string carried(const PortInfo&) const override { return "true or false"; }
  [[nodiscard]] std::string allowed(const PortInfo&) const override { return "true or false"; }
  [[nodiscard]] bool suits(const PortInfo&, const PortInfo&) const override { return true; }
  Cell read(const PortInfo& port, const Json& value, const std::string& where, KeptValues&) const override {
    if (value.is_boolean()) return Cell{value.get<bool>() ? 1.0 : 0.0};
    if (value == "true") return Cell{1};
    if (value == "false") return Cell{0};
    throw InputError(where, std::string(port.name) + " takes true or false, not " + shown_json(value));
  }
  [[nodiscard]] std::string text(const PortInfo&, const Cell& cell) const override { return cell.number != 0 ? "yes" : "no"; }
  [[nodiscard]] Json json(const PortInfo&, const Cell& cell) const override { return cell.number != 0; }
  [[nodiscard]] Json schemas(const PortInfo&) const override { return Json::array({{{"type", "boolean"}}}); }
};

class ChoiceValues final : public OrdinalValues {
 public:
  [[nodiscard]] ValueForm form() const override { return ValueForm::choice; }
  [[nodiscard]] std::string name(const PortInfo&) const override { return "choice"; }
  [[nodiscard]] std::string carried(const PortInfo& port) const override {
    return "a choice of " + std::string(port.choices.empty() ? "" : port.choices.front()) + " ...";
  }
  [[nodiscard]] std::string allowed(const PortInfo& port) const override {
    std::string s = "one of";
    for (const auto& c : port.choices) s.append(&c == port.choices.data() ? " " : ", ").append(c);
    return s;
  }
  [[nodiscard]] bool suits(const PortInfo& from, const PortInfo& to) const override {
    return std::equal(from.choices.begin(), from.choices.end(), to.choices.begin(), to.choices.end());
  }
  /// The choice of that name; letter case matters only between choices that differ in nothing else.
  Cell read(const PortInfo& port, const Json& value, const std::string& where, KeptValues&) const override {
    const std::string given = value.is_string() ? value.get<std::string>() : shown_json(value);
    const auto& choices = port.choices;
    auto found = std::find(choices.begin(), choices.end(), given);
    if (found == choices.end())
      found = std::find_if(choices.begin(), choices.end(), [&](std::string_view c) { return same_but_for_case(c, given); });
    if (found != choices.end()) return Cell{static_cast<double>(found - choices.begin())};
    throw InputError(where, "unknown " + std::string(port.name) + " '" + given + "'" + did_you_mean(given, choices) +
                                " Allowed: " + allowed(port));
  }
  /// The ordinal's, where it is one.
  [[nodiscard]] std::string text(const PortInfo& port, const Cell& cell) const override {
    const bool known = cell.number >= 0 && cell.number < static_cast<double>(port.choices.size());
    return known ? std::string(port.choices[static_cast<std::size_t>(cell.number)]) : std::string();
  }
  [[nodiscard]] Json json(const PortInfo& port, const Cell& cell) const override { return text(port, cell); }
  [[nodiscard]] Json schemas(const PortInfo& port) const override {
    Json names = Json::array();
    for (const auto& c : port.choices) names.push_back(c);
    return Json::array({{{"enum", names}}});
  }
};

}  // namespace

const PortValues& boolean_values() {
  static const BooleanValues values;
  return values;
}
const PortValues& choice_values() {
  static const ChoiceValues values;
  return values;
}

}  // namespace ironlaw::host
