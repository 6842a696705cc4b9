#include "@name@.hpp"

#include <gtest/gtest.h>

#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

namespace host = ironlaw::host;

namespace {

host::SessionOptions with_plugin() {
  host::SessionOptions options;
  options.plugins.files = {PLUGIN};
  return options;
}

class Ignore final : public host::RowSink {
  void rows(const host::ResultRows&) override {}
};

TEST(@Name@, SeesEveryRow) {
  host::Session session(with_plugin());
  const auto pipeline = session.compile(host::Config::read(CONFIG));
  Ignore sink;
  testing::internal::CaptureStderr();
  const auto summary = host::run(pipeline, sink);
  EXPECT_EQ(summary.ok, 9u);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "@name@: node answered 9 of 9 rows\n");
}

}  // namespace
