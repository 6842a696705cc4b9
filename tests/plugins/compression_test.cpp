// The family compression: size, speed and quality of smaller models.
#include <array>
#include <random>

#include "compression/compression.hpp"
#include "roofline_fixtures.hpp"

namespace ironlaw::compression_test {
namespace {

using compression::Compression;
using compression::SparsityType;
using roofline_test::evaluate;
using roofline_test::expect_close;
using roofline_test::expect_working;
using roofline_test::Model;
using roofline_test::ModelFacts;
using roofline_test::Row;

/// A device with a rate for each number format, in the order of Precision.
class Formats final : public Hardware {
 public:
  Formats(std::array<double, precision_count> rates, double bandwidth, double capacity = 80e9)
      : Hardware("device"), rates_(rates), memory_{capacity * units::byte, bandwidth * units::byte_per_second} {}

 private:
  FlopRate do_peak_rate(Precision precision) const override {
    return rates_[static_cast<std::size_t>(precision)] * units::flop_per_second;
  }
  Memory do_memory() const override { return memory_; }
  Time do_dispatch_overhead() const override { return 10.0 * units::microsecond; }

  std::array<double, precision_count> rates_;
  Memory memory_;
};

const Formats h100({67e12, 494e12, 67e12, 989e12, 989e12, 1979e12, 989e12, 989e12, 1979e12, 989e12, 989e12}, 3350e9);
const Formats a100({19.5e12, 156e12, 19.5e12, 312e12, 312e12, 312e12, 312e12, 312e12, 624e12, 312e12, 312e12}, 2039e9);
const ModelFacts llama_8b{};
const ModelFacts stable_diffusion{.parameters = 860e6, .operations = 1e12, .layers = 50, .unit = WorkUnit::sample};

/// Every native term at its neutral setting.
Compression::Inputs by_ratio(const Model& model, const Hardware& device) {
  Compression::Inputs in{.workload = &model, .hardware = &device};
  in.baseline_precision = Precision::fp32;
  in.size_model = Compression::SizeModel::ratio;
  in.speed_model = Compression::SpeedModel::ratio;
  in.quality_model = Compression::QualityModel::table;
  return in;
}

TEST(CompressionByRatio, WorkedExamples) {
  const Model model(llama_8b);
  Compression::Inputs in = by_ratio(model, h100);
  in.target_bits = 4;
  Row row = evaluate<Compression>(in);
  expect_close(row.out.at("original_size"), 32.12e9);
  expect_close(row.out.at("compressed_size"), 4.015e9);
  expect_close(row.out.at("compression_ratio"), 8);
  expect_close(row.out.at("accuracy_delta"), -0.025);
  expect_close(row.out.at("memory_savings"), 0.875);
  expect_close(row.out.at("inference_speedup"), 8);
  expect_working<Compression>(in);

  in.baseline_precision = Precision::fp16;
  in.target_bits = 8;
  row = evaluate<Compression>(in);
  expect_close(row.out.at("original_size"), 16.06e9);
  expect_close(row.out.at("inference_speedup"), 2);

  in = by_ratio(model, h100);
  in.method = Compression::Method::pruning;
  in.sparsity = 0.7;
  in.sparsity_type = SparsityType::structured;
  row = evaluate<Compression>(in);
  expect_close(row.out.at("compression_ratio"), 3.333333333333333);
  expect_close(row.out.at("accuracy_delta"), -0.04055199966844675);
  expect_close(row.out.at("inference_speedup"), 10.0 / 3);

  const Model images(stable_diffusion);
  in = by_ratio(images, a100);
  EXPECT_EQ(evaluate<Compression>(in).out.at("inference_speedup"), 2) << "bound by arithmetic: 624 over 312 TFLOP/s";
  expect_working<Compression>(in);
}

TEST(CompressionByRatio, AnswersQuestionsOfMeaning) {
  const Model model(llama_8b);
  Compression::Inputs in = by_ratio(model, a100);
  in.method = Compression::Method::distillation;
  Row row = evaluate<Compression>(in);
  EXPECT_EQ(row.out.at("compression_ratio"), 1);
  EXPECT_EQ(row.out.at("inference_speedup"), 1);
  EXPECT_EQ(row.out.at("accuracy_delta"), 0);
  in.method = Compression::Method::quantization;
  in.target_bits = 64;
  row = evaluate<Compression>(in);
  EXPECT_EQ(row.out.at("memory_savings"), -1);
  in.method = Compression::Method::pruning;
  in.sparsity = 1;
  EXPECT_EQ(evaluate<Compression>(in).out.at("compression_ratio"), 100);
}

TEST(CompressionByRatio, AccuracyTable) {
  using compression::rule_of_thumb::quantization_delta;
  EXPECT_EQ(quantization_delta(16), 0);
  EXPECT_EQ(quantization_delta(10), -0.025);
  EXPECT_EQ(quantization_delta(8), -0.002);
  EXPECT_EQ(quantization_delta(4), -0.025);
  EXPECT_EQ(quantization_delta(3), -0.05);
}

Compression::Inputs quantized(const Model& model, double bits) {
  Compression::Inputs in{.workload = &model, .hardware = &h100, .target_bits = bits};
  in.grouping.scale_bits = 0;
  in.activation_weight_fraction = 0.1;
  return in;
}

TEST(CompressionStored, SpeedComesFromTwoTimedPasses) {
  const Model model(llama_8b);
  EXPECT_NEAR(evaluate<Compression>(quantized(model, 8)).out.at("inference_speedup"), 1.88877, 5e-6);
  EXPECT_NEAR(evaluate<Compression>(quantized(model, 4)).out.at("inference_speedup"), 3.39940, 5e-6);
  Compression::Inputs from_fp32 = quantized(model, 8);
  from_fp32.baseline_precision = Precision::fp32;
  EXPECT_NEAR(evaluate<Compression>(from_fp32).out.at("inference_speedup"), 3.66630, 5e-6);
  expect_working<Compression>(from_fp32);
}

TEST(CompressionStored, CountsScalesAndIndices) {
  const Model model(llama_8b);
  Compression::Inputs in{.workload = &model, .hardware = &h100, .target_bits = 4};
  Row row = evaluate<Compression>(in);
  expect_close(row.out.at("bits_per_weight"), 4 + 16.0 / 128);
  expect_close(row.out.at("signal_to_noise"), 25.84);
  EXPECT_TRUE(std::isnan(row.out.at("accuracy_delta")));
  expect_working<Compression>(in);
  in.target_bits = 3.5;  // three bits for some layers and four for others
  row = evaluate<Compression>(in);
  expect_close(row.out.at("bits_per_weight"), 3.5 + 16.0 / 128);
  expect_close(row.out.at("signal_to_noise"), 6.02 * 3.5 + 1.76);
  expect_working<Compression>(in);

  in = {.workload = &model, .hardware = &h100, .method = Compression::Method::pruning, .sparsity = 0.5};
  in.sparsity_type = SparsityType::n_m;
  expect_close(evaluate<Compression>(in).out.at("compression_ratio"), 16.0 / 9);
  expect_working<Compression>(in);
  in.method = Compression::Method::quantized_pruning;
  in.grouping.scale_bits = 0;
  in.baseline_precision = Precision::int8;
  expect_close(evaluate<Compression>(in).out.at("compression_ratio"), 1.6);

  in = {.workload = &model, .hardware = &h100, .method = Compression::Method::pruning, .sparsity = 0.5};
  row = evaluate<Compression>(in);
  expect_close(row.out.at("break_even_sparsity"), 0.5);
  expect_close(row.out.at("memory_savings"), 0);
  EXPECT_EQ(row.out.at("inference_speedup"), 1) << "single weights are unpacked before the pass";
  expect_working<Compression>(in);
  in.sparsity = 0.25;
  EXPECT_LT(evaluate<Compression>(in).out.at("memory_savings"), 0);
}

TEST(CompressionStored, StructureSavesArithmeticToo) {
  const Model images(stable_diffusion);
  Compression::Inputs in{.workload = &images, .hardware = &a100, .method = Compression::Method::pruning, .sparsity = 0.5};
  in.framework_overhead = Time{};
  const double fixed = 1e-5;
  const double before = 1e12 / 156e12;
  for (const auto type : {SparsityType::structured, SparsityType::n_m}) {
    in.sparsity_type = type;
    expect_close(evaluate<Compression>(in).out.at("inference_speedup"), (before + fixed) / (before / 2 + fixed));
    expect_working<Compression>(in);
  }
  in.n_m_rate_multiple = 1;
  EXPECT_EQ(evaluate<Compression>(in).out.at("inference_speedup"), 1);
  in.method = Compression::Method::quantization;
  EXPECT_EQ(evaluate<Compression>(in).out.at("inference_speedup"), 1) << "weights alone do not speed up arithmetic";
  in.arithmetic_precision = Precision::int8;
  expect_close(evaluate<Compression>(in).out.at("inference_speedup"), (before + fixed) / (before / 2 + fixed));
}

TEST(CompressionStored, AStudentIsTimedAgainstItsTeacher) {
  const Model teacher(llama_8b);
  const Model student({.parameters = 1e9, .operations = 2e9, .layers = 16});
  Compression::Inputs in{.workload = &teacher, .hardware = &h100, .method = Compression::Method::distillation};
  in.student = &student;
  const Row row = evaluate<Compression>(in);
  expect_close(row.out.at("compression_ratio"), 8.03);
  expect_close(row.out.at("latency_before"), 16.06e9 / 3350e9 + 330e-6);
  expect_close(row.out.at("latency_after"), 2e9 / 3350e9 + 170e-6);
  expect_working<Compression>(in);
}

TEST(CompressionStored, Refuses) {
  const Model model(llama_8b);
  const auto message = [&](auto change) {
    Compression::Inputs in{.workload = &model, .hardware = &h100};
    change(in);
    const Row row = evaluate<Compression>(in);
    EXPECT_EQ(row.status, RowStatus::refused);
    return row.message;
  };
  const auto pruning = [](auto& in, double sparsity, SparsityType type) {
    in.method = Compression::Method::pruning;
    in.sparsity = sparsity;
    in.sparsity_type = type;
  };
  EXPECT_NE(message([](auto& in) { in.target_bits = 0; }).find("target_bits"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.sparsity = 1.5; }).find("sparsity"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.grouping.group_size = 0; }).find("group_size"), std::string::npos);
  EXPECT_EQ(message([](auto& in) { in.target_bits = 32; }), "target_bits must not exceed the bits before compression");
  EXPECT_EQ(message([](auto& in) { in.method = Compression::Method::distillation; }), "distillation needs a student");
  EXPECT_EQ(message([&](auto& in) { pruning(in, 1, SparsityType::structured); }),
            "sparsity must be below 1: nothing would be left");
  EXPECT_EQ(message([&](auto& in) { pruning(in, 0.75, SparsityType::n_m); }),
            "n_m prunes two weights of each four: sparsity must be 0.5");

