// The family data: ingestion and preprocessing.
#include <random>

#include "data/data.hpp"
#include "data/transformation.hpp"
#include "roofline_fixtures.hpp"

namespace ironlaw::data_test {
namespace {

using data::Data;
using data::Transformation;
using roofline_test::evaluate;
using roofline_test::expect_close;
using roofline_test::expect_working;
using roofline_test::Row;

constexpr double gigabyte = 1e9;

Bandwidth gigabytes(double n) { return n * gigabyte * units::byte_per_second; }

/// A device that matters only by the ways that data come in.
class Reader final : public Hardware {
 public:
  Reader(Maybe<Bandwidth> link, Maybe<Bandwidth> storage) : Hardware("reader"), link_(link), has_storage_(storage.has_value()) {
    if (storage) storage_ = {absent, *storage};
  }

 private:
  FlopRate do_peak_rate(Precision) const override { return 1e15 * units::flop_per_second; }
  Memory do_memory() const override { return {80e9 * units::byte, gigabytes(3350)}; }
  Time do_dispatch_overhead() const override { return {}; }
  Maybe<Bandwidth> do_host_link() const override { return link_; }
  const void* do_facet(const FacetKey& key) const override { return answer(key, has_storage_ ? &storage_ : nullptr); }

  Maybe<Bandwidth> link_;
  Storage storage_{};
  bool has_storage_;
};

TEST(Data, WorkedExamples) {
  const Reader h100(gigabytes(64), gigabytes(7));
  Row row = evaluate<Data>({.hardware = &h100, .data_rate = 277777777.7777778 * units::byte_per_second});
  EXPECT_EQ(row.status, RowStatus::ok);
  expect_close(row.out.at("utilization"), 0.03968253968253969);
  expect_close(row.out.at("supply_bandwidth"), 7e9);
  expect_close(row.out.at("margin"), 6722222222.222222);
  EXPECT_EQ(row.out.at("bottleneck"), static_cast<double>(Data::Bottleneck::Storage));
  EXPECT_EQ(row.out.at("is_stalled"), 0);

  const Reader a100(gigabytes(32), absent);
  row = evaluate<Data>({.hardware = &a100, .data_rate = 277777777.7777778 * units::byte_per_second});
  expect_close(row.out.at("utilization"), 0.008680555555555556);
  expect_close(row.out.at("margin"), 31722222222.22222);
  EXPECT_EQ(row.out.at("bottleneck"), static_cast<double>(Data::Bottleneck::Interconnect));
}

TEST(Data, StallsOnlyAboveTheSupply) {
  const Reader reader(gigabytes(7), gigabytes(7));
  Data::Inputs in{.hardware = &reader, .data_rate = gigabytes(7)};
  Row row = evaluate<Data>(in);
  EXPECT_EQ(row.out.at("is_stalled"), 0);
  EXPECT_EQ(row.out.at("slowdown"), 1);
  EXPECT_EQ(row.out.at("bottleneck"), static_cast<double>(Data::Bottleneck::Storage)) << "storage wins a tie";
  in.data_rate = gigabytes(14);
  row = evaluate<Data>(in);
  EXPECT_EQ(row.status, RowStatus::ok) << "a stall is slow, not impossible";
  EXPECT_EQ(row.out.at("is_stalled"), 1);
  EXPECT_EQ(row.out.at("slowdown"), 2);
  expect_working<Data>(in);
}

TEST(Data, WithoutAPathThereIsNoAnswerUnlessAskedFor) {
  const Reader cut_off(absent, absent);
  Data::Inputs in{.hardware = &cut_off, .data_rate = gigabytes(1)};
  Row row = evaluate<Data>(in);
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find("reader states no storage or host link"), std::string::npos) << row.message;
  in.missing_path = Data::MissingPath::no_supply;
  row = evaluate<Data>(in);
  EXPECT_EQ(row.out.at("supply_bandwidth"), 0);
  EXPECT_EQ(row.out.at("margin"), -1e9);
  EXPECT_EQ(row.out.at("is_stalled"), 1);
  EXPECT_EQ(row.out.at("bottleneck"), static_cast<double>(Data::Bottleneck::Unknown));
  EXPECT_TRUE(std::isnan(row.out.at("utilization")));
  expect_working<Data>(in);
}

TEST(Data, SharesAStorageSystemAndCachesIt) {
  const Reader reader(gigabytes(64), gigabytes(7));
  StorageSystem system("system");
  system.bandwidth = gigabytes(400);
  Data::Inputs in{.hardware = &reader, .data_rate = gigabytes(1), .storage = &system, .readers = 100};
  expect_close(evaluate<Data>(in).out.at("supply_bandwidth"), 4e9);
  expect_working<Data>(in);
  in.network_bandwidth = gigabytes(3);
  Row row = evaluate<Data>(in);
  expect_close(row.out.at("supply_bandwidth"), 3e9);
  EXPECT_EQ(row.out.at("bottleneck"), static_cast<double>(Data::Bottleneck::Network));
  in.network_bandwidth = absent;
  in.cache_hit_fraction = 0.75;
  in.cache_bandwidth = gigabytes(100);
  row = evaluate<Data>(in);
  expect_close(row.out.at("supply_bandwidth"), 1e9 / (0.25 / 4 + 0.75 / 100));
  expect_working<Data>(in);
  in.cache_hit_fraction = 1;
  expect_close(evaluate<Data>(in).out.at("supply_bandwidth"), 64e9);
}

TEST(Data, CountsReadsAgainstOperations) {
  const Reader reader(gigabytes(64), gigabytes(7));
  Data::Inputs in{.hardware = &reader, .data_rate = gigabytes(1)};
  in.storage_operations = 1e5 * units::per_second;
  in.record_size = 4096.0 * units::byte;
  expect_close(evaluate<Data>(in).out.at("supply_bandwidth"), 4096e5);
  expect_working<Data>(in);
  in.record_size = 1e6 * units::byte;
  expect_close(evaluate<Data>(in).out.at("supply_bandwidth"), 7e9);
}

TEST(Data, Refuses) {
  const Reader reader(gigabytes(64), gigabytes(7));
  const auto message = [&](auto change) {
    Data::Inputs in{.hardware = &reader, .data_rate = gigabytes(1)};
    change(in);
    const Row row = evaluate<Data>(in);
    EXPECT_EQ(row.status, RowStatus::refused);
    return row.message;
  };
  EXPECT_NE(message([](auto& in) { in.data_rate = gigabytes(-1); }).find("data_rate"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.readers = 1.5; }).find("readers"), std::string::npos);
  EXPECT_EQ(message([](auto& in) { in.readers = 2; }), "readers and network_bandwidth need a storage system");
  EXPECT_EQ(message([](auto& in) { in.cache_hit_fraction = 0.5; }), "cache_hit_fraction needs cache_bandwidth");
  EXPECT_EQ(message([](auto& in) { in.record_size = 1.0 * units::byte; }), "storage_operations and record_size need each other");
}

