#include "@name@.hpp"

#include <gtest/gtest.h>

#include <ironlaw/host/session.hpp>
#include <ironlaw/host/study.hpp>

namespace host = ironlaw::host;

namespace {

host::SessionOptions with_plugin() {
  host::SessionOptions options;
  options.plugins.files = {PLUGIN};
  return options;
}

/// Keeps the last cell of each row of the study's table.
class Table final : public host::StudySink, private host::RowSink {
 public:
  std::vector<double> goals;

 private:
  host::RowSink& table(const std::vector<host::ResultColumn>&) override { return *this; }
  void rows(const host::ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r) goals.push_back(rows.columns.back()[r].number);
  }
  void finish(const host::RunSummary&) override {}
};

TEST(@Name@, FindsTheSameRowForTheSameSeed) {
  host::Session session(with_plugin());
  const auto pipeline = session.compile(host::Config::read(CONFIG));
  Table first;
  Table again;
  EXPECT_EQ(host::run_study(pipeline, first).rows, 200u);
  host::run_study(pipeline, again);
  ASSERT_EQ(first.goals.size(), 1u);
  EXPECT_GT(first.goals.front(), 10000);
  EXPECT_EQ(first.goals, again.goals);
}

}  // namespace
