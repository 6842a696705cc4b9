#include "plan/environment.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/pages/chart.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_inputs = 12;

/// An input, and the relative change of the output where it takes a step.
struct Lever {
  std::string input;
  std::string output;
  double up = 0;
  double down = 0;
  [[nodiscard]] double strength() const { return std::max(std::abs(up), std::abs(down)); }
};

/// Reads levers off the table of a study, by the names of its columns.
class Levers final : public StudySink, public RowSink {
 public:
  explicit Levers(const Pipeline& pipeline) : zoo_(pipeline.environment().zoo()) {}
  std::vector<Lever> found;

  RowSink& table(const std::vector<ResultColumn>& columns) override {
    columns_ = &columns;
    return *this;
  }
  void finish(const RunSummary&) override {}
  void rows(const ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r) {
      const double up = number(rows, "step_up", r);
      const double down = number(rows, "step_down", r);
      const Lever lever{text(rows, "input", r) + " = " + text(rows, "at", r), text(rows, "output", r), std::isnan(up) ? 0 : up,
                        std::isnan(down) ? 0 : down};
      if (lever.strength() > 0) found.push_back(lever);
    }
  }

 private:
  [[nodiscard]] std::size_t column(std::string_view name) const {
    for (std::size_t c = 0; c < columns_->size(); ++c)
      if ((*columns_)[c].name == name) return c;
    throw InputError("", "the study has no column '" + std::string(name) + "', which a tornado is drawn from");
  }
  [[nodiscard]] double number(const ResultRows& rows, std::string_view name, std::size_t row) const {
    return rows.columns[column(name)][row].number;
  }
  [[nodiscard]] std::string text(const ResultRows& rows, std::string_view name, std::size_t row) const {
    const std::size_t c = column(name);
    const ResultColumn& shown = (*columns_)[c];
    const Cell& cell = rows.columns[c][row];
    return value_text({shown.name, &shown.port, cell, object_name(zoo_, shown.port, cell)});
  }

  const Zoo& zoo_;
  const std::vector<ResultColumn>* columns_ = nullptr;
};

}  // namespace

Chart tornado_chart(const Pipeline& pipeline, const std::string& step) {
  Levers levers(pipeline);
  run_study(pipeline, levers);
  auto& found = levers.found;
  if (found.empty()) throw InputError("", "no input moves the output");
  std::erase_if(found, [&, output = found.front().output](const Lever& l) { return l.output != output; });
  std::stable_sort(found.begin(), found.end(), [](const Lever& a, const Lever& b) { return a.strength() > b.strength(); });
  if (found.size() > most_inputs) found.resize(most_inputs);

  ChartPanel panel;
  panel.stacked = false;
  panel.x.name = "change of " + found.front().output;
  panel.x.unit = "%";
  panel.x.zero = true;
  ChartSeries up{"input " + step + " larger", ChartSeries::Form::bars, 0, false, {}};
  ChartSeries down{"input " + step + " smaller", ChartSeries::Form::bars, 1, false, {}};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto add = [&](ChartSeries& series, double change) {
      series.points.push_back(
          {change * 100,
           static_cast<double>(i),
           0,
           found[i].input + "\n" + found[i].output + " changes by " + format_quantity(change, {}, "%", shown_digits),
           {},
           false});
    };
    panel.y.categories.push_back(found[i].input);
    add(up, found[i].up);
    add(down, found[i].down);
  }
  panel.series = {std::move(up), std::move(down)};
  return {{}, {}, {std::move(panel)}};
}

}  // namespace ironlaw::host
