#pragma once
#include <ironlaw/equations/device.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/demand_form.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <optional>

namespace ironlaw::roofline {

/// Whether a data-parallel training step is bound by arithmetic or by exchanging gradients. A diagnostic, not a training time.
struct NetworkRoofline {
  static constexpr auto about =
      Solver::About{"network_roofline", "Arithmetic against gradient exchange in data-parallel training",
                    "Williams 2009; Patarasuk & Yuan 2009; McCandlish 2018"};

  enum class Bottleneck { Compute, Network };
  /// Each device's own work against its own link, or one sample's work on the whole fleet against a single link.
  enum class Comparison { per_device, fleet_over_one_link };

  struct Given {
    const Workload* workload;
    const Fleet* fleet;
    Precision precision = Precision::fp16;
    Comparison comparison = Comparison::per_device;
    bool overlap = true;
  };
  struct Inputs : Given {
    double efficiency = 0.5;
    double tokens_per_device = 8192;
    Maybe<double> gradient_bits = absent;

    /// Bytes of an element of the gradients as it crosses the link.
    [[nodiscard]] constexpr double gradient_bytes() const {
      return gradient_bits ? *gradient_bits / 8 : bytes_per_element(precision);
    }
  };
  struct Facts {
    std::optional<AskedWorkload> model;  ///< of per_device, which alone asks for a demand
    double parameters;
    double devices;
    FlopRate peak;         ///< of a device
    Precision arithmetic;  ///< that it is of
    Bandwidth link;
  };

  struct Outputs {
    Time latency;
    Time compute_time;
    Time network_time;
    Time exposed_network_time;
    Rate throughput;
    Bottleneck bottleneck;
    Intensity communication_intensity;
    Intensity ridge_point;
    Maybe<double> critical_tokens_per_device;
    Information gradient_traffic;
    Precision arithmetic_format;
    FlopRate achieved_peak_rate;
    Bandwidth effective_bandwidth;
    double mfu;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model to train"), port<&Inputs::fleet>("devices that train it together"),
            port<&Inputs::precision>("number format of arithmetic, and of gradients where gradient_bits is left out"),
            port<&Inputs::gradient_bits>("bits of an element of the gradients that are exchanged; absent: precision's",
                                         bits_of_an_element)
                .refinement(),
            port<&Inputs::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
            port<&Inputs::comparison>(
                "per_device: a device's work against its share of a ring all-reduce; fleet_over_one_link: one work unit's "
                "work on the whole fleet against all gradients over one link")
                .parity(),
            port<&Inputs::tokens_per_device>(
                "per_device: work units (tokens, sequences or samples) of a device between two exchanges", positive),
            port<&Inputs::overlap>("per_device: hide the exchange behind the backward pass, two thirds of the arithmetic")
                .refinement());

  static constexpr auto outputs =
      ports(port<&Outputs::latency>("time of a step"), port<&Outputs::compute_time>("arithmetic at the achieved peak rate"),
            port<&Outputs::network_time>("exchange of gradients"),
            port<&Outputs::exposed_network_time>("exchange that does not hide behind arithmetic"),
            port<&Outputs::throughput>("steps per time"), port<&Outputs::bottleneck>("the longer of arithmetic and exchange"),
            port<&Outputs::communication_intensity>("operations over bytes exchanged").display("FLOP/B"),
            port<&Outputs::ridge_point>("intensity below which the network binds").display("FLOP/B"),
            port<&Outputs::critical_tokens_per_device>("per_device: tokens between exchanges below which the network binds"),
            port<&Outputs::gradient_traffic>("bytes that cross the link in a step"),
            port<&Outputs::arithmetic_format>(
                "number format that products are computed in; another than precision where the device widens it"),
            port<&Outputs::achieved_peak_rate>("peak arithmetic rate times efficiency: of a device, or of the fleet"),
            port<&Outputs::effective_bandwidth>("link after oversubscription, one way"),
            port<&Outputs::mfu>("model FLOP utilisation", fraction));

  static constexpr auto limits =
      ironlaw::limits(soft<&Outputs::compute_time, &Outputs::latency>("compute", "arithmetic's share of the step",
                                                                      "operations / (peak * eta) <= T"),
                      soft<&Outputs::exposed_network_time, &Outputs::latency>(
                          "communication", "share of the step that the exchange adds", "gradient_traffic / beta - hidden <= T"));

  static constexpr auto rules =
      ironlaw::rules(rule("fleet holds one accelerator: there is nothing to exchange; give at least 2", [](const Inputs& in) {
        return in.comparison == Comparison::fleet_over_one_link || in.fleet->accelerators() > 1;
      }));

