// What a compiled config computes: wires, named inputs, fields of objects, axes and their rows.
#include <cmath>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

using Numbers = std::vector<double>;

/// The values of one axis over a port of a stage.
Numbers axis_of(const std::string& port, const std::string& values) {
  const Pipeline p = compiled(one_stage(resnet_on_a100, R"(, "axes": [{"s.)" + port + "\": " + values + "}]"));
  Numbers numbers;
  for (const Cell& cell : p.axes().front().values.front()) numbers.push_back(cell.number);
  return numbers;
}

TEST(Plan, AWireCarriesTheValueOfAnotherStage) {
  const Pipeline p = compiled(R"({"version": 1, "stages": {
      "total": {"solver": "iron_law", "memory_time": "$pass.memory_time", "compute_time": "$pass.compute_time", "overhead_time": "$pass.overhead"},
      "pass": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}}})");
  const Answer a = answer(p);
  EXPECT_EQ(a.status, RowStatus::ok);
  EXPECT_EQ(output_of(p, a, "total.overlapped"), output_of(p, a, "pass.latency"));
}

TEST(Plan, ANamedInputReachesEveryStageThatReadsIt) {
  const Pipeline p = compiled(R"({"version": 1, "inputs": {"device": "H100", "batch": 4}, "stages": {
      "a": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device", "batch_size": "$batch"},
      "b": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device", "batch_size": "$batch"}}})");
  auto inputs = p.base();
  inputs[p.input("batch")].number = 8;
  const Answer a = answer(p, inputs);
  EXPECT_EQ(output_of(p, a, "a.latency"), output_of(p, a, "b.latency"));
  EXPECT_NE(output_of(p, a, "a.latency"), output_of(p, answer(p), "a.latency"));
  EXPECT_NE(refused([&] { (void)p.input("bach", "--set"); }).find("--set: no input 'bach'; did you mean 'batch'?"),
            std::string::npos);
  EXPECT_NE(refused([&] { (void)p.output("a.latncy"); }).find("no output 'a.latncy'; did you mean 'a.latency'?"),
            std::string::npos);
}

TEST(Plan, AConfigIsAStageOfAnother) {
  const OwnFolder folder;
  folder.write("inner.json", R"({"version": 1, "inputs": {"batch": 4}, "stages": {
      "pass": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100", "batch_size": "$batch"}}})");
  folder.write("lacking.json", R"({"version": 1, "stages": {"pass": {"solver": "single_node", "workload": "ResNet50"}}})");
  const auto latency = [&](const std::string& stage) {
    const auto file = folder.write("outer.json", R"({"version": 1, "stages": {"s": {)" + stage + "}}}");
    const Pipeline p = session().compile(Config::read(file));
    return output_of(p, answer(p), "s.pass.latency");
  };
  const auto alone = [](const std::string& batch) {
    const Pipeline p = compiled(one_stage(resnet_on_a100 + R"(, "batch_size": )" + batch));
    return output_of(p, answer(p), "s.latency");
  };
  EXPECT_EQ(latency(R"("config": "inner.json")"), alone("4"));
  EXPECT_EQ(latency(R"("config": "inner.json", "batch": 64)"), alone("64"));
  EXPECT_NE(refused([&] { latency(R"("config": "lacking.json")"); }).find("needs pass.hardware"), std::string::npos);
}

TEST(Plan, FieldsOfObjectsAreReplacedOneByOne) {
  const auto energy = [](const std::string& stage, const std::string& inputs = {}) {
    const Pipeline p = compiled(one_stage(stage, inputs));
    return output_of(p, answer(p), "s.energy");
  };
  const double own = energy(resnet_on_a100);
  EXPECT_EQ(energy(resnet_on_a100 + R"(, "hardware.tdp": "800 W")"), 2 * own);
  EXPECT_EQ(energy(R"("solver": "single_node", "workload": "ResNet50", "hardware": {"based_on": "A100", "tdp": "800 W"})"),
            2 * own);
  EXPECT_EQ(energy(R"("solver": "single_node", "workload": "ResNet50", "hardware": "$d")",
                   R"(, "inputs": {"d": "A100", "d.tdp": "800 W"})"),
            2 * own);
  EXPECT_EQ(energy(R"("solver": "single_node", "workload": "ResNet50", "hardware": "$d")",
                   R"(, "inputs": {"d": {"based_on": "A100", "tdp": "400 W"}, "d.tdp": "800 W"})"),
            2 * own);
  EXPECT_EQ(energy(R"("solver": "single_node", "workload": "ResNet50", "hardware": {"based_on": "A100", "tdp": "$watts"})",
                   R"(, "inputs": {"watts": "800 W"})"),
            2 * own);
}

