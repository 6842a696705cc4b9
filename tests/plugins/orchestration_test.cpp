// The family orchestration: jobs that queue for a cluster.
#include <random>

#include "orchestration/orchestration.hpp"
#include "roofline_fixtures.hpp"

namespace ironlaw::orchestration_test {
namespace {

using orchestration::Orchestration;
using roofline_test::evaluate;
using roofline_test::expect_close;
using roofline_test::expect_working;
using roofline_test::Row;

Rate per_day(double jobs) { return jobs / units::day; }
Time days(double n) { return n * units::day; }

struct OrchestrationTest : testing::Test {
  OrchestrationTest() {
    node.accelerator = &device;
    node.accelerators = 8;
    fleet.node = &node;
    fleet.nodes = 32;
  }
  roofline_test::Device device;
  Node node{"node"};
  Fleet fleet{"fleet"};
  Orchestration::Inputs in{.arrival_rate = per_day(0.4), .job_duration = days(2), .fleet = &fleet};
};

TEST_F(OrchestrationTest, WorkedExample) {
  in.duration_cv = 0;
  const Row row = evaluate<Orchestration>(in);
  expect_close(row.out.at("cluster_utilization"), 0.8);
  expect_close(row.out.at("average_wait_time"), 345600.00000000006);
  expect_close(row.out.at("average_queue_length"), 1.6000000000000008);
  EXPECT_EQ(row.out.at("is_stable"), 1);
  expect_working<Orchestration>(in, {"servers"});
}

TEST_F(OrchestrationTest, VariedDurationsLengthenTheQueue) {
  in.duration_cv = 0;
  const Time alike = *Orchestration::solve(in).average_wait_time;
  for (const double cv : {1.0, 2.0, 5.0}) {
    in.duration_cv = cv;
    expect_close(*Orchestration::solve(in).average_wait_time / alike, 1 + cv * cv);
  }
}

TEST_F(OrchestrationTest, SmallJobsWaitLess) {
  in.duration_cv = 0;
  in.accelerators_per_job = 16;  // a sixteenth of 256
  in.arrival_rate = per_day(0.4 * 16);
  const Row row = evaluate<Orchestration>(in);
  EXPECT_EQ(row.out.at("servers"), 16);
  expect_close(row.out.at("cluster_utilization"), 0.8);
  EXPECT_NEAR(row.out.at("average_wait_time") / 86400, 0.191 / 2, 0.0005) << "exponential durations wait 0.191 days";
  in.duration_cv = 1;
  EXPECT_NEAR(evaluate<Orchestration>(in).out.at("average_wait_time") / 86400, 0.191, 0.0005);
  expect_working<Orchestration>(in);
}

TEST_F(OrchestrationTest, GangsLeaveAcceleratorsIdle) {
  const auto servers = [&](double job, Orchestration::Placement placement) {
    in.accelerators_per_job = job;
    in.placement = placement;
    expect_working<Orchestration>(in);
    return Orchestration::solve(in).servers;
  };
  using enum Orchestration::Placement;
  EXPECT_EQ(servers(3, whole_nodes), 64);   // two in each node of eight
  EXPECT_EQ(servers(3, anywhere), 85);      // 256 / 3
  EXPECT_EQ(servers(12, whole_nodes), 16);  // two nodes each
  EXPECT_EQ(servers(12, anywhere), 21);
  EXPECT_EQ(servers(256, whole_nodes), 1);
}

TEST_F(OrchestrationTest, OverloadHasNoAverage) {
  for (const double jobs : {0.5, 0.6}) {
    in.arrival_rate = per_day(jobs);
    const Row row = evaluate<Orchestration>(in);
    EXPECT_EQ(row.status, RowStatus::infeasible);
    EXPECT_EQ(row.out.at("is_stable"), 0);
    EXPECT_TRUE(std::isnan(row.out.at("average_wait_time")));
    EXPECT_TRUE(std::isnan(row.out.at("average_queue_length")));
    expect_working<Orchestration>(in);
  }
}

TEST_F(OrchestrationTest, PreemptionsTakeTime) {
  in.preemptions_per_job = 2;
  in.preemption_cost = 6.0 * units::hour;
  expect_close(evaluate<Orchestration>(in).out.at("service_time"), 2.5 * 86400);
  EXPECT_EQ(evaluate<Orchestration>(in).status, RowStatus::infeasible) << "0.4 jobs a day of 2.5 days fill the cluster";
}

TEST_F(OrchestrationTest, Refuses) {
  const auto message = [&](auto change) {
    Orchestration::Inputs changed = in;
    change(changed);
    const Row row = evaluate<Orchestration>(changed);
    EXPECT_EQ(row.status, RowStatus::refused);
    return row.message;
  };
  EXPECT_NE(message([](auto& i) { i.arrival_rate = per_day(-1); }).find("arrival_rate"), std::string::npos);
  EXPECT_NE(message([](auto& i) { i.job_duration = Time{}; }).find("job_duration"), std::string::npos);
  EXPECT_NE(message([](auto& i) { i.duration_cv = -1; }).find("duration_cv"), std::string::npos);
  EXPECT_EQ(message([](auto& i) { i.accelerators_per_job = 257; }),
            "accelerators_per_job must not exceed the accelerators of the fleet");
  EXPECT_EQ(message([](auto& i) {
              i.accelerators_per_job = 1;
              i.fleet = nullptr;
            }),
            "accelerators_per_job needs a fleet");
}

TEST(Queue, ErlangC) {
  expect_close(equations::erlang_c(0.8, 1), 0.8);
  expect_close(equations::erlang_c(1, 2), 1.0 / 3);  // a^2 / (2 + a) at a = 1
  EXPECT_EQ(equations::erlang_c(0, 4), 0);
  EXPECT_NEAR(equations::erlang_c(99999.999, 100000), 1, 1e-3) << "many servers neither overflow nor lose it";
}

TEST_F(OrchestrationTest, PropertiesOverRandomInputs) {
  std::mt19937_64 random(11);
  const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
  for (int i = 0; i < 500; ++i) {
    in.accelerators_per_job = 1 + i % 256;
    const double servers = Orchestration::solve(in).servers;
    in.job_duration = days(uniform(0.01, 5));
    in.arrival_rate = uniform(0, 0.999) * servers / in.job_duration;
    in.duration_cv = uniform(0, 5);
    const auto out = Orchestration::solve(in);
    ASSERT_TRUE(out.is_stable);
    EXPECT_TRUE(*out.waiting_probability >= 0 && *out.waiting_probability <= 1);
    EXPECT_LE(out.servers * *in.accelerators_per_job, fleet.accelerators());
    expect_working<Orchestration>(in);
    in.arrival_rate *= 1.0005;
    const auto busier = Orchestration::solve(in);
    EXPECT_GE(*busier.average_wait_time, *out.average_wait_time);
  }
}

}  // namespace
}  // namespace ironlaw::orchestration_test
