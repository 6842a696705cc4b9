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

TEST(@Name@, ItsConfigHasAnAnswer) {
  host::Session session(with_plugin());
  const auto answer = host::answer(session.compile(host::Config::read(CONFIG)));
  EXPECT_EQ(answer.status, ironlaw::RowStatus::ok) << (answer.errors.empty() ? "" : answer.errors.front());
}

TEST(@Name@, HalfTheWidthIsTwiceTheRate) {
  const auto device = @Name@::make({.rate_at_8_bit = 8e14 * ironlaw::units::flop_per_second,
                                    .memory_capacity = 64.0 * ironlaw::units::gibibyte,
                                    .memory_bandwidth = 2e12 * ironlaw::units::byte_per_second,
                                    .tdp = {}},
                                   "made here");
  const auto rate = [&](ironlaw::Precision p) { return in(device.peak_rate(p), ironlaw::units::flop_per_second); };
  EXPECT_DOUBLE_EQ(rate(ironlaw::Precision::int8), 8e14);
  EXPECT_DOUBLE_EQ(rate(ironlaw::Precision::int4), 2 * rate(ironlaw::Precision::int8));
}

}  // namespace
