#pragma once
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>

namespace ironlaw::data {

/// Whether storage, network and host link bring a device the bytes that it consumes.
struct Data {
  static constexpr auto about =
      Solver::About{"data", "Whether storage, network and host link feed a device at the rate that it consumes",
                    "Mohan 2021 (data stalls); Zhao 2022 (ingestion)"};

  /// The narrowest part of the way; the names are what users see.
  enum class Bottleneck { Storage, Network, Interconnect, Unknown };
  /// What to answer for a device whose facts name no way for data to come in.
  enum class MissingPath { refuse, no_supply };

  struct Inputs {
    const Hardware* hardware;
    Bandwidth data_rate = required;
    const StorageSystem* storage = nullptr;
    double readers = 1;
    Maybe<Bandwidth> network_bandwidth = absent;
    double cache_hit_fraction = 0;
    Maybe<Bandwidth> cache_bandwidth = absent;
    Maybe<Rate> storage_operations = absent;
    Maybe<Information> record_size = absent;
    MissingPath missing_path = MissingPath::refuse;
  };

  struct Outputs {
    bool is_stalled;
    Maybe<double> utilization;
    Bandwidth supply_bandwidth;
    Bandwidth margin;
    Bottleneck bottleneck;
    Maybe<double> slowdown;
    Maybe<Bandwidth> storage_bandwidth;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::hardware>("device that consumes the data"),
      port<&Inputs::data_rate>("bytes that the device consumes when nothing holds it up", non_negative).display("GB/s"),
      port<&Inputs::storage>("shared storage system; left out: the device's own storage").optional(),
      port<&Inputs::readers>("devices that share the storage system evenly", at_least_one).whole(),
      port<&Inputs::network_bandwidth>("link from the storage system to the host, for each device", positive)
          .refinement()
          .display("GB/s"),
      port<&Inputs::cache_hit_fraction>("share of the bytes that the host's memory already holds", fraction),
      port<&Inputs::cache_bandwidth>("rate at which the host's memory serves them", positive).display("GB/s"),
      port<&Inputs::storage_operations>("reads that the storage serves in a time", positive),
      port<&Inputs::record_size>("bytes of each read", positive),
      port<&Inputs::missing_path>("device with neither storage nor host link: refuse, or answer a supply of zero").parity());

  static constexpr auto outputs =
      ports(port<&Outputs::is_stalled>("whether the device waits for data"),
            port<&Outputs::utilization>("demand over supply; absent where there is no supply"),
            port<&Outputs::supply_bandwidth>("bytes that reach the device").display("GB/s"),
            port<&Outputs::margin>("supply less demand").display("GB/s"), port<&Outputs::bottleneck>("narrowest part of the way"),
            port<&Outputs::slowdown>("time of a step that waits over one that does not, where data is fetched ahead"),
            port<&Outputs::storage_bandwidth>("what storage and cache serve together, before any link").display("GB/s"));

  static constexpr auto limits = ironlaw::limits(soft<&Inputs::data_rate, &Outputs::supply_bandwidth>(
      "ingestion", "storage and links must feed the device", "demand <= min(storage, network, host link)"));

