// Prompts and tokens: serving and the equations below it.
#include <random>

#include "serving/kv_admission.hpp"
#include "serving/serving.hpp"
#include "serving_fixtures.hpp"

namespace ironlaw::serving_test {

using namespace ironlaw::serving;

namespace {

using testing::with;

const Device h200 = accelerator(h200_fields);
const Model mixtral = mixture(mixtral_fields);

Serving::Inputs request(const Model& model, const Device& device, double sequence_length) {
  Serving::Inputs in;
  in.workload = model.get();
  in.hardware = device.get();
  in.sequence_length = sequence_length;
  return in;
}
Serving::Inputs neutral(Serving::Inputs in) {
  in.both_ceilings = false;
  in.prefill_operations = PrefillOperations::all_parameters;
  in.check_context = false;
  in.cache_transfer = Serving::CacheTransfer::serial;
  in.check_prefill_memory = false;
  in.speculation = Serving::Speculation::idealized;
  return in;
}
double seconds(Time t) { return t.value(); }
std::string refusal_of(const Serving::Inputs& in) {
  const Row row = evaluate<Serving>(in);
  EXPECT_EQ(row.status, RowStatus::refused);
  return row.message;
}
const std::vector<std::string> facts{"memory_capacity", "prefill_memory_capacity", "prefill_chunks"};

TEST(Serving, WorkedExampleOfOneRequest) {
  const auto in = neutral(request(llama_8b, h100, 2048));
  const Row row = evaluate<Serving>(in);
  expect_close(row.out.at("ttft"), 0.07097037058756725);
  expect_close(row.out.at("tpot"), 0.005194159837611941);
  expect_close(row.out.at("kv_cache_size"), 268435456.0);
  expect_close(row.out.at("total_memory_required"), 16328435456.0);
  expect_close(row.out.at("memory_utilization"), 0.1900880068540573);
  EXPECT_EQ(row.out.at("prefill_chunks"), 1);
  EXPECT_EQ(row.out.at("feasible"), 1);
  expect_working<Serving>(in, facts);
}

/// 16.06 GB of weights and 2,048 tokens of 128 KiB at 3.35 TB/s are 4.874 ms, 32 layers of 10 us another 0.32 ms.
TEST(Serving, OneRequestDecodesAtTheBandwidthOfTheMemory) {
  auto in = request(llama_8b, h100, 2048);
  const Row row = evaluate<Serving>(in);
  expect_close(row.out.at("token.memory_time"), 16328435456.0 / 3350e9);
  expect_close(row.out.at("token.overhead"), 32e-5);
  EXPECT_EQ(row.out.at("token.communication_time"), 0);
  EXPECT_GT(row.out.at("token.memory_time") / row.out.at("tpot"), 0.93);
  EXPECT_LT(row.out.at("token.compute_time") / row.out.at("tpot"), 0.01);
  EXPECT_GT(row.out.at("prompt.compute_time") / row.out.at("ttft"), 0.99);  // 2 * 8.03e9 * 2048 at 494.5 TFLOP/s: 66.5 ms
  expect_working<Serving>(in, facts);
}

TEST(Serving, PartsOfATimeAddUpWhereTheShorterCeilingHides) {
  auto in = request(llama_70b, h100, 1024);
  in.tensor_parallel = 8;
  in.batch_size = 16;
  in.prefill_chunk = 300.0;
  const auto out = Serving::solve(in);
  expect_close(
      (std::max(out.token.compute_time, out.token.memory_time) + out.token.overhead + out.token.communication_time).value(),
      out.tpot.value());
  expect_close((out.prompt.compute_time + out.prompt.overhead + out.prompt.communication_time).value(), out.ttft.value());
  EXPECT_GT(out.token.communication_time, Time{});
  in.decode_hardware = h200.get();
  in.network_bandwidth = gigabyte_per_second;
  EXPECT_GT(Serving::solve(in).prompt.communication_time, out.prompt.communication_time);  // the cache's way
}

TEST(Serving, WorkedExampleOfEverythingAtOnce) {
  auto in = neutral(request(llama_70b, h100, 4096));
  in.batch_size = 8;
  in.precision = Precision::fp8;
  in.decode_hardware = h200.get();
  in.network_bandwidth = 50.0 * gigabyte_per_second;
  in.cached_prefix = 1024;
  in.prefill_chunk = 512.0;
  in.draft = llama_8b.get();
  const Row row = evaluate<Serving>(in);
  expect_close(row.out.at("ttft"), 3.881071363467448);
  expect_close(row.out.at("tpot"), 0.009054145459353553);
  expect_close(row.out.at("total_memory_required"), 83998709120.0);
  expect_close(row.out.at("memory_utilization"), 0.5957355256737589);
  expect_close(row.out.at("prefill_chunk_time"), 0.6289495301779081);
  EXPECT_EQ(row.out.at("prompt_cache_hit_ratio"), 0.25);
  EXPECT_EQ(row.out.at("prefill_chunks"), 6);
  expect_working<Serving>(in, facts);
}

TEST(Serving, AShortPromptTakesAWeightSweep) {
  const auto out = Serving::solve(request(llama_8b, h100, 32));
  const double bytes = 16.06e9 + 32 * 131072;
  expect_close(seconds(out.ttft), bytes / 3350e9 + 1e-5 + 32 * 1e-5);
  EXPECT_NEAR(bytes / 3350e9, 4.79e-3, 1e-5);
}

TEST(Serving, ALongPromptIsCausal) {
  const auto out = Serving::solve(request(llama_8b, h100, 2048));
  const double operations = 16.06e9 * 2048 + 4.0 * 32 * 4096 * 2048 * 2049 / 2;
  expect_close(seconds(out.ttft), operations / (989e12 * 0.5) + 1e-5 + 32 * 1e-5);
}

TEST(Serving, ExpertsAreCountedWhereTokensGo) {
  auto in = request(mixtral, h200, 2048);
  const auto native = Serving::solve(in);
  in.prefill_operations = PrefillOperations::all_parameters;
  EXPECT_GT(Serving::solve(in).ttft / native.ttft, 3.4);
  // One token touches two of eight experts, which leaves the active parameters.
  expect_close(seconds(native.tpot), (12.9e9 * 2 + 2048 * 131072.0) / 4800e9 + 32e-5);
}

TEST(Serving, MeanTokenSeesTheMiddleOfTheOutput) {
  auto in = request(llama_8b, h100, 2048);
  in.batch_size = 64;
  const auto first = Serving::solve(in);
  in.output_tokens = 2048;
  const auto mean = Serving::solve(in);
  expect_close(seconds(mean.tpot), (16.06e9 + 64 * 131072.0 * (2048 + 2047 / 2.0)) / 3350e9 + 32e-5);
  EXPECT_NEAR(mean.tpot / first.tpot, 1.25, 0.02);
  expect_close(mean.kv_cache_size.value(), 64 * 131072.0 * 4095);
  expect_close(seconds(mean.request_latency), seconds(mean.ttft + 2048.0 * mean.tpot));
  expect_working<Serving>(in, facts);
}

TEST(Serving, DecodingBecomesBoundByArithmetic) {
  auto in = request(llama_8b, h100, 1);
  in.batch_size = 1024;
  const double compute = 1024 * (16.06e9 + 4.0 * 32 * 4096 * 2) / (989e12 * 0.5);
  expect_close(seconds(Serving::solve(in).tpot), compute + 32e-5);
}

TEST(Serving, ChunksAddUpToPromptsBehindAPrefix) {
  auto in = request(llama_8b, h100, 4000);
  in.prefill_chunk = 300.0;
  in.cached_prefix = 100;
  in.efficiency = 0.9;
  Time sum{};
  Time slowest{};
  for (double done = 100; done < 4000; done += 300) {
    auto chunk = request(llama_8b, h100, std::min(done + 300, 4000.0));
    chunk.cached_prefix = done;
    chunk.efficiency = 0.9;
    const Time time = Serving::solve(chunk).ttft;
    sum += time;
    slowest = std::max(slowest, time);
  }
  const auto out = Serving::solve(in);
  expect_close(seconds(out.ttft), seconds(sum));
  expect_close(seconds(*out.prefill_chunk_time), seconds(slowest));
  EXPECT_EQ(out.prefill_chunks, 13);
  in.prefill_chunk = absent;
  EXPECT_LT(Serving::solve(in).ttft, out.ttft);
  EXPECT_FALSE(Serving::solve(in).prefill_chunk_time);
}

TEST(Serving, ATensorParallelGroupSharesAndTalks) {
  auto in = request(llama_70b, h100, 2048);
  EXPECT_EQ(evaluate<Serving>(in).status, RowStatus::infeasible);
  in.tensor_parallel = 16;
  const Row row = evaluate<Serving>(in);
  EXPECT_EQ(row.status, RowStatus::ok);
  const double cache = 2.0 * 80 * 8 * 128 * 2048 * 2;
  expect_close(row.out.at("total_memory_required"), 141.2e9 / 16 + cache / 8);  // eight key-value heads
  const double exchange = 160 * 2 * (15.0 / 16 * 8192 * 2 / 450e9 + 15 * 5e-7);
  expect_close(row.out.at("tpot"), (141.2e9 / 16 + cache / 8) / 3350e9 + 80e-5 + exchange);
  expect_working<Serving>(in, facts);
  in.link_bandwidth = 50.0 * gigabyte_per_second;
  EXPECT_GT(evaluate<Serving>(in).out.at("tpot"), row.out.at("tpot"));
}

TEST(Serving, ALatentCacheIsOnEveryDevice) {
  const Model latent = transformer(with(llama_8b_fields, {{"latent_kv_rank", 512.0}, {"rope_head_size", 64.0}}));
  auto in = request(latent, h100, 4096);
  in.tensor_parallel = 4;
  const auto out = Serving::solve(in);
  EXPECT_EQ(out.kv_cache_size, 32 * 576 * 4096 * 2.0 * units::byte);
  EXPECT_EQ(out.total_memory_required, out.model_weights_size / 4.0 + out.kv_cache_size);
}
TEST(Serving, ALatentCacheMayHaveNoPositions) {
  const Model latent = transformer(with(llama_8b_fields, {{"latent_kv_rank", 512.0}, {"rope_head_size", 0.0}}));
  EXPECT_EQ(Serving::solve(request(latent, h100, 4096)).kv_cache_size, 32 * 512 * 4096 * 2.0 * units::byte);
}

const testing::Fields windowed_fields = with(llama_8b_fields, {{"window_layers", 24.0}, {"window_size", 1000.0}});

TEST(Serving, AWindowHoldsNoMoreThanItsTokens) {
  const Model windowed = transformer(windowed_fields);
  const double layer = 2 * 8 * 128 * 2;
  const auto out = Serving::solve(request(windowed, h100, 4096));
  EXPECT_EQ(out.kv_cache_size, (8 * 4096 + 24 * 1000) * layer * units::byte);
  KvAdmission::Inputs in{{.workload = windowed.get(), .hardware = h100.get()}, 1, 131072};
  EXPECT_EQ(KvAdmission::solve(in).request_cache_size, (8 * 131072.0 + 24 * 1000) * layer * units::byte);
}
TEST(Serving, StepsOverAFullWindowAreThoseOfEachPosition) {
  const Model windowed = transformer(windowed_fields);
  auto in = request(windowed, h100, 800);
  in.batch_size = 300;
  in.output_tokens = 500;
  const Time all = Serving::solve(in).tpot;
  Time sum{};
  in.output_tokens = 1;
  for (int k = 0; k < 500; ++k) {
    sum += Serving::solve(in).tpot;
    ++in.sequence_length;
  }
  expect_close(seconds(all), seconds(sum) / 500);
}
TEST(Serving, StepsOverAFullPickOfEntriesAreThoseOfEachPosition) {
  // 200 entries of 4 tokens are picked: the index is all read, the rest no more from 800 tokens on.
  const Model compressed = transformer(with(windowed_fields, {{"window_layers", 32.0},
                                                              {"window_size", 128.0},
                                                              {"compressed.layers", 32.0},
                                                              {"compressed.ratio", 4.0},
                                                              {"compressed.indexed", 1.0},
                                                              {"index.top_k", 200.0},
                                                              {"index.heads", 8.0},
                                                              {"index.head_size", 64.0}}));
  const double entry = 32 * (2 * 8 * 128 + 64) / 4.0;
  auto in = request(compressed, h100, 600);
  EXPECT_EQ(Serving::solve(in).kv_cache_size, (32 * 128 * 2 * 8 * 128 + 600 * entry) * 2.0 * units::byte);
  KvAdmission::Inputs admission{{.workload = compressed.get(), .hardware = h100.get()}, 1, 131072};
  EXPECT_EQ(KvAdmission::solve(admission).request_cache_size, (32 * 128 * 2 * 8 * 128 + 131072 * entry) * 2.0 * units::byte);
  in.batch_size = 300;
  in.output_tokens = 500;
  const Time all = Serving::solve(in).tpot;
  Time sum{};
  in.output_tokens = 1;
  for (int k = 0; k < 500; ++k) {
    sum += Serving::solve(in).tpot;
    ++in.sequence_length;
  }
  expect_close(seconds(all), seconds(sum) / 500);
}
TEST(Serving, ChunksOverAFullWindow) {
  const Model windowed = transformer(windowed_fields);
  auto in = request(windowed, h100, 4000);
  in.prefill_chunk = 250.0;
  double sum = 0;
  for (int k = 0; k < 16; ++k) {
    auto chunk = request(windowed, h100, 250.0 * (k + 1));
    chunk.cached_prefix = 250.0 * k;
    sum += seconds(Serving::solve(chunk).ttft);
  }
  expect_close(seconds(Serving::solve(in).ttft), sum);
}
TEST(Serving, ARecurrentStateIsHeldWhateverTheContext) {
  const Model hybrid = transformer(with(llama_8b_fields, {{"recurrent.layers", 24.0},
                                                          {"recurrent.value_heads", 32.0},
                                                          {"recurrent.key_size", 128.0},
                                                          {"recurrent.value_size", 128.0}}));
  const double state = 24 * (32 * 128 * 128 * 4.0 + 3 * (32 * 128 * 3) * 4.0);  // the convolutions' inputs are kept like it
  for (const double length : {100.0, 5000.0})
    EXPECT_EQ(Serving::solve(request(hybrid, h100, length)).kv_cache_size, (8 * 2 * 8 * 128 * 2 * length + state) * units::byte);
}
TEST(Serving, WeightsOfFourBitsAreReadInFourBitsAndMultipliedInSixteen) {
  auto in = request(llama_70b, h200, 2048);
  in.tensor_parallel = 1;
  const auto wide = Serving::solve(in);
  in.widths.weight_bits = 4.25;
  const auto narrow = Serving::solve(in);
  const double norms = 161 * 8192;  // stay in 16 bits
  expect_close(narrow.model_weights_size.value(), 4.25 / 8 * (70.6e9 - norms) + 2 * norms);
  EXPECT_EQ(narrow.ttft, wide.ttft);  // arithmetic binds a prompt
  EXPECT_LT(narrow.tpot, 0.35 * wide.tpot);
  EXPECT_EQ(narrow.kv_cache_size, wide.kv_cache_size);
  in.widths.cache_bits = 8.0;
  EXPECT_EQ(Serving::solve(in).kv_cache_size, 0.5 * wide.kv_cache_size);
}

TEST(Serving, SpeculationPaysForItsDraft) {
  auto in = request(llama_70b, h200, 2048);
  in.precision = Precision::fp8;
  in.draft = llama_8b.get();
  const auto out = Serving::solve(in);
  const double drafted = (8.03e9 + 2048 * 65536.0) / 4800e9 + 32e-5;
  const double verified = (70.6e9 + 2048 * 163840.0) / 4800e9 + 80e-5;
  const double tokens = (1 - std::pow(0.7, 5)) / 0.3;
  expect_close(*out.tokens_per_round, tokens);
  expect_close(seconds(out.tpot), (4 * drafted + verified) / tokens);
  expect_close(out.total_memory_required.value(), 70.6e9 + 8.03e9 + 2048 * (163840.0 + 65536.0));
  expect_working<Serving>(in, facts);
  in.draft_acceptance_rate = 1;
  EXPECT_EQ(*Serving::solve(in).tokens_per_round, 5);
}

TEST(Serving, ALayerwiseTransferHidesBehindThePrompt) {
  auto in = request(llama_8b, h100, 2048);
  const Time alone = Serving::solve(in).ttft;
  in.decode_hardware = h200.get();
  const double transfer = 2048 * 131072.0 / 100e9;
  EXPECT_LT(transfer, seconds(alone));
  expect_close(seconds(Serving::solve(in).ttft), seconds(alone) + transfer / 32);
  in.network_bandwidth = 1.0 * gigabyte_per_second;
  expect_close(seconds(Serving::solve(in).ttft),
               seconds(alone) + 100 * transfer / 32 + 31.0 / 32 * (100 * transfer - seconds(alone)));
  in.cache_transfer = Serving::CacheTransfer::serial;
  expect_close(seconds(Serving::solve(in).ttft), seconds(alone) + 100 * transfer);
  expect_working<Serving>(in, facts);
}

TEST(Serving, PromptsMustFitWhereTheyRun) {
  const Device small = accelerator(with(h100_fields, {{"memory_capacity", 10e9}}));
  auto in = request(llama_8b, small, 2048);
  in.decode_hardware = h200.get();
  EXPECT_EQ(evaluate<Serving>(in).status, RowStatus::infeasible);
  in.check_prefill_memory = false;
  EXPECT_EQ(evaluate<Serving>(in).status, RowStatus::ok);
}

TEST(Serving, RefusesWhatHasNoAnswer) {
  const auto good = request(llama_8b, h100, 2048);
  auto in = good;
  in.cached_prefix = 2048;
  EXPECT_EQ(refusal_of(in), "cached_prefix must be below sequence_length");
  in = good;
  in.batch_size = 1.5;
  EXPECT_NE(refusal_of(in).find("batch_size"), std::string::npos);
  in = good;
  in.efficiency = 0;
  EXPECT_NE(refusal_of(in).find("efficiency"), std::string::npos);
  in = good;
  in.draft_acceptance_rate = absent_value;
  EXPECT_NE(refusal_of(in).find("draft_acceptance_rate"), std::string::npos);
  in = good;
  in.tensor_parallel = 3;
  EXPECT_NE(refusal_of(in).find("divisor of the 32 heads of model"), std::string::npos);
  const Device unlinked = accelerator(testing::without(h100_fields, "device_link"));
  in = request(llama_8b, unlinked, 2048);
  in.tensor_parallel = 2;
  EXPECT_NE(refusal_of(in).find("link_bandwidth"), std::string::npos);
  in.link_bandwidth = 450.0 * gigabyte_per_second;
  EXPECT_EQ(evaluate<Serving>(in).status, RowStatus::ok);
  const roofline_test::Model shapeless;
  in = good;
  in.workload = &shapeless;
  EXPECT_NE(refusal_of(in).find("transformer shape"), std::string::npos);
}

TEST(Serving, RefusesMoreThanTheContext) {
  const Model model = transformer(with(llama_8b_fields, {{"context_length", 8192.0}}));
  auto in = request(model, h100, 8192);
  EXPECT_EQ(evaluate<Serving>(in).status, RowStatus::ok);
  in.output_tokens = 2;
  EXPECT_NE(refusal_of(in).find("8193 tokens exceeds the context; allowed: up to 8192 tokens"), std::string::npos);
  in.check_context = false;
  EXPECT_EQ(evaluate<Serving>(in).status, RowStatus::ok);
}

TEST(Serving, MoreWorkTakesLonger) {
  std::mt19937 random(7);
  const auto whole = [&](double low, double high) { return std::floor(std::uniform_real_distribution(low, high)(random)); };
  for (int i = 0; i < 300; ++i) {
    auto in = request(i % 2 == 0 ? llama_8b : mixtral, h200, whole(2, 20000));
    in.batch_size = whole(1, 64);
    in.output_tokens = whole(1, 4000);
    in.cached_prefix = whole(0, in.sequence_length);
    if (i % 3 == 0) in.prefill_chunk = whole(1, 3000);
    const auto base = Serving::solve(in);
    EXPECT_NEAR(base.throughput * base.tpot / (in.batch_size * units::token), 1, 1e-12);
    EXPECT_LE(base.prompt_cache_hit_ratio, 1);
    auto more = in;
    more.output_tokens += 100;
    EXPECT_GE(Serving::solve(more).tpot, base.tpot);
    more = in;
    more.batch_size += 1;
    EXPECT_GE(Serving::solve(more).ttft, base.ttft);
    EXPECT_GE(Serving::solve(more).tpot, base.tpot);
    more = in;
    more.sequence_length += 64;
    EXPECT_GE(Serving::solve(more).ttft * (1 + 1e-12), base.ttft);
    more = in;
    more.efficiency = 1;
    EXPECT_LE(Serving::solve(more).ttft, base.ttft);
  }
}

TEST(ServingEquations, LongerOfTwoLinesMatchesTheLoop) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> any(-1, 1);
  for (int i = 0; i < 300; ++i) {
    const equations::Line a{(2 + any(random)) * units::second, 0.02 * any(random) * units::second};
    const equations::Line b{(2 + any(random)) * units::second, 0.02 * any(random) * units::second};
    const double n = std::floor(2 + 100 * std::abs(any(random)));
    Time sum{};
    for (double k = 0; k < n; ++k) sum += std::max(a.first + k * a.growth, b.first + k * b.growth);
    EXPECT_NEAR(seconds(equations::sum_of_longer(a, b, n)), seconds(sum), 1e-9);
  }
}

}  // namespace
}  // namespace ironlaw::serving_test
