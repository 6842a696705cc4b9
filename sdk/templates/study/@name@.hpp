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
    const double wanted = given.quantity("rows").number;
    if (!(wanted >= 1 && wanted <= 1e6) || bench.space().axes() == 0)
      throw ironlaw::InputError("@name@", "needs an axis to draw from, and 1 to 10^6 rows");

    // Rows over the axes: an input that no axis sets is the base. Randomness comes from the seed alone, so that a run can be had again.
    ironlaw::StudyRows rows(bench, static_cast<std::size_t>(wanted));
    std::mt19937_64 random(bench.seed());
    for (std::size_t row = 0; row < rows.size(); ++row)
      for (std::size_t axis = 0; axis < bench.space().axes(); ++axis)
        rows.set(row, axis, std::uniform_real_distribution(0.0, 1.0)(random));
    rows.evaluate(bench, given.ports("goal"));

    // The study's own table: what the axes set, and the goal.
    std::vector<std::size_t> inputs;
    for (std::size_t axis = 0; axis < bench.space().axes(); ++axis)
      for (const std::size_t input : bench.space().axis(axis).inputs) inputs.push_back(input);
    std::vector<ironlaw::PortInfo> ports;
    for (const std::size_t input : inputs) ports.push_back(bench.pipeline().inputs()[input]);
    ports.push_back(bench.pipeline().outputs()[given.ports("goal").front()]);
    auto& table = bench.table(ports);

    const std::size_t best = best_of(rows, given.maximise("goal", 0));
    if (best == rows.size()) return bench.note("no row that was drawn has an answer");
    std::vector<ironlaw::Column> row;
    for (const std::size_t input : inputs) row.push_back({&rows.input(input)[best], 0});
    row.push_back({&rows.output(0)[best], 0});
    table.append(row, rows.status().subspan(best, 1));
  }

  /// The row with the best value, or the number of rows where none has one.
  static std::size_t best_of(const ironlaw::StudyRows& rows, bool largest) {
    const auto values = rows.output(0);
    std::size_t best = rows.size();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (rows.status()[r] != ironlaw::RowStatus::ok) continue;
      if (best == rows.size() || (values[r].number > values[best].number) == largest) best = r;
    }
    return best;
  }
};
