#include "chart/chart_rows.hpp"
#include "chart/targets.hpp"
#include "chart/thinning.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_panels = 4;  // that nobody asked for
constexpr std::size_t most_asked_panels = 24;
constexpr double log_span = 20;

/// The columns that a sweep shows, by index.
struct Choice {
  std::size_t x;
  std::vector<std::size_t> y;
  std::vector<std::size_t> facet;  ///< one, or none
};

/// Whether two columns have one shape: the same ratio in every row.
bool same_shape(const ChartRows& rows, std::size_t a, std::size_t b) {
  double ratio = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!rows.has_outputs(r)) continue;
    const double first = rows.number(a, r);
    const double second = rows.number(b, r);
    if (std::isnan(first) != std::isnan(second)) return false;
    if (std::isnan(first) || (first == 0 && second == 0)) continue;
    if (first == 0 || second == 0) return false;
    if (ratio == 0) ratio = second / first;
    if (std::abs(second / first / ratio - 1) > 1e-9) return false;
  }
  return true;
}

/// Answers that vary, each shape once; all where none does.
std::vector<std::size_t> telling(const ChartRows& rows) {
  std::vector<std::size_t> told;
  for (const std::size_t c : rows.answers()) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const double v = rows.number(c, r);
      if (!rows.has_outputs(r) || std::isnan(v)) continue;
      low = std::min(low, v);
      high = std::max(high, v);
    }
    if (!(low < high) || high - low <= 1e-12 * std::abs(high)) continue;
    if (std::none_of(told.begin(), told.end(), [&](std::size_t known) { return same_shape(rows, known, c); })) told.push_back(c);
  }
  return told.empty() ? rows.answers() : told;
}

Choice choose(const ChartRows& rows, const ChartColumns& columns) {
  Choice choice{};
  if (!columns.x.empty()) {
    choice.x = rows.find(columns.x, "--x");
  } else {
    const auto& varying = rows.varying();
    if (varying.empty()) throw InputError("", "no input among the report's columns varies: a sweep needs an axis");
    const auto number = std::find_if(varying.rbegin(), varying.rend(), [&](std::size_t c) { return rows.is_number(c); });
    choice.x = number == varying.rend() ? varying.back() : *number;
  }
  for (const auto& name : columns.y) {
    choice.y.push_back(rows.find(name, "--y"));
    if (!rows.is_number(choice.y.back())) throw InputError("--y", "'" + name + "' is no number");
  }
  if (columns.y.empty()) choice.y = telling(rows);
  std::erase(choice.y, choice.x);
  if (columns.y.empty() && choice.y.size() > most_panels) choice.y.resize(most_panels);
  if (choice.y.empty()) throw InputError("", "no output among the report's columns is a number");
  if (!columns.facet.empty()) choice.facet.push_back(rows.find(columns.facet, "--facet"));
  return choice;
}

/// How the numbers of a column lie, each taken once.
enum class Spacing { even, in_steps_of_a_factor, otherwise };

