#pragma once
#include <ironlaw/facets.hpp>
#include <ironlaw/sdk/band.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include "../laws.hpp"

namespace ironlaw::estimates {

enum class ExchangeKind {
  all_reduce,
  all_gather,
  reduce_scatter,
  all_to_all,
  expert_dispatch,
  expert_combine,
  expert_prepare,               ///< what ranks tell each other before they dispatch
  expert_combine_low_precision  ///< in the bytes of `element_bytes`
};
/// Whose protocol: NCCL's, an engine's own all-reduce, or an exchange of routed tokens.
enum class ExchangeLibrary {
  nccl,
  custom,
  deepep,
  deepep_low_latency,
  deepep_ht,
  deepep_ll,
  deepep_v2_context,
  deepep_v2_generation,
  trtllm_deepep_ht,
  trtllm_deepep_ll,
  NVLinkOneSided,
  NVLinkTwoSided
};

/// A share of the whole buffer that crosses each device's link on a ring (Patarasuk & Yuan 2009).
inline double ring_share(ExchangeKind kind, double devices) {
  return (kind == ExchangeKind::all_reduce ? 2 : 1) * (devices - 1) / devices;
}

/// PCIe 5.0 with sixteen lanes, one way: links up to here run through the host's bridge.
inline constexpr Bandwidth pcie_bandwidth = 64e9 * units::byte_per_second;

/// The link of a device's node: what a port says, else the device's own, else the one to its host, through which devices without
/// a link of their own reach one another; where none is stated a guess, 16 lanes of PCIe 4.
inline Bandwidth inner_link(const Hardware& device, const Maybe<Bandwidth>& given) {
  constexpr Bandwidth usual_link = 32.0 * units::gigabyte / units::second;
  if (given) return *given;
  if (const auto* link = device.facet<DeviceLink>(); link != nullptr && link->bandwidth) return *link->bandwidth;
  return device.host_link().value_or(usual_link);
}

/// One collective or exchange of routed tokens, by measured protocols.
struct Exchange {
  static constexpr auto about =
      Solver::About{"exchange", "Time of one collective or exchange of routed tokens, by records and measured protocols",
                    "Hockney 1994; Patarasuk & Yuan 2009; constants fitted on the tables of aiconfigurator-core 0.12.0"};
  struct Inputs {
    ExchangeKind exchange = required;
    const Hardware* hardware = nullptr;
    const Engine* engine = nullptr;
    const KernelRates* kernel_rates = nullptr;
    ExchangeLibrary library = ExchangeLibrary::nccl;
    LaunchMode launch = LaunchMode::graph;
    double devices = required;
    double nodes = 1;
    Maybe<Bandwidth> link_bandwidth;
    Maybe<Bandwidth> network_bandwidth;
    Maybe<Information> message;
    Maybe<double> tokens;
    Maybe<double> hidden_size;
    Maybe<double> experts_per_token;
    double element_bytes = 2;
    double lent_multiprocessors = 0;
    Maybe<double> band_quantile;
  };
  struct Outputs {
    Time exchange_time;
    Maybe<Time> exchange_time_low;
    Maybe<Time> exchange_time_high;
    Time wire_time;
    Time network_time;
    Time fixed_time;
    Bandwidth achieved_bandwidth;
    RateLevel record_level;
    Maybe<double> outside_record;
    double record_edge = 1;
  };
  static constexpr auto inputs = ports(
      port<&Inputs::exchange>("what is exchanged"), port<&Inputs::hardware>("the devices"),
      port<&Inputs::engine>("engine whose protocol it is; left out: any").optional(),
      port<&Inputs::kernel_rates>("records to use; left out: the device's").refinement().optional(),
      port<&Inputs::library>("library: nccl, an engine's own all-reduce, or an exchange of routed tokens").refinement(),
      port<&Inputs::launch>("inside a captured graph, or call by call, of an all-reduce").refinement(),
      port<&Inputs::devices>("devices of the group", between(2, 1e6)).whole(),
      port<&Inputs::nodes>("nodes that they sit in, of an exchange of routed tokens", at_least_one).whole(),
      port<&Inputs::link_bandwidth>("link inside a node, one way; left out: the device's, else that to its host", positive)
          .refinement()
          .display("GB/s"),
      port<&Inputs::network_bandwidth>("a device's share of the network, one way; left out: the device's", positive)
          .refinement()
          .display("GB/s"),
      port<&Inputs::message>("the whole buffer of a collective; of an all-gather, the gathered one", positive).display("MB"),
      port<&Inputs::tokens>("tokens of one device, of an exchange of routed tokens", positive),
      port<&Inputs::hidden_size>("elements of a token", positive),
      port<&Inputs::experts_per_token>("experts that a token goes to", positive),
      port<&Inputs::element_bytes>("bytes of an element on the way: 2, 1.03 in 8 bit with scales", positive).refinement(),
      port<&Inputs::lent_multiprocessors>("multiprocessors lent to the exchange; 0: it runs by itself", non_negative)
          .refinement(),
      band_port<&Inputs::band_quantile>());
  static constexpr auto outputs = ports(
      port<&Outputs::exchange_time>("time of the exchange").with_band().display("us"),
      port<&Outputs::exchange_time_low>("a tenth of measured exchanges take less").display("us"),
      port<&Outputs::exchange_time_high>("a tenth take more").display("us"),
      port<&Outputs::wire_time>("what the inner link would take at its full bandwidth").display("us"),
      port<&Outputs::network_time>("what the network would take at its full bandwidth").display("us"),
      port<&Outputs::fixed_time>("latency that does not shrink with the message").display("us"),
      port<&Outputs::achieved_bandwidth>("traffic on the inner link over the time").display("GB/s"),
      port<&Outputs::record_level>("whose record answered, from the narrowest to all devices"),
      port<&Outputs::outside_record>("how far the size lies outside what the record was fitted on; absent where it does not"),
      port<&Outputs::record_edge>("1, the edge of that range"));
  static constexpr auto limits = ironlaw::limits(
      soft<&Outputs::wire_time, &Outputs::exchange_time>("communication", "share of the time that the inner link needs at least",
                                                         "v / beta_n <= T"),
      soft<&Outputs::network_time, &Outputs::exchange_time>("communication: network", "share of the time that the network needs",
                                                            "z / beta_e <= T"),
      soft<&Outputs::fixed_time, &Outputs::exchange_time>("software", "share of the time that is latency",
                                                          "tau + alpha log2 n <= T"),
      soft<&Outputs::outside_record, &Outputs::record_edge>(
          "software: record range", "the record was fitted on other sizes; the law goes on, its error is not known",
          "bytes of a collective, tokens of an exchange of routed tokens: size <= to, from <= size"));
  static constexpr auto rules = ironlaw::rules(
      rule("nodes must be no more than devices", [](const Inputs& in) { return in.nodes <= in.devices; }),
      rule("a collective needs message",
           [](const Inputs& in) { return in.exchange >= ExchangeKind::expert_dispatch || in.message.has_value(); }),
      rule("an exchange of routed tokens needs tokens, hidden_size and experts_per_token",
           [](const Inputs& in) {
             return in.exchange < ExchangeKind::expert_dispatch || (in.tokens && in.hidden_size && in.experts_per_token);
           }),
      rule("a collective runs by nccl or custom, an exchange of routed tokens by one of the others", [](const Inputs& in) {
        return (in.exchange >= ExchangeKind::expert_dispatch) == (in.library >= ExchangeLibrary::deepep);
      }));

