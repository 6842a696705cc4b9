#pragma once
#include <ironlaw/equations/money.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::economics {

/// Buying against renting: how busy a machine must be for its purchase to pay.
struct OwnOrRent {
  static constexpr auto about =
      Solver::About{"own_or_rent", "Utilization at which owning costs what renting does", "Barroso, Hoelzle & Ranganathan 2018"};

  struct Inputs {
    Money purchase = required;
    MoneyRate rent = required;
    Time amortization = 3.0 * units::year;
    double cost_of_capital = 0.07;
    MoneyRate fixed_cost{};
    MoneyRate running_cost{};
    double utilization = 1;
  };

  struct Outputs {
    MoneyRate own_cost;
    MoneyRate rent_cost;
    bool owning_is_cheaper;
    Maybe<double> break_even_utilization;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::purchase>("price of what is bought", non_negative),
      port<&Inputs::rent>("price of renting the same, paid while it is used", non_negative).display("USD/hour"),
      port<&Inputs::amortization>("time over which the purchase is paid off", positive).display("year"),
      port<&Inputs::cost_of_capital>("interest a year on what is not paid off; 0 is straight-line depreciation", non_negative)
          .refinement(),
      port<&Inputs::fixed_cost>("what owning costs whether used or not: space, staff, maintenance", non_negative)
          .display("USD/hour"),
      port<&Inputs::running_cost>("what owning costs while it is used: electricity", non_negative).display("USD/hour"),
      port<&Inputs::utilization>("share of the time that it is used", fraction));

  static constexpr auto outputs = ports(
      port<&Outputs::own_cost>("of owning, at this utilization").display("USD/hour"),
      port<&Outputs::rent_cost>("of renting, at this utilization").display("USD/hour"),
      port<&Outputs::owning_is_cheaper>("whether owning costs less at this utilization"),
      port<&Outputs::break_even_utilization>("share of the time above which owning costs less; absent where it never does"));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.own_cost = standing_cost(in) + in.utilization * in.running_cost;
    out.rent_cost = in.utilization * in.rent;
    out.owning_is_cheaper = out.own_cost < out.rent_cost;
    if (in.rent > in.running_cost) {
      const double share = standing_cost(in) / (in.rent - in.running_cost);
      if (share <= 1) out.break_even_utilization = share;
    }
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
  static double recovery(const Inputs& in) {
    return equations::capital_recovery(in.cost_of_capital, ironlaw::in(in.amortization, units::year));
  }
  static MoneyRate standing_cost(const Inputs& in) { return in.purchase * recovery(in) / units::year + in.fixed_cost; }
};

}  // namespace ironlaw::economics
