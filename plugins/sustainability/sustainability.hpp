#pragma once
#include <ironlaw/equations/energy.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::sustainability {

/// Energy, carbon and water of a fleet that runs for a while at one site.
struct Sustainability {
  static constexpr auto about =
      Solver::About{"sustainability", "Energy, operational and embodied carbon, and water of a fleet at a site",
                    "Barroso & Hoelzle 2007; Fan 2007; Patterson 2021; Gupta 2022 (ACT); Li 2023; ISO/IEC 30134"};

  /// What a run is charged of the emissions of making its devices.
  enum class EmbodiedShare { of_service_life, whole };

  struct Given : equations::FleetPlace {
    EmbodiedShare embodied_share = EmbodiedShare::of_service_life;
  };
  template <class N>
  struct InputsOf : Given, equations::FleetRunOf<N> {
    Of<N, Maybe<Carbon>> embodied_carbon_per_device = absent;
    Of<N, Time> service_life = spread<N>(Time(3.0 * units::year));
    N service_utilization = 1.0;
    Of<N, Maybe<Carbon>> carbon_budget = absent;
  };
  using Inputs = InputsOf<double>;
  using Facts = equations::FleetFacts;

  template <class N>
  struct OutputsOf {
    Of<N, Power> it_power;
    Of<N, Energy> it_energy;
    Of<N, Energy> facility_energy;
    N pue;
    Of<N, CarbonIntensity> carbon_intensity;
    Of<N, Carbon> operational_carbon;
    Of<N, Maybe<Carbon>> embodied_carbon;
    Of<N, Carbon> carbon;
    Of<N, Maybe<Volume>> site_water;
    Of<N, Maybe<Volume>> grid_water;
    Of<N, Maybe<Volume>> water;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of =
      ports(equations::fleet_run_ports_of<N>,
            port<&InputsOf<N>::embodied_carbon_per_device>("emissions of making one device; what the device states if left out",
                                                           non_negative)
                .refinement(),
            port<&Given::embodied_share>("what the run is charged of it: its share of the service life, or all").refinement(),
            port<&InputsOf<N>::service_life>("time that the devices are kept", positive).refinement().display("year"),
            port<&InputsOf<N>::service_utilization>("share of the service life that they run", positive_fraction).refinement(),
            port<&InputsOf<N>::carbon_budget>("most that the run may emit", non_negative));
  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of =
      ports(port<&OutputsOf<N>::it_power>("mean power of devices and nodes").display("kW"),
            port<&OutputsOf<N>::it_energy>("of devices and nodes").display("kWh"),
            port<&OutputsOf<N>::facility_energy>("with cooling and losses").display("kWh"),
            port<&OutputsOf<N>::pue>("power usage effectiveness that was reckoned with"),
            port<&OutputsOf<N>::carbon_intensity>("of the grid").display("gCO2e/kWh"),
            port<&OutputsOf<N>::operational_carbon>("of the electricity"),
            port<&OutputsOf<N>::embodied_carbon>("of making the devices, the run's share; absent where nobody says how much"),
            port<&OutputsOf<N>::carbon>("operational, and embodied where it is known"),
            port<&OutputsOf<N>::site_water>("on site; absent where neither facility nor grid says how much").display("L"),
            port<&OutputsOf<N>::grid_water>("at power plants; absent where the grid does not say how much").display("L"),
            port<&OutputsOf<N>::water>("on site, and at power plants where the grid says how much").display("L"));
  static constexpr auto outputs = outputs_of<double>;

  static constexpr auto limits = ironlaw::limits(soft<&Outputs::carbon, &Inputs::carbon_budget>(
      "sustainability", "the run must stay within its budget", "E * PUE * CI + embodied <= budget"));

  static Facts facts(const Given& given) { return equations::facts_with_grid(given); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    Rare<double> none;
    return rows(in, f, none);
  }
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& f, Rare<N>& rare) {
    using C = Of<N, Carbon>;
    const auto use = equations::energy_of<N>(f, in, rare);
    OutputsOf<N> out;
    out.it_power = use.it_power;
    out.it_energy = use.it_energy;
    out.facility_energy = use.facility_energy;
    out.pue = use.pue;
    out.carbon_intensity = spread<N>(f.site.grid->carbon_intensity);
    out.operational_carbon = *use.carbon;
    const auto each = embodied_of_device(in, f);
    const auto known = has(each);
    const C embodied = f.accelerators * *each * charged_share(in);
    out.embodied_carbon = value_where(known, embodied);
    out.carbon = out.operational_carbon + select(known, embodied, C{});
    out.site_water = use.site_water;
    out.grid_water = use.grid_water;
    out.water = use.water;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    Rare<double> none;
    const Facts f = facts(in);
    const auto use = equations::energy_of<double>(f, in, none);
    equations::explain_energy(f, in, use, w);
    w.step("operational_carbon", "facility_energy * CI", {{"facility_energy", out.facility_energy}, {"CI", out.carbon_intensity}},
           out.operational_carbon, "Patterson 2021");
    if (!out.embodied_carbon) {
      w.note("The device states no embodied carbon: none is counted.");
    } else if (in.embodied_share == EmbodiedShare::whole) {
      w.step("embodied_carbon", "N * e", {{"N", f.accelerators}, {"e", embodied_of_device(in, f)}}, out.embodied_carbon);
    } else {
      w.step("embodied_carbon", "N * e * t / (L * u_L)",
             {{"N", f.accelerators},
              {"e", embodied_of_device(in, f)},
              {"t", in.duration},
              {"L", in.service_life},
              {"u_L", in.service_utilization}},
             out.embodied_carbon, "Gupta 2022 (ACT)");
    }
    w.step("carbon", "operational + embodied",
           {{"operational", out.operational_carbon}, {"embodied", out.embodied_carbon.value_or(Carbon{})}}, out.carbon);
    equations::explain_water(f, use, w);
  }

 private:
  template <class N>
  static Of<N, Maybe<Carbon>> embodied_of_device(const InputsOf<N>& in, const Facts& f) {
    using C = Of<N, Carbon>;
    Of<N, Maybe<Carbon>> of_device = absent;
    if (f.embodied_carbon) of_device = C(spread<N>(*f.embodied_carbon));
    return select(has(in.embodied_carbon_per_device), in.embodied_carbon_per_device, of_device);
  }
  template <class N>
  static N charged_share(const InputsOf<N>& in) {
    if (in.embodied_share == EmbodiedShare::whole) return 1.0;
    return (in.duration / (in.service_life * in.service_utilization)).value();
  }
};

}  // namespace ironlaw::sustainability
