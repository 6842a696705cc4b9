#include <gtest/gtest.h>

#include "../../plugins/hardware/facts.hpp"
#include "made_object.hpp"

namespace {
using namespace ironlaw;
using namespace ironlaw::hardware;
using namespace ironlaw::testing;

const Power kilowatt = 1000.0 * units::watt;

/// What a kind says to these fields.
template <class K>
std::string refused(const ironlaw::testing::Fields& fields) {
  return refusal<DomainError>([&] { MadeObject<typename K::Interface>(kind_adapter<K>, fields, "X"); });
}
template <class K>
bool out_of_range(const Field& field) {
  try {
    MadeObject<typename K::Interface>(kind_adapter<K>, {field});
  } catch (const std::logic_error&) {
    return true;
  }
  return false;
}

TEST(Facts, AnEntryWithoutANumberIsRefused) {
  EXPECT_EQ(refused<CoolingKind>({}), "X: states no number; allowed: at least one of pue, wue");
  EXPECT_EQ(refused<PodKind>({}), "X: states no number; allowed: at least one of chips, memory, power");
  EXPECT_EQ(refused<SwitchFabricKind>({}), "X: states no number; allowed: at least one of latency, bandwidth, power, ports");
  EXPECT_EQ(refused<NetworkEnergyKind>({}), "X: states no number; allowed: at least one of energy");
  EXPECT_EQ(refused<CapacityKind>({}), "X: states no number; allowed: at least one of lead_time, power");
  EXPECT_NE(refused<ComponentReliabilityKind>({}), "");
  EXPECT_NE(refused<DeploymentTierKind>({}), "");
  EXPECT_NE(refused<PriceKind>({}), "");
  EXPECT_NE(refused<DatasetKind>({}), "");
  EXPECT_NE(refused<RackKind>({{"cooling", "air"}}), "");  // a choice is no number
}

TEST(Rack, HoldsItsParts) {
  const ironlaw::testing::Fields fields{
      {"nodes", 4}, {"power", 30.0 * kilowatt}, {"host_power", 10.0 * kilowatt}, {"cooling_power", 20.0 * kilowatt}};
  const MadeObject<Rack> rack(kind_adapter<RackKind>, with(fields, {{"cooling", "liquid"}}), "R");
  EXPECT_EQ(rack->name(), "R");
  EXPECT_EQ(*rack->power, 30.0 * kilowatt);
  EXPECT_EQ(*rack->cooling_power, 20.0 * kilowatt);
  EXPECT_EQ(*rack->cooling, RackCooling::liquid);
  EXPECT_EQ(rack->node, nullptr);
  EXPECT_FALSE(rack->switch_power);
  EXPECT_EQ(refused<RackKind>(with(fields, {{"network_power", 1.0 * kilowatt}})),
            "power: is less than its parts together; allowed: at least their sum");
}

TEST(Pod, StatesItsChips) {
  const MadeObject<Pod> pod(kind_adapter<PodKind>, {{"chips", 4096}});
  EXPECT_EQ(*pod->chips, 4096);
  EXPECT_FALSE(pod->memory || pod->power);
  EXPECT_TRUE(out_of_range<PodKind>({"chips", 0.0}));
}

TEST(ComponentReliability, StatesHowOftenItFails) {
  const MadeObject<ComponentReliability> part(kind_adapter<ComponentReliabilityKind>,
                                              {{"mttf", 50000.0 * units::hour}, {"silent_corruption_rate", 1e-6 / units::hour}});
  EXPECT_EQ(*part->mttf, 50000.0 * units::hour);
  EXPECT_EQ(*part->silent_corruption_rate, 1e-6 / units::hour);
  EXPECT_FALSE(part->recovery_time);
  EXPECT_TRUE(out_of_range<ComponentReliabilityKind>({"mttf", 0.0 * units::hour}));
}

TEST(SwitchFabric, StatesWhatOnePartDoes) {
  const MadeObject<SwitchFabric> chip(kind_adapter<SwitchFabricKind>, {{"bandwidth", 6.4e12 * units::byte_per_second}});
  EXPECT_EQ(*chip->bandwidth, 6.4e12 * units::byte_per_second);
  EXPECT_FALSE(chip->latency || chip->power || chip->ports);
  EXPECT_TRUE(out_of_range<SwitchFabricKind>({"latency", -1.0 * units::second}));
}

TEST(NetworkEnergy, IsOverData) {
  const MadeObject<NetworkEnergy> link(kind_adapter<NetworkEnergyKind>, {{"energy", 6e-11 * units::joule / units::byte}});
  EXPECT_EQ(*link->energy, 6e-11 * units::joule / units::byte);
  EXPECT_TRUE(out_of_range<NetworkEnergyKind>({"energy", -1.0 * units::joule / units::byte}));
}

TEST(DeploymentTier, RangesAreInOrder) {
  const ironlaw::testing::Fields fields{{"latency_low", 0.01 * units::second}, {"latency_high", 0.1 * units::second}};
  const MadeObject<DeploymentTier> tier(kind_adapter<DeploymentTierKind>, fields);
  EXPECT_EQ(*tier->latency_low, 0.01 * units::second);
  EXPECT_EQ(*tier->latency_high, 0.1 * units::second);
  EXPECT_EQ(refused<DeploymentTierKind>(with(fields, {{"latency_low", 1.0 * units::second}})),
            "latency_low: is above latency_high; allowed: at most latency_high");
}

TEST(Cooling, StatesItsEffectiveness) {
  const MadeObject<Cooling> air(kind_adapter<CoolingKind>, {{"pue", 1.12}});
  EXPECT_EQ(*air->pue, 1.12);
  EXPECT_FALSE(air->wue);
  EXPECT_TRUE(out_of_range<CoolingKind>({"pue", 0.9}));
}

TEST(Capacity, StatesHowLongItTakes) {
  const MadeObject<Capacity> substation(kind_adapter<CapacityKind>, {{"lead_time", 2.0 * units::year}});
  EXPECT_EQ(*substation->lead_time, 2.0 * units::year);
  EXPECT_TRUE(out_of_range<CapacityKind>({"lead_time", 0.0 * units::year}));
}

TEST(Price, IsOneNumber) {
  const MadeObject<Price> rent(kind_adapter<PriceKind>, {{"rental", 2.0 * units::dollar / units::hour}});
  EXPECT_EQ(*rent->rental, 2.0 * units::dollar / units::hour);
  const MadeObject<Price> reads(kind_adapter<PriceKind>, {{"money", 0.0004 * units::dollar}, {"items", 1000}});
  EXPECT_EQ(*reads->money, 0.0004 * units::dollar);
  EXPECT_EQ(*reads->items, 1000);
  EXPECT_EQ(refused<PriceKind>({{"money", units::dollar}, {"ratio", 0.5}}),
            "price: states more than one number; allowed: one, and items beside money");
  EXPECT_EQ(refused<PriceKind>({{"items", 1000}}), "items: counts what money pays for; allowed: beside money only");
}

TEST(Dataset, StatesItsExamples) {
  const MadeObject<Dataset> images(kind_adapter<DatasetKind>, {{"training_examples", 60000}, {"image_width", 28}});
  EXPECT_EQ(*images->training_examples, 60000);
  EXPECT_EQ(*images->image_width, 28);
  EXPECT_FALSE(images->tokens);
  EXPECT_TRUE(out_of_range<DatasetKind>({"classes", 0.0}));
}

}  // namespace
