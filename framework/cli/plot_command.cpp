// plot: pictures of what a pipeline answers.
#include "command.hpp"

#include <ironlaw/error.hpp>
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
  std::string output;
  std::string hardware, workload, batch = "1,2,4,8,16,32,64,128,256";
};

int draw(host::Chart chart, const PlotWords& words, const std::string& title, const Context& context) {
  chart.title = words.title.empty() ? title : words.title;
  host::ChartLook look = words.look;
  look.dark = words.theme == "dark";
  context.out << host::chart_file(chart, context.flags.out, look);
  return 0;
}

/// A word of the command line as JSON: a whole number as it is, else a text.
std::string quoted(const std::string& word) {
  if (word.size() < 10 && word.find_first_not_of("0123456789") == word.npos && word[0] != '0') return word;
  std::string json = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') json += '\\';
    json += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return json + "\"";
}

std::string quoted_list(const std::string& words, const std::string& flag) {
  std::string json;
  for (const auto& word : split_values(words, flag)) json += (json.empty() ? "[" : ", ") + quoted(word);
  return json + "]";
}

/// One solver over devices, models and batches, with the columns that a roofline is read from.
host::Config roofline_config(const PlotWords& words) {
  auto config = host::Config::parse(
      R"({"version": 1, "stages": {"node": {"solver": "single_node"}}, "axes": [{"node.hardware": )" +
          quoted_list(words.hardware, "--hardware") + R"(}, {"node.workload": )" + quoted_list(words.workload, "--workload") +
          R"(}, {"node.batch_size": )" + quoted_list(words.batch, "--batch-size") + R"(}], "report": {"columns": [
        "node.hardware", "node.workload", "node.batch_size", "node.arithmetic_intensity",
        "node.compute_time * node.achieved_peak_rate / node.latency", "node.achieved_peak_rate / node.efficiency"]}})",
      "plot roofline");
  apply_settings(config, words.settings);
  return config;
}

int plot_roofline(const PlotWords& words, Context& context) {
  const auto pipeline = compiled(roofline_config(words), context);
  const auto& columns = pipeline.columns();
  return draw(host::roofline_chart(pipeline, {columns[0].name, columns[1].name, columns[2].name, columns[3].name, columns[4].name,
                                              columns[5].name}),
              words, "Roofline", context);
}

/// The time of a stage of training as its outputs tell it.
host::PipelineStep step_of(const host::Pipeline& pipeline) {
  const auto answer = host::answer(pipeline);
  if (!has_outputs(answer.status)) throw InputError("", answer.errors.empty() ? "no answer to draw" : answer.errors.front());
  std::string stage;
  for (const auto& port : pipeline.solver().outputs())
    if (port.name.ends_with(".bubble_time")) stage = std::string(port.name.substr(0, port.name.rfind('.') + 1));
  if (stage.empty())
    throw InputError(
        "plot timeline",
        "draws the step of a pipeline-parallel training; no stage has an output 'bubble_time', as those of distributed have");
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
  const auto pipeline = compiled(config, context);
  return draw(host::tornado_chart(pipeline, "10 %"), words, config.name().empty() ? words.target.word : config.name(), context);
}

using Plot = int (*)(const PlotWords&, Context&);

using Named = std::vector<std::string>;

/// A plot of a config, whose report may leave out what is `named` by a flag.
template <class Draw>
int plot_config(const PlotWords& words, Context& context, const std::string& flag, const Named& named, Draw chart_of) {
  auto config = words.target.config(context);
  for (const auto& column : named) config.show_column(column, flag);
  const auto pipeline = compiled(config, context);
  return draw(chart_of(pipeline), words, config.name().empty() ? words.target.word : config.name(), context);
}

int plot_sweep(const PlotWords& words, Context& context) {
  Named named{words.columns.x, words.columns.facet};
  named.insert(named.end(), words.columns.y.begin(), words.columns.y.end());
  return plot_config(words, context, "plot sweep", named,
                     [&](const auto& pipeline) { return host::sweep_chart(pipeline, words.columns); });
}
int plot_pareto(const PlotWords& words, Context& context) {
  Named named;
  for (const auto& goal : words.names) named.push_back(goal.substr(goal.find(' ') + 1));
  return plot_config(words, context, "--goal", named,
                     [&](const auto& pipeline) { return host::pareto_chart(pipeline, words.names); });
}
int plot_breakdown(const PlotWords& words, Context& context) {
  return plot_config(words, context, "--parts", words.names,
                     [&](const auto& pipeline) { return host::breakdown_chart(pipeline, words.names); });
}
int plot_timeline(const PlotWords& words, Context& context) {
  return plot_config(words, context, {}, {}, [&](const auto& pipeline) { return host::timeline_chart(step_of(pipeline)); });
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
  add_target(*sweep, context, *words, arguments);
  add_examples(*sweep,
               {"ironlaw plot sweep sweep.json -o sweep.svg", "ironlaw plot sweep sweep.json --y latency --log x -o sweep.html"});

  words = std::make_shared<PlotWords>();
  auto* pareto = add_kind(*plot, context, words, "pareto", "rows by two goals, and those that no other beats", plot_pareto);
  pareto->add_option("--goal", words->names, "min or max and a column, twice; the report's pareto if left out")
      ->option_text("TEXT")
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
  auto* timeline = add_kind(*plot, context, words, "timeline", "the passes of a pipeline-parallel training step", plot_timeline);
  add_target(*timeline, context, *words, arguments);
  add_examples(*timeline, {"ironlaw plot timeline training.json -o timeline.svg"});
}

}  // namespace ironlaw::cli
