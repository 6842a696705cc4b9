// The family responsible: the cost of privacy and of fairness to a rare group.
#include <random>

#include "responsible/responsible.hpp"
#include "roofline_fixtures.hpp"

namespace ironlaw::responsible_test {
namespace {

using responsible::Responsible;
using roofline_test::evaluate;
using roofline_test::expect_close;
using roofline_test::expect_working;
using roofline_test::Row;
using namespace equations;

/// 15 epochs over 60 000 samples in batches of 256.
const PrivateSchedule schedule{256.0 / 60000, 3515.625};

Responsible::Inputs digits(double epsilon) {
  Responsible::Inputs in{.base_training_time = 3600.0 * units::second, .epsilon = epsilon};
  in.training_samples = 60000;
  in.batch_size = 256;
  in.epochs = 15;
  return in;
}
const std::vector<std::string> stated{"needed_subgroup_samples"};

TEST(Responsible, RuleOfThumb) {
  Responsible::Inputs in{.base_training_time = 360000.0 * units::second, .epsilon = 2, .min_subgroup_prevalence = 0.02};
  in.estimate = Responsible::Estimate::rule_of_thumb;
  Row row = evaluate<Responsible>(in);
  EXPECT_EQ(row.out.at("dp_slowdown_factor"), 2);
  EXPECT_EQ(row.out.at("effective_training_time"), 720000);
  EXPECT_EQ(row.out.at("fairness_data_ratio"), 50);
  expect_working<Responsible>(in);
  in.epsilon = 0.005;
  in.min_subgroup_prevalence = 1e-9;
  in.base_training_time = Time{};
  row = evaluate<Responsible>(in);
  expect_close(row.out.at("dp_slowdown_factor"), 201);
  expect_close(row.out.at("fairness_data_ratio"), 1e6);
  EXPECT_EQ(row.out.at("effective_training_time"), 0);
}

TEST(Privacy, GaussianAccountingReproducesThePublishedAnchor) {
  const double mu = gaussian_privacy(schedule, 1.3);
  expect_close(mu, 0.22727416737746117);
  EXPECT_NEAR(gaussian_epsilon(mu, 1e-5), 0.8344629030412825, 1e-10);
}

TEST(Privacy, NoiseForAPromise) {
  for (const auto& [epsilon, sigma] : {std::pair{0.5, 1.90833}, {1.0, 1.15264}, {2.0, 0.79170}, {8.0, 0.51349}}) {
    const Row row = evaluate<Responsible>(digits(epsilon));
    EXPECT_NEAR(row.out.at("noise_multiplier"), sigma, 5e-6);
    expect_close(row.out.at("steps"), 3515.625);
    EXPECT_TRUE(std::isnan(row.out.at("dp_slowdown_factor"))) << "nothing is known of the gradients";
  }
  expect_working<Responsible>(digits(1));
}

TEST(Privacy, NoiseAndPromiseAreInverses) {
  for (const double epsilon : {0.01, 0.3, 1.0, 8.0, 50.0, 500.0}) {
    for (const double delta : {1e-12, 1e-5, 0.1}) {
      const double mu = gaussian_privacy_of(epsilon, delta);
      EXPECT_NEAR(gaussian_epsilon(mu, delta) / epsilon, 1, 1e-8);
      EXPECT_NEAR(gaussian_privacy(schedule, gaussian_noise(schedule, mu)) / mu, 1, 1e-9);
    }
  }
}

TEST(Privacy, TheCertainBoundTakesMoreNoise) {
  for (const double epsilon : {0.5, 1.0, 2.0, 8.0}) {
    Responsible::Inputs in = digits(epsilon);
    const double optimistic = *Responsible::solve(in).noise_multiplier;
    in.accountant = Responsible::Accountant::renyi;
    const double certain = *Responsible::solve(in).noise_multiplier;
    EXPECT_GT(certain, optimistic);
    EXPECT_LT(certain, 2 * optimistic);
    EXPECT_LE(renyi_epsilon(schedule, certain, 1e-5), epsilon);
    expect_working<Responsible>(in);
  }
  expect_close(renyi_step(1, 2, 6), 6.0 / 8);  // the whole data each step: order / (2 sigma^2)
  // Order 2 in closed form: ln(1 + q^2 (e^(1 / sigma^2) - 1)).
  expect_close(renyi_step(0.1, 1.5, 2), std::log1p(0.01 * std::expm1(1 / 2.25)));
}

TEST(Responsible, NoiseCostsStepsAndGradientsCostTime) {
  Responsible::Inputs in = digits(1);
  in.gradient_noise_scale = 1000;
  in.privacy_noise_scale = 1e6;
  in.per_sample_gradient_cost = 1.5;
  const Row row = evaluate<Responsible>(in);
  const double sigma = row.out.at("noise_multiplier");
  const double steps = (1 + (1000 + 1e6 * sigma * sigma / 256) / 256) / (1 + 1000.0 / 256);
  expect_close(row.out.at("extra_steps_factor"), steps);
  expect_close(row.out.at("dp_slowdown_factor"), 1.5 * steps);
  expect_close(row.out.at("effective_training_time"), 1.5 * steps * 3600);
  expect_working<Responsible>(in);
  in.privacy_noise_scale = 0;
  expect_close(evaluate<Responsible>(in).out.at("dp_slowdown_factor"), 1.5);
}

TEST(Fairness, SamplesThatHoldARareGroup) {
  Responsible::Inputs in = digits(1);
  in.min_subgroup_prevalence = 0.02;
  expect_close(evaluate<Responsible>(in).out.at("fairness_data_ratio"), 50);
  in.subgroup_samples = 1000;
  Row row = evaluate<Responsible>(in);
  EXPECT_NEAR(row.out.at("needed_samples"), 52642, 1);
  expect_close(row.out.at("fairness_data_ratio"), row.out.at("needed_samples") / 1000);
  expect_working<Responsible>(in, stated);

  in.subgroup_samples = absent;
  in.error_rate = 0.1;
  in.detectable_gap = 0.02;
  row = evaluate<Responsible>(in);
  const double z = normal_quantile(0.95);
  EXPECT_NEAR(z, 1.6448536269514722, 1e-12);
  expect_close(row.out.at("needed_subgroup_samples"), 2 * z * z * 0.09 / 0.0004);
  expect_working<Responsible>(in);
}

TEST(Fairness, TheWholePopulationIsAGroupToo) {
  EXPECT_NEAR(responsible::samples_for_group(1000, 1, 0.95), 1000, 1e-9);
  EXPECT_NEAR(responsible::samples_for_group(1000, 0.02, 0.5), 50000, 1e-6);
}

TEST(Responsible, Refuses) {
  const auto message = [](auto change) {
    Responsible::Inputs in = digits(1);
    change(in);
    const Row row = evaluate<Responsible>(in);
    EXPECT_EQ(row.status, RowStatus::refused);
    return row.message;
  };
  EXPECT_NE(message([](auto& in) { in.epsilon = -1; }).find("epsilon"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.delta = 2; }).find("delta"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.delta = 0; }).find("delta"), std::string::npos);
  EXPECT_NE(message([](auto& in) { in.min_subgroup_prevalence = 5; }).find("min_subgroup_prevalence"), std::string::npos);
  EXPECT_EQ(message([](auto& in) { in.base_training_time = Time{}; }), "base_training_time must be above 0");
  EXPECT_EQ(message([](auto& in) { in.epochs = absent; }), "estimate = derived needs training_samples, batch_size and epochs");
  EXPECT_EQ(message([](auto& in) { in.batch_size = 60001; }), "batch_size must not exceed training_samples");
  EXPECT_EQ(message([](auto& in) { in.privacy_noise_scale = 1; }),
            "gradient_noise_scale and privacy_noise_scale need each other");
  EXPECT_EQ(message([](auto& in) { in.error_rate = 0.1; }), "detectable_gap and error_rate need each other");
  EXPECT_EQ(message([](auto& in) {
              in.subgroup_samples = 10;
              in.error_rate = 0.1;
              in.detectable_gap = 0.1;
            }),
            "takes subgroup_samples or detectable_gap, not both");
  EXPECT_NE(message([](auto& in) {
              in.accountant = Responsible::Accountant::renyi;
              in.epsilon = 0.04;
            }).find("epsilon: is too small"),
            std::string::npos);
}

TEST(PrivacyProperties, StricterPromisesTakeMoreNoise) {
  std::mt19937_64 random(19);
  const auto log_uniform = [&](double low, double high) {
    return low * std::pow(high / low, std::uniform_real_distribution<double>(0, 1)(random));
  };
  for (int i = 0; i < 200; ++i) {
    Responsible::Inputs in = digits(log_uniform(0.05, 20));
    in.delta = log_uniform(1e-9, 1e-2);
    in.min_subgroup_prevalence = log_uniform(1e-4, 1);
    in.subgroup_samples = 100;
    const auto out = Responsible::solve(in);
    EXPECT_GE(*out.needed_samples * in.min_subgroup_prevalence, 100 * (1 - 1e-12));
    in.epsilon *= 0.9;
    EXPECT_GT(*Responsible::solve(in).noise_multiplier, *out.noise_multiplier);
    in.epochs = 2.0 * *in.epochs;
    EXPECT_GT(*Responsible::solve(in).noise_multiplier, *out.noise_multiplier);
    expect_working<Responsible>(in, stated);
  }
}

}  // namespace
}  // namespace ironlaw::responsible_test
