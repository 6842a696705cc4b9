// Arrow streams, as pyarrow reads them.
#include "program.hpp"

namespace ironlaw::test {
namespace {

class Arrow : public Program {
 protected:
  void SetUp() override {
    if (std::system("'" IRONLAW_PYTHON "' -c 'import pyarrow' 2>/dev/null") != 0)
      GTEST_SKIP() << IRONLAW_PYTHON " has no pyarrow; configure with -DIRONLAW_PYTHON=FILE for one that has";
  }
  [[nodiscard]] Outcome compared(const std::string& config) const {
    write("run.json", config);
    return shell("ironlaw run run.json -o t.arrow 2>/dev/null; ironlaw run run.json -o t.csv 2>/dev/null; '" IRONLAW_PYTHON
                 "' '" IRONLAW_READ_ARROW "' t.arrow t.csv");
  }
};

TEST_F(Arrow, HoldsWhatTheCsvHolds) {
  const auto outcome =
      compared(R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}},
    "axes": [{"node.hardware": ["A100", "H100", "A100"]}, {"node.batch_size": {"from": 1, "to": 3000, "steps": 3000}}]})");
  EXPECT_EQ(outcome.text, "9000 bool dictionary double string\n");
}

TEST_F(Arrow, AbsentValuesAreNull) {
  const auto outcome = compared(
      R"({"version": 1, "stages": {"s": {"solver": "faulty_throws"}}, "axes": [{"s.row": {"from": 0, "to": 2999, "steps": 3000}}]})");
  EXPECT_EQ(outcome.text, "3000 dictionary double string\n");
}

TEST_F(Arrow, ATableWithoutRowsHasItsColumns) {
  const auto outcome = compared(
      R"({"version": 1, "stages": {"s": {"solver": "faulty_nan"}}, "axes": [{"s.row": [1, 2]}], "where": ["s.row > 5"]})");
  EXPECT_EQ(outcome.text, "0 dictionary double string\n");
}

TEST_F(Arrow, OneAnswerIsATableOfOneRow) {
  const auto outcome = compared(R"({"version": 1, "stages": {"s": {"solver": "faulty_nan", "row": 4}}})");
  EXPECT_EQ(outcome.text, "1 dictionary double string\n");
}

}  // namespace
}  // namespace ironlaw::test
