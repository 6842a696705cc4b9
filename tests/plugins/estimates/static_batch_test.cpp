// Batches that start and end together: as iterations, in groups over stages, with bands and what widens narrow weights.
#include "estimates/serving/static_batch.hpp"

#include <gtest/gtest.h>

#include "iteration_fixtures.hpp"

namespace ironlaw::estimates {
namespace {

using namespace estimates_test;

/// A single stream without a prompt: a step at the mean context, O - 1 times.
TEST(StaticBatch, OfOneStreamIsIterations) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  auto in = inputs_of<StaticBatch>({{"output_tokens", 200}});
  in.workload = model.get();
  in.hardware = device.get();
  const auto out = StaticBatch::solve(in);
  const double step = iteration_seconds(asked(model, device, {{"decoding_sequences", 1}, {"context", 100}}));
  EXPECT_NEAR(out.tpot.value(), step, 1e-12);
  EXPECT_EQ(out.prompt_time.value(), 0);
  EXPECT_NEAR(out.request_latency.value(), 199 * step, 1e-9);
  EXPECT_FALSE(out.prompt_throughput);
}

/// Bands of prompts and of tokens come from records; a request takes the ends of both. A first call comes before prompts.
TEST(StaticBatch, BandsAndFirstCalls) {
  Machine machine;
  machine.rates.state({{"operation", "static_batch"}, {"kernel", "decode"}, {"low", -0.1}, {"high", 0.2}});
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  auto in = inputs_of<StaticBatch>({{"prompt_tokens", 500}, {"output_tokens", 11}});
  in.workload = model.get();
  in.hardware = device.get();
  const auto plain = StaticBatch::solve(in);
  EXPECT_NEAR((*plain.tpot_high).value(), plain.tpot.value() * std::exp(0.2), 1e-12);
  EXPECT_FALSE(plain.prompt_time_low);
  EXPECT_NEAR((*plain.request_latency_low).value(), plain.request_latency.value() * std::exp(-0.1), 1e-12);
  machine.rates.state({{"operation", "static_batch"}, {"kernel", "prompt"}, {"low", -0.3}, {"high", 0.5}});
  struct Stack final : SoftwareStack {
    Stack() : SoftwareStack("stack") { first_call = 60.0 * units::millisecond; }
  };
  const Stack stack;
  in.software_stack = &stack;
  const auto called = StaticBatch::solve(in);
  EXPECT_NEAR(called.prompt_time.value(), plain.prompt_time.value() + 60e-3, 1e-12);
  EXPECT_NEAR((*called.request_latency_high).value(),
              called.prompt_time.value() * std::exp(0.5) + 10 * called.tpot.value() * std::exp(0.2), 1e-12);
}

/// Where the stack's sums are 16 bits wide the arithmetic of 16-bit products takes half the time on a device that says so.
TEST(StaticBatch, SumsInSixteenBits) {
  const Machine machine;
  auto fields = machine.fields();
  fields.push_back({"fp16_accumulate_rate.fp16", 2 * 989.4e12});
  const Device device(kind_adapter<hardware::Accelerator>, fields, "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  struct Stack final : SoftwareStack {
    Stack() : SoftwareStack("stack") { accumulation = Accumulation::fp16; }
  };
  const Stack stack;
  const auto products = [&](const SoftwareStack* of) {
    auto in = asked(model, device, {{"decoding_sequences", 0}, {"prompt_tokens", 100000}});
    in.software_stack = of;
    return Iteration::solve(in).product_time.value();
  };
  EXPECT_NEAR(products(&stack) / products(nullptr), 0.5, 0.02);
}

/// FasterTransformer's rule: 24 requests of 128 tokens over 3 stages pass in groups of 8; of 512 tokens in groups of 2.
TEST(StaticBatch, GroupsOverPipelineStages) {
  EXPECT_EQ(StaticBatch::group_of(24, 128, 3, 1024), 8);
  EXPECT_EQ(StaticBatch::group_of(24, 512, 3, 1024), 2);
  EXPECT_EQ(StaticBatch::group_of(25, 1, 3, 1024), 25);
  EXPECT_EQ(StaticBatch::group_of(24, 512, 1, 1024), 24);
}

/// 4.5 stored bits, widened after they are read: 3.3 operations a weight at 67 TFLOP/s.
TEST(StaticBatch, NarrowWeightsAreWidened) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  struct Stack final : SoftwareStack {
    explicit Stack(Dequantize how) : SoftwareStack("stack") {
      dequantize = how;
      dequantize_operations = 3.3;
    }
  };
  const auto products = [&](const SoftwareStack* stack) {
    auto in = asked(model, device, {{"format", "w4a16"}, {"weight_bits", 4.5}, {"context", 100}});
    in.software_stack = stack;
    return Iteration::solve(in).product_time.value();
  };
  const Stack added(Dequantize::added);
  const Stack longer(Dequantize::longer);
  const double widening = (8.03e9 - 2 * 128256.0 * 4096) * 3.3 / 67e12;
  EXPECT_NEAR(products(&added) - products(nullptr), widening, 1e-6);
  EXPECT_NEAR(products(&longer), products(nullptr), 1e-9);  // reading 4.5 bits takes longer than that
}

/// A chip that states no rate in 32 bits widens at a sixteenth of that in 16 bits: 989.4 TFLOP/s / 16.
TEST(StaticBatch, WeightsAreWidenedWithoutARateInThirtyTwoBits) {
  const Machine machine;
  const Device stated(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Device silent(kind_adapter<hardware::Accelerator>, testing::without(machine.fields(), "peak_rate.fp32"), "device");
  EXPECT_NEAR(widening_rate(*stated.get()).value(), 67e12, 1);
  EXPECT_NEAR(widening_rate(*silent.get()).value(), 989.4e12 / 16, 1e6);
}

}  // namespace
}  // namespace ironlaw::estimates
