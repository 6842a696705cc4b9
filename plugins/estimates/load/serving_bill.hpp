#pragma once
// What serving takes of power, money and carbon, and what of it falls on prompts and on answers.
#include <ironlaw/equations/money.hpp>
#include <ironlaw/facts.hpp>
#include <ironlaw/records.hpp>

#include "../serving/device_power.hpp"
#include "serving_inputs.hpp"

namespace ironlaw::estimates {

using EnergyPerToken = decltype(Energy{} / Tokens{});
using MoneyPerToken = decltype(Money{} / Tokens{});
using CarbonPerToken = decltype(Carbon{} / Tokens{});

/// What stands around the devices.
struct BillInputs {
  const Node* node = nullptr;
  const Grid* grid = nullptr;
  double host_share = 0.5;
  Power switch_power{};
  Maybe<double> pue;
  Maybe<MoneyRate> device_cost;
  Maybe<Money> default_price;
  double infrastructure_multiplier = 1;
};
inline constexpr auto bill_ports = ports(
    port<&BillInputs::node>("node of the devices, for its host's power; left out: none is counted").optional(),
    port<&BillInputs::grid>("electricity: price, carbon, typical PUE; left out: 0.12 USD/kWh, and no carbon").optional(),
    port<&BillInputs::host_share>("of the node's host_power, which is the most, that it draws in the mean", fraction)
        .refinement(),
    port<&BillInputs::switch_power>("of switches and optics, a device", non_negative).refinement().display("W"),
    port<&BillInputs::pue>("power usage effectiveness; left out: the grid's typical one, else 1.2", at_least_one).refinement(),
    port<&BillInputs::device_cost>(
        "rent of a device, electricity included; left out: its price paid off in 3 years at 7 %, 5 % of it "
        "a year for maintenance, and electricity",
        non_negative)
        .display("USD/hour"),
    port<&BillInputs::default_price>("purchase price where the device states none", non_negative).refinement(),
    port<&BillInputs::infrastructure_multiplier>("purchase of everything over purchase of the devices", non_negative)
        .refinement());

/// Absent where a device states no design power, or no price.
struct BillOutputs {
  Maybe<Power> device_power;
  Maybe<EnergyPerToken> energy_per_token;
  Maybe<EnergyPerToken> system_energy_per_token;
  double prompt_time_share = 0;
  Maybe<MoneyPerToken> cost_per_input_token;
  Maybe<MoneyPerToken> cost_per_output_token;
  Maybe<CarbonPerToken> carbon_per_input_token;
  Maybe<CarbonPerToken> carbon_per_output_token;
};
inline constexpr auto bill_outputs = ports(
    port<&BillOutputs::device_power>("of a device, mean; absent without a design power").display("W"),
    port<&BillOutputs::energy_per_token>("of all devices, over tokens of answers").display("J/token"),
    port<&BillOutputs::system_energy_per_token>("the same with hosts, switches and the facility").display("J/token"),
    port<&BillOutputs::prompt_time_share>("of the engine's time that prompts take; answers take the rest", fraction),
    port<&BillOutputs::cost_per_input_token>("devices' cost that falls on prompts, a token of theirs").display("USD/Mtoken"),
    port<&BillOutputs::cost_per_output_token>("devices' cost that falls on answers, a token of theirs").display("USD/Mtoken"),
    port<&BillOutputs::carbon_per_input_token>("of electricity, as the cost; absent without a grid").display("gCO2e/Mtoken"),
    port<&BillOutputs::carbon_per_output_token>("of electricity, as the cost; absent without a grid").display("gCO2e/Mtoken"));

/// One engine's, or pool's, part in each request.
struct EngineWork {
  const IterationFacts& facts;
  double decodes = 0;  ///< iterations in which a request gets tokens
  double context = 0;  ///< of a sequence met decoding
  double queries = 1;  ///< a sequence and iteration: itself and what was drafted
  double prompt = 0;   ///< tokens that are work
  double cached = 0;   ///< tokens before them
};

/// Arithmetic of a request on each device, at peak.
inline Time arithmetic_of_request(const EngineWork& w) {
  IterationInputs in;
  in.decoding_sequences = w.decodes;
  in.context = w.context;
  in.drafted_tokens = w.queries - 1;
  Time t = arithmetic_time(w.facts, RankRow(w.facts, in));
  if (w.prompt > 0) {
    in.decoding_sequences = 0;
    in.prompt_tokens = w.prompt;
    in.cached_tokens = w.cached;
    t += arithmetic_time(w.facts, RankRow(w.facts, in));
  }
  return t / w.facts.stages;
}

/// Power of a device of an engine that serves `requests`; it idles while none is there.
inline Maybe<Power> serving_power(const EngineWork& w, Rate requests, double busy) {
  const double share = busy > 0 ? std::min(1.0, static_cast<double>(requests * arithmetic_of_request(w)) / busy) : 0;
  const Maybe<Power> at_work = device_power(w.facts.power, share);
  if (!at_work) return absent;
  return w.facts.power.idle + busy * (*at_work - w.facts.power.idle);
}

/// Share of the time in which an engine has a request. Arrivals at random find none with exp(-N) where N are there in the mean,
/// as sharing makes service insensitive to its length (Kelly 1979); users who think are all away at once.
inline double busy_share(const LoadInputs& in, double users, Rate requests, Time latency) {
  if (!in.users) return -std::expm1(-static_cast<double>(requests * latency));
  const double away = in.think_time > Time{} ? static_cast<double>(in.think_time / (in.think_time + latency)) : 0;
  return 1 - std::pow(away, users);
}

namespace detail {

/// What a device costs, without its electricity.
inline Maybe<MoneyRate> owned_device_cost(const BillInputs& in, const Hardware& device) {
  const Maybe<Money> price = device.price() ? device.price() : in.default_price;
  if (!price) return absent;
  const equations::CostTerms terms;
  return in.infrastructure_multiplier * *price * (equations::yearly_capital_share(terms) / units::year + terms.maintenance_rate);
}

}  // namespace detail

/// What a whole deployment draws and costs.
struct Bill {
  Maybe<Power> devices;
  Maybe<Power> facility;
  Maybe<MoneyRate> cost;
  Maybe<CarbonRate> carbon;

