// The family scaling: how to spend a budget of operations.
#include <random>

#include "roofline_fixtures.hpp"
#include "scaling/critical_batch.hpp"
#include "scaling/scaling.hpp"

namespace ironlaw::scaling_test {
namespace {

using roofline_test::evaluate;
using roofline_test::expect_close;
using roofline_test::expect_working;
using roofline_test::Row;
using scaling::CriticalBatchSize;
using scaling::Scaling;

Operations flop(double n) { return n * units::flop; }
Tokens tokens(double n) { return n * units::token; }

Scaling::Inputs with_budget(double operations) {
  Scaling::Inputs in;
  in.compute_budget = flop(operations);
  return in;
}
Scaling::Inputs at_fixed_ratio(double operations) {
  Scaling::Inputs in = with_budget(operations);
  in.law = Scaling::Law::fixed_ratio;
  return in;
}

TEST(Scaling, WorkedExamplesOfTheFixedRatio) {
  Row row = evaluate<Scaling>(at_fixed_ratio(1e24));
  expect_close(row.out.at("optimal_parameters"), 91287092917.52768);
  expect_close(row.out.at("optimal_tokens"), 1825741858350.5537);
  expect_close(row.out.at("tokens_per_parameter"), 20);
  EXPECT_EQ(row.out.at("compute"), 1e24);
  expect_working<Scaling>(at_fixed_ratio(1e24));

  Scaling::Inputs in;
  in.law = Scaling::Law::fixed_ratio;
  in.accelerator_time = 1000.0 * units::day;
  in.accelerator_rate = 989e12 * units::flop_per_second;
  row = evaluate<Scaling>(in);
  expect_close(row.out.at("compute"), 3.417984e22);
  expect_close(row.out.at("optimal_parameters"), 16876966552.079197);
  expect_close(row.out.at("optimal_tokens"), 337539331041.5839);
  expect_working<Scaling>(in);

  in = with_budget(1e24);
  in.target_parameters = 8.03e9;
  row = evaluate<Scaling>(in);
  expect_close(row.out.at("optimal_tokens"), 20755500207555.0);
  expect_close(row.out.at("tokens_per_parameter"), 2584.7447331948943);
  expect_working<Scaling>(in);
}

TEST(Scaling, FittedLaw) {
  const Row row = evaluate<Scaling>(with_budget(1e24));
  EXPECT_NEAR(row.out.at("optimal_parameters"), 9.586e10, 5e6 * 10);
  EXPECT_NEAR(row.out.at("optimal_tokens"), 1.739e12, 1e9);
  EXPECT_NEAR(row.out.at("tokens_per_parameter"), 18.1, 0.05);
  EXPECT_NEAR(row.out.at("loss"), 1.960, 5e-4);
  expect_working<Scaling>(with_budget(1e24));
}

TEST(Scaling, TheClosedFormIsTheRootThatIsSearchedFor) {
  const equations::LossLaw law;
  for (const double budget : {1e18, 1e21, 1e24, 1e27})
    EXPECT_NEAR(equations::optimal_parameters(law, budget, 0, {}) / equations::optimal_parameters(law, budget), 1, 1e-12);
}

TEST(Scaling, ServingFavoursSmallerModelsTrainedLonger) {
  const auto plain = Scaling::solve(with_budget(1e24));
  Scaling::Inputs in = with_budget(1e24);
  in.inference_tokens = tokens(1e12);
  const auto served = Scaling::solve(in);
  EXPECT_LT(served.optimal_parameters, plain.optimal_parameters);
  EXPECT_GT(served.tokens_per_parameter, plain.tokens_per_parameter);
  EXPECT_GT(served.loss, plain.loss);
  const double serving = 2 * served.optimal_parameters * 1e12;
  expect_close(6 * served.optimal_parameters * ironlaw::in(served.optimal_tokens, units::token) + serving, 1e24);
  for (const double shift : {0.99, 1.01}) {
    Scaling::Inputs beside = in;
    beside.target_parameters = shift * served.optimal_parameters;
    EXPECT_GT(Scaling::solve(beside).loss, served.loss);
  }
  expect_working<Scaling>(in);
}

TEST(Scaling, RepeatedTokensAreWorthLess) {
  Scaling::Inputs in = with_budget(1e24);
  in.unique_tokens = tokens(1e11);
  const auto repeated = Scaling::solve(in);
  EXPECT_GT(*repeated.epochs, 1);
  EXPECT_LT(repeated.effective_tokens, repeated.optimal_tokens);
  EXPECT_GT(repeated.effective_tokens, *in.unique_tokens);
  for (const double shift : {0.99, 1.01}) {
    Scaling::Inputs beside = in;
    beside.target_parameters = shift * repeated.optimal_parameters;
    EXPECT_GT(Scaling::solve(beside).loss, repeated.loss);
  }
  expect_working<Scaling>(in);

  in.unique_tokens = tokens(1e14);
  EXPECT_NEAR(Scaling::solve(in).optimal_parameters / Scaling::solve(with_budget(1e24)).optimal_parameters, 1, 1e-12);
  const equations::Corpus corpus{.unique = 100.0};
  expect_close(corpus.worth(100), 100);
  expect_close(corpus.worth(400), 100 * (1 + 15.4 * (1 - std::exp(-3 / 15.4))));
}

TEST(Scaling, AGivenModelBringsItsOwnOperations) {
  const roofline_test::Device device({.peak = 1e15});
  const roofline_test::Model model({.parameters = 8e9, .operations = 15e9});
  Scaling::Inputs in;
  in.workload = &model;
  in.hardware = &device;
  in.accelerator_time = 1e9 * units::second;
  in.mfu = 0.5;
  const auto out = Scaling::solve(in);
  expect_close(ironlaw::in(out.optimal_tokens, units::token), 1e15 * 0.5 * 1e9 / 45e9);
  EXPECT_EQ(out.optimal_parameters, 8e9);
  EXPECT_EQ(model.asked.new_tokens, 2048);
  expect_working<Scaling>(in);

  const roofline_test::Model images({.unit = WorkUnit::sample});
  in.workload = &images;
  EXPECT_NE(evaluate<Scaling>(in).message.find("not trained on tokens"), std::string::npos);
  const roofline_test::Model sized({.parameters = absent, .stored_bytes = 1e9});
  in.workload = &sized;
  EXPECT_NE(evaluate<Scaling>(in).message.find("number of parameters"), std::string::npos);
}

TEST(Scaling, Refuses) {
  const auto message = [](auto change) {
    Scaling::Inputs in = with_budget(1e21);
    change(in);
    const Row row = evaluate<Scaling>(in);
    EXPECT_EQ(row.status, RowStatus::refused);
    return row.message;
  };
  EXPECT_NE(message([](auto& in) { in.compute_budget = flop(0); }).find("compute_budget"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.target_parameters = 0; }).find("target_parameters"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.target_parameters = -1e9; }).find("target_parameters"), std::string::npos);
  EXPECT_EQ(message([](auto& in) { in.compute_budget = absent; }), "takes either compute_budget or accelerator_time");
  EXPECT_EQ(message([](auto& in) {
              in.compute_budget = absent;
              in.accelerator_time = 1.0 * units::day;
            }),
            "accelerator_time needs hardware or accelerator_rate");
  const roofline_test::Model model;
  EXPECT_EQ(message([&](auto& in) {
              in.workload = &model;
              in.target_parameters = 1e9;
            }),
            "takes target_parameters or a workload, not both");
  EXPECT_NE(message([](auto& in) {
              in.law = Scaling::Law::fixed_ratio;
              in.inference_tokens = tokens(1);
            }).find("inference_tokens needs"),
            std::string::npos);
  EXPECT_NE(message([](auto& in) {
              in.target_parameters = 1e9;
              in.inference_tokens = tokens(1e12);
            }).find("does not even pay"),
            std::string::npos);
}

