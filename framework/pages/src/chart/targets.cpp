#include "chart/targets.hpp"

#include "chart/chart_rows.hpp"
#include "plan/clauses.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace ironlaw::host {
namespace {

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

std::optional<double> quantity(const std::string& text) {
  try {
    return parse_quantity(text).value;
  } catch (const UnitError&) {
    return {};
  }
}

bool is_name(const std::string& text) {
  return !text.empty() && (std::isalpha(static_cast<unsigned char>(text.front())) != 0 || text.front() == '$') &&
         text.find_first_of(" +*/^(),") == text.npos;
}

/// A comparison of a name and a number, either way round.
std::optional<Target> target_of(const std::string& text) {
  const auto at = text.find_first_of("<>");
  if (at == text.npos || text.find_first_of("<>", at + 1) != text.npos) return {};
  const std::size_t behind = at + (text.substr(at + 1, 1) == "=" ? 2 : 1);
  std::string left = trimmed(std::string_view(text).substr(0, at));
  std::string right = trimmed(std::string_view(text).substr(behind));
  bool at_most = text[at] == '<';
  if (!is_name(left)) {
    std::swap(left, right);
    at_most = !at_most;
  }
  const auto number = quantity(right);
  if (!is_name(left) || !number) return {};
  if (left.front() == '$') left.erase(0, 1);
  return Target{left, at_most, *number, text};
}

}  // namespace

std::vector<Target> targets_of(const Pipeline& pipeline) {
  std::vector<Target> targets;
  for (const Constraint& constraint : pipeline.clauses().constraints)
    if (auto target = target_of(constraint.condition.text())) targets.push_back(std::move(*target));
  return targets;
}

std::vector<std::string> draw_targets(const Pipeline& pipeline, const ChartRows& rows, std::size_t column, const AxisScale& axis,
                                      bool of_y, ChartPanel& panel) {
  constexpr double far_linear = 1.5;  // of the range of the values
  constexpr double far_log = 30;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double v = rows.number(column, r);
    if (!rows.has_outputs(r) || std::isnan(v)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  std::vector<std::string> off;
  const std::string& name = rows.column(column).name;
  for (const Target& target : targets_of(pipeline)) {
    if (target.column != name && !name.ends_with("." + target.column) && !target.column.ends_with("." + name)) continue;
    const double span = std::max(high - low, std::abs(high) / 2);
    const bool near = axis.axis.log ? target.at > 0 && target.at < far_log * high && target.at > low / far_log
                                    : target.at < high + far_linear * span && target.at > low - far_linear * span;
    if (near) {
      panel.targets.push_back({of_y, target.at / axis.scale, target.text});
    } else {
      off.push_back(target.text);
    }
  }
  return off;
}

}  // namespace ironlaw::host
