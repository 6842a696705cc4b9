#include "answer/answer_view.hpp"
#include "chart/chart_rows.hpp"
#include "plan/plan.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/records.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_operators = 30;

/// The stage that is asked for, or the first that shows operators.
AnsweredStage operators_stage(const Pipeline& pipeline, const Answer& answer, const std::string& name) {
  auto stages = answered_stages(pipeline, answer, true);
  std::vector<std::string_view> names;
  for (const AnsweredStage& stage : stages) names.push_back(stage.name);
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const AnsweredStage& stage) {
    return name.empty() ? !stage.operators.empty() : stage.name == name;
  });
  if (found != stages.end() && !found->operators.empty()) return std::move(*found);
  if (found == stages.end() && !name.empty()) throw InputError("--stage", "no stage '" + name + "'" + did_you_mean(name, names));
  const std::string who = name.empty() ? "no stage shows its operators" : "the stage " + name + " does not show its operators";
  throw InputError("plot operators", who + "; kernel, exchange, iteration, static_batch and training_step do");
}

/// The device that a stage runs on, null where it is made for the row.
const Hardware* device_under(const Pipeline& pipeline, const Answer& answer, std::string_view stage_name) {
  for (const PlanStage& stage : pipeline.plan().stages()) {
    if (stage.name != stage_name) continue;
    for (std::size_t k = 0; k < stage.in.size(); ++k) {
      if (stage.in[k].from != PlanSource::From::input) continue;
      const void* object = answer.inputs[stage.in[k].index].object;
      const PortInfo& port = stage.inputs()[k];
      if (port.type != PortType::object || object == nullptr) continue;
      if (port.interface == Hardware::interface) return static_cast<const Hardware*>(object);
      if (port.interface == Fleet::interface) return static_cast<const Fleet*>(object)->node->accelerator;
    }
  }
  return nullptr;
}

/// Peaks of the formats that a device computes in, each rate once, the lowest first.
std::map<double, std::string> format_peaks(const Hardware& device) {
  constexpr std::array formats{std::pair(Precision::bf16, "16 bits"), std::pair(Precision::fp16, "16 bits"),
                               std::pair(Precision::fp8, "8 bits"), std::pair(Precision::int8, "8 bits"),
                               std::pair(Precision::fp4, "4 bits")};
  std::map<double, std::string> peaks;
  for (const auto& [format, name] : formats) {
    try {
      peaks.try_emplace(device.peak_rate(format).value(), name);
    } catch (const Refusal&) {
      continue;  // a format that it lacks
    }
  }
  return peaks;
}

std::string operator_tip(const OperatorLine& o, double total) {
  const auto line = [](const char* what, double number, const Dimension& dimension) {
    return number == 0 ? std::string() : std::string("\n") + what + " " + format_quantity(number, dimension, {}, shown_digits);
  };
  std::string tip = o.name + line("time", o.time.value(), dimension_of<Time>());
  if (total > 0) tip += " (" + format_quantity(o.time.value() / total, {}, "%", 3) + ")";
  tip += line("bytes", o.bytes.value(), dimension_of<Information>()) +
         line("FLOP", o.operations.value(), dimension_of<Operations>());
  tip += "\nbound by " + o.wall;
  if (!o.constant.empty()) tip += ", " + o.constant;
  if (!o.record.empty()) tip += "\nrecord " + o.record;
  return tip;
}

/// One colour a wall, in the order of their first operators.
class WallColours {
 public:
  std::size_t colour(const std::string& wall) { return colours_.try_emplace(wall, colours_.size()).first->second; }
  ChartSeries& series(ChartPanel& panel, const std::string& wall, ChartSeries::Form form) {
    const std::string name = wall.empty() ? "others" : "bound by " + wall;
    for (ChartSeries& s : panel.series)
      if (s.name == name) return s;
    panel.series.push_back({name, form, colour(wall), false, {}, colour(wall)});
    return panel.series.back();
  }

 private:
  std::map<std::string, std::size_t> colours_;
};

