#include "@name@.hpp"

#include <gtest/gtest.h>

#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <vector>

namespace host = ironlaw::host;

namespace {

host::SessionOptions with_plugin() {
  host::SessionOptions options;
  options.plugins.files = {PLUGIN};
  return options;
}

/// The columns of the report: what was used, what was asked, the latency.
class Rows final : public host::RowSink {
 public:
  std::vector<std::vector<double>> cells;

 private:
  void rows(const host::ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r) {
      auto& row = cells.emplace_back();
      for (const auto& column : rows.columns) row.push_back(column[r].number);
    }
  }
};

TEST(@Name@, LowersWhatIsAskedAndSaysSo) {
  host::Session session(with_plugin());
  const auto pipeline = session.compile(host::Config::read(CONFIG));
  ASSERT_EQ(pipeline.columns().size(), 3u);
  EXPECT_EQ(pipeline.columns()[1].name, "node.batch_size_asked");
  Rows rows;
  host::run(pipeline, rows);
  ASSERT_EQ(rows.cells.size(), 9u);
  EXPECT_EQ(rows.cells[8][0], 64);
  EXPECT_EQ(rows.cells[8][1], 256);
  EXPECT_EQ(rows.cells[8][2], rows.cells[6][2]);  // the latency of 64
}

}  // namespace
