#include "plan/environment.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/pages/chart.hpp>
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_inputs = 12;
constexpr double least_share = 1e-3;  // of the strongest: shorter bars are not seen

/// Who an input is up to; in the order in which a person would turn to them.
enum class Hand { asker, maker, skill };
constexpr std::array<std::string_view, 3> hand_names{"What one decides", "What devices, models and places are",
                                                     "How well they do"};

/// An input, and the relative change of the output where it takes a step.
struct Lever {
  std::string input;
  std::string at;
  std::string output;
  bool count = false;  ///< its step is one, not a share
  Hand hand = Hand::asker;
  double up = 0;
  double down = 0;
  [[nodiscard]] double strength() const { return std::max(std::abs(up), std::abs(down)); }
};

/// A field of an object is its maker's; of what else a config takes, a refinement says how well things do.
Hand hand_of(const Pipeline& pipeline, const std::string& input) {
  const auto port_named = [&](std::string_view name) -> const PortInfo* {
    for (const PortInfo& port : pipeline.solver().inputs())
      if (port.name == name || port.name.ends_with("." + std::string(name))) return &port;
    return nullptr;
  };
  if (const auto dot = input.rfind('.'); dot != input.npos)
    if (const PortInfo* object = port_named(input.substr(0, dot)); object != nullptr && object->type == PortType::object)
      return Hand::maker;
  const PortInfo* port = port_named(input);
  if (port == nullptr) return Hand::maker;
  return port->need == PortNeed::question ? Hand::asker : Hand::skill;
}

/// Whether a larger value is better, by what it measures: 1, -1, or 0 where that does not tell.
int better_when(const Pipeline& pipeline, const std::string& output) {
  for (const PortInfo& port : pipeline.solver().outputs()) {
    if (port.name != output && !port.name.ends_with("." + output)) continue;
    const Dimension& d = port.dimension;
    for (const Dimension& cost : {dimension_of<Time>(), dimension_of<Money>(), dimension_of<MoneyRate>(),
                                  dimension_of<decltype(Money{} / Tokens{})>(), dimension_of<Energy>(), dimension_of<Power>(),
                                  dimension_of<Carbon>(), dimension_of<Volume>(), dimension_of<Information>()})
      if (d == cost) return -1;
    for (const Dimension& gain : {dimension_of<Rate>(), dimension_of<TokenRate>(), dimension_of<RequestRate>(),
                                  dimension_of<FlopRate>(), dimension_of<Bandwidth>()})
      if (d == gain) return 1;
    for (const char* gain : {"mfu", "hfu", "goodput", "availability", "speedup", "efficiency"})
      if (port.name.find(gain) != port.name.npos) return 1;
  }
  return 0;
}

/// Reads levers off the table of a study, by the names of its columns.
class Levers final : public StudySink, public RowSink {
 public:
  explicit Levers(const Pipeline& pipeline) : pipeline_(pipeline), zoo_(pipeline.environment().zoo()) {}
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
      Lever lever;
      lever.input = text(rows, "input", r);
      lever.at = text(rows, "at", r);
      lever.output = text(rows, "output", r);
      lever.count = text(rows, "kind", r) == "count";
      lever.hand = hand_of(pipeline_, lever.input);
      lever.up = std::isnan(up) ? 0 : up;
      lever.down = std::isnan(down) ? 0 : down;
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

  const Pipeline& pipeline_;
  const Zoo& zoo_;
  const std::vector<ResultColumn>* columns_ = nullptr;
};

/// The bars of the levers: one each way, better or worse.
class Bars {
 public:
  Bars(std::string step, int better, bool counts) : step_(std::move(step)), better_(better), counts_(counts) {}
  void add(const Lever& lever, double category, bool more) {
    const double change = more ? lever.up : lever.down;
    if (change == 0) return;
    const std::string way = lever.count ? (more ? "one more" : "one less") : step_ + (more ? " more" : " less");
    const std::string amount = (change > 0 ? "+" : "") + format_quantity(change, {}, "%", 3);
    series_of(change, more)
        .points.push_back({change * 100, category, 0,
                           lever.input + " " + lever.at + ", " + way + "\n" + lever.output + " " + amount, amount, false});
  }
  [[nodiscard]] std::vector<ChartSeries> series() && { return std::move(all_); }

 private:
  ChartSeries& series_of(double change, bool more) {
    using Sense = ChartSeries::Sense;
    const Sense sense = better_ == 0 ? Sense::neither : change * better_ > 0 ? Sense::better : Sense::worse;
    std::string name = step_ + (more ? " more" : " less") + (counts_ ? " (a count: one)" : "");
    if (sense != Sense::neither) name += sense == Sense::better ? ": better" : ": worse";
    for (ChartSeries& s : all_)
      if (s.name == name) return s;
    ChartSeries one{name, ChartSeries::Form::bars, more ? 0u : 1u, false};
    one.sense = sense;
    one.soft = !more && sense != Sense::neither;
    return all_.emplace_back(std::move(one));
  }
  std::string step_;
  int better_;
  bool counts_;  ///< among the inputs
  std::vector<ChartSeries> all_;
};

}  // namespace

Chart tornado_chart(const Pipeline& pipeline, const std::string& step) {
  if (!pipeline.axes().empty())
    throw InputError("plot tornado", "shows one design, and the config has axes: give each one value (--set NAME=VALUE)");
  Levers levers(pipeline);
  run_study(pipeline, levers);
  auto& found = levers.found;
  if (found.empty()) throw InputError("", "no input moves the output");
  std::erase_if(found, [&, output = found.front().output](const Lever& l) { return l.output != output; });
  std::stable_sort(found.begin(), found.end(), [](const Lever& a, const Lever& b) { return a.strength() > b.strength(); });
  const std::size_t all = found.size();
  std::erase_if(found, [least = least_share * found.front().strength()](const Lever& l) { return l.strength() < least; });
  if (found.size() > most_inputs) found.resize(most_inputs);
  const std::size_t left_out = all - found.size();

  std::stable_sort(found.begin(), found.end(), [](const Lever& a, const Lever& b) { return a.hand < b.hand; });

  ChartPanel panel;
  panel.bars = ChartPanel::Bars::over_one_another;
  panel.x.name = "change of " + found.front().output;
  panel.x.unit = "%";
  panel.x.zero = true;
  const bool counts = std::any_of(found.begin(), found.end(), [](const Lever& l) { return l.count; });
  Bars bars(step, better_when(pipeline, found.front().output), counts);
  const bool grouped = found.front().hand != found.back().hand;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (grouped && (i == 0 || found[i].hand != found[i - 1].hand))
      panel.y.categories.push_back(std::string(hand_names[static_cast<std::size_t>(found[i].hand)]) + ":");
    const auto category = static_cast<double>(panel.y.categories.size());
    panel.y.categories.push_back(found[i].input + "  " + found[i].at);
    for (const bool more : {true, false}) bars.add(found[i], category, more);
  }
  panel.series = std::move(bars).series();
  std::string note = "The strongest first, by whom they are up to.";
  if (left_out > 0) note += " Left out: " + std::to_string(left_out) + " that move it less.";
  return {{}, note, {std::move(panel)}};
}

}  // namespace ironlaw::host
