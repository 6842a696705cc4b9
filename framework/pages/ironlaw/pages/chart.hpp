#pragma once
// What a pipeline's rows look like: charts as data, and as SVG, PNG and pages to explore.
#include <ironlaw/host/config.hpp>
#include <ironlaw/host/run.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// An axis: a quantity in a unit, or categories by index.
struct ChartAxis {
  std::string name;
  std::string unit;
  bool log = false;
  bool zero = false;  ///< zero is on the axis
  std::vector<std::string> categories;
};

/// A point, the end of a bar at category y, or a block from x to end.
struct ChartPoint {
  double x = 0;
  double y = 0;
  double end = 0;
  std::string tip;      ///< what hovering tells, in lines
  std::string label;    ///< what stands beside it, or in a bar
  bool hollow = false;  ///< an answer that does not fit
};

/// Points that are drawn in one form and colour.
struct ChartSeries {
  enum class Form { line, trail, roof, points, bars, blocks, totals };
  /// Whether what it shows is better or worse than what it is compared with.
  enum class Sense { neither, better, worse };
  std::string name;  ///< series of one name share an entry of the legend
  Form form = Form::line;
  std::size_t colour = 0;
  bool dashed = false;
  std::vector<ChartPoint> points{};
  std::size_t symbol = 0;        ///< of its points
  Sense sense = Sense::neither;  ///< takes the place of the colour
  bool soft = false;             ///< of two bars of one colour the lighter one
};

/// What a row has to keep to, as a line across the panel.
struct ChartTarget {
  bool of_y = true;  ///< a line at a value of y, else at one of x
  double at = 0;
  std::string text;
};

/// Two axes and what is drawn over them.
struct ChartPanel {
  std::string title;
  ChartAxis x, y;
  std::vector<ChartSeries> series;
  enum class Bars { stacked, over_one_another, side_by_side };
  Bars bars = Bars::stacked;
  std::vector<ChartTarget> targets{};
};

/// Panels under one title.
struct Chart {
  std::string title;
  std::string note;
  std::vector<ChartPanel> panels;
};

/// Which columns of a pipeline a chart shows; empty: chosen by what varies.
struct ChartColumns {
  std::string x;
  std::vector<std::string> y;
  std::string facet;
  /// Axes that are logarithmic, "x" and "y"; "none". Empty: as the values are spaced, and where that does not tell, where they
  /// span a factor of 20.
  std::vector<std::string> log;
};

/// Lines over a column that varies, a panel for each of `y` and of the values of `facet`. Throws InputError.
[[nodiscard]] Chart sweep_chart(const Pipeline& pipeline, const ChartColumns& columns);
/// Lines over the index of series, one for each row of the pipeline: a panel for each of `y`, or for every series among the
/// report's columns. Throws InputError.
[[nodiscard]] Chart series_chart(const Pipeline& pipeline, const std::vector<std::string>& y);
/// Every row by two goals ("min serve.tpot"), those of the config where empty, and the front of rows that no other beats.
/// `marks`, "NAME=VALUE" each, say which row was chosen: the first that has all of them. Throws InputError.
[[nodiscard]] Chart pareto_chart(const Pipeline& pipeline, const std::vector<std::string>& goals,
                                 const std::vector<std::string>& marks = {});
/// Bars of parts that add up, one a row: columns of one dimension, the report's where `parts` is empty.
[[nodiscard]] Chart breakdown_chart(const Pipeline& pipeline, const std::vector<std::string>& parts);

/// One solver over devices, models and batches, with the columns that a roofline is read from.
[[nodiscard]] Config roofline_config(const std::vector<std::string>& hardware, const std::vector<std::string>& workload,
                                     const std::vector<std::string>& batch_size);
/// Of roofline_config(): roofs of every device, of each level of memory that it states, and models under them, joined over
/// batches.
[[nodiscard]] Chart roofline_chart(const Pipeline& pipeline);

/// The study of a pipeline whose config asks for one that moves inputs by a step up and down: what each does to an output, the
/// strongest first. `step` says how large the step was ("10 %").
[[nodiscard]] Chart tornado_chart(const Pipeline& pipeline, const std::string& step);

/// The operators of one answer, as the solver of a stage shows them (`--explain`): each as a point under the roofs of its device,
/// and a bar of its time. `stage` empty: the first that shows any. Throws InputError.
[[nodiscard]] Chart operators_chart(const Pipeline& pipeline, const std::string& stage);

/// What a pipeline-parallel step is made of.
struct PipelineStep {
  std::string title;
  std::size_t stages = 1;
  std::size_t microbatches = 1;
  double forward = 0;  ///< time of one microbatch on one stage
  double backward = 0;
  double other = 0;  ///< what follows on every stage: exchanges, optimizer
};
/// Which stage works on which microbatch when, one forward after one backward (Narayanan 2021).
[[nodiscard]] Chart timeline_chart(const PipelineStep& step);

/// Whether a stage says what an iteration of a serving engine is made of, as `iteration` does.
[[nodiscard]] bool tells_iterations(const Pipeline& pipeline);
/// Iterations of a serving engine one after another, one for each row: what each spends its time on when. Throws InputError.
[[nodiscard]] Chart iteration_timeline_chart(const Pipeline& pipeline);

/// How a picture is drawn.
struct ChartLook {
  double width = 900;
  double height = 0;  ///< 0: what suits the chart
  bool dark = false;
};

/// The chart as data, for the script of a page.
[[nodiscard]] std::string chart_json(const Chart& chart);
/// These throw Error where what they are drawn with is not installed.
[[nodiscard]] std::string chart_svg(const Chart& chart, const ChartLook& look = {});
[[nodiscard]] std::string chart_page(const Chart& chart);
/// What belongs into a file of this name: SVG, PNG or a page; SVG for none. Throws InputError for another ending.
[[nodiscard]] std::string chart_file(const Chart& chart, const std::filesystem::path& file, const ChartLook& look = {});

}  // namespace ironlaw::host
