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

TEST(@Name@, TwoOperationsAParameterAndSample) {
  const auto model = @Name@::make({.parameters = 1e9, .layers = 24, .activation_elements = {}}, "made here");
  const auto demand = model.demand({.batch = 3});
  EXPECT_DOUBLE_EQ(in(demand.linear, ironlaw::units::flop), 6e9);
  EXPECT_THROW(static_cast<void>(model.demand({.phase = ironlaw::Phase::decode})), ironlaw::Unsupported);
}

}  // namespace
