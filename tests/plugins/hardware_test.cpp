#include <gtest/gtest.h>

#include <cmath>

#include "../../plugins/hardware/accelerator.hpp"
#include "../../plugins/hardware/host_cpu.hpp"
#include "../../plugins/hardware/microcontroller.hpp"
#include "../../plugins/hardware/systems.hpp"
#include "../../plugins/hardware/wafer_scale.hpp"
#include "made_object.hpp"

namespace {
using namespace ironlaw;
using namespace ironlaw::hardware;
using namespace ironlaw::testing;

constexpr auto flops = [](double n) { return n * units::flop_per_second; };
constexpr auto bytes = [](double n) { return n * units::byte; };
constexpr auto rate = [](double n) { return n * units::byte_per_second; };

const Fields h100{{"peak_rate.fp16", flops(989e12)},
                  {"peak_rate.fp8", flops(1979e12)},
                  {"memory_capacity", bytes(85899345920.0)},
                  {"memory_bandwidth", rate(3.35e12)}};
MadeObject<Hardware> accelerator(const Fields& changes = {}) { return {kind_adapter<Accelerator>, with(h100, changes), "H100"}; }

TEST(Accelerator, AnswersFromItsFields) {
  const auto device = accelerator({{"host_link", rate(64e9)},
                                   {"tdp", 700.0 * units::watt},
                                   {"price", 30000.0 * units::dollar},
                                   {"embodied_carbon", 150.0 * units::kilogram_co2e},
                                   {"dispatch_overhead", 5e-6 * units::second}});
  EXPECT_EQ(device->name(), "H100");
  EXPECT_EQ(device->peak_rate(Precision::fp16), flops(989e12));
  EXPECT_EQ(device->peak_rate(Precision::fp8), flops(1979e12));
  EXPECT_EQ(device->memory().capacity, bytes(85899345920.0));
  EXPECT_EQ(device->memory().bandwidth, rate(3.35e12));
  EXPECT_EQ(*device->host_link(), rate(64e9));
  EXPECT_EQ(*device->tdp(), 700.0 * units::watt);
  EXPECT_EQ(*device->price(), 30000.0 * units::dollar);
  EXPECT_EQ(*device->embodied_carbon(), 150.0 * units::kilogram_co2e);
  EXPECT_EQ(device->dispatch_overhead(), 5e-6 * units::second);
}

TEST(Accelerator, DefaultsAndAbsences) {
  const auto device = accelerator();
  EXPECT_EQ(device->dispatch_overhead(), 10.0 * units::microsecond);
  EXPECT_FALSE(device->host_link() || device->tdp() || device->price() || device->embodied_carbon());
  EXPECT_EQ(device->facet<OnChipMemory>(), nullptr);
  EXPECT_EQ(device->facet<Storage>(), nullptr);
  EXPECT_EQ(device->facet<FlashMemory>(), nullptr);
  ASSERT_NE(device->facet<DeviceLink>(), nullptr);
  EXPECT_FALSE(device->facet<DeviceLink>()->bandwidth);
  EXPECT_EQ(device->facet<DeviceLink>()->latency, 0.5 * units::microsecond);
}

TEST(Accelerator, FacetsNeedWhatTheirEquationsRead) {
  EXPECT_EQ(accelerator({{"on_chip_capacity", bytes(5e7)}})->facet<OnChipMemory>(), nullptr);
  EXPECT_EQ(accelerator({{"storage_capacity", bytes(1e12)}})->facet<Storage>(), nullptr);
  const auto device = accelerator({{"on_chip_capacity", bytes(5e7)},
                                   {"on_chip_bandwidth", rate(1e13)},
                                   {"storage_bandwidth", rate(7e9)},
                                   {"device_link", rate(450e9)}});
  EXPECT_EQ(device->facet<OnChipMemory>()->bandwidth, rate(1e13));
  EXPECT_EQ(device->facet<Storage>()->bandwidth, rate(7e9));
  EXPECT_FALSE(device->facet<Storage>()->capacity);
  EXPECT_EQ(*device->facet<DeviceLink>()->bandwidth, rate(450e9));
}

TEST(Accelerator, SumsInSixteenBitsMayBeFaster) {
  const auto card = accelerator({{"fp16_accumulate_rate.fp16", flops(1978e12)}});
  EXPECT_EQ(card->peak_rate(Precision::fp16), flops(989e12));
  EXPECT_EQ(card->peak_rate(Precision::fp16, Accumulation::fp16), flops(1978e12));
  EXPECT_EQ(card->peak_rate(Precision::fp8, Accumulation::fp16), flops(1979e12));
  EXPECT_EQ(refusal<DomainError>([] {
              accelerator({{"fp16_accumulate_rate.fp8", flops(1e12)}});
            }),
            "fp16_accumulate_rate.fp8: is below the rate with 32-bit sums; allowed: peak_rate.fp8 and above");
}

Precision computed(const MadeObject<Hardware>& device, Precision asked) {
  return device->facet<ArithmeticFormats>()->of[static_cast<std::size_t>(asked)];
}
TEST(MissingRate, WidensToAFormatThatIsListed) {
  const auto device = accelerator();
  EXPECT_EQ(device->peak_rate(Precision::fp4), flops(989e12));
  EXPECT_EQ(computed(device, Precision::fp4), Precision::fp16);
  EXPECT_EQ(device->peak_rate(Precision::bf16), flops(989e12));
  EXPECT_EQ(device->peak_rate(Precision::fp8), flops(1979e12));
  EXPECT_EQ(computed(device, Precision::fp8), Precision::fp8);
  // Sums in 16 bits are as fast for what is widened.
  const auto card = accelerator({{"fp16_accumulate_rate.fp16", flops(1978e12)}});
  EXPECT_EQ(card->peak_rate(Precision::int4, Accumulation::fp16), flops(1978e12));
  // Narrow formats are never widened to narrow ones, wide ones never to narrower ones.
  const MadeObject<Hardware> narrow(kind_adapter<Accelerator>, without(h100, "peak_rate.fp16"), "D");
  for (const Precision p : {Precision::fp4, Precision::int8, Precision::fp16, Precision::fp32, Precision::tf32, Precision::fp64})
    EXPECT_THROW((void)narrow->peak_rate(p), MissingData) << static_cast<int>(p);
}
TEST(MissingRate, SixteenBitsThatAreSlowerThanFp32AreWidened) {
  // A Tesla P40.
  const auto rates = without(without(h100, "peak_rate.fp16"), "peak_rate.fp8");
  const MadeObject<Hardware> pascal(
      kind_adapter<Accelerator>, with(rates, {{"peak_rate.fp32", flops(11.76e12)}, {"peak_rate.fp16", flops(0.1837e12)}}), "D");
  for (const Precision p : {Precision::fp16, Precision::bf16, Precision::fp8, Precision::int4}) {
    EXPECT_EQ(pascal->peak_rate(p), flops(11.76e12)) << static_cast<int>(p);
    EXPECT_EQ(computed(pascal, p), Precision::fp32) << static_cast<int>(p);
  }
  const MadeObject<Hardware> listed(
      kind_adapter<Accelerator>,
      with(rates, {{"peak_rate.fp32", flops(11.76e12)}, {"peak_rate.fp16", flops(0.1837e12)}, {"missing_rate", "refuse"}}), "D");
  EXPECT_EQ(listed->peak_rate(Precision::fp16), flops(0.1837e12));
}
TEST(MissingRate, FourBitIntegersAreWeightsAlone) {
  const auto device = accelerator({{"peak_rate.int4", flops(3958e12)}});
  EXPECT_EQ(device->peak_rate(Precision::int4), flops(989e12));
  EXPECT_EQ(computed(device, Precision::mxint4), Precision::fp16);
  const auto listed = accelerator({{"peak_rate.int4", flops(3958e12)}, {"missing_rate", "refuse"}});
  EXPECT_EQ(listed->peak_rate(Precision::int4), flops(3958e12));
  // A device of integers alone multiplies what it has.
  const MadeObject<Hardware> edge(
      kind_adapter<Accelerator>,
      with(without(without(h100, "peak_rate.fp16"), "peak_rate.fp8"), {{"peak_rate.int8", flops(4e12)}}), "D");
  EXPECT_EQ(edge->peak_rate(Precision::int4), flops(4e12));
  EXPECT_EQ(computed(edge, Precision::int4), Precision::int8);
}
TEST(MissingRate, RefusesAndNamesTheRatesListed) {
  const auto device = accelerator({{"missing_rate", "refuse"}});
  EXPECT_EQ(refusal<MissingData>([&] { (void)device->peak_rate(Precision::int4); }),
            "H100 states no dense int4 rate; it lists fp16, fp8; missing_rate = widen takes that of a wider format");
}
TEST(MissingRate, TakesTheFp16RateWhereAskedTo) {
  const auto device = accelerator({{"missing_rate", "use_fp16"}});
  EXPECT_EQ(device->peak_rate(Precision::int4), flops(989e12));
  EXPECT_EQ(device->peak_rate(Precision::fp8), flops(1979e12));
  EXPECT_EQ(refusal<MissingData>([&] { (void)device->peak_rate(Precision::fp64); }).substr(0, 34),
            "H100 states no dense fp64 rate; it");
}
TEST(MissingRate, RefusesWhereFp16IsMissingToo) {
  const MadeObject<Hardware> device(kind_adapter<Accelerator>,
                                    with(without(h100, "peak_rate.fp16"), {{"missing_rate", "use_fp16"}}), "D");
  EXPECT_EQ(refusal<MissingData>([&] { (void)device->peak_rate(Precision::int4); }), "D states no dense int4 rate; it lists fp8");
}
TEST(MissingRate, NoRateAtAllIsRefusedWhenMade) {
  const Fields none{{"memory_capacity", bytes(1e9)}, {"memory_bandwidth", rate(1e9)}, {"sparse_peak_rate.int8", flops(1e12)}};
  EXPECT_EQ(refusal<MissingData>([&] { MadeObject<Hardware>(kind_adapter<Accelerator>, none, "D"); }),
            "D states no dense peak rate; give at least one, e.g. peak_rate.fp16");
}
TEST(SparseRate, MayNotBeBelowTheDenseOne) {
  EXPECT_NO_THROW(accelerator({{"sparse_peak_rate.fp16", flops(1979e12)}, {"sparse_peak_rate.int4", flops(1e12)}}));
  EXPECT_EQ(refusal<DomainError>([] {
              accelerator({{"sparse_peak_rate.fp16", flops(500e12)}});
            }),
            "sparse_peak_rate.fp16: is below the dense rate; allowed: peak_rate.fp16 and above");
}

TEST(Fields, EveryNumberFormatHasARateInTheOrderOfPrecision) {
  for (const Kind* kind :
       {static_cast<const Kind*>(&kind_adapter<Accelerator>), static_cast<const Kind*>(&kind_adapter<WaferScale>),
        static_cast<const Kind*>(&kind_adapter<Microcontroller>), static_cast<const Kind*>(&kind_adapter<HostCpu>)}) {
    for (std::size_t i = 0; i < precision_count; ++i) {
      const std::string format(ironlaw::detail::enumerator_names<Precision>[i]);
      EXPECT_EQ(kind->fields()[i].name, "peak_rate." + format) << kind->about().name;
      EXPECT_EQ(kind->fields()[precision_count + i].name, "sparse_peak_rate." + format) << kind->about().name;
      const MadeObject<Hardware> device(
          *kind, {{kind->fields()[i].name, flops(1e12)}, {"memory_capacity", bytes(1e9)}, {"memory_bandwidth", rate(1e9)}});
      EXPECT_EQ(device->peak_rate(static_cast<Precision>(i)), flops(1e12)) << format;
    }
    for (const PortInfo& field : kind->fields()) EXPECT_FALSE(field.doc.empty()) << field.name;
  }
}

TEST(WaferScale, ItsHostLinkIsTheInjectionLink) {
  const MadeObject<Hardware> wafer(kind_adapter<WaferScale>, with(h100, {{"injection_bandwidth", rate(150e9)}}));
  EXPECT_EQ(*wafer->host_link(), rate(150e9));
  EXPECT_EQ(wafer->dispatch_overhead(), 1.0 * units::microsecond);
  EXPECT_EQ(wafer->facet<DeviceLink>(), nullptr);
}
TEST(Microcontroller, FlashNeedsABandwidth) {
  const auto make = [](const Fields& f) { return MadeObject<Hardware>(kind_adapter<Microcontroller>, with(h100, f)); };
  EXPECT_EQ(make({{"flash_capacity", bytes(1e6)}})->facet<FlashMemory>(), nullptr);
  const auto device = make({{"flash_capacity", bytes(1e6)}, {"flash_bandwidth", rate(8e7)}});
  EXPECT_EQ(*device->facet<FlashMemory>()->capacity, bytes(1e6));
  EXPECT_EQ(device->facet<FlashMemory>()->bandwidth, rate(8e7));
  EXPECT_EQ(device->facet<Storage>(), nullptr);
}
TEST(HostCpu, HasStorageAndNoDeviceLink) {
  const MadeObject<Hardware> cpu(kind_adapter<HostCpu>, with(h100, {{"storage_bandwidth", rate(7e9)}}));
  EXPECT_EQ(cpu->facet<Storage>()->bandwidth, rate(7e9));
  EXPECT_EQ(cpu->facet<DeviceLink>(), nullptr);
}

TEST(Cluster, CountsItsAccelerators) {
  const auto device = accelerator();
  const MadeObject<Node> node(kind_adapter<NodeKind>,
                              {{"accelerator", device.get()}, {"accelerators", 8}, {"link_bandwidth", rate(450e9)}}, "DGX");
  const MadeObject<Fabric> fabric(kind_adapter<FabricKind>, {{"link_bandwidth", rate(50e9)}}, "NDR");
  const MadeObject<Fleet> fleet(kind_adapter<Cluster>, {{"node", node.get()}, {"fabric", fabric.get()}, {"nodes", 32}}, "C");
  EXPECT_EQ(fleet->name(), "C");
  EXPECT_EQ(fleet->node->name(), "DGX");
  EXPECT_EQ(fleet->node->link_bandwidth, rate(450e9));
  EXPECT_EQ(fleet->fabric->name(), "NDR");
  EXPECT_EQ(fleet->fabric->oversubscription, 1);
  EXPECT_EQ(fleet->fabric->latency, 5.0 * units::microsecond);
  EXPECT_EQ(fleet->accelerators(), 256);
}
TEST(Node, TakesTheDevicesLinkWhereNoneIsSaid) {
  const auto linked = accelerator({{"device_link", rate(450e9)}});
  EXPECT_EQ(MadeObject<Node>(kind_adapter<NodeKind>, {{"accelerator", linked.get()}, {"accelerators", 8}})->link_bandwidth,
            rate(450e9));
  const auto alone = accelerator({{"host_link", rate(32e9)}});
  EXPECT_EQ(MadeObject<Node>(kind_adapter<NodeKind>, {{"accelerator", alone.get()}, {"accelerators", 8}})->link_bandwidth,
            rate(32e9));
}
TEST(Cluster, SeveralNodesHaveAFabricWhereNoneIsSaid) {
  const auto device = accelerator();
  const MadeObject<Node> node(kind_adapter<NodeKind>,
                              {{"accelerator", device.get()}, {"accelerators", 8}, {"link_bandwidth", rate(450e9)}});
  const auto cluster = [&](double nodes) {
    return MadeObject<Fleet>(kind_adapter<Cluster>, {{"node", node.get()}, {"nodes", nodes}});
  };
  EXPECT_EQ(cluster(1)->fabric, nullptr);
  const auto two = cluster(2);
  ASSERT_NE(two->fabric, nullptr);
  EXPECT_TRUE(two.contains(two->fabric));
  EXPECT_EQ(two->fabric->link_bandwidth, rate(50e9));
  EXPECT_EQ(two->fabric->latency, 5.0 * units::microsecond);
  const auto networked = accelerator({{"network_link", rate(25e9)}});
  const MadeObject<Node> other(kind_adapter<NodeKind>,
                               {{"accelerator", networked.get()}, {"accelerators", 8}, {"link_bandwidth", rate(450e9)}});
  const MadeObject<Fleet> its(kind_adapter<Cluster>, {{"node", other.get()}, {"nodes", 2}});
  EXPECT_EQ(its->fabric->link_bandwidth, rate(25e9));
}

TEST(Server, HoldsItsNodeAndTakesTheDevicesLink) {
  const auto device = accelerator({{"device_link", rate(450e9)}});
  const MadeObject<Fleet> server(kind_adapter<Server>, {{"accelerator", device.get()}, {"count", 4}}, "S");
  EXPECT_EQ(server->name(), "S");
  EXPECT_EQ(server->nodes, 1);
  EXPECT_EQ(server->accelerators(), 4);
  EXPECT_EQ(server->fabric, nullptr);
  EXPECT_TRUE(server.contains(server->node));
  EXPECT_EQ(server->node->accelerator, device.get());
  EXPECT_EQ(server->node->link_bandwidth, rate(450e9));
}
TEST(Server, ItsOwnLinkComesFirst) {
  const auto device = accelerator({{"device_link", rate(450e9)}});
  const MadeObject<Fleet> server(kind_adapter<Server>,
                                 {{"accelerator", device.get()}, {"count", 4}, {"link_bandwidth", rate(32e9)}});
  EXPECT_EQ(server->node->link_bandwidth, rate(32e9));
}
TEST(Server, SeveralDevicesNeedALinkAndOneDoesNot) {
  const auto device = accelerator();
  const auto server = [&](double count) {
    return MadeObject<Fleet>(kind_adapter<Server>, {{"accelerator", device.get()}, {"count", count}});
  };
  EXPECT_TRUE(std::isinf(server(1)->node->link_bandwidth.value()));
  EXPECT_EQ(refusal<MissingData>([&] { server(2); }), "H100 states no device_link; give the server a link_bandwidth");
}

}  // namespace