  static constexpr auto rules =
      ironlaw::rules(rule("cache_hit_fraction needs cache_bandwidth",
                          [](const Inputs& in) { return in.cache_hit_fraction == 0 || in.cache_bandwidth; }),
                     rule("storage_operations and record_size need each other",
                          [](const Inputs& in) { return in.storage_operations.has_value() == in.record_size.has_value(); }),
                     rule("readers and network_bandwidth need a storage system",
                          [](const Inputs& in) { return in.storage != nullptr || (in.readers == 1 && !in.network_bandwidth); }));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.storage_bandwidth = served(in);
    const Supply supply = narrowest(in, out.storage_bandwidth);
    out.bottleneck = supply.bottleneck;
    out.supply_bandwidth = supply.bandwidth;
    out.margin = supply.bandwidth - in.data_rate;
    out.is_stalled = true;
    if (supply.bandwidth == Bandwidth{}) return out;
    out.utilization = static_cast<double>(in.data_rate / supply.bandwidth);
    out.slowdown = std::max(1.0, *out.utilization);
    out.is_stalled = *out.utilization > 1;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    if (out.storage_bandwidth) explain_storage(in, out, w);
    w.step("supply_bandwidth", "min(storage, network, host link)",
           {{"storage", out.storage_bandwidth}, {"network", in.network_bandwidth}, {"host link", in.hardware->host_link()}},
           out.supply_bandwidth, "Mohan 2021");
    w.step("margin", "supply - demand", {{"supply", out.supply_bandwidth}, {"demand", in.data_rate}}, out.margin);
    if (!out.utilization) return;
    w.step("utilization", "demand / supply", {{"demand", in.data_rate}, {"supply", out.supply_bandwidth}}, out.utilization);
    w.step("slowdown", "max(1, utilization)", {{"utilization", out.utilization}}, out.slowdown);
  }

 private:
  struct Supply {
    Bandwidth bandwidth;
    Bottleneck bottleneck;
  };

  /// The storage's own rate, shared and held to its number of reads; absent where there is none.
  static Maybe<Bandwidth> stored(const Inputs& in) {
    Maybe<Bandwidth> rate;
    if (in.storage != nullptr) {
      rate = in.storage->bandwidth / in.readers;
    } else if (const auto* own = in.hardware->facet<Storage>()) {
      rate = own->bandwidth;
    }
    if (rate && in.record_size) rate = std::min(*rate, Bandwidth(*in.storage_operations * *in.record_size / in.readers));
    return rate;
  }
  /// Hits come from the cache and misses from storage, one after the other.
  static Maybe<Bandwidth> served(const Inputs& in) {
    const auto rate = stored(in);
    if (!rate || in.cache_hit_fraction == 0) return rate;
    return 1.0 / ((1 - in.cache_hit_fraction) / *rate + in.cache_hit_fraction / *in.cache_bandwidth);
  }
  /// The first of the narrowest parts, from storage to device.
  static Supply narrowest(const Inputs& in, Maybe<Bandwidth> storage) {
    Supply supply{Bandwidth{}, Bottleneck::Unknown};
    const auto narrow = [&](Maybe<Bandwidth> part, Bottleneck name) {
      if (part && (supply.bottleneck == Bottleneck::Unknown || *part < supply.bandwidth)) supply = {*part, name};
    };
    narrow(storage, Bottleneck::Storage);
    narrow(in.network_bandwidth, Bottleneck::Network);
    narrow(in.hardware->host_link(), Bottleneck::Interconnect);
    if (supply.bottleneck == Bottleneck::Unknown && in.missing_path == MissingPath::refuse)
      throw MissingData(in.hardware->name(), "storage or host link", "give it one, or give the solver a storage system");
    return supply;
  }
  static void explain_storage(const Inputs& in, const Outputs& out, Working& w) {
    const auto rate = stored(in);
    if (in.cache_hit_fraction > 0) {
      w.step("storage_bandwidth", "1 / ((1 - H) / storage + H / cache)",
             {{"H", in.cache_hit_fraction}, {"storage", rate}, {"cache", in.cache_bandwidth}}, out.storage_bandwidth);
    } else if (in.storage != nullptr) {
      w.step("storage_bandwidth", "min(storage, operations * record) / readers",
             {{"storage", in.storage->bandwidth},
              {"operations", in.storage_operations},
              {"record", in.record_size},
              {"readers", in.readers}},
             out.storage_bandwidth);
    } else {
      w.step("storage_bandwidth", "min(storage, operations * record)",
             {{"storage", in.hardware->facet<Storage>()->bandwidth},
              {"operations", in.storage_operations},
              {"record", in.record_size}},
             out.storage_bandwidth);
    }
  }
};

}  // namespace ironlaw::data
