#include "@name@.hpp"

#include <boost/pfr/tuple_size.hpp>
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

// A member without a port is never set and never shown. (Boost.PFR counts members of structs that derive from none.)
TEST(@Name@, EveryMemberIsAPort) {
  EXPECT_EQ(boost::pfr::tuple_size_v<@Name@::Inputs>, @Name@::inputs.size());
  EXPECT_EQ(boost::pfr::tuple_size_v<@Name@::Outputs>, @Name@::outputs.size());
}

TEST(@Name@, TwiceTheDataTakesTwiceTheTime) {
  host::Session session(with_plugin());
  const auto* device = static_cast<const ironlaw::Hardware*>(session.zoo().find("hardware", "H100", "test").object);
  const auto once = @Name@::solve({device, 1.0 * ironlaw::units::gigabyte});
  const auto twice = @Name@::solve({device, 2.0 * ironlaw::units::gigabyte});
  EXPECT_DOUBLE_EQ(in(twice.time, ironlaw::units::second), 2 * in(once.time, ironlaw::units::second));
}

}  // namespace
