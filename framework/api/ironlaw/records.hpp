#pragma once
// Plain records: facts about what surrounds a device, as solvers read them.
#include <ironlaw/hardware.hpp>

namespace ironlaw {

/// Several accelerators behind one host and one internal link.
class IRONLAW_API Node : public Object {
 public:
  static constexpr std::string_view interface = "node";
  using Object::Object;
  ~Node() override;
  const Hardware* accelerator = nullptr;
  double accelerators = 1;
  Bandwidth link_bandwidth{};  ///< between accelerators of the node, one way
  Maybe<double> nics;          ///< network cards
  Maybe<double> power_supplies;
  Maybe<double> spare_power_supplies;  ///< that may fail before the node does
  Maybe<Power> host_power;             ///< everything in the node but its accelerators
};

/// The network between nodes.
class IRONLAW_API Fabric : public Object {
 public:
  static constexpr std::string_view interface = "fabric";
  using Object::Object;
  ~Fabric() override;
  Bandwidth link_bandwidth{};   ///< per accelerator, one way
  double oversubscription = 1;  ///< edge capacity over core capacity
  Time latency{};
};

/// Electricity of a region.
class IRONLAW_API Grid : public Object {
 public:
  static constexpr std::string_view interface = "grid";
  using Object::Object;
  ~Grid() override;
  CarbonIntensity carbon_intensity{};  ///< yearly average, location based
  Maybe<EnergyPrice> electricity_price;
  Maybe<WaterIntensity> water_intensity;  ///< of generation, off site
  Maybe<double> typical_pue;              ///< of facilities in the region, where no facility is known
  Maybe<WaterIntensity> typical_wue;      ///< likewise: water on site over IT energy
  Maybe<double> renewable_share;          ///< of generation
};

/// A facility on a grid.
class IRONLAW_API Datacenter : public Object {
 public:
  static constexpr std::string_view interface = "datacenter";
  using Object::Object;
  ~Datacenter() override;
  const Grid* grid = nullptr;
  Maybe<double> pue;          ///< power usage effectiveness; absent: the grid's typical one
  Maybe<WaterIntensity> wue;  ///< water usage effectiveness: water on site over IT energy; absent: the grid's typical one
  Maybe<EnergyPrice> electricity_price;  ///< what this site pays; absent: the grid's price
};

/// Where data and checkpoints live.
class IRONLAW_API StorageSystem : public Object {
 public:
  static constexpr std::string_view interface = "storage";
  using Object::Object;
  ~StorageSystem() override;
  Bandwidth bandwidth{};             ///< read
  Maybe<Bandwidth> write_bandwidth;  ///< absent: as read
  Maybe<Information> capacity;
  Maybe<Time> latency;
};

/// Nodes on a fabric. A single machine is a fleet of one node without a fabric.
class IRONLAW_API Fleet : public Object {
 public:
  static constexpr std::string_view interface = "fleet";
  using Object::Object;
  ~Fleet() override;
  const Node* node = nullptr;
  const Fabric* fabric = nullptr;  ///< null: one node alone
  double nodes = 1;
  const Datacenter* datacenter = nullptr;  ///< null: not said
  [[nodiscard]] double accelerators() const { return nodes * node->accelerators; }
};

}  // namespace ironlaw
