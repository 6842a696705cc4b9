#pragma once
// The working that training_step shows; included by it.
#include <vector>

#include "training_step.hpp"

namespace ironlaw::estimates {
namespace detail {

/// What one operator of a step costs over all microbatches of the fullest stage.
struct OperatorLine {
  std::string_view name;
  Direction direction;
  OperatorCost cost;
};

/// Keeps the operators of a step in the order of their first appearance, equal ones added up.
class OperatorLines {
 public:
  OperatorLines(double stage_share, double microbatches) : stage_share_(stage_share), microbatches_(microbatches) {}
  void begin(double layers) const { times_ = layers * stage_share_ * microbatches_; }
  void operator()(std::string_view name, Direction direction, const OperatorCost& cost) const {
    for (OperatorLine& line : lines_)
      if (line.name == name && line.direction == direction) return add(line.cost, cost);
    lines_.push_back({name, direction, {}});
    lines_.back().cost.wall = cost.wall;
    add(lines_.back().cost, cost);
  }
  [[nodiscard]] const std::vector<OperatorLine>& lines() const { return lines_; }

 private:
  void add(OperatorCost& sum, const OperatorCost& one) const {
    sum.time += times_ * one.time;
    sum.operations += times_ * one.operations;
    sum.bytes += times_ * one.bytes;
  }
  double stage_share_;
  double microbatches_;
  mutable double times_ = 0;
  mutable std::vector<OperatorLine> lines_;
};

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
  std::string text = std::string(c.found->how) + ", " + std::string(c.found->source) + "; record " + std::string(c.found.records->name());
  if (c.found->rows) text += ", " + std::to_string(static_cast<int>(*c.found->rows)) + " rows";
  return text;
}

}  // namespace detail

inline void TrainingStep::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  const StepQuestion q = question_of(in, f);
  const StepRecords& c = f.records;
  const StepShares& own = in.shares;
  const auto constant = [&](std::string_view name, double value, bool stated, const Constant& record) {
    w.step(name, stated ? "as asked" : "by record", {}, value, stated ? std::string_view("this question") : std::string_view(detail::standing(record)));
  };
  constant("share of products", q.rates.share, own.product_share.has_value(), c.product);
  constant("share of 16-bit products", q.rates.wide_share, own.wide_product_share.has_value(), c.wide_product);
  if (q.recipe.attention != AttentionKernel::unfused) constant("share of attention", q.rates.attention, own.attention_share.has_value(), c.attention);
  constant("share of memory bandwidth", own.memory_share.value_or(c.memory.value), own.memory_share.has_value(), c.memory);
  constant("share of the inner link", own.link_share.value_or(c.link.value), own.link_share.has_value(), c.link);
  constant("share of the network", own.network_share.value_or(c.network.value), own.network_share.has_value(), c.network);
  if (in.trainer == nullptr) w.note("No trainer is named: what it hides and costs are constants that hold over several.");

  w.step("data_parallel", "N / (t * p * c)",
         {{"N", in.fleet->accelerators()}, {"t", in.tensor_parallel}, {"p", in.pipeline_parallel}, {"c", in.context_parallel}},
         out.data_parallel);
  w.step("microbatches", "B / (D * b)", {{"B", in.batch_size}, {"D", out.data_parallel}, {"b", in.micro_batch}}, out.microbatches);
  w.step("step_time", "products + attention + passes + head + recomputed + exchanges + launches + host + waiting + bubble + optimizer",
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
  w.step("throughput", "B / step_time", {{"B", in.batch_size}, {"step_time", out.step_time}}, out.throughput);
  w.step("device_token_rate", "B * S / (N * step_time)",
         {{"B", in.batch_size}, {"S", static_cast<double>(in.sequence_length)}, {"N", in.fleet->accelerators()}, {"step_time", out.step_time}}, out.device_token_rate);
  w.step("mfu", "3 * forward / (peak * step_time)", {{"peak", q.rates.peak}, {"step_time", out.step_time}}, out.mfu, "Chowdhery 2022");
  if (out.device_power)
    w.step("device_power", "limit * (0.1 + 0.9 * min(1, 0.6 + 1.6 * u))",
           {{"limit", in.power_limit ? *in.power_limit : *f.tdp}, {"u", out.utilization}}, out.device_power);

  const double stage_share = in.pipeline_parallel > 1 ? step_time(f.model, q.layout, q.recipe, q.rates).stage_layers / f.layers : 1;
  const detail::OperatorLines lines(stage_share, q.layout.microbatches);
  step_time(f.model, q.layout, q.recipe, q.rates, lines);
  for (const auto& [name, direction, cost, times] : lines.lines()) {
    const std::string what = std::string(name) + (direction == Direction::forward ? ", forward" : ", backward");
    const Constant* constant = record_of(c, cost);
    const bool stated = constant == nullptr;
    w.operation({.name = what,
                 .count = times,
                 .time = cost.time,
                 .bytes = cost.bytes,
                 .operations = cost.operations,
                 .wall = detail::wall_name(cost.wall),
                 .record = stated ? std::string_view("trainer") : constant->found.records->name(),
                 .source = stated ? std::string_view() : constant->found->source});
  }
}

}  // namespace ironlaw::estimates