  static Facts facts(const Given& given) {
    const auto parameters = given.workload->parameters();
    if (!parameters) throw MissingData(given.workload->name(), "number of parameters");
    std::optional<AskedWorkload> model;
    if (given.comparison == Comparison::per_device)
      model.emplace(*given.workload, Conditions{.phase = Phase::training, .formats = Formats::of(given.precision)});
    const Hardware& device = *given.fleet->node->accelerator;
    return {model,
            *parameters,
            given.fleet->accelerators(),
            device.peak_rate(given.precision),
            equations::arithmetic_format(device, given.precision),
            link(given)};
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const bool per_device = in.comparison == Comparison::per_device;
    const Step step = per_device ? device_step(in, f) : fleet_step(in, f);
    const FlopRate peak = step.devices * f.peak;

    Outputs out{};
    out.arithmetic_format = f.arithmetic;
    out.achieved_peak_rate = peak * in.efficiency;
    out.effective_bandwidth = f.link;
    out.gradient_traffic = step.traffic;
    out.compute_time = step.operations / out.achieved_peak_rate;
    out.network_time = step.traffic / out.effective_bandwidth;
    const Time hidden = !per_device ? out.compute_time : in.overlap ? backward_share * out.compute_time : Time{};
    out.exposed_network_time = std::max(out.network_time - hidden, Time{});
    out.latency = out.compute_time + out.exposed_network_time;
    out.throughput = 1.0 / out.latency;
    out.bottleneck = out.network_time > out.compute_time ? Bottleneck::Network : Bottleneck::Compute;
    out.communication_intensity = step.operations / step.traffic;
    out.ridge_point = out.achieved_peak_rate / out.effective_bandwidth;
    if (per_device)
      out.critical_tokens_per_device = in.tokens_per_device * static_cast<double>(out.ridge_point / out.communication_intensity);
    out.mfu = equations::utilization(step.operations, peak, out.latency);
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const bool per_device = in.comparison == Comparison::per_device;
    const Facts f = facts(in);
    const Step step = per_device ? device_step(in, f) : fleet_step(in, f);
    const FlopRate peak = f.peak;
    const double devices = f.devices;
    const double element = in.gradient_bytes();
    if (per_device) {
      w.step("operations", "3 * forward(T_d)", {{"T_d", in.tokens_per_device}}, step.operations, "Kaplan 2020: 6 * P * T_d");
      w.step("gradient_traffic", "2 * (n - 1) / n * P * b", {{"n", devices}, {"P", in.workload->parameters()}, {"b", element}},
             out.gradient_traffic, "Patarasuk & Yuan 2009");
    } else {
      w.step("operations", "6 * P", {{"P", in.workload->parameters()}}, step.operations, "Kaplan 2020");
      w.step("gradient_traffic", "2 * P * b", {{"P", in.workload->parameters()}, {"b", element}}, out.gradient_traffic);
    }
    w.step("achieved_peak_rate", "n * peak * eta", {{"n", step.devices}, {"peak", peak}, {"eta", in.efficiency}},
           out.achieved_peak_rate);
    w.step("compute_time", "operations / achieved_peak_rate",
           {{"operations", step.operations}, {"achieved_peak_rate", out.achieved_peak_rate}}, out.compute_time, "Williams 2009");
    if (inside_node(in)) {
      w.note("The exchange stays inside one node.");
    } else {
      w.step("effective_bandwidth", "link / oversubscription",
             {{"link", in.fleet->fabric->link_bandwidth}, {"oversubscription", in.fleet->fabric->oversubscription}},
             out.effective_bandwidth);
    }
    w.step("network_time", "gradient_traffic / beta",
           {{"gradient_traffic", out.gradient_traffic}, {"beta", out.effective_bandwidth}}, out.network_time);
    w.step("communication_intensity", "operations / gradient_traffic",
           {{"operations", step.operations}, {"gradient_traffic", out.gradient_traffic}}, out.communication_intensity);
    w.step("ridge_point", "achieved_peak_rate / beta",
           {{"achieved_peak_rate", out.achieved_peak_rate}, {"beta", out.effective_bandwidth}}, out.ridge_point, "Williams 2009");
    if (per_device) {
      w.step("critical_tokens_per_device", "T_d * ridge / intensity",
             {{"T_d", in.tokens_per_device}, {"ridge", out.ridge_point}, {"intensity", out.communication_intensity}},
             out.critical_tokens_per_device, "McCandlish 2018");
    }
    w.step("exposed_network_time", "max(0, t_n - hidden * t_c)",
           {{"t_n", out.network_time},
            {"hidden", !per_device  ? 1
                       : in.overlap ? backward_share
                                    : 0},
            {"t_c", out.compute_time}},
           out.exposed_network_time);
    w.step("latency", "t_c + exposed", {{"t_c", out.compute_time}, {"exposed", out.exposed_network_time}}, out.latency);
    w.step("throughput", "1 / latency", {{"latency", out.latency}}, out.throughput);
    w.step("mfu", "operations / (latency * n * peak)",
           {{"operations", step.operations}, {"latency", out.latency}, {"n", step.devices}, {"peak", peak}}, out.mfu,
           "Chowdhery 2022");
  }

 private:
  static constexpr double backward_share = 2.0 / 3.0;  ///< of a step's arithmetic; gradients leave while it runs

  /// What is set against each other, and how many devices do it.
  struct Step {
    Operations operations;
    Information traffic;
    double devices;
  };

  static Step device_step(const Inputs& in, const Facts& f) {
    const double n = f.devices;
    const Demand demand = f.model->demand(in.tokens_per_device, 1, 0);
    const Information gradients = f.parameters * in.gradient_bytes() * units::byte;
    return {equations::operations_multiple(true, false) * (demand.linear + demand.logits), 2 * (n - 1) / n * gradients, 1};
  }

  static Step fleet_step(const Inputs& in, const Facts& f) {
    const double p = f.parameters;
    return {6 * p * units::flop, 2 * p * in.gradient_bytes() * units::byte, f.devices};
  }

  /// Whether the ring never leaves a node; the fleet's comparison looks at the fabric wherever there is one.
  static bool inside_node(const Given& in) {
    return in.fleet->nodes <= 1 && (in.comparison == Comparison::per_device || in.fleet->fabric == nullptr);
  }

  static Bandwidth link(const Given& in) {
    if (inside_node(in)) return in.fleet->node->link_bandwidth;
    if (in.fleet->fabric == nullptr) throw MissingData(in.fleet->name(), "fabric", "a fleet of several nodes needs one");
    return in.fleet->fabric->link_bandwidth / in.fleet->fabric->oversubscription;
  }
};

}  // namespace ironlaw::roofline
