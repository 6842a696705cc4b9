#pragma once
#include <ironlaw/equations/money.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::economics {

/// Buying against renting: how busy a machine must be for its purchase to pay.
struct OwnOrRent {
  static constexpr auto about =
      Solver::About{"own_or_rent", "Utilization at which owning costs what renting does", "Barroso, Hoelzle & Ranganathan 2018"};

  struct Given {};
  struct Facts {};
  template <class N>
  struct InputsOf : Given {
    Of<N, Money> purchase = required;
    Of<N, MoneyRate> rent = required;
    Of<N, Time> amortization = spread<N>(Time(3.0 * units::year));
    N cost_of_capital = 0.07;
    Of<N, MoneyRate> fixed_cost{};
    Of<N, MoneyRate> running_cost{};
    N utilization = 1.0;
  };
  using Inputs = InputsOf<double>;

  template <class N>
  struct OutputsOf {
    Of<N, MoneyRate> own_cost;
    Of<N, MoneyRate> rent_cost;
    Of<N, bool> owning_is_cheaper;
    Of<N, Maybe<double>> break_even_utilization;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of =
      ports(port<&InputsOf<N>::purchase>("price of what is bought", non_negative),
            port<&InputsOf<N>::rent>("price of renting the same, paid while it is used", non_negative).display("USD/hour"),
            port<&InputsOf<N>::amortization>("time over which the purchase is paid off", positive).display("year"),
            port<&InputsOf<N>::cost_of_capital>("interest a year on what is not paid off; 0 is straight-line depreciation",
                                                non_negative)
                .refinement(),
            port<&InputsOf<N>::fixed_cost>("what owning costs whether used or not: space, staff, maintenance", non_negative)
                .display("USD/hour"),
            port<&InputsOf<N>::running_cost>("what owning costs while it is used: electricity", non_negative).display("USD/hour"),
            port<&InputsOf<N>::utilization>("share of the time that it is used", fraction));
  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of = ports(
      port<&OutputsOf<N>::own_cost>("of owning, at this utilization").display("USD/hour"),
      port<&OutputsOf<N>::rent_cost>("of renting, at this utilization").display("USD/hour"),
      port<&OutputsOf<N>::owning_is_cheaper>("whether owning costs less at this utilization"),
      port<&OutputsOf<N>::break_even_utilization>("share of the time above which owning costs less; absent where it never does"));
  static constexpr auto outputs = outputs_of<double>;

  static Facts facts(const Given&) { return {}; }
  static Outputs solve(const Inputs& in) { return solve(in, {}); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    Rare<double> none;
    return rows(in, f, none);
  }
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts&, Rare<N>&) {
    OutputsOf<N> out;
    const Of<N, MoneyRate> standing = standing_cost(in);
    out.own_cost = standing + in.utilization * in.running_cost;
    out.rent_cost = in.utilization * in.rent;
    out.owning_is_cheaper = out.own_cost < out.rent_cost;
    const N share = (standing / (in.rent - in.running_cost)).value();
    out.break_even_utilization = value_where(both(in.rent > in.running_cost, share <= 1.0), share);
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("standing cost", "purchase * CRF + fixed",
           {{"purchase", in.purchase}, {"CRF", recovery(in)}, {"fixed", in.fixed_cost}}, standing_cost(in));
    w.step("own_cost", "standing + u * running",
           {{"standing", standing_cost(in)}, {"u", in.utilization}, {"running", in.running_cost}}, out.own_cost);
    w.step("rent_cost", "u * rent", {{"u", in.utilization}, {"rent", in.rent}}, out.rent_cost);
    if (out.break_even_utilization) {
      w.step("break_even_utilization", "standing / (rent - running)",
             {{"standing", standing_cost(in)}, {"rent", in.rent}, {"running", in.running_cost}}, out.break_even_utilization);
    }
  }

 private:
  template <class N>
  static N recovery(const InputsOf<N>& in) {
    return equations::capital_recovery(in.cost_of_capital, equations::in_years(in.amortization));
  }
  template <class N>
  static Of<N, MoneyRate> standing_cost(const InputsOf<N>& in) {
    return in.purchase * recovery(in) / units::year + in.fixed_cost;
  }
};

}  // namespace ironlaw::economics
