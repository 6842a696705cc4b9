// Charts hold what the pipeline answers, are drawn without a network, and refuse what they cannot show.
#include <ironlaw/error.hpp>
#include <ironlaw/pages/chart.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

const std::string sweep =
    R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}},
  "axes": [{"node.hardware": ["A100", "H100"]}, {"node.batch_size": [1, 4, 64]}],
  "report": {"columns": ["node.hardware", "node.batch_size", "node.latency", "node.compute_time", "node.throughput"]}})";

TEST(Chart, ASweepIsALineForEachDeviceAndAPanelForEachAnswer) {
  const auto pipeline = compiled(sweep);
  const auto chart = sweep_chart(pipeline, {});
  ASSERT_EQ(chart.panels.size(), 3u);
  const auto& panel = chart.panels[0];
  EXPECT_EQ(panel.y.name, "node.latency");
  EXPECT_EQ(panel.y.unit, "us");
  EXPECT_TRUE(panel.x.log);
  ASSERT_EQ(panel.series.size(), 2u);
  EXPECT_EQ(panel.series[1].name, "H100");
  const auto rows = rows_of(pipeline);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_DOUBLE_EQ(panel.series[1].points[i].y, rows.column(2)[3 + i] / 1e-6);
    EXPECT_EQ(panel.series[1].points[i].x, rows.column(1)[3 + i]);
  }
  EXPECT_NE(panel.series[0].points[0].tip.find("node.latency 567.6 us"), std::string::npos) << panel.series[0].points[0].tip;
}

TEST(Chart, ASweepTakesOtherColumnsFacetsAndAxes) {
  const auto pipeline = compiled(sweep);
  const auto chart = sweep_chart(pipeline, {"batch_size", {"throughput"}, "hardware", {"none"}});
  ASSERT_EQ(chart.panels.size(), 2u);
  EXPECT_EQ(chart.panels[0].title, "A100");
  EXPECT_FALSE(chart.panels[0].x.log);
  EXPECT_EQ(chart.panels[0].series.size(), 1u);
  const auto categories = sweep_chart(pipeline, {"hardware", {"latency"}, {}, {}});
  EXPECT_EQ(categories.panels[0].x.categories, (std::vector<std::string>{"A100", "H100"}));
  EXPECT_EQ(categories.panels[0].series[2].name, "batch_size 64");
}

TEST(Chart, TheFrontIsWhatNoOtherRowBeats) {
  const auto chart = pareto_chart(compiled(sweep), {"min latency", "max throughput"});
  EXPECT_EQ(chart.panels[0].series[0].points.size(), 6u);
  const auto& front = chart.panels[0].series[1].points;
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[0].label, "H100, batch_size 1");
  for (std::size_t i = 1; i < front.size(); ++i) {
    EXPECT_GT(front[i].x, front[i - 1].x);
    EXPECT_GT(front[i].y, front[i - 1].y);
  }
}

TEST(Chart, TheFrontMarksTheRowThatWasChosen) {
  const auto pipeline = compiled(sweep);
  const std::vector<std::string> goals{"min latency", "max throughput"};
  const auto chart = pareto_chart(pipeline, goals, {"hardware=H100", "batch_size=64"});
  ASSERT_EQ(chart.panels[0].series.size(), 3u);
  const auto& chosen = chart.panels[0].series[2];
  EXPECT_EQ(chosen.name, "the answer");
  ASSERT_EQ(chosen.points.size(), 1u);
  EXPECT_EQ(chosen.points[0].x, chart.panels[0].series[1].points.back().x);
  EXPECT_EQ(refused([&] { (void)pareto_chart(pipeline, goals, {"hardware=H200"}); }),
            "--mark: no row that is drawn has hardware=H200; the first has A100, batch_size 1");
  EXPECT_EQ(refused([&] { (void)pareto_chart(pipeline, goals, {"H100"}); }), "--mark: takes NAME=VALUE, not 'H100'");
}

TEST(Chart, RowsThatAConditionTakesOutAreNotDrawn) {
  const std::string config = sweep.substr(0, sweep.rfind("]}}")) + R"(], "pareto": ["min node.latency", "max node.throughput"]},
    "assert": ["node.latency <= 2 ms"]})";
  const auto chart = pareto_chart(compiled(config), {});
  EXPECT_EQ(chart.panels[0].series[0].points.size(), 5u);  // all but the A100's batch of 64
  EXPECT_EQ(chart.panels[0].series[1].points.size(), 3u);
}

