#pragma once
#include <ironlaw/sdk.hpp>

#include <array>
#include <random>
#include <vector>

/// A study runs a compiled pipeline as often as it likes, over the axes of the config, and makes a table. It knows no solver: it
/// sees inputs, outputs and axes by number.
class @Name@ : public ironlaw::Study {
 public:
  static constexpr auto about = ironlaw::Study::About{"@name@", "The best of a few rows that are drawn from the axes"};
  // What stands beside "use" in a config, and behind `ironlaw study @name@` as flags.
  static constexpr std::array options{
      ironlaw::OptionInfo{
          .name = "goal", .doc = "what to make small or large", .type = ironlaw::OptionType::goals, .required = true},
      ironlaw::OptionInfo{.name = "rows", .doc = "rows to draw", .type = ironlaw::OptionType::quantity, .number_fallback = 100}};

 private:
  void do_run(ironlaw::Bench& bench, const ironlaw::Options& given) const override {
    const auto rows = static_cast<std::size_t>(given.quantity("rows").number);
    if (rows == 0 || bench.space().axes() == 0)
      throw ironlaw::InputError("@name@", "needs at least one row and one axis to draw from");

    // A column an input: those that no axis sets are the base, one cell for all rows (stride 0).
    std::vector<ironlaw::Column> in;
    for (const auto& cell : bench.base()) in.push_back({&cell, 0});
    std::vector<std::size_t> inputs;
    std::vector<std::vector<ironlaw::Cell>> drawn;
    draw(bench, rows, inputs, drawn);
    for (std::size_t k = 0; k < inputs.size(); ++k) in[inputs[k]] = {drawn[k].data(), 1};

    // A column an output: those that nobody wants are null.
    const std::size_t goal = given.ports("goal").front();
    std::vector<ironlaw::Cell> goals(rows);
    std::vector<ironlaw::Cell*> out(bench.pipeline().outputs().size(), nullptr);
    out[goal] = goals.data();
    std::vector<ironlaw::RowStatus> status(rows, ironlaw::RowStatus::ok);
    bench.evaluate({in, out, status});

    std::vector<ironlaw::PortInfo> ports;
    for (const std::size_t i : inputs) ports.push_back(bench.pipeline().inputs()[i]);
    ports.push_back(bench.pipeline().outputs()[goal]);
    auto& table = bench.table(ports);
    const std::size_t best = best_of(goals, status, given.maximise("goal", 0));
    if (best == rows) return bench.note("no row that was drawn has an answer");
    std::vector<ironlaw::Column> row;
    for (const auto& column : drawn) row.push_back({&column[best], 0});
    row.push_back({&goals[best], 0});
    table.append(row, std::span(&status[best], 1));
  }

  /// Cells of every input that an axis sets, the same for the same seed.
  static void draw(const ironlaw::Bench& bench, std::size_t rows, std::vector<std::size_t>& inputs,
                   std::vector<std::vector<ironlaw::Cell>>& drawn) {
    std::mt19937_64 random(bench.seed());
    for (std::size_t a = 0; a < bench.space().axes(); ++a) {
      const auto axis = bench.space().axis(a);
      const std::size_t first = drawn.size();
      inputs.insert(inputs.end(), axis.inputs.begin(), axis.inputs.end());
      drawn.resize(first + axis.inputs.size());
      std::vector<ironlaw::Cell> at(axis.inputs.size());
      for (std::size_t r = 0; r < rows; ++r) {
        bench.space().at(a, std::uniform_real_distribution(0.0, 1.0)(random), at);
        for (std::size_t k = 0; k < at.size(); ++k) drawn[first + k].push_back(at[k]);
      }
    }
  }

  /// The row with the best value, or the number of rows where none has one.
  static std::size_t best_of(const std::vector<ironlaw::Cell>& values, const std::vector<ironlaw::RowStatus>& status,
                             bool largest) {
    std::size_t best = values.size();
    for (std::size_t r = 0; r < values.size(); ++r) {
      if (status[r] != ironlaw::RowStatus::ok) continue;
      if (best == values.size() || (values[r].number > values[best].number) == largest) best = r;
    }
    return best;
  }
};