TEST(Plan, FieldsOfAnObjectInsideAnotherAreReplacedToo) {
  const auto network_time = [](const std::string& fleet, const std::string& rest, const std::string& stage = {}) {
    const Pipeline p = compiled(R"({"version": 1, "inputs": {"n": "DGX_H100", "f": )" + fleet + rest +
                                R"(}, "stages": {"s": {"solver": "network_roofline", "workload": "Llama3_8B", "fleet": "$f"},
                                   "t": {"solver": "network_roofline", "workload": "Llama3_8B", "fleet": {"node": "$n", "nodes": 1})" +
                                stage + "}}}");
    const Answer a = answer(p);
    EXPECT_EQ(a.status, RowStatus::ok) << (a.errors.empty() ? "" : a.errors.front());
    return output_of(p, a, stage.empty() ? "s.network_time" : "t.network_time");
  };
  const double four = network_time(R"({"node": {"based_on": "DGX_H100", "accelerators": 4}, "nodes": 1})", "");
  EXPECT_NE(four, network_time(R"({"node": "DGX_H100", "nodes": 1})", ""));
  EXPECT_EQ(network_time(R"({"node": {"based_on": "DGX_H100"}, "nodes": 1})", R"(, "f.node.accelerators": 4)"), four);
  EXPECT_EQ(network_time(R"({"node": "DGX_H100", "nodes": 1})", R"(, "f.node.accelerators": 4)"), four);
  EXPECT_EQ(network_time(R"({"node": {"based_on": "DGX_H100", "accelerators": 2}, "nodes": 1})", R"(, "f.node.accelerators": 4)"),
            four);
  EXPECT_EQ(network_time(R"({"node": "DGX_H100", "nodes": 1})", "", R"(, "fleet.node.accelerators": 4)"), four);
  EXPECT_EQ(network_time(R"({"node": "DGX_H100", "nodes": 1})", R"(, "f.node": {"based_on": "DGX_H100", "accelerators": 4})"),
            four);

  const Pipeline p = compiled(one_stage(R"("solver": "network_roofline", "workload": "Llama3_8B",
      "fleet": {"node": {"accelerator": "H100", "accelerators": 8, "link_bandwidth": "450 GB/s"}, "nodes": 1})",
                                        R"(, "axes": [{"s.fleet.node.accelerator.memory_bandwidth": ["1 TB/s", "2 TB/s"]},
                                                      {"s.fleet.node.accelerators": [2, 4]}],
                                            "report": {"columns": ["s.network_time"]})"));
  const Numbers times = rows_of(p).column(0);
  EXPECT_LT(times[0], times[1]);
  EXPECT_EQ(times[0], times[2]);
}

TEST(Plan, RecordsAreWrittenShortOrInFull) {
  const auto latency = [](const std::string& fleet) {
    const Pipeline p = compiled(one_stage(R"("solver": "network_roofline", "workload": "Llama3_8B", "fleet": )" + fleet));
    const Answer a = answer(p);
    EXPECT_EQ(a.status, RowStatus::ok) << (a.errors.empty() ? "" : a.errors.front());
    return output_of(p, a, "s.latency");
  };
  const double in_short = latency(R"({"accelerator": "H100", "count": 8})");
  EXPECT_EQ(latency(R"({"kind": "server", "accelerator": "H100", "count": 8})"), in_short);
  EXPECT_EQ(
      latency(R"({"node": {"accelerator": {"based_on": "H100"}, "accelerators": 8, "link_bandwidth": "450 GB/s"}, "nodes": 1})"),
      in_short);
}