  /// Adds `count` devices that each draw `power`.
  void add(const BillInputs& in, const Hardware& device, double count, const Maybe<Power>& power) {
    const Maybe<double> of_grid = in.grid != nullptr ? in.grid->typical_pue : Maybe<double>();
    const double pue = in.pue.value_or(of_grid.value_or(1.2));
    const auto host = in.node != nullptr && in.node->host_power
                          ? Maybe<Power>(in.host_share * *in.node->host_power / in.node->accelerators)
                          : Maybe<Power>();
    const auto sum = [](auto& to, const auto& more) { to = to.has_value() ? *to + more : more; };
    Power whole{};
    if (power) {
      whole = count * pue * (*power + host.value_or(Power{}) + in.switch_power);
      sum(devices, count * *power);
      sum(facility, whole);
      if (in.grid != nullptr) sum(carbon, in.grid->carbon_intensity * whole);
    }
    if (in.device_cost) return sum(cost, count * *in.device_cost);
    const Maybe<MoneyRate> owned = detail::owned_device_cost(in, device);
    if (!owned || !power) return;
    const EnergyPrice usual = equations::CostTerms{}.default_electricity_price;
    const EnergyPrice price = in.grid != nullptr ? in.grid->electricity_price.value_or(usual) : usual;
    sum(cost, count * *owned + price * whole);
  }

  /// Over the tokens of a second: what falls on prompts by their share of the engine's time, and on answers.
  void share(TokenRate input, TokenRate output, double prompts, BillOutputs& out) const {
    out.prompt_time_share = prompts;
    if (output <= TokenRate{}) return;
    if (devices) out.energy_per_token = *devices / output;
    if (facility) out.system_energy_per_token = *facility / output;
    if (cost) {
      out.cost_per_input_token = prompts * *cost / input;
      out.cost_per_output_token = (1 - prompts) * *cost / output;
    }
    if (carbon) {
      out.carbon_per_input_token = prompts * *carbon / input;
      out.carbon_per_output_token = (1 - prompts) * *carbon / output;
    }
  }
};

/// Of the time that a request takes of an engine, the share of its prompt: what its units add to iterations, beside its part in
/// those that decode.
inline double prompt_time_share(const load::Work& w, const load::Answer& a) {
  const double decoding = std::max(1.0, a.decoding);
  const double beside = a.decoding < 1 || w.prompts_first ? 0 : decoding;
  const Time step = w.decode(decoding);
  const double met = std::clamp(static_cast<double>(a.throughput * w.units * a.tpot.mean * w.tokens_a_step), 1.0, w.capacity);
  const Time alone = beside > 0 ? step : Time{};
  const Time prompt = std::max(Time{}, w.units * (w.with_units(beside, met) - alone) / met);
  const Time answer = w.decodes * step / decoding;
  return static_cast<double>(prompt / (prompt + answer));
}

}  // namespace ironlaw::estimates