Transformation::Inputs images() {
  return {.batch_size = 256,
          .accelerator_step_time = 0.05 * units::second,
          .sample_size = 5e5 * units::byte,
          .cpu_throughput = gigabytes(2)};
}

TEST(Transformation, WorkedExample) {
  const Row row = evaluate<Transformation>(images());
  expect_close(row.out.at("transform_time"), 0.064);
  expect_close(row.out.at("accelerator_utilization"), 0.78125);
  expect_close(row.out.at("slowdown_factor"), 1.28);
  EXPECT_EQ(row.out.at("is_bottleneck"), 1);
  EXPECT_EQ(row.status, RowStatus::ok);
  expect_working<Transformation>(images());
}

TEST(Transformation, WorkersShareTheSamples) {
  Transformation::Inputs in{.batch_size = 256, .accelerator_step_time = 0.05 * units::second};
  in.cpu_time_per_sample = 4.0 * units::millisecond;
  in.workers = 16;
  Row row = evaluate<Transformation>(in);
  expect_close(row.out.at("transform_time"), 0.064);
  EXPECT_EQ(row.out.at("workers_needed"), 21);  // 1.024 s of work in 0.05 s
  expect_working<Transformation>(in);
  in.cores = 8;
  expect_close(evaluate<Transformation>(in).out.at("transform_time"), 0.128);
  in.cores = absent;
  in.workers = 21;
  EXPECT_EQ(evaluate<Transformation>(in).out.at("is_bottleneck"), 0);
}