TEST(Plan, WhatCannotBeMadeRefusesItsRow) {
  const auto why = [](const std::string& fields) {
    const Pipeline p = compiled(one_stage(fields));
    const Answer a = answer(p);
    EXPECT_EQ(a.status, RowStatus::refused);
    EXPECT_EQ(a.exit_status(), 1);
    return a.errors.size() == 1 ? a.errors.front() : "not one error";
  };
  EXPECT_EQ(why(R"("solver": "network_roofline", "workload": "Llama3_8B", "fleet": {"accelerator": "H100", "count": 1})"),
            "s: fleet holds one accelerator: there is nothing to exchange; give at least 2");
  EXPECT_NE(why(R"("solver": "single_node", "workload": "Llama3_8B", "hardware": "TPUv5e", "precision": "fp64")")
                .find("s: TPUv5e states no dense fp64 rate; it lists"),
            std::string::npos);
}

TEST(Plan, ACountAndANameAreAFleet) {
  const auto of = [](const std::string& fleet) {
    return compiled(one_stage(R"("solver": "economics", "duration": "1 day", "fleet": )" + fleet));
  };
  const auto cost = [](const Pipeline& p) { return answer(p).outputs[p.output("s.tco")].number; };
  const Pipeline in_full = of(R"({"kind": "cluster", "node": "DGX_H100", "nodes": 3})");
  EXPECT_TRUE(in_full.notes().empty());
  for (const char* said : {"3 DGX H100", "3x DGX_H100", "3 x DGX H100", "three DGX H100"}) {
    const Pipeline p = of("\"" + std::string(said) + "\"");
    EXPECT_EQ(cost(p), cost(in_full)) << said;
    ASSERT_EQ(p.notes().size(), 1u) << said;
    const std::string& note = p.notes().front();
    EXPECT_TRUE(note.starts_with("my.json#/stages/s/fleet: '" + std::string(said) + "' is a cluster, node DGX")) << note;
    EXPECT_NE(note.find(", nodes 3; left out: fabric (what the device states"), std::string::npos) << note;
  }
  EXPECT_EQ(cost(of(R"("2 H100")")), cost(of(R"({"accelerator": "H100", "count": 2})")));
  EXPECT_NE(refused([&] { (void)of(R"("3 DGX H1000")"); }).find("unknown fleet '3 DGX H1000'"), std::string::npos);
}

TEST(Plan, AnInputThatNobodyReadsIsNoted) {
  const Pipeline p = compiled(one_stage(two_seconds, R"(, "inputs": {"x": 3})"));
  EXPECT_EQ(p.notes(), std::vector<std::string>{"my.json#/inputs/x: no stage reads the input 'x'"});
}

TEST(Plan, CountsTakePrefixesAndTokens) {
  const auto batch = [](const std::string& value) {
    const Pipeline p = compiled(one_stage(resnet_on_a100 + R"(, "context_length": )" + value));
    return p.base()[p.input("s.context_length")].number;
  };
  EXPECT_EQ(batch("\"4k\""), 4000);
  EXPECT_EQ(batch("\"4 Ki\""), 4096);
  EXPECT_EQ(batch("\"1.5 k\""), 1500);
  EXPECT_EQ(batch("\"2 M\""), 2e6);
  EXPECT_EQ(batch("\"4 ktoken\""), 4000);
  EXPECT_EQ(batch("\"128 tokens\""), 128);
  EXPECT_NE(refused(one_stage(resnet_on_a100 + R"(, "context_length": "4 kB")")).find("takes no unit"), std::string::npos);
  EXPECT_NE(refused(one_stage(resnet_on_a100 + R"(, "batch_size": "k")")).find("s/batch_size"), std::string::npos);
}

TEST(Plan, AnAbsentObjectIsNull) {
  const std::string rest = R"(, "fleet": {"accelerator": "H100", "count": 1}, "duration": "1 day")";
  const Pipeline p = compiled(one_stage(R"("solver": "economics", "grid": null)" + rest));
  EXPECT_EQ(p.base()[p.input("s.grid")].object, nullptr);
  EXPECT_NE(refused(one_stage(R"("solver": "economics", "fleet": null, "duration": "1 day")")).find("takes the name of a fleet"),
            std::string::npos);
}

TEST(Axes, OneOfSeveralThatVaryTogetherIsTakenOff) {
  Config config =
      Config::parse(one_stage(resnet_on_a100, R"(, "axes": [{"s.batch_size": [1, 2], "s.efficiency": [0.5, 0.25]}])"), "my.json");
  config.set("s.batch_size", "8", "--set s.batch_size");
  const Pipeline fixed = session().compile(config);
  ASSERT_EQ(fixed.axes().size(), 1u);
  EXPECT_EQ(fixed.axes().front().inputs.size(), 1u);
  EXPECT_EQ(fixed.rows(), 2u);
  EXPECT_EQ(fixed.base()[fixed.input("s.batch_size")].number, 8);
  config.add_axis("s.efficiency", {"0.1", "0.2", "0.3"}, "--set s.efficiency");
  EXPECT_EQ(session().compile(config).rows(), 3u);
}