TEST(Chart, APartIsABarOfItsRow) {
  const auto chart = breakdown_chart(compiled(sweep), {"compute_time"});
  EXPECT_EQ(chart.panels[0].y.categories.size(), 6u);
  EXPECT_EQ(chart.panels[0].series[0].name, "node.compute_time");
  EXPECT_EQ(chart.panels[0].series[0].points[0].label, "52.56 us");
  EXPECT_NE(refused([] {
              (void)breakdown_chart(compiled(sweep), {"latency", "throughput"});
            }).find("another dimension"),
            std::string::npos);
}

std::string parts_of_a_node(const std::string& overlap) {
  return R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100", "overlap": )" +
         overlap + R"(}}, "axes": [{"node.batch_size": [1, 64]}],
    "report": {"columns": ["node.batch_size", "node.latency", "node.compute_time", "node.memory_time", "node.overhead"]}})";
}

TEST(Chart, PartsThatAddUpStandBehindOneAnotherUpToTheirWhole) {
  const auto chart = breakdown_chart(compiled(parts_of_a_node("0")), {});
  const auto& panel = chart.panels[0];
  EXPECT_EQ(panel.bars, ChartPanel::Bars::stacked);
  ASSERT_EQ(panel.series.size(), 4u) << "the whole is no part";
  EXPECT_EQ(panel.series[3].form, ChartSeries::Form::totals);
  EXPECT_EQ(panel.series[3].name, "node.latency");
  for (std::size_t row = 0; row < 2; ++row) {
    double sum = 0;
    for (std::size_t part = 0; part < 3; ++part) sum += panel.series[part].points[row].x;
    EXPECT_NEAR(sum, panel.series[3].points[row].x, 1e-9 * sum);
  }
  EXPECT_EQ(chart.note, "");
}

TEST(Chart, PartsThatOverlapStandSideBySideAndSaySo) {
  const auto chart = breakdown_chart(compiled(parts_of_a_node("1")), {"compute_time", "memory_time", "overhead"});
  EXPECT_EQ(chart.panels[0].bars, ChartPanel::Bars::side_by_side);
  // 3.364 ms + 1.421 ms + 515 us, where the larger of the first two and the third take 3.879 ms.
  EXPECT_EQ(
      chart.note,
      "The parts overlap, and so stand side by side: of batch_size 64 they add up to 5.3 ms, and node.latency is 3.879 ms.");
}

TEST(Chart, ManyPartsAreToldApartAndTheirEndsAreNoParts) {
  const auto chart = breakdown_chart(
      compiled(
          R"({"version": 1, "stages": {"t": {"solver": "training_step", "workload": "Llama3_70B", "fleet": "Training_512_H100",
    "batch_size": 512, "tensor_parallel": 8, "pipeline_parallel": 4}}})"),
      {});
  const auto& series = chart.panels[0].series;
  ASSERT_EQ(series.size(), 9u);  // seven, what is left, and the whole
  EXPECT_EQ(series[8].name, "step_time");
  EXPECT_NE(series[7].name.find(" others"), std::string::npos) << series[7].name;
  for (const auto& s : series) EXPECT_EQ(s.name.find("_low"), std::string::npos) << s.name;
}

TEST(Chart, WhatRowsHaveToKeepToIsALine) {
  const std::string kept =
      sweep.substr(0, sweep.rfind('}')) + R"(, "assert": ["node.latency <= 2 ms", "1 hour > node.latency"]})";
  const auto chart = sweep_chart(compiled(kept), {"batch_size", {"latency", "throughput"}, {}, {}});
  ASSERT_EQ(chart.panels[0].targets.size(), 1u);
  EXPECT_TRUE(chart.panels[0].targets[0].of_y);
  EXPECT_DOUBLE_EQ(chart.panels[0].targets[0].at, chart.panels[0].y.unit == "us" ? 2000 : 2);
  EXPECT_EQ(chart.panels[0].targets[0].text, "node.latency <= 2 ms");
  EXPECT_TRUE(chart.panels[1].targets.empty());
  EXPECT_EQ(chart.note, "Off the chart: 1 hour > node.latency.");
  EXPECT_NE(chart_svg(chart).find("node.latency &lt;= 2 ms"), std::string::npos);
}

TEST(Chart, AnAxisIsAsItWasDeclared) {
  const auto is_log = [](const std::string& axis) {
    const auto chart = sweep_chart(compiled(R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50",
      "hardware": "A100"}}, "axes": [{"node.batch_size": )" +
                                            axis + R"(}], "report": {"columns": ["node.batch_size", "node.latency"]}})"),
                                   {});
    return chart.panels[0].x.log;
  };
  EXPECT_TRUE(is_log(R"({"powers_of": 2, "from": 1, "to": 8})")) << "by a factor, though it spans less than 20";
  EXPECT_FALSE(is_log(R"({"from": 1, "to": 101, "steps": 11})")) << "in even steps, though it spans 100";
  EXPECT_FALSE(is_log("[1, 3, 4]"));
  EXPECT_TRUE(is_log("[1, 3, 400]"));
}

