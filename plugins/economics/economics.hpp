#pragma once
#include <ironlaw/equations/money.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::economics {

/// What to do with a device whose price nobody states.
enum class Unpriced { refuse, leave_out };

/// What a fleet costs while it runs, in all and per token and request.
struct Economics {
  static constexpr auto about =
      Solver::About{"economics", "Cost of running a fleet: purchase, electricity, maintenance, unit cost",
                    "Barroso, Hoelzle & Ranganathan 2018; Koomey 2007"};

  struct Given : equations::FleetPlace {
    Unpriced unpriced = Unpriced::refuse;
  };
  template <class N>
  struct InputsOf : Given, equations::FleetRunOf<N> {
    equations::CostTermsOf<N> terms{};
    Of<N, Maybe<TokenRate>> throughput = absent;
    Of<N, Maybe<RequestRate>> request_rate = absent;
    N useful_share = 1.0;
    Of<N, Maybe<Money>> budget = absent;
  };
  using Inputs = InputsOf<double>;
  using Facts = equations::FleetFacts;

  template <class N>
  struct OutputsOf {
    Of<N, Maybe<Money>> purchase;
    Of<N, Money> building_cost;
    Of<N, Maybe<Money>> capex;
    Of<N, Money> opex_energy;
    Of<N, Maybe<Money>> opex_maintenance;
    Of<N, Maybe<Money>> opex;
    Of<N, Maybe<Money>> tco;
    Of<N, EnergyPrice> electricity_price;
    Of<N, equations::PriceSource> electricity_price_from;
    Of<N, Maybe<Money>> per_million_tokens;
    Of<N, Maybe<Money>> per_request;
    Of<N, Maybe<Money>> per_accelerator_hour;
    Of<N, Power> it_power;
    Of<N, Energy> it_energy;
    Of<N, Energy> facility_energy;
    N pue;
    Of<N, Maybe<Carbon>> carbon;
    Of<N, Maybe<Volume>> water;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of = ports(
      equations::fleet_run_ports_of<N>, merge<&InputsOf<N>::terms>(equations::cost_ports_of<N>),
      port<&InputsOf<N>::throughput>("tokens that the fleet serves or trains on, per time, for per_million_tokens", positive),
      port<&InputsOf<N>::request_rate>("requests that it serves, per time, for per_request", positive),
      port<&InputsOf<N>::useful_share>("share of the time that it does so: goodput times busy share", positive_fraction)
          .refinement(),
      port<&InputsOf<N>::budget>("most that the run may cost", non_negative),
      port<&Given::unpriced>(
          "a device whose price neither it nor default_price states: refuse the row, or leave out what its price "
          "decides")
          .refinement());
  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of = ports(
      port<&OutputsOf<N>::purchase>(
          "price of devices, hosts and network when bought; absent, as what follows of it, where no price "
          "is stated"),
      port<&OutputsOf<N>::building_cost>("slice of building, power and cooling that falls on the run"),
      port<&OutputsOf<N>::capex>("that, and the slice of the purchase"), port<&OutputsOf<N>::opex_energy>("electricity"),
      port<&OutputsOf<N>::opex_maintenance>("maintenance"), port<&OutputsOf<N>::opex>("electricity and maintenance"),
      port<&OutputsOf<N>::tco>("cost of the run: capex and opex"),
      port<&OutputsOf<N>::electricity_price>("what was reckoned with").display("USD/kWh"),
      port<&OutputsOf<N>::electricity_price_from>("who says so; fallback: nobody, default_electricity_price stands in"),
      port<&OutputsOf<N>::per_million_tokens>("cost of a million tokens; absent without throughput and duration"),
      port<&OutputsOf<N>::per_request>("cost of a request; absent without request_rate and duration"),
      port<&OutputsOf<N>::per_accelerator_hour>("cost of one accelerator for an hour, busy or not, with its share of host, "
                                                "network and building; absent without duration"),
      port<&OutputsOf<N>::it_power>("mean power of devices and nodes").display("kW"),
      port<&OutputsOf<N>::it_energy>("of devices and nodes").display("kWh"),
      port<&OutputsOf<N>::facility_energy>("with cooling and losses").display("kWh"),
      port<&OutputsOf<N>::pue>("power usage effectiveness that was reckoned with"),
      port<&OutputsOf<N>::carbon>("of the electricity, CO2e; absent without a grid"),
      port<&OutputsOf<N>::water>("on site, and at power plants where the grid says how much; absent where the site says nothing")
          .display("L"));
  static constexpr auto outputs = outputs_of<double>;

