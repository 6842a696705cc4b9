#pragma once
// The working that training_step shows; included by it.
#include <vector>

#include "training_step.hpp"

namespace ironlaw::estimates {
namespace detail {

/// What one operator of a step costs over all microbatches of the fullest stage.
struct StepOperator {
  std::string_view name;
  Direction direction;
  OperatorCost cost;
  double times;
};

/// Keeps the operators of a step in the order of their first appearance, equal ones added up.
class StepOperators {
 public:
  StepOperators(double stage_share, double microbatches) : stage_share_(stage_share), microbatches_(microbatches) {}
  /// Of layers a stage has its share, unless the last has all of them.
  void begin(double count, bool whole) const { times_ = count * (whole ? 1 : stage_share_) * microbatches_; }
  void operator()(std::string_view name, Direction direction, const OperatorCost& cost) const {
    for (StepOperator& line : lines_)
      if (line.name == name && line.direction == direction) return add(line, cost);
    lines_.push_back({name, direction, {.wall = cost.wall, .basis = cost.basis}, 0});
    add(lines_.back(), cost);
  }
  [[nodiscard]] const std::vector<StepOperator>& lines() const { return lines_; }

 private:
  void add(StepOperator& line, const OperatorCost& one) const {
    line.cost.time += times_ * one.time;
    line.cost.operations += times_ * one.operations;
    line.cost.bytes += times_ * one.bytes;
    line.times += times_;
  }
  double stage_share_;
  double microbatches_;
  mutable double times_ = 0;
  mutable std::vector<StepOperator> lines_;
};

/// The record whose constant a time stands on; null: the trainer's.
inline const Constant* constant_of(const StepRecords& c, Basis basis) {
  switch (basis) {
    case Basis::product:
      return &c.product;
    case Basis::wide_product:
      return &c.wide_product;
    case Basis::attention:
      return &c.attention;
    case Basis::memory:
      return &c.memory;
    case Basis::link:
      return &c.link;
    case Basis::expert_link:
      return &c.expert_link;
    case Basis::trainer:
      break;
  }
  return nullptr;
}

/// The share that the time of a basis stands on, as the step took it: "product_share 0.62".
inline std::string share_of(const StepRates& r, const TrainingStepFacts& f, Basis basis) {
  const auto said = [](const char* name, double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%s %.4g", name, value);
    return std::string(text);
  };
  switch (basis) {
    case Basis::product:
      return said("product_share", r.share);
    case Basis::wide_product:
      return said("wide_product_share", r.wide_share);
    case Basis::attention:
      return said("attention_share", r.attention);
    case Basis::memory:
      return said("memory_share", static_cast<double>(r.memory / f.memory.bandwidth));
    case Basis::link:
      return said("link_share", f.records.link.value);
    case Basis::expert_link:
      return said("link_share", f.records.expert_link.value);
    case Basis::trainer:
      break;
  }
  return {};
}

inline std::string_view wall_name(Wall wall) {
  switch (wall) {
    case Wall::compute:
      return "compute";
    case Wall::memory:
      return "memory";
    case Wall::link:
      return "link";
    case Wall::host:
      break;
  }
  return "host";
}

inline std::string standing(const Constant& c) {
  std::string text =
      std::string(c.found->how) + ", " + std::string(c.found->source) + "; record " + std::string(c.found.records->name());
  if (c.found->rows) text += ", " + std::to_string(static_cast<int>(*c.found->rows)) + " rows";
  return text;
}

}  // namespace detail

inline void TrainingStep::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  Rare<double> none;
  const StepQuestionOf<double> q = question_of(in, f, none);
  const StepRecords& c = f.records;
  const StepShares& own = in.shares;
  // Steps that are named after an input say what stood in for it.
  const auto share = [&](std::string_view input, const auto& asked, const auto& trained, auto recorded, const Constant& record) {
    if (asked) {
      w.step(input, "as asked", {}, *asked, "this question");
    } else if (trained) {
      w.step(input, "by record", {}, *trained, "trainer " + std::string(in.trainer->name()));
    } else {
      w.step(input, "by record", {}, recorded, detail::standing(record));
    }
  };
  const TrainerFacts& trained = f.trainer;
  share("product_share", own.product_share, trained.product_share, c.product.value, c.product);
  share("wide_product_share", own.wide_product_share, trained.wide_product_share, c.wide_product.value, c.wide_product);
  if (q.recipe.attention != AttentionKernel::unfused)
    share("attention_share", own.attention_share, trained.attention_share, c.attention.value, c.attention);
  share("memory_share", own.memory_share, trained.memory_share, c.memory.value, c.memory);
  share("link_share", own.link_share, trained.link_share, c.link.value, c.link);
  share("network_share", own.network_share, trained.network_share, c.network.value, c.network);
  share("collective_latency", own.collective_latency, trained.collective_latency, Time::from_value(c.latency.value), c.latency);
  const TrainerConstants& t = q.rates.trainer;
  w.step("tensor_overlap", "by trainer", {}, t.tensor_overlap);
  w.step("data_overlap", "by trainer", {}, t.data_overlap);
  w.step("pipeline_overlap", "by trainer", {}, t.pipeline_overlap);
  w.step("time_factor", "by trainer", {}, t.time_factor);
  if (!f.model.listed)
    w.note("The model lists no operators: its products are one a layer, and only passes over the residual are counted.");
  if (in.trainer == nullptr) w.note("No trainer is named: what it hides and costs are constants that hold over several.");