TEST(Transformation, DecodedSamplesCrossTheLinkBesideTheNextBatch) {
  Transformation::Inputs in = images();
  in.transfer_bandwidth = gigabytes(1);
  in.decoded_size = 6e5 * units::byte;
  const Row row = evaluate<Transformation>(in);
  expect_close(row.out.at("transfer_time"), 0.1536);
  expect_close(row.out.at("preparation_time"), 0.1536);
  expect_working<Transformation>(in);
  in.decoded_size = absent;
  expect_close(evaluate<Transformation>(in).out.at("transfer_time"), 0.128);
}

TEST(Transformation, EmptyBatchesAndStepsOfNoTime) {
  Transformation::Inputs in = images();
  in.batch_size = 0;
  EXPECT_EQ(evaluate<Transformation>(in).out.at("slowdown_factor"), 1);
  in.accelerator_step_time = Time{};
  const Row row = evaluate<Transformation>(in);
  EXPECT_EQ(row.out.at("accelerator_utilization"), 0);
  EXPECT_TRUE(std::isnan(row.out.at("slowdown_factor")));
  expect_working<Transformation>(in);
}

TEST(Transformation, Refuses) {
  const auto message = [](auto change) {
    Transformation::Inputs in = images();
    change(in);
    const Row row = evaluate<Transformation>(in);
    EXPECT_EQ(row.status, RowStatus::refused);
    return row.message;
  };
  EXPECT_NE(message([](auto& in) { in.batch_size = -1; }).find("batch_size"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.sample_size = Information{}; }).find("sample_size"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.cpu_throughput = Bandwidth{}; }).find("cpu_throughput"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.accelerator_step_time = -1.0 * units::second; }).find("accelerator_step_time"),
            std::string::npos);
  EXPECT_EQ(message([](auto& in) { in.sample_size = absent; }), "cpu_throughput needs sample_size");
  EXPECT_EQ(message([](auto& in) { in.cpu_throughput = absent; }), "takes either cpu_throughput or cpu_time_per_sample");
  EXPECT_EQ(message([](auto& in) { in.cpu_time_per_sample = 1.0 * units::second; }),
            "takes either cpu_throughput or cpu_time_per_sample");
  EXPECT_EQ(message([](auto& in) {
              in.sample_size = absent;
              in.cpu_throughput = absent;
              in.cpu_time_per_sample = 1.0 * units::second;
              in.transfer_bandwidth = gigabytes(1);
            }),
            "transfer_bandwidth needs sample_size or decoded_size");
}

TEST(DataProperties, MoreSupplyNeverHurts) {
  std::mt19937_64 random(7);
  const auto log_uniform = [&](double low, double high) {
    return low * std::pow(high / low, std::uniform_real_distribution<double>(0, 1)(random));
  };
  for (int i = 0; i < 500; ++i) {
    const double link = log_uniform(0.1, 100);
    const double storage = log_uniform(0.1, 100);
    const Reader reader(gigabytes(link), gigabytes(storage));
    const Reader faster(gigabytes(2 * link), gigabytes(2 * storage));
    Data::Inputs in{.hardware = &reader, .data_rate = gigabytes(log_uniform(0.1, 100))};
    in.cache_hit_fraction = (i % 10) / 10.0;
    in.cache_bandwidth = gigabytes(200);
    const auto slow = Data::solve(in);
    EXPECT_EQ(slow.margin < Bandwidth{}, slow.is_stalled);
    EXPECT_LE(slow.supply_bandwidth, gigabytes(link));
    in.hardware = &faster;
    EXPECT_GE(Data::solve(in).supply_bandwidth, slow.supply_bandwidth);
    expect_working<Data>(in);

    Transformation::Inputs t = images();
    t.batch_size = i;
    t.transfer_bandwidth = gigabytes(link);
    const auto out = Transformation::solve(t);
    EXPECT_TRUE(out.accelerator_utilization >= 0 && out.accelerator_utilization <= 1);
    expect_close(out.accelerator_utilization * *out.slowdown_factor, 1);
  }
}

}  // namespace
}  // namespace ironlaw::data_test