  const Model large({.parameters = 70e9});
  EXPECT_NE(message([&](auto& in) { in.workload = &large; }).find("device states no host link"), std::string::npos);
  const Model silent({.activations = absent});
  EXPECT_NE(message([&](auto& in) { in.workload = &silent; }).find("activation_weight_fraction"), std::string::npos);
}

TEST(CompressionProperties, FewerBitsAreSmallerAndNeverSlower) {
  std::mt19937_64 random(17);
  const auto log_uniform = [&](double low, double high) {
    return low * std::pow(high / low, std::uniform_real_distribution<double>(0, 1)(random));
  };
  for (int i = 0; i < 300; ++i) {
    const double parameters = log_uniform(1e5, 3e10);
    const Model model({.parameters = parameters, .operations = log_uniform(1, 1000) * parameters});
    Compression::Inputs in{.workload = &model, .hardware = &h100};
    double last_ratio = 0;
    double last_speedup = 0;
    for (const double bits : {16.0, 12.0, 8.0, 4.0, 2.0, 1.0}) {
      in.target_bits = bits;
      const auto out = Compression::solve(in);
      EXPECT_GT(out.compression_ratio, last_ratio);
      EXPECT_GE(out.inference_speedup, last_speedup);
      EXPECT_LE(out.inference_speedup, out.compression_ratio * (1 + 1e-12));
      expect_close(out.memory_savings, 1 - out.compressed_size / out.original_size);
      last_ratio = out.compression_ratio;
      last_speedup = out.inference_speedup;
    }
    expect_working<Compression>(in);
  }
}

}  // namespace
}  // namespace ironlaw::compression_test
