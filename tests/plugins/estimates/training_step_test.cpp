// The training step: times of the study that the equations were fitted in, cases by hand, parts, limits.
#include "estimates/training/step_time.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace ironlaw::estimates::training_step_test {
namespace {

using Json = nlohmann::json;

double number(const Json& from, const char* key, double otherwise = 0) {
  const auto found = from.find(key);
  return found == from.end() || found->is_null() ? otherwise : found->get<double>();
}

Block block_of(const Json& from) {
  Block b;
  b.kind = static_cast<BlockKind>(from["kind"].get<int>());
  b.heads = number(from, "heads");
  b.key_size = number(from, "key");
  b.value_size = number(from, "value");
  b.key_value_width = number(from, "kvw");
  b.key_value_head = number(from, "kvh");
  b.width = number(from, "width");
  b.window = number(from, "window");
  b.inner_size = number(from, "inner");
  b.up_size = number(from, "up");
  b.ffn_size = number(from, "ffn");
  b.experts = number(from, "experts");
  b.per_token = number(from, "per_token");
  b.expert_up_size = number(from, "eup");
  b.expert_ffn_size = number(from, "effn");
  b.expert_width = number(from, "ewidth");
  for (const Json& p : from["products"])
    b.add({.name = "product",
           .n = p[0],
           .k = p[1],
           .wide = p[2] == 1,
           .latent_up = p[3] == 1,
           .shared = p[4] == 1,
           .split = static_cast<Split>(p[5].get<int>())});
  return b;
}

TrainedModel model_of(const Json& from) {
  TrainedModel m;
  m.hidden_size = from["hidden"];
  m.vocabulary_size = from["vocab"];
  m.tied_embedding = from["tied"];
  m.layer_norm = from["layer_norm"];
  m.routed = from["routed"];
  for (const Json& layer : from["layers"]) {
    TrainedLayer& l = m.layers.at(static_cast<std::size_t>(m.layer_count++));
    l.count = layer["count"];
    l.prediction = number(layer, "mtp") != 0;
    for (const Json& b : layer["blocks"]) l.blocks.at(static_cast<std::size_t>(l.block_count++)) = block_of(b);
  }
  return m;
}

StepLayout layout_of(const Json& from) {
  StepLayout l;
  l.tensor = from["tp"];
  l.pipeline = from["pp"];
  l.virtual_stages = from["v"];
  l.context = from["cp"];
  l.expert = from["ep"];
  l.data = from["dp"];
  l.shard_ranks = 1e9;
  l.microbatch = from["mb"];
  l.microbatches = from["m"];
  l.sequence = from["S"];
  l.slices = from["slices"];
  l.zero_stage = from["zero"];
  l.sequence_parallel = from["sp"];
  return l;
}

StepRecipe recipe_of(const Json& from) {
  StepRecipe r;
  r.attention = static_cast<AttentionKernel>(from["attention"].get<int>());
  r.recomputation = static_cast<Recomputation>(from["rec"].get<int>());
  r.graphs = static_cast<GraphCapture>(from["graph"].get<int>());
  r.dispatcher = static_cast<Dispatcher>(from["a2a"].get<int>());
  r.expert_overlap = from["ov"];
  r.eager = from["eager"];
  r.lora = from["lora"];
  r.power_share = from["power"];
  for (const std::string module : from["modules"]) {
    r.recomputed.core_attention |= module == "core_attn";
    r.recomputed.latent_projections |= module == "mla_up_proj";
    r.recomputed.feed_forward |= module == "mlp" || module == "mlp_up";
    r.recomputed.experts |= module == "moe";
    r.recomputed.expert_activation |= module == "moe_act";
    r.recomputed.elementwise |= module == "elem";
  }
  return r;
}

StepRates rates_of(const Json& from, const Json& trainer) {
  StepRates r;
  r.peak = FlopRate::from_value(from["peak"]);
  r.wide_peak = FlopRate::from_value(from["wide"]);
  r.operand_bytes = from["w"];
  r.share = from["share"];
  r.wide_share = from["wide_share"];
  r.attention = from["attention"];
  r.memory = Bandwidth::from_value(from["memory"]);
  r.inner = Bandwidth::from_value(from["inner"]);
  r.outer = Bandwidth::from_value(from["outer"]);
  r.expert_inner = Bandwidth::from_value(from["xin"]);
  r.expert_outer = Bandwidth::from_value(from["xout"]);
  r.domain = from["domain"];
  r.axes = from["axes"];
  r.latency = Time::from_value(from["alpha"]);
  TrainerConstants& t = r.trainer;
  t.tensor_overlap = trainer["tensor_overlap"];
  t.data_overlap = trainer["data_overlap"];
  t.pipeline_overlap = trainer["pipeline_overlap"];
  t.gradient_bytes = trainer["gradient_bytes"];
  t.ungraphed_gap = Time::from_value(trainer["ungraphed_gap"]);
  t.partly_graphed_gap = Time::from_value(trainer["partly_graphed_gap"]);
  t.expert_gap = Time::from_value(trainer["expert_gap"]);
  t.recurrent_traffic = trainer["recurrent_traffic"];
  t.expert_fill = trainer["expert_fill"];
  t.layer_launches = number(trainer, "layer_launches", t.layer_launches);
  t.logit_traffic = number(trainer, "logit_traffic", t.logit_traffic);
  t.head_size_growth = number(trainer, "head_size_growth", t.head_size_growth);
  return r;
}

/// One question with everything that an equation takes.
struct Case {
  TrainedModel model;
  StepLayout layout;
  StepRecipe recipe;
  StepRates rates;
  [[nodiscard]] StepTime time() const { return step_time(model, layout, recipe, rates); }
};

Case case_of(const Json& line) {
  return {model_of(line["model"]), layout_of(line["layout"]), recipe_of(line["recipe"]),
          rates_of(line["rates"], line["trainer"])};
}

std::vector<Json> cases() {
  std::vector<Json> all;
  std::ifstream file(IRONLAW_ESTIMATES_DATA "/training_steps.jsonl");
  for (std::string line; std::getline(file, line);) all.push_back(Json::parse(line));
  return all;
}
Case named(const std::string& beginning) {
  for (const Json& line : cases())
    if (line["id"].get<std::string>().starts_with(beginning)) return case_of(line);
  throw std::runtime_error("no case " + beginning);
}

Time parts(const StepTime& t) {
  return t.products + t.attention + t.elementwise + t.head + t.tensor_exchange + t.context_exchange + t.expert_exchange +
         t.recomputation + t.launches + t.host_gap + t.waiting + t.bubble + t.pipeline_transfer + t.data_exchange + t.optimizer +
         t.slices;
}

TEST(TrainingStepEquations, GiveTheTimesOfTheStudy) {
  const auto all = cases();
  ASSERT_EQ(all.size(), 20u);
  for (const Json& line : all) {
    const StepTime t = case_of(line).time();
    const double seconds = line["seconds"];
    EXPECT_NEAR(t.step.value(), seconds, 1e-9 * seconds) << line["id"];
    EXPECT_NEAR(parts(t).value(), seconds, 1e-9 * seconds) << line["id"];
    EXPECT_GT(t.utilization, 0.05) << line["id"];
    EXPECT_LT(t.utilization, 1) << line["id"];
  }
}

/// One attention-free layer on one device with round numbers: 1 TFLOP/s, 1 TB/s, 1,000 tokens.
Case round_case() {
  Case c;
  c.model.hidden_size = 1000;
  c.model.layer_count = 1;
  TrainedLayer& l = c.model.layers[0];
  l.count = 1;
  l.block_count = 1;
  Block& b = l.blocks[0];
  b.kind = BlockKind::feed_forward;
  b.up_size = b.ffn_size = 4000;
  b.add({.name = "up", .n = 4000, .k = 1000, .split = Split::outputs});
  b.add({.name = "down", .n = 1000, .k = 4000, .split = Split::inputs});
  c.layout.sequence = 1000;
  c.layout.zero_stage = 0;
  c.recipe.graphs = GraphCapture::whole_iteration;
  c.rates.peak = c.rates.wide_peak = 1e12 * units::flop_per_second;
  c.rates.memory = c.rates.inner = c.rates.outer = c.rates.expert_inner = c.rates.expert_outer = 1e12 * units::byte_per_second;
  c.rates.domain = 8;
  c.rates.trainer.launch = Time{};
  c.rates.trainer.accumulation_traffic = c.rates.trainer.optimizer_traffic = c.rates.trainer.parameter_traffic = 0;
  return c;
}

TEST(TrainingStepEquations, AddUpByHand) {
  const StepTime t = round_case().time();
  // Six products of 2 * 1000 * 4000 * 1000 operations.
  EXPECT_DOUBLE_EQ(t.products.value(), 6 * 8e9 / 1e12);
  // 1,000 tokens, 10 h + 4 f bytes forward and 10 h + 6 f backward, one and a half times.
  EXPECT_DOUBLE_EQ(t.elementwise.value(), 1000 * 1.5 * (20e3 + 40e3) / 1e12);
  EXPECT_DOUBLE_EQ(t.step.value(), (t.products + t.elementwise).value());
  EXPECT_DOUBLE_EQ(t.model.value(), 2 * 8e9);
}

TEST(TrainingStepEquations, TakeTheLargerOfArithmeticAndTraffic) {
  Case c = round_case();
  c.layout.sequence = 1;  // a product of one row is its weights
  const StepTime t = c.time();
  const double one = 2.0 * (1000 + 4000 + 4e6) / 1e12;  // both sides of each product
  EXPECT_NEAR(t.products.value(), 6 * one, 1e-12);
}

TEST(TrainingStepEquations, RingsTakeLatencyAndTraffic) {
  const Bandwidth link = 1e9 * units::byte_per_second;
  EXPECT_EQ(ring_time<double>(1e9 * units::byte, 1, link, 1e-5 * units::second, 2), Time{});
  EXPECT_DOUBLE_EQ(ring_time<double>(1e9 * units::byte, 4, link, 1e-5 * units::second, 2).value(), 1.5 + 1e-5 * 1.6);
}

TEST(TrainingStepEquations, LogarithmsOfCountsAreThoseOfTheLibrary) {
  for (const double count : {1.0, 2.0, 3.0, 1023.0, 1024.0, 1025.0, 4096.0, 2.5})
    EXPECT_EQ(log2_of_count(count), std::log2(count));
}

TEST(TrainingStepEquations, SpreadExchangesOverBothLevels) {
  StepRates r = round_case().rates;
  r.outer = 1e10 * units::byte_per_second;
  r.latency = 1e-5 * units::second;
  // 16 ranks, 8 in a domain: 7/8 of it inside, beside half of an eighth outside.
  const Spread<double> over(16, 8, r, r.inner);
  EXPECT_DOUBLE_EQ(over.time(8e9 * units::byte).value(), std::max(7e9 / 1e12, 0.5 * 1e9 / 1e10) + 1e-5);
  EXPECT_EQ(over.time(Information{}), Time{});
}

TEST(TrainingStepEquations, PipelinesIdleAndZeroBubbleIdlesLess) {
  Case c = named("korthikanti-t5-175B-full");
  const StepTime interleaved = c.time();
  c.layout.virtual_stages = 1;
  const StepTime plain = c.time();
  EXPECT_NEAR(plain.bubble / interleaved.bubble, 3, 1e-9);
  c.layout.schedule = equations::PipelineSchedule::zero_bubble;
  const StepTime zero = c.time();
  EXPECT_LT(zero.bubble, plain.bubble);
  EXPECT_GT(zero.bubble, Time{});
}

TEST(TrainingStepEquations, ZeroShardsWhatTheOptimizerUpdates) {
  Case c = round_case();
  c.rates.trainer = {{}, {.optimizer_traffic = 30, .parameter_traffic = 4, .accumulation_traffic = 8}};
  c.layout.data = c.layout.shard_ranks = 8;
  const double p = 8e6;
  EXPECT_NEAR(c.time().optimizer.value(), (30 + 4 + 8) * p / 1e12, 1e-12);
  c.layout.zero_stage = 1;
  EXPECT_NEAR(c.time().optimizer.value(), (30.0 / 8 + 4 + 8) * p / 1e12, 1e-12);
}

TEST(TrainingStepEquations, HybridShardingExchangesBetweenGroups) {
  Case c = round_case();
  c.layout.zero_stage = 3;
  c.layout.data = 64;
  c.layout.shard_ranks = 64;
  c.rates.trainer.data_overlap = 0;
  c.rates.outer = 1e10 * units::byte_per_second;
  const Time everywhere = c.time().data_exchange;
  c.layout.shard_ranks = 8;
  const Time in_domains = c.time().data_exchange;
  EXPECT_GT(in_domains, Time{});
  EXPECT_LT(in_domains, everywhere);  // weights stay inside; an eighth of the gradients leaves
}

TEST(TrainingStepEquations, ExpertsThatAreUnevenlyLoadedTakeLonger) {
  Case c = named("mbridge2-26.04.01-DGX-H100-Qwen3_235B");
  const StepTime even = c.time();
  c.recipe.expert_imbalance = 1.5;
  const StepTime uneven = c.time();
  EXPECT_GT(uneven.products, even.products);
  EXPECT_GT(uneven.expert_exchange + uneven.host_gap + uneven.elementwise,
            even.expert_exchange + even.host_gap + even.elementwise);
  EXPECT_GT(uneven.step, even.step);
}

TEST(TrainingStepEquations, WhatIsHiddenOrRecomputedOrLimitedShows) {
  const Case base = named("mlm-llama-fp8");
  const Time step = base.time().step;
  Case c = base;
  c.rates.trainer.tensor_overlap = 0;
  EXPECT_GT(c.time().step, step);
  c = base;
  c.recipe.recomputation = Recomputation::full;
  EXPECT_GT(c.time().recomputation, Time{});
  EXPECT_GT(c.time().step, step);
  c = base;
  c.recipe.lora = true;
  EXPECT_LT(c.time().step, step);
  EXPECT_EQ(c.time().optimizer, Time{});
  c = base;
  c.recipe.power_share = 0.9;
  EXPECT_GT(c.time().step, step);
  c = base;
  c.rates.trainer.exchange_exposed = 0;
  const StepTime free = c.time();
  EXPECT_EQ(free.tensor_exchange + free.data_exchange + free.pipeline_transfer, Time{});
}

TEST(TrainingStepEquations, GraphsTakeTheHostOut) {
  Case c = named("mbridge2-26.04.01-DGX-B200-Qwen3_30B");
  c.recipe.graphs = GraphCapture::none;
  const StepTime none = c.time();
  c.recipe.graphs = GraphCapture::attention_and_router;
  const StepTime partly = c.time();
  c.recipe.graphs = GraphCapture::whole_iteration;
  const StepTime whole = c.time();
  EXPECT_GT(none.host_gap, partly.host_gap);
  EXPECT_GT(partly.host_gap, Time{});
  EXPECT_EQ(whole.host_gap, Time{});
}

}  // namespace
}  // namespace ironlaw::estimates::training_step_test
