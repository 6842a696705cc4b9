#pragma once
// Records of how devices are put together: a node, the fabric between nodes, a fleet of nodes.
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>

#include <limits>
#include <string>

namespace ironlaw::hardware {

namespace detail {

/// The link between devices of one machine: what is given, else the device's own, else that to its host, through which they reach
/// one another. Throws MissingData for several devices of which none is known.
inline Bandwidth link_between(const Hardware& device, const Maybe<Bandwidth>& given, double devices, const char* what_to_do) {
  if (given) return *given;
  const auto* own = device.facet<DeviceLink>();
  if (own != nullptr && own->bandwidth) return *own->bandwidth;
  if (const auto host = device.host_link()) return *host;
  if (devices > 1) throw MissingData(device.name(), "device_link", what_to_do);
  return std::numeric_limits<double>::infinity() * units::byte_per_second;  // one device alone: no link bounds anything
}

}  // namespace detail

/// Several accelerators behind one host.
struct NodeKind {
  static constexpr auto about = Kind::About{"node", "accelerators behind one host and one internal link"};
  using Interface = Node;

  struct Fields {
    const Hardware* accelerator = nullptr;
    int accelerators = required;
    Maybe<Bandwidth> link_bandwidth;
    Maybe<double> nics;
    Maybe<double> power_supplies;
    Maybe<double> spare_power_supplies;
    Maybe<Power> host_power;
  };
  static constexpr auto fields =
      ports(port<&Fields::accelerator>("the device that the node holds"),
            port<&Fields::accelerators>("devices in the node", at_least_one),
            port<&Fields::link_bandwidth>("link between them, one way; the device's own if left out, or else that to its host",
                                          positive)
                .display("GB/s"),
            port<&Fields::nics>("network cards", non_negative).whole(),
            port<&Fields::power_supplies>("power supplies, spare ones too", at_least_one).whole(),
            port<&Fields::spare_power_supplies>("power supplies that may fail before the node does", non_negative).whole(),
            port<&Fields::host_power>("design power of everything in the node but its devices", non_negative).display("kW"));

  struct Made final : Node {
    Made(const Fields& f, std::string_view name) : Node(name) {
      if (f.spare_power_supplies && *f.spare_power_supplies > 0 && !(*f.spare_power_supplies < f.power_supplies.value_or(0)))
        throw DomainError("spare_power_supplies", "leaves no supply that works; allowed: fewer than power_supplies");
      accelerator = f.accelerator;
      accelerators = f.accelerators;
      link_bandwidth = detail::link_between(*f.accelerator, f.link_bandwidth, f.accelerators, "give the node a link_bandwidth");
      nics = f.nics;
      power_supplies = f.power_supplies;
      spare_power_supplies = f.spare_power_supplies;
      host_power = f.host_power;
    }
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

/// The network between nodes.
struct FabricKind {
  static constexpr auto about = Kind::About{"fabric", "network between nodes"};
  using Interface = Fabric;

  struct Fields {
    Bandwidth link_bandwidth = required;
    double oversubscription = 1;
    Time latency = 5.0 * units::microsecond;
  };
  static constexpr auto fields =
      ports(port<&Fields::link_bandwidth>("link of one accelerator, one way", positive).display("GB/s"),
            port<&Fields::oversubscription>("edge capacity over core capacity", at_least_one),
            port<&Fields::latency>("latency from node to node", non_negative).display("us"));

  struct Made final : Fabric {
    Made(const Fields& f, std::string_view name) : Fabric(name) {
      link_bandwidth = f.link_bandwidth;
      oversubscription = f.oversubscription;
      latency = f.latency;
    }
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

/// Equal nodes on a fabric.
struct Cluster {
  static constexpr auto about = Kind::About{"cluster", "equal nodes on a fabric"};
  using Interface = Fleet;

  struct Fields {
    const Node* node = nullptr;
    const Fabric* fabric = nullptr;
    int nodes = required;
    const Datacenter* datacenter = nullptr;
  };
  static constexpr auto fields =
      ports(port<&Fields::node>("what each node is"),
            port<&Fields::fabric>(
                "network between the nodes; left out: what the device states of its network, else a link of 50 GB/s for "
                "each device (InfiniBand NDR), at 5 us")
                .optional(),
            port<&Fields::nodes>("nodes in the cluster", at_least_one), port<&Fields::datacenter>("where it stands").optional());

  struct Made final : Fleet {
    Made(const Fields& f, std::string_view name) : Fleet(name) {
      const auto* platform = f.node->accelerator->facet<KernelPlatform>();
      assumed.link_bandwidth = platform != nullptr && platform->network_bandwidth ? *platform->network_bandwidth : infiniband_ndr;
      assumed.latency = FabricKind::Fields{}.latency;
      node = f.node;
      fabric = f.fabric != nullptr || f.nodes == 1 ? f.fabric : &assumed;
      nodes = f.nodes;
      datacenter = f.datacenter;
    }
    Fabric assumed{"assumed fabric"};
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }

  static constexpr Bandwidth infiniband_ndr = 50e9 * units::byte_per_second;  // 400 Gbit/s
};

/// Short form of a fleet of one node.
struct Server {
  static constexpr auto about = Kind::About{"server", "one machine: a fleet of one node, in short form"};
  using Interface = Fleet;

  struct Fields {
    const Hardware* accelerator = nullptr;
    int count = 1;
    Maybe<Bandwidth> link_bandwidth;
    const Datacenter* datacenter = nullptr;
  };
  static constexpr auto fields =
      ports(port<&Fields::accelerator>("the device that the machine holds"),
            port<&Fields::count>("devices in the machine", at_least_one),
            port<&Fields::link_bandwidth>(
                "link between them, one way; the device's own link if left out, or else that to its host", positive)
                .display("GB/s"),
            port<&Fields::datacenter>("where it stands").optional());

  /// Holds the node that it points to.
  struct Made final : Fleet {
    Made(const Fields& f, std::string_view name) : Fleet(name), own(name) {
      own.accelerator = f.accelerator;
      own.accelerators = f.count;
      own.link_bandwidth = detail::link_between(*f.accelerator, f.link_bandwidth, f.count, "give the server a link_bandwidth");
      node = &own;
      datacenter = f.datacenter;
    }
    Node own;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::hardware
