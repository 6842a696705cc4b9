#include <gtest/gtest.h>

#include <cmath>

#include "../../plugins/hardware/accelerator.hpp"
#include "../../plugins/hardware/sites.hpp"
#include "../../plugins/hardware/systems.hpp"
#include "made_object.hpp"

namespace {
using namespace ironlaw;
using namespace ironlaw::hardware;
using namespace ironlaw::testing;

const CarbonIntensity gram = 1e-3 * units::kilogram_co2e / units::kilowatt_hour;
const EnergyPrice cent = 0.01 * units::dollar / units::kilowatt_hour;
const WaterIntensity litre = 1e-3 * units::meter * units::meter * units::meter / units::kilowatt_hour;
constexpr auto rate = [](double n) { return n * units::byte_per_second; };

TEST(Grid, StatesWhatItWasGiven) {
  const MadeObject<Grid> grid(kind_adapter<GridKind>,
                              {{"carbon_intensity", 369.0 * gram},
                               {"electricity_price", 8.0 * cent},
                               {"water_intensity", 2.0 * litre},
                               {"typical_pue", 1.2},
                               {"typical_wue", 0.3 * litre},
                               {"renewable_share", 0.2}},
                              "US");
  EXPECT_EQ(grid->name(), "US");
  EXPECT_EQ(grid->carbon_intensity, 369.0 * gram);
  EXPECT_EQ(*grid->electricity_price, 8.0 * cent);
  EXPECT_EQ(*grid->water_intensity, 2.0 * litre);
  EXPECT_EQ(*grid->typical_pue, 1.2);
  EXPECT_EQ(*grid->typical_wue, 0.3 * litre);
  EXPECT_EQ(*grid->renewable_share, 0.2);
}
TEST(Grid, NeedsItsCarbonIntensityAndNothingElse) {
  EXPECT_THROW(MadeObject<Grid>(kind_adapter<GridKind>, {}), std::logic_error);
  const MadeObject<Grid> grid(kind_adapter<GridKind>, {{"carbon_intensity", 0.0 * gram}});
  EXPECT_FALSE(grid->electricity_price || grid->water_intensity || grid->typical_pue || grid->typical_wue ||
               grid->renewable_share);
}
TEST(Grid, RangesAreThoseOfWhatTheyMeasure) {
  const Fields ci{{"carbon_intensity", gram}};
  EXPECT_THROW(MadeObject<Grid>(kind_adapter<GridKind>, {{"carbon_intensity", -1.0 * gram}}), std::logic_error);
  EXPECT_THROW(MadeObject<Grid>(kind_adapter<GridKind>, with(ci, {{"typical_pue", 0.99}})), std::logic_error);
  EXPECT_THROW(MadeObject<Grid>(kind_adapter<GridKind>, with(ci, {{"typical_wue", -1.0 * litre}})), std::logic_error);
  EXPECT_THROW(MadeObject<Grid>(kind_adapter<GridKind>, with(ci, {{"renewable_share", 1.1}})), std::logic_error);
}

TEST(Datacenter, StandsOnAGrid) {
  const MadeObject<Grid> grid(kind_adapter<GridKind>, {{"carbon_intensity", gram}}, "G");
  const MadeObject<Datacenter> bare(kind_adapter<DatacenterKind>, {{"grid", grid.get()}});
  EXPECT_EQ(bare->grid, grid.get());
  EXPECT_FALSE(bare->pue || bare->wue || bare->electricity_price);
  const MadeObject<Datacenter> full(
      kind_adapter<DatacenterKind>,
      {{"grid", grid.get()}, {"pue", 1.1}, {"wue", 0.3 * litre}, {"electricity_price", 5.0 * cent}});
  EXPECT_EQ(*full->pue, 1.1);
  EXPECT_EQ(*full->wue, 0.3 * litre);
  EXPECT_EQ(*full->electricity_price, 5.0 * cent);
  EXPECT_THROW(MadeObject<Datacenter>(kind_adapter<DatacenterKind>, {{"grid", grid.get()}, {"pue", 0.0}}), std::logic_error);
}

TEST(StorageSystem, WritesAsItReadsUnlessSaid) {
  const MadeObject<StorageSystem> plain(kind_adapter<StorageKind>, {{"bandwidth", rate(7e9)}});
  EXPECT_EQ(plain->bandwidth, rate(7e9));
  EXPECT_FALSE(plain->write_bandwidth || plain->capacity || plain->latency);
  const MadeObject<StorageSystem> full(kind_adapter<StorageKind>, {{"bandwidth", rate(7e9)},
                                                                   {"write_bandwidth", rate(4e9)},
                                                                   {"capacity", 7.68e12 * units::byte},
                                                                   {"latency", 1e-4 * units::second}});
  EXPECT_EQ(*full->write_bandwidth, rate(4e9));
  EXPECT_EQ(*full->capacity, 7.68e12 * units::byte);
  EXPECT_EQ(*full->latency, 1e-4 * units::second);
  EXPECT_THROW(MadeObject<StorageSystem>(kind_adapter<StorageKind>, {{"bandwidth", rate(0)}}), std::logic_error);
}

const Fields device_fields{{"peak_rate.fp16", 989e12 * units::flop_per_second},
                           {"memory_capacity", 8e10 * units::byte},
                           {"memory_bandwidth", rate(3e12)},
                           {"device_link", rate(450e9)}};

TEST(NodeParts, AreKnownWhereGiven) {
  const MadeObject<Hardware> device(kind_adapter<Accelerator>, device_fields, "H100");
  const Fields fields{{"accelerator", device.get()}, {"accelerators", 8}, {"link_bandwidth", rate(450e9)}};
  const MadeObject<Node> bare(kind_adapter<NodeKind>, fields);
  EXPECT_FALSE(bare->nics || bare->power_supplies || bare->spare_power_supplies || bare->host_power);
  const MadeObject<Node> node(
      kind_adapter<NodeKind>,
      with(fields, {{"nics", 8}, {"power_supplies", 6}, {"spare_power_supplies", 2}, {"host_power", 4600.0 * units::watt}}));
  EXPECT_EQ(*node->nics, 8);
  EXPECT_EQ(*node->power_supplies, 6);
  EXPECT_EQ(*node->spare_power_supplies, 2);
  EXPECT_EQ(*node->host_power, 4600.0 * units::watt);
  EXPECT_EQ(refusal<DomainError>([&] {
              MadeObject<Node>(kind_adapter<NodeKind>, with(fields, {{"power_supplies", 2}, {"spare_power_supplies", 2}}));
            }),
            "spare_power_supplies: leaves no supply that works; allowed: fewer than power_supplies");
}

TEST(FleetPlace, ClusterAndServerMayNameTheirDatacenter) {
  const MadeObject<Hardware> device(kind_adapter<Accelerator>, device_fields, "H100");
  const MadeObject<Grid> grid(kind_adapter<GridKind>, {{"carbon_intensity", gram}});
  const MadeObject<Datacenter> place(kind_adapter<DatacenterKind>, {{"grid", grid.get()}});
  const MadeObject<Node> node(kind_adapter<NodeKind>,
                              {{"accelerator", device.get()}, {"accelerators", 8}, {"link_bandwidth", rate(450e9)}});
  const MadeObject<Fleet> cluster(kind_adapter<Cluster>, {{"node", node.get()}, {"nodes", 1}, {"datacenter", place.get()}});
  const MadeObject<Fleet> server(kind_adapter<Server>,
                                 {{"accelerator", device.get()}, {"count", 4}, {"datacenter", place.get()}});
  EXPECT_EQ(cluster->datacenter, place.get());
  EXPECT_EQ(server->datacenter, place.get());
  const MadeObject<Fleet> nowhere(kind_adapter<Server>, {{"accelerator", device.get()}});
  EXPECT_EQ(nowhere->datacenter, nullptr);
}

}  // namespace
