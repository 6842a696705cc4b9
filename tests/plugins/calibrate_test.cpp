// Calibration: constants that are known are found again, few rows cannot overrule a prior, and what cannot be fitted is refused.
#include "study_fixture.hpp"

namespace ironlaw::studies_test {
namespace {

std::string list_of(const std::vector<double>& values, bool as_texts) {
  std::string list;
  for (const double v : values) list += (list.empty() ? "" : ", ") + (as_texts ? "\"" + in_full(v) + "\"" : in_full(v));
  return "[" + list + "]";
}
/// `y` of an analytic solver, measured at values of `c`, with a and b to fit from 1.
std::string calibrated(const std::string& solver, const std::vector<double>& c, const std::vector<double>& y,
                       const std::string& options) {
  return analytic(solver, R"("a": 1, "b": 1)",
                  R"("use": "calibrate", "predicts": "s.y", "observed": )" + list_of(y, true) + options,
                  R"([{"s.c": )" + list_of(c, false) + "}]");
}

const std::vector<double> inputs_measured{0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100};

std::vector<double> sums(double a, double b) {
  std::vector<double> y;
  for (const double c : inputs_measured) y.push_back(a + 2 * b + c);
  return y;
}

TEST(Calibrate, FindsAConstantThatIsKnown) {
  const Found f = found(calibrated("sum", inputs_measured, sums(1.3, 1), R"(, "constants": ["s.a"], "noise": 0.001)"));
  EXPECT_EQ(f.text(0, "constant"), "a");
  EXPECT_EQ(f.number(0, "prior"), 1);
  EXPECT_NEAR(f.number(0, "value"), 1.3, 1e-4);
  EXPECT_LT(f.number(0, "standard_error"), 0.01);
  EXPECT_GT(f.number(0, "from_rows"), 0.999);
}

TEST(Calibrate, APriorHoldsWhereRowsSayLittle) {
  const Found f = found(calibrated("sum", {1e6, 2e6}, {1e6 + 3.3, 2e6 + 3.3}, R"(, "constants": ["s.a"])"));
  EXPECT_NEAR(f.number(0, "value"), 1, 1e-6);
  EXPECT_NEAR(f.number(0, "standard_error"), 0.25, 1e-3);
  EXPECT_LT(f.number(0, "from_rows"), 1e-3);
}

TEST(Calibrate, OneRowThatIsFarOffHardlyCounts) {
  auto y = sums(1.3, 1);
  y[5] *= 10;
  const Found f = found(calibrated("sum", inputs_measured, y, R"(, "constants": ["s.a"], "noise": 0.001)"));
  EXPECT_NEAR(f.number(0, "value"), 1.3, 0.01);
}

TEST(Calibrate, WithoutConstantsFindsOneFactor) {
  auto y = sums(1, 1);
  for (double& v : y) v *= 1.2;
  const Found f = found(calibrated("sum", inputs_measured, y, R"(, "noise": 0.001)"));
  EXPECT_EQ(f.text(0, "constant"), "common factor");
  EXPECT_NEAR(f.number(0, "value"), 1.2, 1e-4);
  EXPECT_TRUE(f.notes("10 rows: mean error 16.7 % before, "));
  EXPECT_TRUE(f.notes("each row left out in turn: mean error"));
}

TEST(Calibrate, SaysWhatRowsCannotTellApart) {
  const Found f = found(calibrated("sum", inputs_measured, sums(1.2, 1.1), R"(, "constants": ["s.a", "s.b"], "noise": 0.001)"));
  EXPECT_TRUE(f.notes("correlation"));
  EXPECT_NEAR(f.number(0, "value") + 2 * f.number(1, "value"), 1.2 + 2.2, 1e-3);
}

TEST(Calibrate, RefusesWhatCannotBeFitted) {
  const auto why = [](const std::string& json) { return refused([&] { (void)found(json); }); };
  EXPECT_NE(why(calibrated("sum", {1}, {4}, R"(, "constants": ["s.a"])")).find("1 row cannot fit 1 constants"),
            std::string::npos);
  EXPECT_NE(why(calibrated("sum", {1}, {4}, "")).find("1 row cannot fit 1 common factor"), std::string::npos);
  EXPECT_NE(why(calibrated("sum", {1, 1}, {4, 12}, R"(, "constants": ["s.a"])")).find("measured rows 1 and 2 are one question"),
            std::string::npos);
  EXPECT_NE(why(calibrated("sum", {1, 2}, {4, -5}, R"(, "constants": ["s.a"])")).find("measured row 2: '-5' is no positive number"),
            std::string::npos);
  EXPECT_NE(why(calibrated("kinked", {1, 2}, {4, 5}, R"(, "constants": ["s.b"], "spread": 0)")).find("must be above 0"),
            std::string::npos);
  const std::string flat = analytic("kinked", R"("a": 9, "b": 1)",
                                    R"("use": "calibrate", "predicts": "s.y", "observed": ["11", "12"], "constants": ["s.b"])",
                                    R"([{"s.c": [1, 2]}])");
  EXPECT_NE(why(flat).find("moves no measured row"), std::string::npos);
  const std::string no_rows = analytic("sum", "", R"("use": "calibrate", "predicts": "s.y", "observed": ["11", "12"])", "[]");
  EXPECT_NE(why(no_rows).find("axes must be the measured rows"), std::string::npos);
}

TEST(Calibrate, GivesTheBandOfRowsLeftOutInTurn) {
  auto y = sums(1, 1);
  for (std::size_t r = 0; r < y.size(); ++r) y[r] *= r % 2 == 0 ? 1.1 : 0.9;
  const Found f = found(calibrated("sum", inputs_measured, y, ""));
  EXPECT_LT(f.number(0, "band_low"), -0.05);
  EXPECT_GT(f.number(0, "band_high"), 0.05);
  const Found few = found(calibrated("sum", {1, 2}, {4.1, 5}, ""));
  EXPECT_TRUE(std::isnan(few.number(0, "band_low")));
  EXPECT_TRUE(few.notes("no band of so few"));
}

/// An iteration of an engine, measured as `factor` times what it is predicted to take.
std::string of_iteration(double factor, const std::string& options, const std::string& stack = R"(, "software_stack": "vllm")") {
  const std::string stage = R"({"solver": "iteration", "workload": "Llama3_8B", "hardware": "H100")" + stack + "}";
  std::vector<double> times;
  for (const int n : {1, 8, 32, 64}) {
    auto config = host::Config::parse(R"({"version": 1, "stages": {"i": )" + stage + "}}", "my.json");
    config.set("i.decoding_sequences", std::to_string(n), "--set");
    const auto p = session().compile(config);
    times.push_back(factor * host::output_of(p, host::answer(p), "i.iteration_time"));
  }
  return R"({"version": 1, "stages": {"i": )" + stage + R"(}, "axes": [{"i.decoding_sequences": [1, 8, 32, 64]}],
    "study": {"use": "calibrate", "predicts": "i.iteration_time", "noise": 0.001, "observed": )" +
         list_of(times, true) + options + "}}";
}

TEST(Calibrate, TheCommonFactorOfAnEstimateIsAConstantOfItsSolver) {
  const Found f = found(of_iteration(1.2, ""));
  EXPECT_EQ(f.text(0, "constant"), "time_factor");
  EXPECT_EQ(f.number(0, "prior"), 1);
  EXPECT_NEAR(f.number(0, "value"), 1.2, 1e-3);
}

TEST(Calibrate, StartsFromWhatARecordSays) {
  const Found f = found(of_iteration(1, R"(, "constants": ["i.layer_latency"])"));
  EXPECT_NEAR(f.number(0, "prior"), 5.6e-6, 1e-9) << "the law's own, where the stack says none";
  EXPECT_NEAR(f.number(0, "value"), f.number(0, "prior"), 1e-9);
  const Found own = found(of_iteration(1, R"(, "constants": ["i.layer_latency"])",
                                       R"(, "software_stack": {"based_on": "vllm", "layer_latency": "20 us"})"));
  EXPECT_NEAR(own.number(0, "prior"), 20e-6, 1e-12);
}

TEST(Calibrate, AConstantThatIsNothingToStartFromIsRefused) {
  EXPECT_NE(refused([] {
              (void)found(of_iteration(1, R"(, "constants": ["i.expert_layer_latency"])"));
            }).find("i.expert_layer_latency starts from 0, not above 0"),
            std::string::npos);
  EXPECT_NE(refused([] { (void)found(of_iteration(1, R"(, "constants": ["i.link_domain"])")); }).find("i.link_domain"),
            std::string::npos);
}

}  // namespace
}  // namespace ironlaw::studies_test