ChartPanel operators_roofline(const std::vector<OperatorLine>& operators, const Hardware* device, double total,
                              WallColours& walls) {
  std::vector<const OperatorLine*> drawn;
  std::vector<double> intensities;
  std::vector<double> rates;
  for (const OperatorLine& o : operators) {
    if (!(o.bytes.value() > 0 && o.operations.value() > 0 && o.time.value() > 0)) continue;
    drawn.push_back(&o);
    intensities.push_back(o.operations.value() / o.bytes.value());
    rates.push_back(o.operations.value() / o.time.value());
  }
  const auto peaks = device != nullptr ? format_peaks(*device) : std::map<double, std::string>();
  std::vector<double> scaled = rates;
  for (const auto& [peak, format] : peaks) scaled.push_back(peak);
  const auto y = axis_of("rate of operations", scaled, dimension_of<FlopRate>());
  const auto x = axis_of("arithmetic intensity", intensities, dimension_of<decltype(Operations{} / Information{})>(), "FLOP/B");
  ChartPanel panel{{}, x.axis, y.axis, {}};
  panel.x.log = panel.y.log = true;
  if (drawn.empty()) return panel;
  if (!peaks.empty()) {
    const double bandwidth = device->memory().bandwidth.value();
    const double low = std::pow(10, std::floor(std::log10(*std::min_element(intensities.begin(), intensities.end()))));
    const double high = std::pow(10, std::ceil(std::log10(std::max(10 * peaks.rbegin()->first / bandwidth,
                                                                   *std::max_element(intensities.begin(), intensities.end())))));
    for (const auto& [peak, format] : peaks) {
      const std::string tip = format_quantity(peak, dimension_of<FlopRate>(), {}, shown_digits) + " in " + format + "\nmemory " +
                              format_quantity(bandwidth, dimension_of<Bandwidth>(), {}, shown_digits);
      ChartSeries roof{
          std::string(device->name()) + ", " + format, ChartSeries::Form::roof, 6, &peak != &peaks.rbegin()->first, {}};
      const double ridge = peak / bandwidth;
      if (ridge > low) roof.points.push_back({low, low * bandwidth / y.scale, 0, tip, {}, false});
      roof.points.push_back({std::max(low, ridge), peak / y.scale, 0, tip, {}, false});
      roof.points.push_back({high, peak / y.scale, 0, tip, {}, false});
      panel.series.push_back(std::move(roof));
    }
  }
  for (std::size_t i = 0; i < drawn.size(); ++i)
    walls.series(panel, drawn[i]->wall, ChartSeries::Form::points)
        .points.push_back({intensities[i], rates[i] / y.scale, 0, operator_tip(*drawn[i], total), drawn[i]->name, false});
  return panel;
}

/// "1.2 ms, 34 %".
std::string share_text(double time, double total) {
  return format_quantity(time, dimension_of<Time>(), {}, 3) + ", " + format_quantity(time / total, {}, "%", 2);
}

ChartPanel operator_times(std::vector<OperatorLine> operators, double total, WallColours& walls) {
  std::stable_sort(operators.begin(), operators.end(),
                   [](const OperatorLine& a, const OperatorLine& b) { return a.time > b.time; });
  if (operators.size() > most_operators) {
    OperatorLine others;
    others.name = std::to_string(operators.size() - most_operators + 1) + " others";
    for (std::size_t i = most_operators - 1; i < operators.size(); ++i) others.time += operators[i].time;
    operators.resize(most_operators - 1);
    operators.push_back(std::move(others));
  }
  std::vector<double> times;
  for (const OperatorLine& o : operators) times.push_back(o.time.value());
  const auto x = axis_of("time of each operator", times, dimension_of<Time>());
  ChartPanel panel{{}, x.axis, {}, {}};
  panel.x.zero = true;
  panel.bars = ChartPanel::Bars::over_one_another;
  for (std::size_t i = 0; i < operators.size(); ++i) {
    panel.y.categories.push_back(operators[i].name);
    walls.series(panel, operators[i].wall, ChartSeries::Form::bars)
        .points.push_back({times[i] / x.scale, static_cast<double>(i), 0, operator_tip(operators[i], total),
                           share_text(times[i], total), false});
  }
  return panel;
}

}  // namespace

Chart operators_chart(const Pipeline& pipeline, const std::string& name) {
  if (!pipeline.axes().empty())
    throw InputError("plot operators", "draws one answer, and the config has axes: give each one value (--set NAME=VALUE)");
  const Answer answer = host::answer(pipeline);
  if (!has_outputs(answer.status)) throw InputError("", answer.errors.empty() ? "no answer to draw" : answer.errors.front());
  const AnsweredStage stage = operators_stage(pipeline, answer, name);
  const Hardware* device = device_under(pipeline, answer, stage.name);
  double total = 0;
  for (const OperatorLine& o : stage.operators) total += o.time.value();
  WallColours walls;
  Chart chart;
  chart.note = heading_of(stage) + ". Operators of one device; those that neither read nor compute have a bar only.";
  if (device == nullptr) chart.note += " The device is made for this row, so its roofs are left out.";
  ChartPanel roofline = operators_roofline(stage.operators, device, total, walls);
  if (!roofline.series.empty()) chart.panels.push_back(std::move(roofline));
  chart.panels.push_back(operator_times(stage.operators, total, walls));
  return chart;
}

}  // namespace ironlaw::host