TEST(Chart, OnlyAnswersThatVaryAreDrawnEachShapeOnce) {
  const auto chart = sweep_chart(compiled(R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50",
    "hardware": "A100"}}, "axes": [{"node.batch_size": [1, 8]}],
    "report": {"columns": ["node.batch_size", "node.memory_capacity", "node.mfu", "node.hfu", "node.latency"]}})"),
                                 {});
  ASSERT_EQ(chart.panels.size(), 2u);
  EXPECT_EQ(chart.panels[0].y.name, "node.mfu");
  EXPECT_EQ(chart.panels[1].y.name, "node.latency");
}

TEST(Chart, ATornadoSaysWhatIsBetterAndWhoseItIs) {
  auto config = Config::parse(one_stage(R"("solver": "serving", "workload": "Llama3_8B", "hardware": "H100",
    "sequence_length": 2048, "batch_size": 8)"),
                              "my.json");
  config.use_study("sensitivity");
  config.set_study_option("outputs", {"tpot"}, "--y");
  config.set_study_option("inputs", {"tensor_parallel", "memory_efficiency", "hardware.memory_bandwidth"}, "--input");
  const auto chart = tornado_chart(session().compile(config), "10 %");
  const auto& panel = chart.panels[0];
  ASSERT_EQ(panel.y.categories.size(), 6u);
  EXPECT_EQ(panel.y.categories[0], "What one decides:");
  EXPECT_TRUE(panel.y.categories[1].starts_with("tensor_parallel  1")) << panel.y.categories[1];
  EXPECT_EQ(panel.y.categories[2], "What devices, models and places are:");
  EXPECT_EQ(panel.y.categories[4], "How well they do:");
  for (const auto& series : panel.series)
    for (const auto& bar : series.points) {
      EXPECT_EQ(series.sense, bar.x < 0 ? ChartSeries::Sense::better : ChartSeries::Sense::worse) << "less time is better";
      EXPECT_TRUE(bar.label.ends_with(" %")) << bar.label;
    }
}

TEST(Chart, NoPointIsAboveItsRoof) {
  const std::string config =
      R"({"version": 1, "stages": {"n": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}},
    "axes": [{"n.hardware": ["A100", "TPUv5p"]}, {"n.batch_size": [1, 256]}], "report": {"columns": ["n.hardware", "n.workload",
    "n.batch_size", "n.arithmetic_intensity", "n.compute_time * n.achieved_peak_rate / n.latency",
    "n.achieved_peak_rate / n.efficiency"]}})";
  const auto pipeline = compiled(config);
  const auto chart = roofline_chart(pipeline);
  const auto& panel = chart.panels[0];
  std::size_t roofs = 0;
  for (const auto& series : panel.series) {
    if (series.form == ChartSeries::Form::roof) {
      ++roofs;
      EXPECT_GE(series.points.size(), 2u);
      continue;
    }
    for (const auto& point : series.points) {
      double roof = 0;
      for (const auto& r : panel.series)
        if (r.form == ChartSeries::Form::roof && !r.dashed && series.colour == r.colour)
          roof = std::min(r.points.back().y, r.points[0].y / r.points[0].x * point.x);
      EXPECT_GT(roof, 0) << series.name;
      EXPECT_LE(point.y, roof * (1 + 1e-12)) << series.name;
    }
  }
  EXPECT_GE(roofs, 2u);
}

TEST(Chart, AMarkHasItsDevicesColourAndItsModelsSymbol) {
  const std::string config =
      R"({"version": 1, "stages": {"n": {"solver": "single_node", "hardware": "A100"}},
    "axes": [{"n.hardware": ["A100", "H100"]}, {"n.workload": ["ResNet50", "BERT_Base"]}], "report": {"columns": ["n.hardware",
    "n.workload", "n.batch_size", "n.arithmetic_intensity", "n.compute_time * n.achieved_peak_rate / n.latency",
    "n.achieved_peak_rate / n.efficiency"]}})";
  const auto pipeline = compiled(config);
  const auto chart = roofline_chart(pipeline);
  std::map<std::string, std::size_t> roofs;
  std::map<std::string, std::size_t> models;
  for (const auto& series : chart.panels[0].series) {
    if (series.form == ChartSeries::Form::roof) {
      EXPECT_EQ(roofs.try_emplace(series.name, series.colour).first->second, series.colour) << series.name;
      continue;
    }
    EXPECT_EQ(models.try_emplace(series.name, series.symbol).first->second, series.symbol) << series.name;
    const std::string& tip = series.points.front().tip;
    EXPECT_EQ(series.colour, roofs.at(tip.find("H100") != tip.npos ? "H100" : "A100")) << tip;
  }
  // The legend names each device and each model once.
  EXPECT_EQ(roofs, (std::map<std::string, std::size_t>{{"A100", 0}, {"H100", 1}}));
  EXPECT_EQ(models, (std::map<std::string, std::size_t>{{"ResNet50", 0}, {"BERT_Base", 1}}));
}

