#include "chart/chart_rows.hpp"

#include <ironlaw/error.hpp>

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_bars = 40;

/// The columns of a breakdown: parts, and what they are parts of where the report has it.
struct Parts {
  std::vector<std::size_t> columns;
  std::optional<std::size_t> whole;
};

/// Whether no part is larger than a column, in any row.
bool holds_all(const ChartRows& rows, std::size_t whole, const std::vector<std::size_t>& parts) {
  bool any = false;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!rows.has_outputs(r)) continue;
    for (const std::size_t c : parts) {
      if (c == whole) continue;
      if (rows.number(c, r) > rows.number(whole, r) * (1 + 1e-9)) return false;
      any |= rows.number(c, r) > 0;
    }
  }
  return any;
}

/// The column that holds the parts: of those that the report has the one that comes first.
std::optional<std::size_t> whole_of(const ChartRows& rows, const std::vector<std::size_t>& candidates,
                                    const std::vector<std::size_t>& parts) {
  for (const std::size_t c : candidates)
    if (parts.size() > 1 && holds_all(rows, c, parts)) return c;
  return {};
}

Parts parts_of(const ChartRows& rows, const std::vector<std::string>& names) {
  auto same = rows.answers();
  Parts parts;
  for (const auto& name : names) parts.columns.push_back(rows.find(name, "--parts"));
  if (names.empty()) {
    if (same.empty()) throw InputError("--parts", "no output among the report's columns is a number");
    parts.columns = same;
  }
  const ResultColumn& first = rows.column(parts.columns.front());
  const auto adds_up = [&](std::size_t c) { return rows.column(c).port.dimension == first.port.dimension; };
  std::erase_if(same, [&](std::size_t c) { return !adds_up(c); });
  if (names.empty()) parts.columns = same;
  for (const std::size_t c : parts.columns) {
    if (!rows.is_number(c)) throw InputError("--parts", "'" + rows.column(c).name + "' is no number");
    if (!adds_up(c))
      throw InputError("--parts", "'" + rows.column(c).name + "' does not add up with '" + first.name + "': another dimension");
  }
  if (!names.empty())
    std::erase_if(same,
                  [&](std::size_t c) { return std::find(parts.columns.begin(), parts.columns.end(), c) != parts.columns.end(); });
  parts.whole = whole_of(rows, same, parts.columns);
  if (parts.whole) std::erase(parts.columns, *parts.whole);
  // A part that is nothing in every row is none.
  auto something = parts.columns;
  std::erase_if(something, [&](std::size_t c) {
    for (std::size_t r = 0; r < rows.size(); ++r)
      if (rows.has_outputs(r) && rows.number(c, r) > 0) return false;
    return true;
  });
  if (!something.empty()) parts.columns = std::move(something);
  return parts;
}

/// The parts that have a colour each, in the report's order; the smallest of many are one.
std::vector<std::vector<std::size_t>> told_apart(const ChartRows& rows, const std::vector<std::size_t>& parts,
                                                 const std::vector<std::size_t>& drawn) {
  constexpr std::size_t colours = 8;
  auto by_size = parts;
  const auto size = [&](std::size_t c) {
    double sum = 0;
    for (const std::size_t r : drawn)
      if (const double v = rows.number(c, r); !std::isnan(v)) sum += v;
    return sum;
  };
  std::stable_sort(by_size.begin(), by_size.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  if (by_size.size() > colours) by_size.resize(colours - 1);
  std::vector<std::vector<std::size_t>> shown;
  std::vector<std::size_t> others;
  for (const std::size_t c : parts) {
    if (std::find(by_size.begin(), by_size.end(), c) == by_size.end()) {
      others.push_back(c);
    } else {
      shown.push_back({c});
    }
  }
  if (!others.empty()) shown.push_back(std::move(others));
  return shown;
}

}  // namespace

Chart breakdown_chart(const Pipeline& pipeline, const std::vector<std::string>& names) {
  constexpr double rounding = 1e-6;
  const ChartRows rows(pipeline);
  const Parts parts = parts_of(rows, names);
  const PortInfo& port = rows.column(parts.columns.front()).port;
  std::vector<double> sums;
  std::vector<std::size_t> drawn;
  std::size_t overlapping = 0;  // row of the largest overlap, behind the last where there is none
  double overlap = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!rows.has_outputs(r)) continue;
    double sum = 0;
    for (const std::size_t c : parts.columns)
      if (const double v = rows.number(c, r); !std::isnan(v)) sum += v;
    if (const double over = parts.whole ? sum / rows.number(*parts.whole, r) - 1 : 0; over > std::max(overlap, rounding)) {
      overlap = over;
      overlapping = drawn.size();
    }
    drawn.push_back(r);
    sums.push_back(sum);
  }
  if (drawn.empty()) throw InputError("", "no row has an answer to draw" + rows.because());
  if (drawn.size() > most_bars)
    throw InputError(
        "", "a breakdown shows up to " + std::to_string(most_bars) + " rows; this is a table of " + std::to_string(drawn.size()));
  const auto text = [&](double v) { return format_quantity(v, port.dimension, {}, shown_digits); };
  const auto x = axis_of("", sums, port.dimension);
  ChartPanel panel;
  panel.x = x.axis;
  panel.x.name = overlap > 0 ? "each part" : "sum of the parts";
  panel.x.zero = true;
  panel.bars = overlap > 0 ? ChartPanel::Bars::side_by_side : ChartPanel::Bars::stacked;
  for (const std::size_t r : drawn) panel.y.categories.push_back(rows.label(r, {}));
  const auto shown = told_apart(rows, parts.columns, drawn);
  for (std::size_t p = 0; p < shown.size(); ++p) {
    const bool others = shown[p].size() > 1;
    ChartSeries series{others ? std::to_string(shown[p].size()) + " others" : rows.column(shown[p].front()).name,
                       ChartSeries::Form::bars, p, false};
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      double sum = 0;
      for (const std::size_t c : shown[p])
        if (const double v = rows.number(c, drawn[i]); !std::isnan(v)) sum += v;
      series.points.push_back(
          {sum / x.scale, static_cast<double>(i), 0, rows.tip(drawn[i], shown[p]), sum > 0 ? text(sum) : std::string(), false});
    }
    panel.series.push_back(std::move(series));
  }
  ChartSeries totals{parts.whole ? rows.column(*parts.whole).name : "sum", ChartSeries::Form::totals, 6, false};
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const double v = parts.whole ? rows.number(*parts.whole, drawn[i]) : sums[i];
    totals.points.push_back({v / x.scale, static_cast<double>(i), 0,
                             parts.whole ? rows.tip(drawn[i], {*parts.whole}) : rows.tip(drawn[i], {}) + "\nsum " + text(v),
                             text(v), false});
  }
  panel.series.push_back(std::move(totals));
  Chart chart{{}, {}, {std::move(panel)}};
  if (overlap > 0) {
    const std::size_t r = drawn[overlapping];
    const std::string row = rows.label(r, {});
    chart.note = "The parts overlap, and so stand side by side: " + (row.empty() ? "" : "of " + row + " ") + "they add up to " +
                 text(sums[overlapping]) + ", and " + rows.column(*parts.whole).name + " is " +
                 text(rows.number(*parts.whole, r)) + ".";
  } else if (!parts.whole) {
    chart.note = "Whether the parts overlap is not known: no column of the report is their whole.";
  }
  return chart;
}

}  // namespace ironlaw::host