  /// Traffic of one device: over the inner link and over the network.
  struct Traffic {
    Information inside{};
    Information outside{};
  };
  static Traffic traffic(const Inputs& in) {
    const double n = in.devices;
    if (in.exchange < ExchangeKind::expert_dispatch) return {*in.message * ring_share(in.exchange, n), {}};
    const Information token = *in.hidden_size * in.element_bytes * units::byte;
    const double k = *in.experts_per_token;
    const auto reached = [k](double of) { return of * (1 - std::pow(1 - 1 / of, k)); };  // that a token's k copies reach
    const bool every_copy = in.library == ExchangeLibrary::deepep_low_latency;
    Traffic t;
    t.inside = *in.tokens * token * (every_copy ? k : reached(n)) * ((n - 1) / n);
    if (in.nodes > 1)
      t.outside =
          every_copy ? t.inside * (1 - 1 / in.nodes) : *in.tokens * token * reached(in.nodes) * ((in.nodes - 1) / in.nodes);
    return t;
  }
  static RateFound record(const Inputs& in) {
    const bool routed = in.exchange >= ExchangeKind::expert_dispatch;
    const std::string_view exchange = detail::enumerator_names<ExchangeKind>[static_cast<std::size_t>(in.exchange)];
    std::string_view phase;
    constexpr std::string_view prefix = "expert_";
    if (routed) phase = exchange.substr(prefix.size());
    if (in.library == ExchangeLibrary::custom) phase = "graph";
    if (in.exchange == ExchangeKind::all_reduce && in.launch == LaunchMode::eager) phase = "eager";
    return RateSearch(*in.hardware, in.kernel_rates, in.engine, kernel_laws)
        .need({.operation = routed ? "expert_exchange" : exchange,
               .kernel = detail::enumerator_names<ExchangeLibrary>[static_cast<std::size_t>(in.library)],
               .phase = phase});
  }
  static Bandwidth network(const Inputs& in) {
    if (in.network_bandwidth) return *in.network_bandwidth;
    const auto* platform = in.hardware->facet<KernelPlatform>();
    if (platform == nullptr || !platform->network_bandwidth)
      throw MissingData(in.hardware->name(), "network_link", "give network_bandwidth");
    return *platform->network_bandwidth;
  }

