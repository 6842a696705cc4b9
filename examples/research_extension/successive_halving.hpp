#pragma once
#include <ironlaw/sdk.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace ironlaw;

/// Successive halving (Jamieson and Talwalkar 2016, AISTATS): many random designs of the axes are tried on a small budget, the
/// better ones on a larger one, until one is left. The budget is an input of the pipeline, so the study knows no solver.
class SuccessiveHalving : public Study {
 public:
  static constexpr auto about =
      Study::About{"successive_halving", "Random designs of the axes, the better of which are tried again on more of one input"};
  static constexpr std::array<OptionInfo, 6> options{
      OptionInfo{.name = "goal", .doc = "what to make small or large", .type = OptionType::goals, .required = true},
      OptionInfo{.name = "budget", .doc = "input that a closer look has more of", .type = OptionType::inputs, .required = true},
      OptionInfo{.name = "from",
                 .doc = "budget of the first look",
                 .type = OptionType::quantity,
                 .any_dimension = true,
                 .number_fallback = 1},
      OptionInfo{.name = "designs", .doc = "designs to begin with", .type = OptionType::quantity, .number_fallback = 81},
      OptionInfo{.name = "keep_one_of",
                 .doc = "of so many designs one is kept, and gets so much more budget",
                 .type = OptionType::quantity,
                 .number_fallback = 3},
      OptionInfo{.name = "outputs", .doc = "outputs to show beside", .type = OptionType::outputs}};

 private:
  /// The inputs that the axes set, column by column, and what the goal came to.
  struct Designs {
    std::vector<std::size_t> inputs;
    std::vector<std::vector<Cell>> cells;  ///< by input, then design
    [[nodiscard]] std::size_t size() const { return cells.front().size(); }
    void keep(const std::vector<std::size_t>& kept) {
      for (auto& column : cells) {
        std::vector<Cell> left;
        for (const std::size_t d : kept) left.push_back(column[d]);
        column = std::move(left);
      }
    }
  };

  static Designs draw(const Bench& bench, std::size_t count) {
    std::mt19937_64 random(bench.seed());
    Designs designs;
    const Space& space = bench.space();
    for (std::size_t a = 0; a < space.axes(); ++a) {
      const auto inputs = space.axis(a).inputs;
      const std::size_t first = designs.cells.size();
      designs.inputs.insert(designs.inputs.end(), inputs.begin(), inputs.end());
      designs.cells.resize(first + inputs.size());
      std::vector<Cell> at(inputs.size());
      for (std::size_t d = 0; d < count; ++d) {
        space.at(a, std::uniform_real_distribution(0.0, 1.0)(random), at);
        for (std::size_t k = 0; k < at.size(); ++k) designs.cells[first + k].push_back(at[k]);
      }
    }
    return designs;
  }

  /// The ports of the table: the round, the budget, the axes' inputs, then outputs.
  static std::vector<PortInfo> columns(const Bench& bench, const Designs& designs, std::size_t budget,
                                       std::span<const std::size_t> shown) {
    PortInfo round;
    round.name = "round";
    round.doc = "looks so far";
    round.type = PortType::integer;
    std::vector<PortInfo> all{round, bench.pipeline().inputs()[budget]};
    for (const std::size_t i : designs.inputs) all.push_back(bench.pipeline().inputs()[i]);
    for (const std::size_t o : shown) all.push_back(bench.pipeline().outputs()[o]);
    return all;
  }

  void do_run(Bench& bench, const Options& given) const override {
    const double share = given.quantity("keep_one_of").number;
    const double count = given.quantity("designs").number;
    if (bench.space().axes() == 0) throw InputError("successive_halving", "needs axes to draw designs from");
    if (!(share >= 2 && share <= 100)) throw InputError("successive_halving: keep_one_of", "takes a number from 2 to 100");
    if (!(count >= 1 && count <= 1e6)) throw InputError("successive_halving: designs", "takes a count from 1 to 10^6");
    const std::size_t budget = given.ports("budget").front();
    std::vector<std::size_t> shown{given.ports("goal").front()};
    for (const std::size_t o : given.ports("outputs")) shown.push_back(o);

    Designs designs = draw(bench, static_cast<std::size_t>(count));
    Table& table = bench.table(columns(bench, designs, budget, shown));
    Cell looked{.number = given.quantity("from").number};
    for (double round = 1;; ++round, looked.number *= share) {
      std::vector<RowStatus> status(designs.size(), RowStatus::ok);
      const auto outputs = look(bench, designs, budget, looked, shown, status);
      const auto order = best_first(outputs.front(), status, given.maximise("goal", 0));
      write(table, designs, {Cell{.number = round}, looked}, outputs, status, order.front());
      if (designs.size() == 1 || bench.cancelled()) return;
      const auto kept = static_cast<std::size_t>(std::ceil(static_cast<double>(designs.size()) / share));
      designs.keep({order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept)});
    }
  }

  static std::vector<std::vector<Cell>> look(Bench& bench, const Designs& designs, std::size_t budget, const Cell& looked,
                                             const std::vector<std::size_t>& shown, std::vector<RowStatus>& status) {
    std::vector<Column> in;
    for (const Cell& cell : bench.base()) in.push_back({&cell, 0});
    for (std::size_t k = 0; k < designs.inputs.size(); ++k) in[designs.inputs[k]] = {designs.cells[k].data(), 1};
    in[budget] = {&looked, 0};
    std::vector<std::vector<Cell>> outputs(shown.size(), std::vector<Cell>(designs.size()));
    std::vector<Cell*> out(bench.pipeline().outputs().size(), nullptr);
    for (std::size_t o = 0; o < shown.size(); ++o) out[shown[o]] = outputs[o].data();
    bench.evaluate({in, out, status});
    return outputs;
  }

  /// Designs by what the goal came to; those that cannot be or do not fit come last.
  static std::vector<std::size_t> best_first(const std::vector<Cell>& goal, const std::vector<RowStatus>& status, bool maximise) {
    const auto score = [&](std::size_t d) {
      const double v = goal[d].number;
      return status[d] == RowStatus::ok && v == v ? (maximise ? -v : v) : std::numeric_limits<double>::infinity();
    };
    std::vector<std::size_t> order(goal.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
    return order;
  }

  static void write(Table& table, const Designs& designs, const std::array<Cell, 2>& head,
                    const std::vector<std::vector<Cell>>& outputs, const std::vector<RowStatus>& status, std::size_t best) {
    std::vector<Column> row{{&head[0], 0}, {&head[1], 0}};
    for (const auto& column : designs.cells) row.push_back({&column[best], 0});
    for (const auto& column : outputs) row.push_back({&column[best], 0});
    table.append(row, std::span(&status[best], 1));
  }
};
