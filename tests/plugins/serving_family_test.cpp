// Around prompts and tokens: inference_scaling, weight_streaming, kv_admission.
#include "serving/inference_scaling.hpp"
#include "serving/kv_admission.hpp"
#include "serving/serving.hpp"
#include "serving/weight_streaming.hpp"
#include "serving_fixtures.hpp"

namespace ironlaw::serving_test {

using namespace ironlaw::serving;

const Solvers& pass_solvers() {
  static const Solvers all{{"serving", &solver_adapter<Serving>},
                           {"inference_scaling", &solver_adapter<InferenceScaling>},
                           {"weight_streaming", &solver_adapter<WeightStreaming>},
                           {"kv_admission", &solver_adapter<KvAdmission>}};
  return all;
}

namespace {

double in_seconds(Time t) { return t.value(); }

InferenceScaling::Inputs query(const Model& model, const Device& device) {
  InferenceScaling::Inputs in;
  in.workload = model.get();
  in.hardware = device.get();
  return in;
}

TEST(InferenceScaling, WorkedExample) {
  auto in = query(llama_8b, h100);
  in.both_ceilings = in.growing_cache = false;
  in.prefill_operations = PrefillOperations::all_parameters;
  in.energy_model = InferenceScaling::EnergyModel::thermal_design_power;
  const Row row = evaluate<InferenceScaling>(in);
  expect_close(row.out.at("total_reasoning_time"), 2.1486343056323434);
  expect_close(row.out.at("time_per_step"), 0.25970799188059707);
  expect_close(row.out.at("energy_per_query"), 1504.0440139426403);
  EXPECT_EQ(row.out.at("tokens_generated"), 400);
  expect_working<InferenceScaling>(in, {"memory_capacity"});
}

TEST(InferenceScaling, ThoughtsLengthenTheContext) {
  const auto in = query(llama_8b, h100);
  const auto out = InferenceScaling::solve(in);
  expect_close(in_seconds(out.tpot), (16.06e9 + 131072.0 * (2048 + 399 / 2.0)) / 3350e9 + 32e-5);
  expect_close(out.total_memory_required.value(), 16.06e9 + 131072.0 * (2048 + 399));
  const Energy full = 700.0 * units::watt * out.total_reasoning_time;
  EXPECT_LT(*out.energy_per_query, full);
  EXPECT_GT(*out.energy_per_query, 0.9 * full);  // memory is busy throughout
  expect_working<InferenceScaling>(in, {"memory_capacity"});
  auto none = in;
  none.reasoning_steps = 0;
  EXPECT_EQ(InferenceScaling::solve(none).total_reasoning_time, out.ttft);
  none.reasoning_steps = -5;
  EXPECT_EQ(evaluate<InferenceScaling>(none).status, RowStatus::refused);
}

TEST(InferenceScaling, EnergyNeedsAPower) {
  const Device unrated = accelerator(testing::without(h100_fields, "tdp"));
  auto in = query(llama_8b, unrated);
  EXPECT_FALSE(InferenceScaling::solve(in).energy_per_query);
  in.default_tdp = 500.0 * units::watt;
  EXPECT_GT(*InferenceScaling::solve(in).energy_per_query, Energy{});
}

TEST(KvAdmission, CountsWholeRequests) {
  KvAdmission::Inputs in{{.workload = llama_70b.get(), .hardware = h100.get()}, 4, 8192};
  in.reserve = 10e9 * units::byte;
  const auto out = KvAdmission::solve(in);
  const double request = 2.0 * 80 * 8 * 128 * 8192 * 2;
  EXPECT_EQ(out.requests, std::trunc((4 * 80 * gibibyte - 141.2e9 - 10e9) / request));
  expect_working<KvAdmission>(in, {"memory_capacity"});
  in.devices = 1;
  const Row row = evaluate<KvAdmission>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_EQ(row.out.at("requests"), 0);
}

const Device wafer = accelerator({{"peak_rate.fp16", 1.25e17},
                                  {"memory_capacity", 44e9},
                                  {"memory_bandwidth", 2.1e16},
                                  {"host_link", 1.2e12},
                                  {"dispatch_overhead", 1e-6}});

WeightStreaming::Inputs streaming(WeightStreaming::ServedPhase phase) {
  return {{.workload = llama_70b.get(), .hardware = wafer.get(), .phase = phase}, 2048, 16};
}

TEST(WeightStreaming, WorkedExamples) {
  auto in = streaming(WeightStreaming::ServedPhase::decode);
  in.layer_cost = WeightStreaming::LayerCost::all_parameters;
  Row row = evaluate<WeightStreaming>(in);
  expect_close(row.out.at("throughput"), 135.9773371104816);
  expect_close(row.out.at("layer_compute_time"), 1.45184e-06);
  expect_close(row.out.at("layer_injection_time"), 0.0014708333333333333);
  EXPECT_EQ(row.out.at("optimal_batch_size"), 52083);
  EXPECT_EQ(row.out.at("largest_batch_size"), 59);
  expect_working<WeightStreaming>(in, {"memory_capacity"});
  in.phase = WeightStreaming::ServedPhase::prefill;
  row = evaluate<WeightStreaming>(in);
  expect_close(row.out.at("throughput"), 278481.58640226634);
  expect_close(row.out.at("layer_compute_time"), 0.0009285673432555521);
}

TEST(WeightStreaming, CountsAttentionAndTheCache) {
  const auto decode = WeightStreaming::solve(streaming(WeightStreaming::ServedPhase::decode));
  const double operations = 16 * (141.2e9 + 4.0 * 80 * 8192 * 2049) / 80;
  const double cache = 2.0 * 8 * 128 * 2048 * 16 * 2;
  expect_close(in_seconds(decode.layer_compute_time), operations / (1.25e17 * 0.5) + cache / 2.1e16 + 1e-6);
  EXPECT_LT(decode.optimal_batch_size, 52083);
  auto in = streaming(WeightStreaming::ServedPhase::prefill);
  const auto prompts = WeightStreaming::solve(in);
  const double attention = 2.0 * 8192 * 2048 * 2049 * 16;
  expect_close(in_seconds(prompts.layer_compute_time), (141.2e9 / 80 * 2048 * 16 + attention) / (1.25e17 * 0.5) + 1e-6);
  EXPECT_GE(prompts.step_latency, 80.0 * prompts.layer_injection_time);
  expect_working<WeightStreaming>(in, {"memory_capacity"});
  in.batch_size = 60;
  const Row row = evaluate<WeightStreaming>(in);
  EXPECT_EQ(row.status, RowStatus::infeasible);
  EXPECT_EQ(row.out.at("throughput"), 0);
}

TEST(WeightStreaming, NeedsAnInjectionLink) {
  const Device unlinked = accelerator(testing::without(h100_fields, "host_link"));
  WeightStreaming::Inputs in{{.workload = llama_8b.get(), .hardware = unlinked.get()}, 128};
  const Row row = evaluate<WeightStreaming>(in);
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find("injection link"), std::string::npos);
  in.default_injection_bandwidth = 100.0 * gigabyte_per_second;
  expect_close(in_seconds(WeightStreaming::solve(in).layer_injection_time), 16.06e9 / 32 / 100e9);
}

}  // namespace
}  // namespace ironlaw::serving_test