std::vector<double> numbers_of(const ChartRows& rows, std::size_t column) {
  std::vector<double> numbers;
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (const double v = rows.number(column, r); !std::isnan(v)) numbers.push_back(v);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

/// As an axis was declared: in steps, by a factor, or by a list.
Spacing spacing_of(const std::vector<double>& numbers) {
  if (numbers.size() < 3) return Spacing::otherwise;
  const auto all = [&](auto step, double tolerance) {
    const double first = step(numbers[0], numbers[1]);
    for (std::size_t i = 2; i < numbers.size(); ++i)
      if (std::abs(step(numbers[i - 1], numbers[i]) - first) > tolerance * std::abs(first)) return false;
    return true;
  };
  if (all([](double a, double b) { return b - a; }, 1e-6)) return Spacing::even;
  if (numbers.front() > 0 && all([](double a, double b) { return std::log(b / a); }, 1e-3)) return Spacing::in_steps_of_a_factor;
  return Spacing::otherwise;
}

bool suits_log(const ChartRows& rows, std::size_t column) {
  const auto numbers = numbers_of(rows, column);
  if (numbers.empty() || numbers.front() <= 0) return false;
  if (says_what_was_asked(rows.column(column))) {
    const Spacing spacing = spacing_of(numbers);
    if (spacing != Spacing::otherwise) return spacing == Spacing::in_steps_of_a_factor;
  }
  return numbers.back() >= log_span * numbers.front();
}

bool is_log(const ChartRows& rows, std::size_t column, const ChartColumns& columns, const std::string& axis) {
  if (columns.log.empty()) return suits_log(rows, column);
  if (std::find(columns.log.begin(), columns.log.end(), axis) == columns.log.end()) return false;
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (rows.number(column, r) <= 0)
      throw InputError("--log",
                       rows.column(column).name + " is " + rows.text(column, r) + " in a row; a logarithmic axis is above zero");
  return true;
}

/// Texts of a column in the order that they come.
std::vector<std::string> texts_of(const ChartRows& rows, std::size_t column) {
  std::vector<std::string> texts;
  std::set<std::string> known;
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (auto text = rows.text(column, r); known.insert(text).second) texts.push_back(std::move(text));
  return texts;
}

void check_panels(const ChartRows& rows, const Choice& choice) {
  const std::size_t facets = choice.facet.empty() ? 1 : texts_of(rows, choice.facet.front()).size();
  const std::size_t panels = facets * choice.y.size();
  if (panels > most_asked_panels)
    throw InputError(choice.facet.empty() ? "--y" : "--facet",
                     "a chart has up to " + std::to_string(most_asked_panels) + " panels; these are " + std::to_string(panels));
}

/// The lines of a sweep by name, and which of them are drawn: all, or as many as are told apart, evenly among them, with those
/// that hold the lowest and the highest value of an answer.
struct Lines {
  Lines(const ChartRows& rows, const Choice& choice, const std::vector<std::size_t>& named) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (rows.has_outputs(r)) index.try_emplace(rows.label(r, named), index.size());
    }
    drawn.assign(index.size(), index.size() <= most_lines);
    if (index.size() <= most_lines) return;
    for (std::size_t i = 0; i < most_lines; ++i) drawn[i * (index.size() - 1) / (most_lines - 1)] = true;
    for (const std::size_t y : choice.y) keep_ends(rows, y, named);
  }
  [[nodiscard]] bool are_all() const { return count() == drawn.size(); }
  [[nodiscard]] bool draws(const std::string& name) const { return drawn[index.at(name)]; }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(std::count(drawn.begin(), drawn.end(), true)); }
  std::unordered_map<std::string, std::size_t> index;
  std::vector<bool> drawn;

 private:
  void keep_ends(const ChartRows& rows, std::size_t y, const std::vector<std::size_t>& named) {
    std::optional<std::size_t> low;
    std::optional<std::size_t> high;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const double v = rows.number(y, r);
      if (!rows.has_outputs(r) || std::isnan(v)) continue;
      if (!low || v < rows.number(y, *low)) low = r;
      if (!high || v > rows.number(y, *high)) high = r;
    }
    for (const auto& row : {low, high})
      if (row) drawn[index.at(rows.label(*row, named))] = true;
  }
};

/// The panels of one output share series names, so that the legend switches them together.
class Panels {
 public:
  Panels(const ChartRows& rows, const Choice& choice, const ChartColumns& columns)
      : rows_(rows), choice_(choice), x_(axis_of(rows, choice.x)), named_{choice.x} {
    if (rows.is_number(choice.x)) {
      x_.axis.log = is_log(rows, choice.x, columns, "x");
    } else {
      x_.axis.categories = texts_of(rows, choice.x);
    }
    named_.insert(named_.end(), choice.facet.begin(), choice.facet.end());
    lines_.emplace(rows, choice, named_);
  }

  [[nodiscard]] const Lines& lines() const { return *lines_; }

  /// Targets that no panel shows, as they are too far off.
  [[nodiscard]] const std::vector<std::string>& off() const { return off_; }

