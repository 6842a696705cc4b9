#include "chart/chart_rows.hpp"

#include "plan/clauses.hpp"
#include "plan/environment.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_rows = 100'000;

}  // namespace

ChartRows::ChartRows(const Pipeline& pipeline) : pipeline_(pipeline), cells_(pipeline.columns().size()) {
  if (pipeline.rows() > most_rows)
    throw InputError(
        "", "a chart shows up to " + std::to_string(most_rows) + " rows; this is a table of " + std::to_string(pipeline.rows()));
  RunOptions options;
  options.every_row = true;
  run(pipeline, *this, options);
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    if (!says_what_was_asked(column(c))) continue;
    const auto differs = [&](const Cell& cell) {
      return column(c).port.type == PortType::object ? cell.object != cells_[c][0].object : cell.number != cells_[c][0].number;
    };
    if (std::any_of(cells_[c].begin(), cells_[c].end(), differs)) varying_.push_back(c);
  }
}

void ChartRows::rows(const ResultRows& rows) {
  for (std::size_t r = 0; r < rows.status.size(); ++r) {
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const Cell& cell = rows.columns[c][r];
      cells_[c].push_back(column(c).from == ResultColumn::From::output ? kept_.keep(column(c).port, cell) : cell);
    }
    status_.push_back(rows.status[r]);
    if (!reason_.empty() || ironlaw::has_outputs(rows.status[r]) || rows.errors == nullptr) continue;
    if (const auto error = rows.errors->find(rows.number(r)); error != rows.errors->end()) reason_ = error->second;
  }
}

std::string ChartRows::text(std::size_t column, std::size_t row) const {
  const ResultColumn& shown = pipeline_.columns()[column];
  const Cell& cell = cells_[column][row];
  return value_text({shown.name, &shown.port, cell, object_name(pipeline_.environment().zoo(), shown.port, cell)});
}

bool ChartRows::is_number(std::size_t c) const {
  return column(c).port.type == PortType::number || column(c).port.type == PortType::integer;
}

bool ChartRows::is_series(std::size_t c) const { return column(c).port.type == PortType::series; }

std::size_t ChartRows::find(const std::string& name, const std::string& where) const {
  std::vector<std::string_view> names;
  for (const auto& c : pipeline_.columns()) names.push_back(c.name);
  for (std::size_t c = 0; c < names.size(); ++c)
    if (names[c] == name) return c;
  for (std::size_t c = 0; c < names.size(); ++c)
    if (names[c].ends_with("." + name) || name.ends_with("." + std::string(names[c]))) return c;  // said with its stage, or not
  std::string all;
  for (const auto column : names) all += (all.empty() ? "" : ", ") + std::string(column);
  throw InputError(where, "the report has no column '" + name + "'" + did_you_mean(name, names) + " Columns: " + all);
}

std::vector<std::size_t> ChartRows::answers() const {
  std::vector<std::size_t> found;
  std::vector<std::size_t> of_bands;
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    if (says_what_was_asked(column(c)) || column(c).from == ResultColumn::From::used ||
        column(c).end != ResultColumn::End::none || !is_number(c))
      continue;
    found.push_back(c);
    if (column(c).port.banded)  // its own ends, whoever asked for bands
      for (std::size_t end = 0; end < cells_.size(); ++end)
        if (is_end_of(column(end).name, column(c).name)) of_bands.push_back(end);
    if (const auto both = ends(c)) of_bands.insert(of_bands.end(), both->begin(), both->end());
  }
  std::erase_if(found, [&](std::size_t c) { return std::find(of_bands.begin(), of_bands.end(), c) != of_bands.end(); });
  return found;
}

std::optional<std::array<std::size_t, 2>> ChartRows::ends(std::size_t c) const {
  const Bands* bands = pipeline_.clauses().bands.get();
  if (bands == nullptr || column(c).end != ResultColumn::End::none) return {};
  for (const BandedColumn& banded : bands->columns())
    if (banded.estimate == c) return {{banded.low, banded.high}};
  const auto shown = [&](std::size_t output) {  // an estimate's own ends, where the report shows them
    const auto& columns = pipeline_.columns();
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ResultColumn& other) {
      return other.from == ResultColumn::From::output && other.index == output;
    });
    return static_cast<std::size_t>(found - columns.begin());
  };
  for (const Bands::Estimate& e : bands->estimates())
    if (column(c).from == ResultColumn::From::output && column(c).index == e.output && shown(e.high) < cells_.size())
      return {{shown(e.low), shown(e.high)}};
  return {};
}

std::string ChartRows::label(std::size_t row, const std::vector<std::size_t>& without) const {
  std::string all;
  for (const std::size_t c : varying_) {
    if (std::find(without.begin(), without.end(), c) != without.end()) continue;
    const std::string value = text(c, row);
    // A bare number says nothing without its name.
    const std::string name = column(c).name.substr(column(c).name.rfind('.') + 1);
    all += (all.empty() ? "" : ", ") + (is_number(c) ? name + " " : std::string()) + value;
  }
  return all;
}

std::string ChartRows::tip(std::size_t row, const std::vector<std::size_t>& more) const {
  std::string all;
  auto shown = varying_;
  shown.insert(shown.end(), more.begin(), more.end());
  std::vector<std::size_t> done;
  for (const std::size_t c : shown) {
    if (std::find(done.begin(), done.end(), c) != done.end()) continue;
    done.push_back(c);
    all += (all.empty() ? "" : "\n") + column(c).name + " " + text(c, row);
  }
  if (status_[row] != RowStatus::ok) all += "\n" + std::string(status_name(status_[row]));
  return all;
}

AxisScale axis_of(std::string name, const std::vector<double>& numbers, const Dimension& dimension,
                  std::string_view preferred_unit) {
  AxisScale axis;
  axis.axis.name = std::move(name);
  if (dimension.dimensionless()) return axis;
  if (!preferred_unit.empty()) {
    axis.axis.unit = preferred_unit;
    axis.scale = parse_unit(preferred_unit, dimension).value;
    return axis;
  }
  std::vector<double> sizes;
  for (const double v : numbers)
    if (std::isfinite(v) && v != 0) sizes.push_back(std::abs(v));
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  const auto unit = readable_unit(sizes.empty() ? 0 : *middle, dimension);
  axis.axis.unit = unit.unit;
  axis.scale = unit.scale;
  return axis;
}

AxisScale axis_of(const ChartRows& rows, std::size_t column) {
  std::vector<double> numbers;
  for (std::size_t r = 0; r < rows.size(); ++r) numbers.push_back(rows.number(column, r));
  const auto& port = rows.column(column).port;
  return axis_of(rows.column(column).name, numbers, port.dimension, preferred_unit(port));
}

}  // namespace ironlaw::host