TEST(Plan, WhatDoesNotFitIsInfeasibleWithItsOutputs) {
  const Pipeline p = compiled(one_stage(R"("solver": "single_node", "workload": "Llama3_70B", "hardware": "A100")"));
  const Answer a = answer(p);
  EXPECT_EQ(a.status, RowStatus::infeasible);
  EXPECT_EQ(a.exit_status(), 2);
  EXPECT_EQ(output_of(p, a, "s.feasible"), 0);
  EXPECT_GT(output_of(p, a, "s.spill"), 0);
  EXPECT_TRUE(std::isfinite(output_of(p, a, "s.latency")));
}

TEST(Axes, ListsRangesAndPowers) {
  EXPECT_EQ(axis_of("batch_size", "[1, 3, 2]"), (Numbers{1, 3, 2}));
  EXPECT_EQ(axis_of("batch_size", R"({"powers_of": 2, "from": 1, "to": 100})"), (Numbers{1, 2, 4, 8, 16, 32, 64}));
  EXPECT_EQ(axis_of("batch_size", R"({"from": 1, "to": 1000, "steps": 1000})")[123], 124);
  EXPECT_EQ(axis_of("batch_size", R"({"from": 7, "to": 1, "steps": 3})"), (Numbers{7, 4, 1}));
  EXPECT_EQ(axis_of("overlap", R"({"from": 0, "to": 1, "steps": 5})"), (Numbers{0, 0.25, 0.5, 0.75, 1}));
  const Numbers logarithmic = axis_of("efficiency", R"({"from": 0.01, "to": 1, "steps": 3, "scale": "log"})");
  EXPECT_EQ(logarithmic.front(), 0.01);
  EXPECT_NEAR(logarithmic[1], 0.1, 1e-15);
  EXPECT_EQ(logarithmic.back(), 1);
  EXPECT_EQ(axis_of("framework_overhead", R"({"from": "1 us", "to": "1 ms", "steps": 2})"), (Numbers{1e-6, 1e-3}));
  EXPECT_EQ(axis_of("hardware.tdp", R"(["100 W", "0.2 kW"])"), (Numbers{100, 200}));
}

