// Two designs side by side.
#include "study_fixture.hpp"

namespace ironlaw::studies_test {
namespace {

Found compared(const std::string& solver, const std::string& ports, const std::string& with, const std::string& options = {}) {
  return found(analytic(solver, ports, R"("use": "compare", "with": )" + with + options));
}

TEST(Compare, EachChangedInputAloneAndWhatItCarries) {
  const Found f = compared("sum", R"("a": 1, "b": 2, "c": 3)", R"({"a": 4, "b": 5})");
  const auto a = f.row("what", "input", "name", "a");
  EXPECT_EQ(f.text(a, "before"), "1");
  EXPECT_EQ(f.text(a, "after"), "4");
  EXPECT_EQ(f.number(a, "change"), 3);
  const auto y = f.row("what", "output", "name", "y");
  EXPECT_EQ(f.text(y, "before"), "8");
  EXPECT_EQ(f.text(y, "after"), "17");
  EXPECT_NEAR(f.number(f.row("what", "cause", "name", "a"), "share"), 3.0 / 9, 1e-15);
  EXPECT_NEAR(f.number(f.row("what", "cause", "name", "b"), "share"), 6.0 / 9, 1e-15);
}

TEST(Compare, PartsAddUpToWhatTheyAreOf) {
  const Found f = compared("partly", R"("a": 2)", R"({"a": 3, "fixed": "5 s", "count": 2})", R"(, "outputs": "total")");
  double share = 0;
  for (const char* part : {"work", "fixed"}) {
    const auto row = f.row("what", "part", "name", part);
    EXPECT_EQ(f.text(row, "of"), "total");
    share += f.number(row, "share");
  }
  EXPECT_NEAR(share, 1, 1e-14);
  EXPECT_NEAR(f.number(f.row("what", "part", "name", "work"), "share"), 4.0 / 8, 1e-14);
}

TEST(Compare, WherePartsDoNotAddUpTheLimitsNameThem) {
  // From bound by memory to bound by arithmetic: a maximum is no sum.
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}},
      "study": {"use": "compare", "with": {"s.batch_size": 4096}, "outputs": "latency"}})");
  (void)f.row("what", "part", "name", "compute_time");
  (void)f.row("what", "part", "name", "memory_time");
}

TEST(Compare, ADeviceForAnother) {
  const Found f = found(R"({"version": 1, "inputs": {"device": "A100"}, "stages": {
        "s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "$device"}},
      "study": {"use": "compare", "with": [{"device": "H100"}, {"device": "H200"}]}})");
  EXPECT_EQ(f.text(0, "name"), "device");
  EXPECT_EQ(f.text(0, "before"), "A100");
  EXPECT_EQ(f.text(0, "after"), "H100");
  EXPECT_EQ(f.number(f.cells.size() - 1, "design"), 2);
  EXPECT_GT(f.number(f.row("what", "part", "name", "memory_time"), "share"), 0.99);
}

TEST(Compare, AnotherFileAndWhatOnlyOneHas) {
  const host::OwnFolder folder;
  folder.write("other.json",
               R"({"version": 1, "stages": {"s": {"solver": "analytic_sum", "a": 5}, "t": {"solver": "analytic_product"}}})");
  const auto file = folder.write("this.json", R"({"version": 1, "stages": {"s": {"solver": "analytic_sum"}},
      "study": {"use": "compare", "with": "other.json"}})");
  const Found f = found(session().compile(host::Config::read(file)));
  EXPECT_EQ(f.text(f.row("what", "input", "name", "a"), "after"), "5");
  EXPECT_EQ(f.text(f.row("what", "input", "name", "t.a"), "before"), "not there");
}

TEST(Compare, ValuesAreThereInSiToo) {
  const Found f = compared("partly", R"("a": 2)", R"({"a": 3, "fixed": "5 s", "count": 2})", R"(, "outputs": "total")");
  const auto fixed = f.row("what", "input", "name", "fixed");
  EXPECT_EQ(f.text(fixed, "after"), "5 s");
  EXPECT_EQ(f.number(fixed, "after_value"), 5);
  EXPECT_EQ(f.text(fixed, "unit"), "s");
  const auto a = f.row("what", "input", "name", "a");
  EXPECT_EQ(f.number(a, "before_value"), 2);
  EXPECT_EQ(f.text(a, "unit"), "");
  const Found devices = found(R"({"version": 1, "inputs": {"device": "A100"}, "stages": {
        "s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "$device"}},
      "study": {"use": "compare", "with": {"device": "H100"}}})");
  EXPECT_TRUE(std::isnan(devices.number(devices.row("what", "input", "name", "device"), "before_value")));
}

TEST(Compare, DesignsThatDoNotFitSaySo) {
  const auto of = [](const std::string& device, const std::string& other) {
    return found(R"({"version": 1, "inputs": {"device": ")" + device + R"("}, "stages": {
        "s": {"solver": "single_node", "workload": "Llama3_70B", "hardware": "$device"}},
      "study": {"use": "compare", "with": {"device": ")" +
                 other + R"("}}})");
  };
  const Found both = of("T4", "A100");
  ASSERT_FALSE(both.status.empty());
  for (const RowStatus status : both.status) EXPECT_EQ(status, RowStatus::infeasible);
  EXPECT_EQ(both.summary.exit_status(), 2);
  EXPECT_TRUE(both.notes("the first design is infeasible"));
  EXPECT_TRUE(both.notes("design 1 is infeasible"));
  EXPECT_EQ(of("MI300X", "B200").summary.exit_status(), 0);
}

TEST(Compare, AReplacedFieldShowsWhatItReplaces) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}},
      "study": {"use": "compare", "outputs": "latency", "with": {"hardware.memory_bandwidth": "6.7 TB/s"}}})");
  const auto row = f.row("what", "input", "name", "hardware.memory_bandwidth");
  EXPECT_EQ(f.number(row, "before_value"), 3.35e12);
  EXPECT_NEAR(f.number(row, "change"), 1, 1e-12);
}

TEST(Compare, EqualDesignsDoNotDiffer) {
  const Found f = compared("sum", R"("a": 1)", R"({"a": 1})");
  EXPECT_EQ(f.cells.size(), 0u);
  EXPECT_EQ(f.summary.exit_status(), 0);
}

TEST(Compare, Refusals) {
  EXPECT_NE(refused([] { (void)found(analytic("sum", "", R"("use": "compare")")); }).find("needs a second design"),
            std::string::npos);
  EXPECT_NE(refused([] { (void)compared("sum", "", R"("nowhere.json")"); }).find("no file"), std::string::npos);
  EXPECT_NE(refused([] { (void)compared("sum", "", R"({"d": 3})"); }).find("/study/with/d: analytic_sum has no input 'd'"),
            std::string::npos);
  EXPECT_NE(refused([] { (void)compared("sum", "", R"(3)"); }).find("takes a file, or an object of other values"),
            std::string::npos);
  EXPECT_NE(refused([] { (void)compared("cliff", "", R"({"a": -1})"); }).find("/study/with/a: a = -1 is not allowed"),
            std::string::npos);
}

}  // namespace
}  // namespace ironlaw::studies_test
