#pragma once
#include <ironlaw/equations/money.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::economics {

/// What to do with a device whose price nobody states.
enum class Unpriced { refuse, leave_out };

/// What a fleet costs while it runs, in all and per token and request.
struct Economics {
  using FleetRun = equations::FleetRun;
  using CostTerms = equations::CostTerms;

  static constexpr auto about =
      Solver::About{"economics", "Cost of running a fleet: purchase, electricity, maintenance, unit cost",
                    "Barroso, Hoelzle & Ranganathan 2018; Koomey 2007"};

  struct Inputs {
    FleetRun run{};
    CostTerms terms{};
    Maybe<TokenRate> throughput = absent;
    Maybe<RequestRate> request_rate = absent;
    double useful_share = 1;
    Maybe<Money> budget = absent;
    Unpriced unpriced = Unpriced::refuse;
  };

  struct Outputs {
    Maybe<Money> purchase;
    Money building_cost;
    Maybe<Money> capex;
    Money opex_energy;
    Maybe<Money> opex_maintenance;
    Maybe<Money> opex;
    Maybe<Money> tco;
    EnergyPrice electricity_price;
    equations::PriceSource electricity_price_from;
    Maybe<Money> per_million_tokens;
    Maybe<Money> per_request;
    Maybe<Money> per_accelerator_hour;
    Power it_power;
    Energy it_energy;
    Energy facility_energy;
    double pue;
    Maybe<Carbon> carbon;
    Maybe<Volume> water;
  };

  static constexpr auto inputs = ports(
      merge<&Inputs::run>(equations::fleet_run_ports), merge<&Inputs::terms>(equations::cost_ports),
      port<&Inputs::throughput>("tokens that the fleet serves or trains on, per time, for per_million_tokens", positive),
      port<&Inputs::request_rate>("requests that it serves, per time, for per_request", positive),
      port<&Inputs::useful_share>("share of the time that it does so: goodput times busy share", positive_fraction).refinement(),
      port<&Inputs::budget>("most that the run may cost", non_negative),
      port<&Inputs::unpriced>(
          "a device whose price neither it nor default_price states: refuse the row, or leave out what its price "
          "decides")
          .refinement());

  static constexpr auto outputs = ports(
      port<&Outputs::purchase>("price of devices, hosts and network when bought; absent, as what follows of it, where no price "
                               "is stated"),
      port<&Outputs::building_cost>("slice of building, power and cooling that falls on the run"),
      port<&Outputs::capex>("that, and the slice of the purchase"), port<&Outputs::opex_energy>("electricity"),
      port<&Outputs::opex_maintenance>("maintenance"), port<&Outputs::opex>("electricity and maintenance"),
      port<&Outputs::tco>("cost of the run: capex and opex"),
      port<&Outputs::electricity_price>("what was reckoned with").display("USD/kWh"),
      port<&Outputs::electricity_price_from>("who says so; fallback: nobody, default_electricity_price stands in"),
      port<&Outputs::per_million_tokens>("cost of a million tokens; absent without throughput and duration"),
      port<&Outputs::per_request>("cost of a request; absent without request_rate and duration"),
      port<&Outputs::per_accelerator_hour>("cost of one accelerator for an hour, busy or not, with its share of host, "
                                           "network and building; absent without duration"),
      port<&Outputs::it_power>("mean power of devices and nodes").display("kW"),
      port<&Outputs::it_energy>("of devices and nodes").display("kWh"),
      port<&Outputs::facility_energy>("with cooling and losses").display("kWh"),
      port<&Outputs::pue>("power usage effectiveness that was reckoned with"),
      port<&Outputs::carbon>("of the electricity, CO2e; absent without a grid"),
      port<&Outputs::water>("on site, and at power plants where the grid says how much; absent where the site says nothing")
          .display("L"));

  static constexpr auto limits = ironlaw::limits(
      soft<&Outputs::tco, &Inputs::budget>("capital", "the run must stay within its budget", "capex + opex <= budget"));

  static Outputs solve(const Inputs& in) {
    const auto use = equations::energy_of(in.run);
    Outputs out{};
    const bool left_out = in.unpriced == Unpriced::leave_out && !priced(in);
    equations::CostTerms terms = in.terms;
    if (left_out) terms.default_price = Money{};  // of the electricity's part nothing depends on it
    const auto cost = equations::cost_of(in.run, use, terms);
    out.building_cost = cost.building;
    out.opex_energy = cost.opex_energy;
    out.electricity_price = cost.electricity_price;
    out.electricity_price_from = cost.price_source;
    if (!left_out) add_price(in, cost, out);
    out.it_power = use.it_power;
    out.it_energy = use.it_energy;
    out.facility_energy = use.facility_energy;
    out.pue = use.pue;
    out.carbon = use.carbon;
    out.water = use.water();
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto use = equations::energy_of(in.run);
    equations::explain_energy(in.run, use, w);
    if (out.tco) equations::explain_cost(in.run, use, in.terms, equations::cost_of(in.run, use, in.terms), w);
    if (out.per_million_tokens) {
      w.step("per_million_tokens", "1e6 token * tco / (throughput * share * t)",
             {{"tco", out.tco}, {"throughput", in.throughput}, {"share", in.useful_share}, {"t", in.run.duration}},
             out.per_million_tokens);
    }
    if (out.per_request) {
      w.step("per_request", "tco / (rate * share * t)",
             {{"tco", out.tco}, {"rate", in.request_rate}, {"share", in.useful_share}, {"t", in.run.duration}}, out.per_request);
    }
    if (out.per_accelerator_hour) {
      w.step("per_accelerator_hour", "tco * hour / (N * t)",
             {{"tco", out.tco}, {"N", in.run.fleet->accelerators()}, {"t", in.run.duration}}, out.per_accelerator_hour);
    }
    if (out.carbon) {
      w.step("carbon", "facility_energy * CI",
             {{"facility_energy", out.facility_energy}, {"CI", equations::site_of(in.run).grid->carbon_intensity}}, out.carbon,
             "Patterson 2021");
    }
    equations::explain_water(in.run, use, w);
  }

 private:
  static bool priced(const Inputs& in) {
    return in.run.fleet->node->accelerator->price().has_value() || in.terms.default_price.has_value();
  }
  static void add_price(const Inputs& in, const equations::RunCost& cost, Outputs& out) {
    out.purchase = cost.purchase;
    out.capex = cost.capex;
    out.opex_maintenance = cost.opex_maintenance;
    out.opex = cost.opex;
    out.tco = cost.tco;
    if (in.run.duration <= Time{}) return;
    const Time useful = in.useful_share * in.run.duration;
    out.per_accelerator_hour = units::hour / in.run.duration / in.run.fleet->accelerators() * cost.tco;
    if (in.throughput) out.per_million_tokens = 1e6 * units::token / (*in.throughput * useful) * cost.tco;
    if (in.request_rate) out.per_request = 1.0 * units::request / (*in.request_rate * useful) * cost.tco;
  }
};

}  // namespace ironlaw::economics
