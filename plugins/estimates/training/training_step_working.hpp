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
  void begin(double layers) const { times_ = layers * stage_share_ * microbatches_; }
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
  const StepQuestion q = question_of(in, f);
  const StepRecords& c = f.records;
  const StepShares& own = in.shares;
  const auto share = [&](std::string_view name, double value, bool stated, const Constant& record) {
    w.step(name, stated ? "as asked" : "by record", {}, value,
           stated ? std::string_view("this question") : std::string_view(detail::standing(record)));
  };
  share("share of products", q.rates.share, own.product_share.has_value(), c.product);
  share("share of 16-bit products", q.rates.wide_share, own.wide_product_share.has_value(), c.wide_product);
  if (q.recipe.attention != AttentionKernel::unfused)
    share("share of attention", q.rates.attention, own.attention_share.has_value(), c.attention);
  share("share of memory bandwidth", own.memory_share.value_or(c.memory.value), own.memory_share.has_value(), c.memory);
  share("share of the inner link", own.link_share.value_or(c.link.value), own.link_share.has_value(), c.link);
  share("share of the network", own.network_share.value_or(c.network.value), own.network_share.has_value(), c.network);
  if (!f.model.listed)
    w.note("The model lists no operators: its products are one a layer, and only passes over the residual are counted.");
  if (in.trainer == nullptr) w.note("No trainer is named: what it hides and costs are constants that hold over several.");

  w.step("data_parallel", "N / (t * p * c)",
         {{"N", in.fleet->accelerators()}, {"t", in.tensor_parallel}, {"p", in.pipeline_parallel}, {"c", in.context_parallel}},
         out.data_parallel);
  w.step("microbatches", "B / (D * b)", {{"B", in.batch_size}, {"D", out.data_parallel}, {"b", q.layout.microbatch}},
         out.microbatches);
  w.step("step_time",
         "products + attention + passes + head + recomputed + tensor + context + experts + stages + data + slices + launches + "
         "host + "
         "waiting + bubble + optimizer",
         {{"products", out.product_time},
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
  const StepRegime regime = step_regime(in, f, q.layout.zero_stage);
  if (out.step_time_low && out.step_time_high) {
    const StepBand& band = f.bands[static_cast<std::size_t>(regime)];
    w.step("step_time_low", "step_time * exp(q10)", {{"step_time", out.step_time}, {"q10", band.low}}, out.step_time_low,
           band.found->source);
    w.step("step_time_high", "step_time * exp(q90)", {{"step_time", out.step_time}, {"q90", band.high}}, out.step_time_high,
           band.found->source);
  } else {
    w.note("No band: fewer than three groups of rows of this kind were left out of a fit.");
  }
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
    w.operation({.name = what,
                 .count = times,
                 .time = cost.time,
                 .bytes = cost.bytes,
                 .operations = cost.operations,
                 .wall = detail::wall_name(cost.wall),
                 .record = constant != nullptr     ? constant->found.records->name()
                           : in.trainer != nullptr ? in.trainer->name()
                                                   : std::string_view("trainer"),
                 .source = constant != nullptr ? constant->found->source : std::string_view("docs/accuracy.md")});
  }
}

}  // namespace ironlaw::estimates
