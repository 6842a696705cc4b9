// plot: pictures of what a pipeline answers.
#include "command.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/open_plugins.hpp>
#include <ironlaw/pages/chart.hpp>

#include <cmath>
#include <memory>
#include <ostream>

namespace ironlaw::cli {
namespace {

/// What all plots take.
struct PlotWords {
  Target target;
  std::vector<std::string> settings;  ///< of a roofline, which has no target
  std::string title;
  std::string theme = "light";
  host::ChartLook look;
  host::ChartColumns columns;
  std::vector<std::string> names;
  std::vector<std::string> marks;
  std::string output;
  bool bands = false;
  std::string hardware, workload, batch = "1,2,4,8,16,32,64,128,256";
};

/// Draws what `chart_of` makes of a pipeline.
template <class Draw>
int draw(const host::Pipeline& asked, Draw chart_of, const PlotWords& words, const std::string& title, const Context& context) {
  return host::with_open_plugins(asked, context.out, [&](const host::Pipeline& pipeline, std::ostream& out) {
    host::Chart chart = chart_of(pipeline);
    chart.title = words.title.empty() ? title : words.title;
    host::ChartLook look = words.look;
    look.dark = words.theme == "dark";
    out << host::chart_file(chart, context.flags.out, look);
    return 0;
  });
}

int plot_roofline(const PlotWords& words, Context& context) {
  auto config = host::roofline_config(split_values(words.hardware, "--hardware"), split_values(words.workload, "--workload"),
                                      split_values(words.batch, "--batch-size"));
  apply_settings(config, words.settings);
  const auto chart_of = [](const host::Pipeline& pipeline) { return host::roofline_chart(pipeline); };
  return draw(compiled(config, context), chart_of, words, "Roofline", context);
}

/// The time of a stage of training as its outputs tell it.
host::PipelineStep step_of(const host::Pipeline& pipeline) {
  const auto answer = host::answer(pipeline);
  if (!has_outputs(answer.status)) throw InputError("", answer.errors.empty() ? "no answer to draw" : answer.errors.front());
  std::string stage;
  for (const auto& port : pipeline.solver().outputs())
    if (port.name.ends_with(".bubble_time")) stage = std::string(port.name.substr(0, port.name.rfind('.') + 1));
  if (stage.empty())
    throw InputError("plot timeline",
                     "draws the step of a pipeline-parallel training, or iterations; no stage has an output 'bubble_time', as "
                     "those of distributed have, or 'prompt_attention_time', as those of iteration");
  const auto in = [&](const char* name) { return answer.inputs[pipeline.input(stage + name, "plot timeline")].number; };
  const auto out = [&](const char* name) { return answer.outputs[pipeline.output(stage + name, "plot timeline")].number; };
  if (in("virtual_stages") != 1 || in("schedule") != 0 || in("gradient_accumulation") != 1)
    throw InputError("plot timeline",
                     "draws one forward after one backward; allowed: virtual_stages = 1, gradient_accumulation = 1, schedule = "
                     "one_forward_one_backward");
  host::PipelineStep step;
  const double stages = in("pipeline_parallel");
  const double microbatches = in("microbatches");
  step.stages = static_cast<std::size_t>(stages);
  step.microbatches = static_cast<std::size_t>(microbatches);
  // The bubble is what stages before and after take for one microbatch each.
  const double pass = stages > 1 ? out("bubble_time") / (stages - 1) : out("node.latency") / microbatches;
  step.forward = pass / (in("activation_recomputation") != 0 ? 4 : 3);
  step.backward = pass - step.forward;
  step.other = std::max(0.0, out("step_time") - pass * (microbatches + stages - 1));
  return step;
}

int plot_tornado(const PlotWords& words, Context& context) {
  auto config = words.target.config(context);
  config.use_study("sensitivity");
  config.set_study_option("outputs", {words.output}, "--y");
  if (!words.names.empty()) config.set_study_option("inputs", words.names, "--input");
  const auto chart_of = [](const host::Pipeline& pipeline) { return host::tornado_chart(pipeline, "10 %"); };
  return draw(compiled(config, context), chart_of, words, config.name().empty() ? words.target.word : config.name(), context);
}

using Plot = int (*)(const PlotWords&, Context&);

/// Columns by the flag that names them.
using Named = std::vector<std::pair<std::string, std::string>>;

Named named_by(const std::string& flag, const std::vector<std::string>& columns) {
  Named named;
  for (const auto& column : columns) named.emplace_back(flag, column);
  return named;
}

/// A plot of a config, whose report may leave out what is `named` by a flag.
template <class Draw>
int plot_config(const PlotWords& words, Context& context, const Named& named, Draw chart_of) {
  auto config = words.target.config(context);
  for (const auto& [flag, column] : named) config.show_column(column, flag);
  if (words.bands) config.report_bands("--bands");
  return draw(compiled(config, context), chart_of, words, config.name().empty() ? words.target.word : config.name(), context);
}

int plot_sweep(const PlotWords& words, Context& context) {
  Named named = named_by("--y", words.columns.y);
  named.emplace_back("--x", words.columns.x);
  named.emplace_back("--facet", words.columns.facet);
  return plot_config(words, context, named, [&](const auto& pipeline) { return host::sweep_chart(pipeline, words.columns); });
}
int plot_series(const PlotWords& words, Context& context) {
  return plot_config(words, context, named_by("--y", words.names),
                     [&](const auto& pipeline) { return host::series_chart(pipeline, words.names); });
}
int plot_pareto(const PlotWords& words, Context& context) {
  Named named;
  for (const auto& goal : words.names) named.emplace_back("--goal", goal.substr(goal.find(' ') + 1));
  return plot_config(words, context, named,
                     [&](const auto& pipeline) { return host::pareto_chart(pipeline, words.names, words.marks); });
}
int plot_breakdown(const PlotWords& words, Context& context) {
  return plot_config(words, context, named_by("--parts", words.names),
                     [&](const auto& pipeline) { return host::breakdown_chart(pipeline, words.names); });
}
int plot_timeline(const PlotWords& words, Context& context) {
  return plot_config(words, context, {}, [&](const auto& pipeline) {
    return host::tells_iterations(pipeline) ? host::iteration_timeline_chart(pipeline) : host::timeline_chart(step_of(pipeline));
  });
}

int plot_operators(const PlotWords& words, Context& context) {
  return plot_config(words, context, {}, [&](const auto& pipeline) { return host::operators_chart(pipeline, words.output); });
}

/// A command of `plot` with the flags that all have.
CLI::App* add_kind(CLI::App& plot, Context& context, const std::shared_ptr<PlotWords>& words, const char* name, const char* what,
                   Plot action) {
  auto* command = plot.add_subcommand(name, what);
  command->add_option("--title", words->title, "instead of the config's name")->option_text("TEXT");
  command->add_option("--theme", words->theme, "colours of a picture; a page follows its reader's")
      ->check(CLI::IsMember({"light", "dark"}))
      ->option_text("light|dark");
  command->add_option("--width", words->look.width, "of a picture, in pixels")->check(number_from(320, 4000))->option_text("N");
  command->add_option("--height", words->look.height, "of a picture; what suits it if left out")
      ->check(number_from(200, 8000))
      ->option_text("N");
  command->callback([=, &context] { context.action = [=, &context] { return action(*words, context); }; });
  return command;
}

/// Defines what a plot is drawn of, once its own flags are there.
void add_target(CLI::App& command, Context& context, PlotWords& words, const std::vector<std::string>& arguments) {
  const bool named = arguments.size() > 2 && arguments[0] == "plot" && arguments[1] == command.get_name();
  words.target.add_to(command, context, named ? arguments : std::vector<std::string>{}, 2);
}

void add_roofline(CLI::App& plot, Context& context) {
  const auto words = std::make_shared<PlotWords>();
  auto* command =
      add_kind(plot, context, words, "roofline", "devices as roofs, models as points that move with the batch", plot_roofline);
  add_settings(*command, words->settings);
  auto* hardware = command->add_option("--hardware", words->hardware, "devices")->required()->option_text("NAMES");
  auto* workload = command->add_option("--workload", words->workload, "models")->required()->option_text("NAMES");
  command->add_option("--batch-size", words->batch, "batches to follow")->option_text("NUMBERS");
  context.values[hardware] = [&context] { return zoo_keys(context, "hardware"); };
  context.values[workload] = [&context] { return zoo_keys(context, "workload"); };
  add_examples(*command,
               {"ironlaw plot roofline --hardware A100,H100 --workload ResNet50,Llama3_8B -o roofline.svg",
                "ironlaw plot roofline --hardware H100 --workload Llama3_8B --set node.precision=fp8 -o roofline.html"});
}

}  // namespace

void add_plot(CLI::App& app, Context& context, const std::vector<std::string>& arguments) {
  auto* plot = app.add_subcommand("plot", "pictures: SVG, PNG, or a page to explore")->require_subcommand(1);
  add_examples(*plot, {"ironlaw plot roofline --hardware A100,H100 --workload ResNet50 -o roofline.svg",
                       "ironlaw plot sweep sweep.json -o sweep.html"});
  add_roofline(*plot, context);

  auto words = std::make_shared<PlotWords>();
  auto* sweep = add_kind(*plot, context, words, "sweep", "lines over an axis", plot_sweep);
  sweep->add_option("--x", words->columns.x, "the column to draw over; the last axis with numbers if left out")
      ->option_text("NAME");
  sweep->add_option("--y", words->columns.y, "columns to draw, a panel each (may be repeated)")
      ->option_text("NAME")
      ->allow_extra_args(false);
  sweep->add_option("--facet", words->columns.facet, "a panel for each value of this column")->option_text("NAME");
  sweep->add_option("--log", words->columns.log, "logarithmic axes; chosen by the values if left out")
      ->delimiter(',')
      ->check(CLI::IsMember({"x", "y", "none"}))
      ->option_text("x,y|none");
  sweep->add_flag("--bands", words->bands, "draw the ends of the bands beside each line");
  add_target(*sweep, context, *words, arguments);
  add_examples(*sweep,
               {"ironlaw plot sweep sweep.json -o sweep.svg", "ironlaw plot sweep sweep.json --y latency --log x -o sweep.html"});

  words = std::make_shared<PlotWords>();
  auto* series = add_kind(*plot, context, words, "series", "series over their index, a line a row", plot_series);
  series->add_option("--y", words->names, "series to draw, a panel each; all of the report if left out (may be repeated)")
      ->option_text("NAME")
      ->allow_extra_args(false);
  add_target(*series, context, *words, arguments);
  add_examples(*series, {"ironlaw plot series day.json -o day.svg", "ironlaw plot series day.json --y drawn -o day.html"});

  words = std::make_shared<PlotWords>();
  auto* pareto = add_kind(*plot, context, words, "pareto", "rows by two goals, and those that no other beats", plot_pareto);
  pareto->add_option("--goal", words->names, "min or max and a column, twice; the report's pareto if left out")
      ->option_text("TEXT")
      ->allow_extra_args(false);
  pareto
      ->add_option("--mark", words->marks,
                   "a column and what the chosen row has there; that row is drawn as the answer (may be repeated)")
      ->option_text("NAME=VALUE")
      ->allow_extra_args(false);
  add_target(*pareto, context, *words, arguments);
  add_examples(*pareto, {"ironlaw plot pareto sweep.json --goal 'min latency' --goal 'max throughput' -o pareto.svg"});

  words = std::make_shared<PlotWords>();
  auto* breakdown = add_kind(*plot, context, words, "breakdown", "what the parts of a sum are, a bar a row", plot_breakdown);
  breakdown->add_option("--parts", words->names, "columns that add up; the report's of the first's dimension if left out")
      ->delimiter(',')
      ->option_text("NAMES");
  add_target(*breakdown, context, *words, arguments);
  add_examples(*breakdown, {"ironlaw plot breakdown sweep.json --parts compute_time,memory_time,overhead -o breakdown.svg"});

  words = std::make_shared<PlotWords>();
  auto* operators = add_kind(*plot, context, words, "operators",
                             "the operators of an answer: points under the device's roofs, bars of their time", plot_operators);
  operators->add_option("--stage", words->output, "whose; the first that shows its operators if left out")->option_text("NAME");
  add_target(*operators, context, *words, arguments);
  add_examples(*operators, {"ironlaw plot operators iteration.json -o operators.html"});

  words = std::make_shared<PlotWords>();
  auto* tornado =
      add_kind(*plot, context, words, "tornado", "what a tenth more or less of each input does to an output", plot_tornado);
  tornado->add_option("--y", words->output, "the output")->required()->option_text("NAME");
  tornado->add_option("--input", words->names, "inputs or fields to move; every number if left out (may be repeated)")
      ->option_text("NAME")
      ->allow_extra_args(false);
  add_target(*tornado, context, *words, arguments);
  add_examples(*tornado,
               {"ironlaw plot tornado one.json --y latency --input hardware.memory_bandwidth --input efficiency -o levers.svg"});

  words = std::make_shared<PlotWords>();
  auto* timeline = add_kind(*plot, context, words, "timeline",
                            "the passes of a pipeline-parallel training step, or iterations of a serving engine", plot_timeline);
  add_target(*timeline, context, *words, arguments);
  add_examples(*timeline,
               {"ironlaw plot timeline training.json -o timeline.svg", "ironlaw plot timeline iteration.json -o iteration.svg"});
}

}  // namespace ironlaw::cli