TEST(Axes, TheLastIsInnermost) {
  const Pipeline p =
      compiled(one_stage(resnet_on_a100, R"(, "axes": [{"s.batch_size": [1, 2]}, {"s.sequence_length": [10, 20, 30]}],
      "report": {"columns": ["batch_size", "sequence_length", "latency"]})"));
  EXPECT_EQ(p.rows(), 6u);
  const Rows rows = rows_of(p);
  EXPECT_EQ(rows.column(0), (Numbers{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(rows.column(1), (Numbers{10, 20, 30, 10, 20, 30}));
}

TEST(Axes, NamesOfOneAxisVaryTogether) {
  const Pipeline p =
      compiled(one_stage(resnet_on_a100, R"(, "axes": [{"s.batch_size": [1, 2, 3], "s.efficiency": [0.1, 0.2, 0.3]}],
      "report": {"columns": ["batch_size", "efficiency"]})"));
  EXPECT_EQ(p.rows(), 3u);
  const Rows rows = rows_of(p);
  EXPECT_EQ(rows.column(0), (Numbers{1, 2, 3}));
  EXPECT_EQ(rows.column(1), (Numbers{0.1, 0.2, 0.3}));
}

TEST(Axes, MayGiveWhatNothingElseGives) {
  const Pipeline p =
      compiled(one_stage(R"("solver": "single_node", "workload": "ResNet50", "hardware": "$device", "batch_size": "$batch")",
                         R"(, "axes": [{"device": ["A100", {"based_on": "H100", "tdp": "1 kW"}]}, {"batch": [1, 8]}])"));
  const Rows rows = rows_of(p);
  EXPECT_EQ(rows.status, std::vector<RowStatus>(4, RowStatus::ok));
  const Answer first = answer(p);  // the base is the first row
  EXPECT_EQ(first.status, RowStatus::ok);
  EXPECT_EQ(output_of(p, first, "s.latency"), rows.cells[0][2].number);
}

TEST(Axes, AFieldThatAKindLacksRefusesOnlyItsRows) {
  const Pipeline p =
      compiled(one_stage(R"("solver": "single_node", "workload": "ResNet50", "hardware": "$d")",
                         R"(, "axes": [{"d": ["H100", "Cerebras_CS3", "A100"]}, {"d.host_link": ["10 GB/s", "20 GB/s"]}])"));
  const Rows rows = rows_of(p);
  using enum RowStatus;
  EXPECT_EQ(rows.status, (std::vector<RowStatus>{ok, ok, refused, refused, ok, ok}));
  EXPECT_EQ(rows.errors.at(2), "d: Cerebras_CS3 is of kind wafer_scale, which has no field host_link");
}

TEST(Rows, DefaultColumnsAreAxesThenOutputs) {
  const Pipeline one = compiled(one_stage(two_seconds, R"(, "axes": [{"s.overhead_time": ["1 s"]}])"));
  ASSERT_EQ(one.columns().size(), 6u);
  EXPECT_EQ(one.columns()[0].name, "overhead_time");
  EXPECT_EQ(one.columns()[1].name, "sequential");
  const Pipeline two = compiled(one_stage(two_seconds + "}, \"t\": {" + two_seconds));
  EXPECT_EQ(two.columns().front().name, "s.sequential");
}

TEST(Rows, ASummaryCountsThemAndSaysHowTheTableEnds) {
  Rows sink;
  const auto summary_of = [&](const std::string& devices, const std::string& precision) {
    const Pipeline p = compiled(
        one_stage(R"("solver": "single_node", "workload": "Llama3_8B", "hardware": "$d", "precision": ")" + precision + "\"",
                  ", \"axes\": [{\"d\": " + devices + "}]"));
    return run(p, sink);
  };
  const RunSummary mixed = summary_of(R"(["H100", "TPUv5e", "T4"])", "fp64");
  EXPECT_EQ(mixed.rows, 3u);
  EXPECT_EQ(mixed.ok + mixed.infeasible, 1u);
  EXPECT_EQ(mixed.refused, 2u);
  EXPECT_EQ(mixed.exit_status(), 0);
  EXPECT_EQ(summary_of(R"(["TPUv5e", "T4"])", "fp64").exit_status(), 1);
  EXPECT_EQ(summary_of(R"(["T4"])", "fp32").exit_status(), 2);
}

TEST(Rows, ManyBlocksComeInOrder) {
  const Pipeline p = compiled(one_stage(resnet_on_a100, R"(, "axes": [{"s.batch_size": {"from": 1, "to": 5000, "steps": 5000}}],
      "report": {"columns": ["batch_size", "throughput", "latency"]})"));
  const Rows rows = rows_of(p);
  ASSERT_EQ(rows.cells.size(), 5000u);
  for (std::size_t r = 0; r < rows.cells.size(); ++r) {
    ASSERT_EQ(rows.cells[r][0].number, static_cast<double>(r + 1));
    ASSERT_NEAR(rows.cells[r][1].number * rows.cells[r][2].number, static_cast<double>(r + 1), 1e-9 * static_cast<double>(r + 1));
  }
}

TEST(Explain, ShowsTheStepsOfAStageWhoseObjectsAreMade) {
  struct Steps : Working {
    std::vector<std::string> whats;
    std::vector<double> results;

   private:
    void do_step(std::string_view what, std::string_view, std::span<const Term>, const Value& result, std::string_view) override {
      whats.emplace_back(what);
      results.push_back(result.number);
    }
    void do_note(std::string_view) override {}
  };
  const Pipeline p = compiled(one_stage(resnet_on_a100 + R"(, "hardware.tdp": "800 W")"));
  const Answer a = answer(p);
  Steps steps;
  explain(p, a, "s", steps);
  const auto at = std::find(steps.whats.begin(), steps.whats.end(), "energy");
  ASSERT_NE(at, steps.whats.end());
  EXPECT_EQ(steps.results[static_cast<std::size_t>(at - steps.whats.begin())], output_of(p, a, "s.energy"));
}

}  // namespace
}  // namespace ironlaw::host