  static Outputs solve(const Inputs& in) {
    const RateFound found = record(in);
    const Bandwidth link = inner_link(*in.hardware, in.link_bandwidth);
    const Traffic moved = traffic(in);
    Outputs out{};
    out.wire_time = moved.inside / link;
    if (moved.outside > Information{}) out.network_time = moved.outside / network(in);
    const auto time = [&](Time wire, Time outside) {
      if (in.exchange < ExchangeKind::expert_dispatch)
        return equations::collective_form(collective_law(found), in.devices, link <= pcie_bandwidth)(wire);
      return equations::expert_exchange_time(expert_exchange_law(found), wire, outside, in.lent_multiprocessors);
    };
    out.exchange_time = time(out.wire_time, out.network_time);
    out.fixed_time = time(Time{}, Time{});
    if (found->low && found->high) {
      out.exchange_time_low = out.exchange_time * std::exp(*found->low);
      out.exchange_time_high = out.exchange_time * std::exp(*found->high);
    }
    out.exchange_time *= band_factor(in.band_quantile, found->low, found->high);
    out.achieved_bandwidth = moved.inside / out.exchange_time;
    out.record_level = found.level;
    const double size = in.message ? ironlaw::in(*in.message, units::byte) : *in.tokens;
    if (found->from && found->to)
      if (const double outside = std::max(size / *found->to, *found->from / size); outside > 1) out.outside_record = outside;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const RateFound found = record(in);
    const Traffic moved = traffic(in);
    w.note("record: " + std::string(found->operation) + " of " + std::string(found.records->name()) + ", " +
           std::string(found->kernel) + "; " + std::string(found->how) + " on " + std::string(found->source));
    w.step("wire_time", "v / beta_n", {{"v", moved.inside}, {"beta_n", inner_link(*in.hardware, in.link_bandwidth)}},
           out.wire_time, "Patarasuk & Yuan 2009");
    if (out.network_time > Time{})
      w.step("network_time", "z / beta_e", {{"z", moved.outside}, {"beta_e", network(in)}}, out.network_time);
    w.step("fixed_time", "tau + alpha log2 n", {{"tau", found->latency}, {"alpha", found->doubling_latency}, {"n", in.devices}},
           out.fixed_time, "Hockney 1994");
    w.step("exchange_time",
           in.exchange < ExchangeKind::expert_dispatch ? "band (t_f + x/eta + (rho x)^(1/2))"
                                                       : "band (t_f + max(x/eta (1 + s0/s), z/eta_e))",
           {{"t_f", out.fixed_time},
            {"x", out.wire_time},
            {"eta", found->link_share},
            {"rho", found->protocol_time},
            {"band", band_factor(in.band_quantile, found->low, found->high)}},
           out.exchange_time);
    const bool waits = out.fixed_time > out.exchange_time - out.fixed_time;
    const std::string constant = binding_constant(found, waits ? "latency" : "link");
    w.operation({.name = found->operation,
                 .time = out.exchange_time,
                 .bytes = moved.inside + moved.outside,
                 .wall = waits ? "latency" : "link",
                 .constant = constant,
                 .record = found.records->name(),
                 .source = found->source});
  }
};

}  // namespace ironlaw::estimates
