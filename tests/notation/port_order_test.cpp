// In which order people are shown ports.
#include <ironlaw/notation/port_order.hpp>

#include <gtest/gtest.h>

namespace ironlaw::host {
namespace {

PortInfo port(std::string_view name, PortNeed need, bool required = false) {
  PortInfo info;
  info.name = name;
  info.need = need;
  info.required = required;
  return info;
}

TEST(PortOrder, IsByNeedThenByWhatMustBeGiven) {
  const std::vector<PortInfo> ports{port("setting", PortNeed::parity),        port("efficiency", PortNeed::refinement),
                                    port("batch", PortNeed::question),        port("rate", PortNeed::refinement, true),
                                    port("device", PortNeed::question, true), port("model", PortNeed::question, true)};
  EXPECT_EQ(port_order(ports, false), (std::vector<std::size_t>{4, 5, 2, 3, 1}));
  EXPECT_EQ(port_order(ports, true), (std::vector<std::size_t>{4, 5, 2, 3, 1, 0}));
  EXPECT_EQ(ports_of_need(ports, PortNeed::parity), (std::vector<std::size_t>{0}));
  EXPECT_TRUE(port_order({}, true).empty());
}

}  // namespace
}  // namespace ironlaw::host