TEST(Chart, IterationsStandOneAfterAnother) {
  const auto pipeline = compiled(R"({"version": 1, "stages": {"iteration": {"solver": "iteration", "workload": "Llama3_70B",
    "hardware": "H100", "tensor_parallel": 4, "decoding_sequences": 64, "context": 2000}},
    "axes": [{"iteration.prompt_tokens": [0, 2048]}]})");
  ASSERT_TRUE(tells_iterations(pipeline));
  EXPECT_FALSE(tells_iterations(compiled(sweep)));
  const auto chart = iteration_timeline_chart(pipeline);
  const auto& panel = chart.panels[0];
  EXPECT_EQ(panel.y.categories.front(), "overhead");
  ASSERT_EQ(panel.targets.size(), 2u);
  double busy = 0, end = 0;
  for (const auto& series : panel.series)
    for (const auto& block : series.points) {
      EXPECT_LT(block.x, block.end);
      busy += block.end - block.x;
      end = std::max(end, block.end);
    }
  EXPECT_NEAR(busy, end, 1e-9 * end);  // one thing at a time
  EXPECT_NEAR(panel.targets[1].at, end, 1e-9 * end);
  EXPECT_LT(panel.targets[0].at, end / 2);  // the one that holds prompts is the longer
}

TEST(Chart, ATimelineTakesAsLongAsTheBubbleSays) {
  const auto chart = timeline_chart({"step", 4, 8, 1, 2, 0.5});
  double end = 0;
  std::size_t blocks = 0;
  for (const auto& series : chart.panels[0].series) {
    blocks += series.points.size();
    for (const auto& point : series.points) {
      EXPECT_LT(point.x, point.end);
      end = std::max(end, point.end);
    }
  }
  EXPECT_EQ(blocks, 4u * 8 * 2 + 4);
  EXPECT_DOUBLE_EQ(end, (8 + 4 - 1) * 3 + 0.5);
  ASSERT_EQ(chart.panels[0].targets.size(), 1u);
  EXPECT_DOUBLE_EQ(chart.panels[0].targets[0].at, end);
  EXPECT_TRUE(
      chart.note.starts_with("A step of 33.5 s: 8 microbatches on 4 stages take 33 s, of which a stage idles 9 s (27.3 %)"))
      << chart.note;
  // Nothing overlaps on a stage.
  std::vector<std::pair<double, double>> first;
  for (const auto& series : chart.panels[0].series)
    for (const auto& point : series.points)
      if (point.y == 0) first.emplace_back(point.x, point.end);
  std::sort(first.begin(), first.end());
  for (std::size_t i = 1; i < first.size(); ++i) EXPECT_GE(first[i].first, first[i - 1].second - 1e-12);
}