  [[nodiscard]] std::vector<ChartPanel> of(const Pipeline& pipeline, std::size_t y, const ChartColumns& columns) {
    AxisScale scale = axis_of(rows_, y);
    scale.axis.log = is_log(rows_, y, columns, "y");
    std::vector<ChartPanel> panels;
    std::map<std::string, std::size_t> index;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      if (!rows_.has_outputs(r) || std::isnan(rows_.number(y, r))) continue;
      const std::string line = rows_.label(r, named_);
      if (!lines_->draws(line)) continue;
      const std::string facet = choice_.facet.empty() ? std::string() : rows_.text(choice_.facet.front(), r);
      const auto [at, added] = index.try_emplace(facet, panels.size());
      if (added) panels.push_back({title_of(y, facet), x_.axis, scale.axis, {}});
      series_of(panels[at->second], line).points.push_back(point_of(r, y, scale.scale));
      if (const auto ends = rows_.ends(y)) add_ends(r, *ends, scale.scale, panels[at->second]);
    }
    for (ChartPanel& panel : panels) {
      for (auto& text : draw_targets(pipeline, rows_, y, scale, true, panel))
        if (std::find(off_.begin(), off_.end(), text) == off_.end()) off_.push_back(std::move(text));
      if (rows_.is_number(choice_.x)) (void)draw_targets(pipeline, rows_, choice_.x, x_, false, panel);
    }
    return panels;
  }

 private:
  [[nodiscard]] std::string title_of(std::size_t y, const std::string& facet) const {
    if (!facet.empty()) return choice_.y.size() > 1 ? rows_.column(y).name + ", " + facet : facet;
    return {};  // the axis says what it is
  }
  [[nodiscard]] ChartPoint point_of(std::size_t row, std::size_t y, double scale) const {
    const double x = x_.axis.categories.empty() ? rows_.number(choice_.x, row) / x_.scale : category_of(row);
    std::vector<std::size_t> told{choice_.x, y};
    if (const auto ends = rows_.ends(y)) told.insert(told.end(), ends->begin(), ends->end());
    ChartPoint point{x, rows_.number(y, row) / scale, 0, rows_.tip(row, told), {}, false};
    point.hollow = rows_.status(row) != RowStatus::ok;
    return point;
  }
  /// Dashed lines along the ends of a band; between kinds of things a line from one to the other.
  void add_ends(std::size_t row, const std::array<std::size_t, 2>& ends, double scale, ChartPanel& panel) {
    const std::string label = rows_.label(row, named_);
    const std::string name = label.empty() ? "10 to 90 %" : label + ", 10 to 90 %";
    const std::size_t colour = colours_.at(label);
    const bool lines = x_.axis.categories.empty();
    if (!lines) panel.series.push_back({name, ChartSeries::Form::line, colour, true, {}, colour});
    for (const std::size_t end : ends) {
      ChartPoint point = point_of(row, end, scale);
      if (std::isnan(point.y)) continue;
      if (lines) {
        end_of(panel, name, colour, end == ends[0]).points.push_back(std::move(point));
      } else {
        panel.series.back().points.push_back(std::move(point));
      }
    }
  }
  /// The line along the low or the high end of a band: two series share a name.
  static ChartSeries& end_of(ChartPanel& panel, const std::string& name, std::size_t colour, bool low) {
    for (auto s = panel.series.begin(); s != panel.series.end(); ++s)
      if (s->name == name) return low ? *s : *(s + 1);
    for (int both = 0; both < 2; ++both) panel.series.push_back({name, ChartSeries::Form::line, colour, true, {}, colour});
    return panel.series[panel.series.size() - (low ? 2 : 1)];
  }
  [[nodiscard]] double category_of(std::size_t row) const {
    const auto& all = x_.axis.categories;
    return static_cast<double>(std::find(all.begin(), all.end(), rows_.text(choice_.x, row)) - all.begin());
  }
  ChartSeries& series_of(ChartPanel& panel, const std::string& name) {
    const auto colour = colours_.try_emplace(name, colours_.size()).first->second;
    const auto found = std::find_if(panel.series.begin(), panel.series.end(), [&](const auto& s) { return s.name == name; });
    if (found != panel.series.end()) return *found;
    // Between kinds of things there is nothing to draw a line over.
    const auto form = x_.axis.categories.empty() ? ChartSeries::Form::line : ChartSeries::Form::points;
    panel.series.push_back({name, form, colour, false, {}, colour});
    return panel.series.back();
  }

  const ChartRows& rows_;
  const Choice& choice_;
  AxisScale x_;
  std::vector<std::size_t> named_;  ///< columns that a series' name leaves out
  std::map<std::string, std::size_t> colours_;
  std::optional<Lines> lines_;
  std::vector<std::string> off_;
};

void sort_points(ChartPanel& panel) {
  for (auto& series : panel.series)
    std::stable_sort(series.points.begin(), series.points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
}

}  // namespace

Chart sweep_chart(const Pipeline& pipeline, const ChartColumns& columns) {
  const ChartRows rows(pipeline);
  const Choice choice = choose(rows, columns);
  check_panels(rows, choice);
  Panels panels(rows, choice, columns);
  Chart chart;
  std::size_t all = 0;
  // Each answer has its share, so that never all points of all of them are held.
  const std::size_t share = most_points / choice.y.size();
  for (const std::size_t y : choice.y) {
    auto of_y = panels.of(pipeline, y, columns);
    for (auto& panel : of_y) sort_points(panel);
    all += points_of(of_y);
    thin_points(of_y, share);
    for (auto& panel : of_y) chart.panels.push_back(std::move(panel));
  }
  if (chart.panels.empty()) throw InputError("", "no row has an answer to draw" + rows.because());
  const auto say = [&](const std::string& sentence) { chart.note += (chart.note.empty() ? "" : " ") + sentence; };
  bool hollow = false;
  for (std::size_t r = 0; r < rows.size(); ++r) hollow |= rows.status(r) == RowStatus::infeasible;
  if (hollow) say("Hollow marks do not fit: a hard limit is exceeded.");
  if (std::any_of(choice.y.begin(), choice.y.end(), [&](std::size_t y) { return rows.ends(y).has_value(); }))
    say("Dashed: with every band at its 10 %, and at its 90 %.");
  std::string off;
  for (const auto& text : panels.off()) off += (off.empty() ? "" : ", ") + text;
  if (!panels.lines().are_all())
    say("Drawn: " + std::to_string(panels.lines().count()) + " of " + std::to_string(panels.lines().drawn.size()) +
        " lines of a table of " + std::to_string(rows.size()) +
        " rows, evenly among them and those of the lowest and the highest values.");
  if (const std::size_t drawn = points_of(chart.panels); drawn < all) say(thinned_text(drawn, all));
  if (!off.empty()) say("Off the chart: " + off + ".");
  return chart;
}

}  // namespace ironlaw::host