TEST(ScalingProperties, BudgetsAreSpentAndMoreIsBetter) {
  std::mt19937_64 random(13);
  const auto log_uniform = [&](double low, double high) {
    return low * std::pow(high / low, std::uniform_real_distribution<double>(0, 1)(random));
  };
  for (int i = 0; i < 300; ++i) {
    Scaling::Inputs in = with_budget(log_uniform(1e17, 1e27));
    if (i % 2 == 0) in.inference_tokens = tokens(log_uniform(1e6, 1e15));
    if (i % 3 == 0) in.unique_tokens = tokens(log_uniform(1e6, 1e13));
    const auto out = Scaling::solve(in);
    const double spent = out.optimal_parameters * (6 * out.optimal_tokens.value() + 2 * in.inference_tokens.value());
    EXPECT_NEAR(spent / in.compute_budget.cell(), 1, 1e-9);
    expect_working<Scaling>(in);
    in.compute_budget = 2.0 * *in.compute_budget;
    const auto more = Scaling::solve(in);
    EXPECT_LE(more.loss, out.loss);
    EXPECT_GT(more.optimal_parameters, out.optimal_parameters);
  }
}

TEST(CriticalBatch, TradesStepsForSamples) {
  const CriticalBatchSize::Inputs in{.batch_size = 1024, .least_steps = 1e4, .least_samples = 1.024e7};
  const Row row = evaluate<CriticalBatchSize>(in);
  EXPECT_EQ(row.out.at("critical_batch_size"), 1024);
  EXPECT_EQ(row.out.at("time_over_least"), 2);
  EXPECT_EQ(row.out.at("compute_over_least"), 2);
  expect_working<CriticalBatchSize>(in);
  for (const double batch : {1.0, 100.0, 1e6}) {
    const auto out = CriticalBatchSize::solve({.batch_size = batch, .least_steps = 1e4, .least_samples = 1.024e7});
    expect_close((out.time_over_least - 1) * (out.compute_over_least - 1), 1);
  }
  EXPECT_EQ(evaluate<CriticalBatchSize>({.batch_size = 0, .least_steps = 1, .least_samples = 1}).status, RowStatus::refused);
}

}  // namespace
}  // namespace ironlaw::scaling_test