TEST(Chart, IsDrawnByTheProgramItself) {
  auto chart = sweep_chart(compiled(sweep), {});
  chart.title = "a < b & \"c\"";
  const std::string svg = chart_svg(chart);
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_NE(svg.find("<title>a &lt; b &amp; &quot;c&quot;</title>"), std::string::npos);
  EXPECT_NE(svg.find("node.latency [us]"), std::string::npos);
  EXPECT_EQ(svg.find("NaN"), std::string::npos);
  EXPECT_NE(chart_svg(chart, {900, 0, true}), svg);
  const std::string page = chart_file(chart, "c.html");
  for (const char* from_afar : {"<script src", "<link", "@import"})
    EXPECT_EQ(page.find(from_afar), std::string::npos) << from_afar;
  EXPECT_EQ(page.find("{{"), std::string::npos);
  EXPECT_LT(page.size(), 400'000u);
  EXPECT_TRUE(chart_file(chart, "c.png").starts_with("\x89PNG"));
}

TEST(Chart, ATotalBesideItsPartsIsABarOfItsOwn) {
  const auto chart = breakdown_chart(compiled(parts_of_a_node("1")), {"compute_time", "memory_time", "overhead"});
  std::size_t labels = 0;
  const std::string svg = chart_svg(chart, {420, 0, true});
  for (const auto& series : chart.panels[0].series)
    for (const auto& point : series.points) {
      EXPECT_NE(svg.find(">" + point.label + "<"), std::string::npos) << series.name << ": " << point.label << " is hidden";
      ++labels;
    }
  EXPECT_GE(labels, 4u);
}

TEST(Chart, RefusesWhatItCannotShow) {
  const auto pipeline = compiled(sweep);
  EXPECT_EQ(refused([&] {
              (void)sweep_chart(pipeline, {"batchsize", {}, {}, {}});
            }),
            "--x: the report has no column 'batchsize'; did you mean 'node.batch_size'? Columns: node.hardware, node.batch_size, "
            "node.latency, node.compute_time, node.throughput");
  EXPECT_EQ(refused([&] { (void)pareto_chart(pipeline, {"min latency"}); }),
            "--goal: a Pareto chart takes two goals ('min COLUMN' or 'max COLUMN'), not 1");
  EXPECT_EQ(refused([&] {
              (void)pareto_chart(pipeline, {"small latency", "min throughput"});
            }),
            "--goal: takes 'min COLUMN' or 'max COLUMN', not 'small latency'");
  EXPECT_EQ(refused([&] { (void)sweep_chart(compiled(one_stage(resnet_on_a100)), {}); }),
            "no input among the report's columns varies: a sweep needs an axis");
  EXPECT_NE(
      refused([&] { (void)chart_file(sweep_chart(pipeline, {}), "chart.jpg"); }).find("a chart is a .svg, a .png or a .html"),
      std::string::npos);
}

const std::string decoding =
    R"({"version": 1, "stages": {"i": {"solver": "iteration", "workload": "Llama3_70B", "hardware": "H100",
  "tensor_parallel": 8, "decoding_sequences": 64, "context": 2000}})";

TEST(Chart, OperatorsArePointsUnderTheirRoofsAndBarsOfTheirTime) {
  const auto p = compiled(decoding + "}");
  const auto chart = operators_chart(p, {});
  ASSERT_EQ(chart.panels.size(), 2u);
  double time = 0;
  for (const auto& s : chart.panels[1].series)
    for (const auto& bar : s.points) time += bar.x;
  EXPECT_EQ(chart.panels[1].x.unit, "ms");
  EXPECT_NEAR(time * 1e-3, output_of(p, answer(p), "i.iteration_time"), 1e-9);
  EXPECT_EQ(chart.panels[1].y.categories.front().substr(0, 3), "up ");
  bool memory = false;
  for (const auto& s : chart.panels[0].series) {
    if (s.form != ChartSeries::Form::points) continue;
    memory |= s.name == "bound by memory";
    for (const auto& point : s.points) {
      EXPECT_FALSE(point.label.empty());
      EXPECT_NE(point.tip.find("bound by"), std::string::npos);
    }
  }
  EXPECT_TRUE(memory);
  EXPECT_NE(chart_svg(chart).find("<svg"), std::string::npos);
}

TEST(Chart, OperatorsOfWhatShowsNoneAreRefused) {
  EXPECT_NE(refused([] { (void)operators_chart(compiled(one_stage(resnet_on_a100)), {}); }).find("no stage shows its operators"),
            std::string::npos);
  EXPECT_NE(refused([] { (void)operators_chart(compiled(decoding + "}"), "j"); }).find("no stage 'j'"), std::string::npos);
  EXPECT_NE(refused([] {
              (void)operators_chart(compiled(decoding + R"(, "axes": [{"i.context": [1, 2]}]})"), {});
            }).find("draws one answer"),
            std::string::npos);
}

TEST(Chart, TheEndsOfABandAreDashedLines) {
  auto config = Config::parse(R"({"version": 1, "stages": {"k": {"solver": "kernel", "operation": "product", "hardware": "H100",
    "n": 8192, "k": 8192}}, "axes": [{"k.rows": [16, 128, 1024]}], "report": {"columns": ["k.rows", "k.kernel_time"]}})",
                              "my.json");
  config.report_bands("--bands");
  const auto p = session().compile(config);
  const auto chart = sweep_chart(p, {});
  ASSERT_EQ(chart.panels.size(), 1u);
  const auto& series = chart.panels[0].series;
  ASSERT_EQ(series.size(), 3u);
  EXPECT_FALSE(series[0].dashed);
  EXPECT_EQ(series[1].name, "10 to 90 %");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_LT(series[1].points[i].y, series[0].points[i].y);
    EXPECT_GT(series[2].points[i].y, series[0].points[i].y);
  }
}

}  // namespace
}  // namespace ironlaw::host
