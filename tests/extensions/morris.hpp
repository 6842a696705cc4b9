#pragma once
#include <ironlaw/sdk.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

using namespace ironlaw;

/// Screening by elementary effects (Morris 1991, Technometrics 33; the mean of their sizes: Campolongo et al. 2007): which axes
/// matter, from (axes + 1) rows a trajectory.
class Morris : public Study {
 public:
  static constexpr auto about = Study::About{"morris", "Which axes matter: mean and spread of the effects of steps along each"};
  static constexpr std::array options{
      OptionInfo{.name = "output", .doc = "what is looked at", .type = OptionType::outputs, .required = true},
      OptionInfo{.name = "trajectories", .doc = "walks over the axes", .type = OptionType::quantity, .number_fallback = 10},
      OptionInfo{.name = "levels", .doc = "of each axis; even", .type = OptionType::quantity, .number_fallback = 4}};

 private:
  void do_run(Bench& bench, const Options& given) const override {
    const std::size_t axes = bench.space().axes();
    const auto walks = static_cast<std::size_t>(given.quantity("trajectories").number);
    const auto levels = static_cast<std::size_t>(given.quantity("levels").number);
    if (axes == 0 || walks < 2 || walks > 1000000 || levels < 2 || levels % 2 != 0)
      throw InputError("morris", "needs axes, at least 2 trajectories and an even number of levels");
    const double step = static_cast<double>(levels) / (2.0 * static_cast<double>(levels - 1));
    std::mt19937_64 random(bench.seed());
    std::uniform_int_distribution<std::size_t> start(0, levels / 2 - 1);
    StudyRows rows(bench, walks * (axes + 1));
    std::vector<std::vector<std::size_t>> orders;  // in which a walk steps along the axes
    for (std::size_t row = 0; row < rows.size(); row += axes + 1) {
      std::vector<double> point(axes);
      for (double& u : point) u = static_cast<double>(start(random)) / static_cast<double>(levels - 1);
      auto& order = orders.emplace_back(axes);
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::shuffle(order.begin(), order.end(), random);
      for (std::size_t i = 0; i <= axes; ++i) {
        for (std::size_t a = 0; a < axes; ++a) rows.set(row + i, a, point[a]);
        if (i < axes) point[order[i]] += step;
      }
    }
    rows.evaluate(bench, given.ports("output"));
    report(bench, bench.pipeline().outputs()[given.ports("output").front()], rows, orders, step);
  }

  static void report(Bench& bench, PortInfo output, const StudyRows& rows, const std::vector<std::vector<std::size_t>>& orders,
                     double step) {
    const std::size_t axes = bench.space().axes();
    std::vector<std::string_view> names;
    for (std::size_t a = 0; a < axes; ++a) names.push_back(bench.pipeline().inputs()[bench.space().axis(a).inputs.front()].name);
    PortInfo axis;
    axis.name = "axis";
    axis.type = PortType::choice;
    axis.choices = names;
    PortInfo count;
    count.name = "effects";
    count.type = PortType::integer;
    PortInfo spread = output;
    output.name = "mean_size";
    spread.name = "spread";
    output.optional = spread.optional = true;
    Table& table = bench.table(std::array{axis, output, spread, count});
    const auto y = rows.output(0);
    for (std::size_t a = 0; a < axes; ++a) {
      std::vector<double> effects;
      for (std::size_t w = 0; w < orders.size(); ++w) {
        const auto place = std::find(orders[w].begin(), orders[w].end(), a) - orders[w].begin();
        const std::size_t r = w * (axes + 1) + static_cast<std::size_t>(place);
        if (rows.answered(r) && rows.answered(r + 1)) effects.push_back((y[r + 1].number - y[r].number) / step);
      }
      const auto n = static_cast<double>(effects.size());
      const double mean = std::accumulate(effects.begin(), effects.end(), 0.0) / n;
      double sizes = 0;
      double squares = 0;
      for (const double effect : effects) {
        sizes += std::abs(effect);
        squares += (effect - mean) * (effect - mean);
      }
      const double deviation = n > 1 ? std::sqrt(squares / (n - 1)) : absent_value;
      const std::array row{Cell{static_cast<double>(a)}, Cell{sizes / n}, Cell{deviation}, Cell{n}};
      const std::array columns{Column{&row[0], 0}, Column{&row[1], 0}, Column{&row[2], 0}, Column{&row[3], 0}};
      const RowStatus status = effects.empty() ? RowStatus::skipped : RowStatus::ok;
      table.append(columns, std::span(&status, 1));
    }
  }
};
