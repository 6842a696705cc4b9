#pragma once
#include <ironlaw/equations/energy.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::sustainability {

/// Energy, carbon and water of a fleet that runs for a while at one site.
struct Sustainability {
  using FleetRun = equations::FleetRun;

  static constexpr auto about =
      Solver::About{"sustainability", "Energy, operational and embodied carbon, and water of a fleet at a site",
                    "Barroso & Hoelzle 2007; Fan 2007; Patterson 2021; Gupta 2022 (ACT); Li 2023; ISO/IEC 30134"};

  /// What a run is charged of the emissions of making its devices.
  enum class EmbodiedShare { of_service_life, whole };

  struct Inputs {
    FleetRun run{};
    Maybe<Carbon> embodied_carbon_per_device = absent;
    EmbodiedShare embodied_share = EmbodiedShare::of_service_life;
    Time service_life = 3.0 * units::year;
    double service_utilization = 1;
    Maybe<Carbon> carbon_budget = absent;
  };

  struct Outputs {
    Power it_power;
    Energy it_energy;
    Energy facility_energy;
    double pue;
    CarbonIntensity carbon_intensity;
    Carbon operational_carbon;
    Maybe<Carbon> embodied_carbon;
    Carbon carbon;
    Maybe<Volume> site_water;
    Maybe<Volume> grid_water;
    Maybe<Volume> water;
  };

  static constexpr auto inputs =
      ports(merge<&Inputs::run>(equations::fleet_run_ports),
            port<&Inputs::embodied_carbon_per_device>("emissions of making one device; what the device states if left out",
                                                      non_negative)
                .refinement(),
            port<&Inputs::embodied_share>("what the run is charged of it: its share of the service life, or all").refinement(),
            port<&Inputs::service_life>("time that the devices are kept", positive).refinement().display("year"),
            port<&Inputs::service_utilization>("share of the service life that they run", positive_fraction).refinement(),
            port<&Inputs::carbon_budget>("most that the run may emit", non_negative));

  static constexpr auto outputs =
      ports(port<&Outputs::it_power>("mean power of devices and nodes").display("kW"),
            port<&Outputs::it_energy>("of devices and nodes").display("kWh"),
            port<&Outputs::facility_energy>("with cooling and losses").display("kWh"),
            port<&Outputs::pue>("power usage effectiveness that was reckoned with"),
            port<&Outputs::carbon_intensity>("of the grid").display("gCO2e/kWh"),
            port<&Outputs::operational_carbon>("of the electricity"),
            port<&Outputs::embodied_carbon>("of making the devices, the run's share; absent where nobody says how much"),
            port<&Outputs::carbon>("operational, and embodied where it is known"),
            port<&Outputs::site_water>("on site; absent where neither facility nor grid says how much").display("L"),
            port<&Outputs::grid_water>("at power plants; absent where the grid does not say how much").display("L"),
            port<&Outputs::water>("on site, and at power plants where the grid says how much").display("L"));

  static constexpr auto limits = ironlaw::limits(soft<&Outputs::carbon, &Inputs::carbon_budget>(
      "sustainability", "the run must stay within its budget", "E * PUE * CI + embodied <= budget"));

  static Outputs solve(const Inputs& in) {
    const Grid& grid = equations::grid_of(in.run);
    const auto use = equations::energy_of(in.run);
    Outputs out{};
    out.it_power = use.it_power;
    out.it_energy = use.it_energy;
    out.facility_energy = use.facility_energy;
    out.pue = use.pue;
    out.carbon_intensity = grid.carbon_intensity;
    out.operational_carbon = *use.carbon;
    if (const auto each = embodied_of_device(in)) out.embodied_carbon = in.run.fleet->accelerators() * *each * charged_share(in);
    out.carbon = out.operational_carbon + out.embodied_carbon.value_or(Carbon{});
    out.site_water = use.site_water;
    out.grid_water = use.grid_water;
    out.water = use.water();
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto use = equations::energy_of(in.run);
    equations::explain_energy(in.run, use, w);
    w.step("operational_carbon", "facility_energy * CI", {{"facility_energy", out.facility_energy}, {"CI", out.carbon_intensity}},
           out.operational_carbon, "Patterson 2021");
    if (!out.embodied_carbon) {
      w.note("The device states no embodied carbon: none is counted.");
    } else if (in.embodied_share == EmbodiedShare::whole) {
      w.step("embodied_carbon", "N * e", {{"N", in.run.fleet->accelerators()}, {"e", embodied_of_device(in)}},
             out.embodied_carbon);
    } else {
      w.step("embodied_carbon", "N * e * t / (L * u_L)",
             {{"N", in.run.fleet->accelerators()},
              {"e", embodied_of_device(in)},
              {"t", in.run.duration},
              {"L", in.service_life},
              {"u_L", in.service_utilization}},
             out.embodied_carbon, "Gupta 2022 (ACT)");
    }
    w.step("carbon", "operational + embodied",
           {{"operational", out.operational_carbon}, {"embodied", out.embodied_carbon.value_or(Carbon{})}}, out.carbon);
    equations::explain_water(in.run, use, w);
  }

 private:
  static Maybe<Carbon> embodied_of_device(const Inputs& in) {
    return in.embodied_carbon_per_device ? in.embodied_carbon_per_device : in.run.fleet->node->accelerator->embodied_carbon();
  }
  static double charged_share(const Inputs& in) {
    if (in.embodied_share == EmbodiedShare::whole) return 1;
    return in.run.duration / (in.service_life * in.service_utilization);
  }
};

}  // namespace ironlaw::sustainability