  static constexpr auto limits = ironlaw::limits(
      soft<&Outputs::tco, &Inputs::budget>("capital", "the run must stay within its budget", "capex + opex <= budget"));

  static Facts facts(const Given& given) { return Facts(given); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    Rare<double> none;
    return rows(in, f, none);
  }
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& f, Rare<N>& rare) {
    const auto use = equations::energy_of<N>(f, in, rare);
    const auto left_out = both(!equations::priced(f, in.terms), in.unpriced == Unpriced::leave_out);
    equations::CostTermsOf<N> terms = in.terms;
    using Price = Of<N, Maybe<Money>>;
    // Of the electricity's part nothing depends on it.
    terms.default_price = select(left_out, Price(Of<N, Money>{}), terms.default_price);
    const auto cost = equations::cost_of<N>(f, in, use, terms, rare);
    OutputsOf<N> out;
    out.building_cost = cost.building;
    out.opex_energy = cost.opex_energy;
    out.electricity_price = cost.electricity_price;
    out.electricity_price_from = cost.price_source;
    add_price<N>(in, f, cost, !left_out, out);
    out.it_power = use.it_power;
    out.it_energy = use.it_energy;
    out.facility_energy = use.facility_energy;
    out.pue = use.pue;
    out.carbon = use.carbon;
    out.water = use.water;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    Rare<double> none;
    const Facts f = facts(in);
    const auto use = equations::energy_of<double>(f, in, none);
    equations::explain_energy(f, in, use, w);
    if (out.tco) equations::explain_cost(f, in, use, in.terms, equations::cost_of<double>(f, in, use, in.terms, none), w);
    if (out.per_million_tokens) {
      w.step("per_million_tokens", "1e6 token * tco / (throughput * share * t)",
             {{"tco", out.tco}, {"throughput", in.throughput}, {"share", in.useful_share}, {"t", in.duration}},
             out.per_million_tokens);
    }
    if (out.per_request) {
      w.step("per_request", "tco / (rate * share * t)",
             {{"tco", out.tco}, {"rate", in.request_rate}, {"share", in.useful_share}, {"t", in.duration}}, out.per_request);
    }
    if (out.per_accelerator_hour) {
      w.step("per_accelerator_hour", "tco * hour / (N * t)", {{"tco", out.tco}, {"N", f.accelerators}, {"t", in.duration}},
             out.per_accelerator_hour);
    }
    if (out.carbon) {
      w.step("carbon", "facility_energy * CI", {{"facility_energy", out.facility_energy}, {"CI", f.site.grid->carbon_intensity}},
             out.carbon, "Patterson 2021");
    }
    equations::explain_water(f, use, w);
  }

 private:
  /// What the price of a device decides, where somebody says it.
  template <class N>
  static void add_price(const InputsOf<N>& in, const Facts& f, const equations::RunCostOf<N>& cost, const Of<N, bool>& priced,
                        OutputsOf<N>& out) {
    using M = Of<N, Money>;
    out.purchase = value_where(priced, cost.purchase);
    out.capex = value_where(priced, cost.capex);
    out.opex_maintenance = value_where(priced, cost.opex_maintenance);
    out.opex = value_where(priced, cost.opex);
    out.tco = value_where(priced, cost.tco);
    const auto lasts = both(priced, !(in.duration <= Time{}));
    const Of<N, Time> useful = in.useful_share * in.duration;
    out.per_accelerator_hour = value_where(lasts, M(spread<N>(1.0 * units::hour) / in.duration / f.accelerators * cost.tco));
    out.per_million_tokens =
        value_where(both(lasts, has(in.throughput)), M(spread<N>(1e6 * units::token) / (*in.throughput * useful) * cost.tco));
    out.per_request = value_where(both(lasts, has(in.request_rate)),
                                  M(spread<N>(1.0 * units::request) / (*in.request_rate * useful) * cost.tco));
  }
};

}  // namespace ironlaw::economics
