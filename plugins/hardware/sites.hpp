#pragma once
// Records of where a system stands and where its data lives: a grid, a data center, storage.
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>

namespace ironlaw::hardware {

/// Electricity of a region.
struct GridKind {
  static constexpr auto about = Kind::About{"grid", "electricity of a region"};
  using Interface = Grid;

  struct Fields {
    CarbonIntensity carbon_intensity = required;
    Maybe<EnergyPrice> electricity_price;
    Maybe<WaterIntensity> water_intensity;
    Maybe<double> typical_pue;
    Maybe<WaterIntensity> typical_wue;
    Maybe<double> renewable_share;
  };
  static constexpr auto fields = ports(
      port<&Fields::carbon_intensity>("emissions of generation, yearly average, location based", non_negative)
          .display("gCO2e/kWh"),
      port<&Fields::electricity_price>("what a large customer pays", non_negative).display("USD/kWh"),
      port<&Fields::water_intensity>("water that power plants consume, off site", non_negative).display("L/kWh"),
      port<&Fields::typical_pue>("power usage effectiveness of facilities in the region", at_least_one),
      port<&Fields::typical_wue>("water on site over IT energy, of facilities in the region", non_negative).display("L/kWh"),
      port<&Fields::renewable_share>("share of generation from renewable sources", fraction));

  struct Made final : Grid {
    Made(const Fields& f, std::string_view name) : Grid(name) {
      carbon_intensity = f.carbon_intensity;
      electricity_price = f.electricity_price;
      water_intensity = f.water_intensity;
      typical_pue = f.typical_pue;
      typical_wue = f.typical_wue;
      renewable_share = f.renewable_share;
    }
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

/// A facility on a grid.
struct DatacenterKind {
  static constexpr auto about = Kind::About{"datacenter", "facility on a grid"};
  using Interface = Datacenter;

  struct Fields {
    const Grid* grid = nullptr;
    Maybe<double> pue;
    Maybe<WaterIntensity> wue;
    Maybe<EnergyPrice> electricity_price;
  };
  static constexpr auto fields = ports(
      port<&Fields::grid>("grid that feeds it"),
      port<&Fields::pue>("power usage effectiveness: facility energy over IT energy; the grid's typical one if left out",
                         at_least_one),
      port<&Fields::wue>("water on site over IT energy; the grid's typical one if left out", non_negative).display("L/kWh"),
      port<&Fields::electricity_price>("what this site pays; the grid's price if left out", non_negative).display("USD/kWh"));

  struct Made final : Datacenter {
    Made(const Fields& f, std::string_view name) : Datacenter(name) {
      grid = f.grid;
      pue = f.pue;
      wue = f.wue;
      electricity_price = f.electricity_price;
    }
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

/// Where data and checkpoints live.
struct StorageKind {
  static constexpr auto about = Kind::About{"storage", "where data and checkpoints live"};
  using Interface = StorageSystem;

  struct Fields {
    Bandwidth bandwidth = required;
    Maybe<Bandwidth> write_bandwidth;
    Maybe<Information> capacity;
    Maybe<Time> latency;
  };
  static constexpr auto fields =
      ports(port<&Fields::bandwidth>("reading", positive).display("GB/s"),
            port<&Fields::write_bandwidth>("writing; as reading if left out", positive).display("GB/s"),
            port<&Fields::capacity>("what it holds", positive),
            port<&Fields::latency>("of the first byte", non_negative).display("us"));

  struct Made final : StorageSystem {
    Made(const Fields& f, std::string_view name) : StorageSystem(name) {
      bandwidth = f.bandwidth;
      write_bandwidth = f.write_bandwidth;
      capacity = f.capacity;
      latency = f.latency;
    }
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::hardware