  w.step("data_parallel", "N / (t * p * c)",
         {{"N", in.fleet->accelerators()}, {"t", in.tensor_parallel}, {"p", in.pipeline_parallel}, {"c", in.context_parallel}},
         out.data_parallel);
  w.step("microbatches", "B / (D * b)", {{"B", in.batch_size}, {"D", out.data_parallel}, {"b", q.layout.microbatch}},
         out.microbatches);
  const StepBand& band = step_band(in, f);
  w.step("step_time",
         "phi (products + attention + passes + head + recomputed + tensor + context + experts + stages + data + slices + "
         "launches + host + waiting + bubble + optimizer)",
         {{"phi", t.time_factor * band_factor(in.band_quantile, band.low, band.high)},
          {"products", out.product_time},
          {"attention", out.attention_time},
          {"passes", out.elementwise_time},
          {"head", out.head_time},
          {"recomputed", out.recomputation_time},
          {"tensor", out.tensor_parallel_time},
          {"context", out.context_parallel_time},
          {"experts", out.expert_parallel_time},
          {"stages", out.pipeline_transfer_time},
          {"data", out.data_parallel_time},
          {"slices", out.slice_time},
          {"launches", out.launch_time},
          {"host", out.host_time},
          {"waiting", out.waiting_time},
          {"bubble", out.bubble_time},
          {"optimizer", out.optimizer_time}},
         out.step_time, "Narayanan 2021; Korthikanti 2022; Rajbhandari 2020; Dao 2022");
  if (out.step_time_low && out.step_time_high) {
    const Time estimate = *out.step_time_low / band.low_factor;
    w.step("step_time_low", "step_time * exp(q10)", {{"step_time", estimate}, {"q10", band.low}}, out.step_time_low,
           band.source());
    w.step("step_time_high", "step_time * exp(q90)", {{"step_time", estimate}, {"q90", band.high}}, out.step_time_high,
           band.source());
  } else {
    w.note("No band: fewer than three groups of rows of this kind were left out of a fit.");
  }
  equations::explain_parts("", out.parts, w);
  w.step("throughput", "B / step_time", {{"B", in.batch_size}, {"step_time", out.step_time}}, out.throughput);
  w.step("device_token_rate", "B * S / (N * step_time)",
         {{"B", in.batch_size},
          {"S", static_cast<double>(in.sequence_length)},
          {"N", in.fleet->accelerators()},
          {"step_time", out.step_time}},
         out.device_token_rate);
  w.step("mfu", "3 * forward / (peak * step_time)", {{"peak", q.rates.peak}, {"step_time", out.step_time}}, out.mfu,
         "Chowdhery 2022");
  if (out.memory_footprint)
    w.step("memory_footprint", "weights + gradients + optimizer + activations + buffers", {}, out.memory_footprint,
           "Rajbhandari 2020; Korthikanti 2022");
  if (out.device_power)
    w.step("device_power", "limit * (0.1 + 0.9 * min(1, 0.6 + 1.6 * u))",
           {{"limit", in.power_limit ? *in.power_limit : *f.tdp}, {"u", out.utilization}}, out.device_power);

  const double stage_share =
      in.pipeline_parallel > 1 ? step_time(f.model, q.layout, q.recipe, q.rates).stage_layers / f.layers : 1;
  const detail::StepOperators lines(stage_share, q.layout.microbatches);
  step_time(f.model, q.layout, q.recipe, q.rates, lines);
  for (const auto& [name, direction, cost, times] : lines.lines()) {
    const std::string what = std::string(name) + (direction == Direction::forward ? ", forward" : ", backward");
    const Constant* constant = detail::constant_of(c, cost.basis);
    const std::string binding = detail::share_of(q.rates, f, cost.basis);
    w.operation({.name = what,
                 .count = times,
                 .time = cost.time,
                 .bytes = cost.bytes,
                 .operations = cost.operations,
                 .wall = detail::wall_name(cost.wall),
                 .constant = binding,
                 .record = constant != nullptr     ? constant->found.records->name()
                           : in.trainer != nullptr ? in.trainer->name()
                                                   : std::string_view("trainer"),
                 .source = constant != nullptr ? constant->found->source : std::string_view("docs/accuracy.md")});
  }
}

}  // namespace ironlaw::estimates
