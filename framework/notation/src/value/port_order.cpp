#include <ironlaw/notation/port_order.hpp>

#include <algorithm>

namespace ironlaw::host {

std::vector<std::size_t> ports_of_need(std::span<const PortInfo> ports, PortNeed need) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].need == need) order.push_back(i);
  std::stable_partition(order.begin(), order.end(), [&](std::size_t i) { return ports[i].required; });
  return order;
}

std::vector<std::size_t> port_order(std::span<const PortInfo> ports, bool all) {
  std::vector<std::size_t> order = ports_of_need(ports, PortNeed::question);
  const auto add = [&](PortNeed need) {
    const auto more = ports_of_need(ports, need);
    order.insert(order.end(), more.begin(), more.end());
  };
  add(PortNeed::refinement);
  if (all) add(PortNeed::parity);
  return order;
}

}  // namespace ironlaw::host
