// The laws of single kernels and exchanges: times of the study that fitted them, cases by hand, limits and refusals.
#include "estimates/kernels/kernel.hpp"
#include "estimates/kernels/exchange.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "given_rates.hpp"
#include "hardware/accelerator.hpp"

namespace ironlaw::estimates {
namespace {

using estimates_test::constants;
using estimates_test::inputs_of;
using estimates_test::Json;

/// Records of one row, for a device of the test.
struct OneRate final : KernelRates {
  explicit OneRate(KernelRate rate) : KernelRates("test"), row(rate) { rates = {&row, 1}; }
  KernelRate row;
};

testing::Fields device_fields(const KernelRates& rates) {
  return {{"peak_rate.fp16", 1000e12}, {"peak_rate.fp8", 2000e12}, {"peak_rate.int8", 2000e12},
          {"memory_capacity", 80e9},   {"memory_bandwidth", 4e12}, {"device_link", 450e9},
          {"multiprocessors", 100.0},  {"network_link", 50e9},     {"generation", &rates}};
}
using Device = testing::MadeObject<Hardware>;
Device device(const testing::Fields& fields) { return {kind_adapter<hardware::Accelerator>, fields, "device"}; }

TEST(Kernel, TimesOfTheStudy) {
  std::ifstream file(IRONLAW_ESTIMATES_DATA "/kernel_times.jsonl");
  std::map<std::string, int> seen;
  for (std::string line; std::getline(file, line);) {
    const Json row = Json::parse(line);
    SCOPED_TRACE(line);
    const auto operation = row["operation"].get<std::string>();
    const Json& p = row["platform"];
    OneRate rate(constants(row["constants"]));
    Json named = row["inputs"];
    testing::Fields fields{{"peak_rate.fp16", p["f16"].get<double>()},
                           {"peak_rate.fp8", p["f8"].get<double>()},
                           {"peak_rate.int8", p["f8"].get<double>()},
                           {"memory_capacity", 80e9},
                           {"memory_bandwidth", p["bandwidth"].get<double>()},
                           {"device_link", p["link"].get<double>()},
                           {"network_link", p["network"].get<double>()},
                           {"multiprocessors", p["multiprocessors"].get<double>()},
                           {"generation", &rate}};
    if (p["f4"].get<double>() > 0) fields.push_back({"peak_rate.fp4", p["f4"].get<double>()});
    const Device on = device(fields);
    double time = 0;
    if (operation == "exchange") {
      auto in = inputs_of<Exchange>(named);
      in.hardware = on.get();
      const bool routed = in.exchange >= ExchangeKind::expert_dispatch;
      rate.row.operation =
          routed ? "expert_exchange" : detail::enumerator_names<ExchangeKind>[static_cast<std::size_t>(in.exchange)];
      rate.row.kernel = detail::enumerator_names<ExchangeLibrary>[static_cast<std::size_t>(in.library)];
      if (routed) rate.row.phase = in.exchange == ExchangeKind::expert_dispatch ? "dispatch" : "combine";
      time = ironlaw::in(Exchange::solve(in).exchange_time, units::second);
    } else {
      named["operation"] = operation;
      auto in = inputs_of<KernelSolver>(named);
      in.hardware = on.get();
      rate.row.operation = operation;
      const std::string kernel = row.value("kernel", "");
      rate.row.kernel = kernel;
      time = ironlaw::in(KernelSolver::solve(in).kernel_time, units::second);
    }
    EXPECT_NEAR(time / row["time"].get<double>(), 1, 1e-9);
    ++seen[operation];
  }
  EXPECT_EQ(seen.size(), 11u);
  for (const auto& [operation, count] : seen) EXPECT_GE(count, 14) << operation;
}

KernelRate product_rate() {
  KernelRate r = constants(
      {{"compute_share", 0.5}, {"memory_share", 0.8}, {"latency", 2e-6}, {"depth_latency", 0.5e-6}, {"quantize_traffic", 8}});
  r.operation = "product";
  r.from = 1;
  r.to = 4096;
  r.low = -0.1;
  r.high = 0.2;
  return r;
}

/// M 100, N 2000, K 3000 in bf16 on 1000 TFLOP/s and 4 TB/s: F = 1.2e9, B = 12e6 + 0.6e6 + 0.4e6.
TEST(Kernel, ProductByHand) {
  const OneRate rate(product_rate());
  const Device on = device(device_fields(rate));
  const auto in = [&] {
    auto i = inputs_of<KernelSolver>({{"operation", "product"}, {"rows", 100}, {"n", 2000}, {"k", 3000}});
    i.hardware = on.get();
    return i;
  }();
  const auto out = KernelSolver::solve(in);
  const double fixed = 2e-6 + 1.5e-6;
  const double traffic = 8 * 100 * 3000 / 4e12;
  const double compute = 1.2e9 / 500e12;
  const double memory = 13e6 / 3.2e12;
  EXPECT_NEAR(out.fixed_time.value(), fixed, 1e-15);
  EXPECT_NEAR(out.traffic_time.value(), traffic, 1e-15);
  EXPECT_NEAR(out.compute_time.value(), compute, 1e-15);
  EXPECT_NEAR(out.memory_time.value(), memory, 1e-15);
  EXPECT_NEAR(out.kernel_time.value(), fixed + traffic + std::hypot(compute, memory), 1e-15);
  EXPECT_NEAR((*out.kernel_time_low).value(), out.kernel_time.value() * std::exp(-0.1), 1e-15);
  EXPECT_NEAR((*out.kernel_time_high).value(), out.kernel_time.value() * std::exp(0.2), 1e-15);
  EXPECT_EQ(out.wall, KernelWall::memory);
  EXPECT_FALSE(out.outside_record.has_value());
}

/// Call by call the launch of one product passes behind the kernel before it: the longer counts, and no part exceeds the whole.
TEST(Kernel, ProductThatTheHostLaunches) {
  KernelRate r = product_rate();
  r.phase = "eager";
  const OneRate rate(r);
  const Device on = device(device_fields(rate));
  auto in = inputs_of<KernelSolver>({{"operation", "product"}, {"rows", 100}, {"n", 2000}, {"k", 3000}});
  in.hardware = on.get();
  EXPECT_THROW(KernelSolver::solve(in), MissingData);
  in.launch = LaunchMode::eager;
  const auto out = KernelSolver::solve(in);
  const double kernel = 1.5e-6 + 8 * 100 * 3000 / 4e12 + std::hypot(1.2e9 / 500e12, 13e6 / 3.2e12);
  EXPECT_NEAR(out.kernel_time.value(), std::hypot(2e-6, kernel), 1e-15);
  EXPECT_NEAR(out.fixed_time.value(), std::hypot(2e-6, 1.5e-6), 1e-15);
}

/// 64 tokens by 2 of 16 experts of 1000 x 500, gated, balanced: 128 rows, all 16 experts touched.
TEST(Kernel, ExpertsByHand) {
  KernelRate r = constants({{"compute_share", 0.5},
                            {"memory_share", 0.8},
                            {"latency", 10e-6},
                            {"depth_latency", 2e-6},
                            {"tile_latency", 33e-6},
                            {"touched_rows", 40},
                            {"quantize_traffic", 6},
                            {"permute_traffic", 3}});
  r.operation = "experts";
  const OneRate rate(r);
  const Device on = device(device_fields(rate));
  auto in = inputs_of<KernelSolver>({{"operation", "experts"},
                                     {"rows", 64},
                                     {"hidden_size", 1000},
                                     {"expert_size", 500},
                                     {"experts", 16},
                                     {"experts_per_token", 2}});
  in.routing = Routing::balanced;
  in.hardware = on.get();
  const auto out = KernelSolver::solve(in);
  const double fixed = 10e-6 + 2e-6 * 1.5 + 33e-6 * 16 / 100;
  const double traffic = (6.0 * 128 * 1500 + 3.0 * 128 * 1000) / 4e12;
  const double compute = 2 * 1.5e6 * (128 + 16 * 40) / 500e12;
  const double memory = 16 * 1.5e6 * 2 / 3.2e12;
  EXPECT_NEAR(out.fixed_time.value(), fixed, 1e-15);
  EXPECT_NEAR(out.kernel_time.value(), fixed + traffic + std::hypot(compute, memory), 1e-15);
}

TEST(Kernel, SizesOutsideTheRecordAreSaid) {
  const OneRate rate(product_rate());
  const Device on = device(device_fields(rate));
  auto in = inputs_of<KernelSolver>({{"operation", "product"}, {"rows", 8192}, {"n", 2000}, {"k", 3000}});
  in.hardware = on.get();
  EXPECT_DOUBLE_EQ(*KernelSolver::solve(in).outside_record, 2);
}

/// What has crossed the network is forwarded inside the node while more crosses it: the longer of both counts.
TEST(Exchange, NetworkAndNodeOverlap) {
  const equations::ExpertExchangeLaw law{10e-6 * units::second, 0.5, 40, 0.5};
  const auto time = [&](double inside, double outside, double lent) {
    return equations::expert_exchange_time(law, inside * units::second, outside * units::second, lent).value();
  };
  EXPECT_NEAR(time(10e-6, 0, 0), 30e-6, 1e-12);
  EXPECT_NEAR(time(10e-6, 30e-6, 0), 70e-6, 1e-12);
  EXPECT_NEAR(time(10e-6, 30e-6, 10), 110e-6, 1e-12);  // ten lent: five times as long inside
}

TEST(Kernel, RefusesWhatItLacks) {
  const OneRate rate(product_rate());
  const Device on = device(device_fields(rate));
  auto in = inputs_of<KernelSolver>({{"operation", "product"}, {"rows", 10}, {"n", 20}});
  in.hardware = on.get();
  EXPECT_THROW(KernelSolver::solve(in), DomainError);
  in.k = 30;
  in.kernel = KernelFamily::triton;
  try {
    (void)KernelSolver::solve(in);
    FAIL() << "a kernel without a record was taken";
  } catch (const MissingData& e) {
    EXPECT_NE(std::string(e.what()).find("record of product in bf16 by triton"), std::string::npos) << e.what();
  }
  auto fields = device_fields(rate);
  std::erase_if(fields, [](const testing::Field& f) { return f.name == "generation"; });
  const Device unknown = device(fields);
  in.kernel = {};
  in.hardware = unknown.get();
  EXPECT_THROW(KernelSolver::solve(in), MissingData);
}

/// The engine's record comes before that of any engine, a generation's before that of all.
TEST(Kernel, RecordsAreLookedUpFromTheNarrowest) {
  struct Records final : KernelRates {
    Records(std::string_view name, std::vector<KernelRate> rows, const KernelRates* wider)
        : KernelRates(name), own(std::move(rows)) {
      rates = own;
      otherwise = wider;
    }
    std::vector<KernelRate> own;
  };
  struct Named final : Engine {
    using Engine::Engine;
  };
  const Named ours("ours");
  const Named theirs("theirs");
  KernelRate any = product_rate();
  KernelRate of_engine = any;
  of_engine.engine = "ours";
  of_engine.format = any.format = "bf16";
  KernelRate wide = any;
  wide.format = "fp8";
  const Records all("all", {wide}, nullptr);
  const Records generation("generation", {of_engine, any}, &all);
  const Device on = device(testing::with(device_fields(generation), {}));
  const auto level = [&](const Engine* engine, OperandFormat format) {
    auto in = inputs_of<KernelSolver>({{"operation", "product"}, {"rows", 10}, {"n", 20}, {"k", 30}});
    in.hardware = on.get();
    in.engine = engine;
    in.format = format;
    return KernelSolver::solve(in).record_level;
  };
  EXPECT_EQ(level(&ours, OperandFormat::bf16), RateLevel::generation_and_engine);
  EXPECT_EQ(level(&theirs, OperandFormat::bf16), RateLevel::generation);
  EXPECT_EQ(level(nullptr, OperandFormat::bf16), RateLevel::generation);
  EXPECT_EQ(level(&ours, OperandFormat::fp8), RateLevel::all);
  EXPECT_EQ(level(&ours, OperandFormat::int8), RateLevel::all);  // stood in for by the other format of 8 bits
  EXPECT_THROW(level(&ours, OperandFormat::w4a16), MissingData);
}

/// Attention on a device that does not count its multiprocessors takes those of a usual one.
TEST(Kernel, UnstatedMultiprocessorsAreAGuess) {
  KernelRate r = constants({{"memory_share", 0.9}, {"latency", 1e-5}, {"tile_latency", 2e-6}});
  r.operation = "decode_attention";
  r.format = "bf16";
  const OneRate rate(r);
  const auto time = [&](double multiprocessors) {
    auto fields = device_fields(rate);
    std::erase_if(fields, [](const testing::Field& f) { return f.name == "multiprocessors"; });
    if (multiprocessors > 0) fields.push_back({"multiprocessors", multiprocessors});
    const Device on = device(fields);
    auto in = inputs_of<KernelSolver>(
        {{"operation", "decode_attention"}, {"batch", 16}, {"length", 2048}, {"heads", 32}, {"kv_heads", 8}});
    in.hardware = on.get();
    return KernelSolver::solve(in).kernel_time.value();
  };
  EXPECT_EQ(time(0), time(132));
  EXPECT_GT(time(0), time(264));
}

/// All-reduce of 8 MB over 8 devices at 450 GB/s: the ring moves 14 MB, 31.1 us at full bandwidth.
TEST(Exchange, AllReduceByHand) {
  KernelRate r = constants({{"latency", 3e-6}, {"doubling_latency", 1e-6}, {"link_share", 0.8}, {"protocol_time", 9e-6}});
  r.operation = "all_reduce";
  r.kernel = "nccl";
  const OneRate rate(r);
  const Device on = device(device_fields(rate));
  auto in = inputs_of<Exchange>({{"exchange", "all_reduce"}, {"devices", 8}, {"message", 8e6}});
  in.hardware = on.get();
  const auto out = Exchange::solve(in);
  const double wire = 14e6 / 450e9;
  EXPECT_NEAR(out.wire_time.value(), wire, 1e-15);
  EXPECT_NEAR(out.fixed_time.value(), 6e-6, 1e-15);
  EXPECT_NEAR(out.exchange_time.value(), 6e-6 + wire / 0.8 + std::sqrt(9e-6 * wire), 1e-15);
  in.library = ExchangeLibrary::custom;
  EXPECT_THROW(Exchange::solve(in), MissingData);
}

/// Call by call the host's launch is in it: another record. A device that states no link is taken to meet over PCIe at 32 GB/s.
TEST(Exchange, EagerAllReduceAndUnstatedLinks) {
  KernelRate r = constants({{"latency", 54e-6}, {"link_share", 0.8}, {"protocol_time", 0}, {"distant_share", 0.5}});
  r.operation = "all_reduce";
  r.kernel = "nccl";
  r.phase = "eager";
  const OneRate rate(r);
  auto fields = device_fields(rate);
  std::erase_if(fields, [](const testing::Field& f) { return f.name == "device_link"; });
  const Device on = device(fields);
  auto in = inputs_of<Exchange>({{"exchange", "all_reduce"}, {"devices", 4}, {"message", 8e6}});
  in.hardware = on.get();
  EXPECT_THROW(Exchange::solve(in), MissingData);  // there is no record of captured ones
  in.launch = LaunchMode::eager;
  const auto out = Exchange::solve(in);
  EXPECT_NEAR(out.wire_time.value(), 12e6 / 32e9, 1e-12);
  EXPECT_NEAR(out.exchange_time.value(), 54e-6 + 12e6 / 32e9 / 0.8 / 0.5, 1e-9);
}

}  // namespace
}  // namespace ironlaw::estimates
