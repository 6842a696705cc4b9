#pragma once
// The working that single_node shows; included by it.
#include "single_node.hpp"

namespace ironlaw::roofline {

inline void SingleNode::explain_pass(const Inputs& in, const Facts& f, const Pass& p, Working& w) {
  const Demand& d = p.demand;
  if (in.count_context_operations) {
    w.step("operations", "k * (linear + logits + attention)",
           {{"k", f.multiple}, {"linear", d.linear}, {"logits", d.logits}, {"attention", d.attention}}, f.multiple * p.forward,
           "Kaplan 2020; backward twice the forward");
  } else {
    w.step("operations", "k * (linear + logits)", {{"k", f.multiple}, {"linear", d.linear}, {"logits", d.logits}},
           f.multiple * p.forward, "Kaplan 2020; backward twice the forward");
  }
  if (in.activation_weight_fraction) {
    w.step("activation traffic", "phi * B * W_read",
           {{"phi", in.activation_weight_fraction}, {"B", in.batch_size}, {"W_read", d.weights_read}}, p.activations);
  }
  w.step("traffic", "W_read + activations + cache + 2 * state",
         {{"W_read", d.weights_read}, {"activations", p.activations}, {"cache", p.cache}, {"state", p.state}}, p.traffic,
         "Ivanov 2021");
}

inline void SingleNode::explain_footprint(const Inputs& in, const Facts& f, const Outputs& out, const Pass& p, Working& w) {
  const Information weights = p.demand.weights_resident;
  const double element = bytes_per_element(in.precision);
  if (!in.training) {
    w.step("memory_footprint", "W + cache + state",
           {{"W", weights}, {"cache", in.count_live_state ? p.demand.cache_resident : Information{}}, {"state", p.state}},
           out.memory_footprint);
  } else if (f.shape != nullptr) {
    Rare<double> none;
    const auto training = transformer_footprint(in, f, p, none);
    w.step("memory_footprint", "weights + gradients + optimizer + activations",
           {{"weights", training.state.weights},
            {"gradients", training.state.gradients},
            {"optimizer", training.state.optimizer},
            {"activations", training.activations},
            {"trainable", training.trainable}},
           out.memory_footprint, "Rajbhandari 2020; Korthikanti 2022; Hu 2022");
  } else if (f.adapts) {
    w.step("memory_footprint", "1.1 * W", {{"W", weights}}, out.memory_footprint, "Hu 2022");
  } else {
    w.step("memory_footprint", "2 * W + 12 * W / b", {{"W", weights}, {"b", element}}, out.memory_footprint, "Rajbhandari 2020");
  }
}

inline void SingleNode::explain_memory(const Inputs& in, const Facts& f, const Outputs& out, const Pass& p, Working& w) {
  const Memory& main = f.device.memory;
  if (!out.spill) {
    const auto memory = f.device.weight_memory(p.demand.weights_resident);
    using equations::MemoryLevel;
    w.note(memory.level == MemoryLevel::main      ? "It fits: weights stream from main memory."
           : memory.level == MemoryLevel::on_chip ? "It fits, and the weights fit on chip."
                                                  : "It fits: weights are read from flash.");
    w.step("effective_bandwidth", "eta_m * beta", {{"eta_m", in.memory_efficiency}, {"beta", memory.bandwidth}},
           out.effective_bandwidth);
    w.step("memory_time", "traffic / beta_eff", {{"traffic", p.traffic}, {"beta_eff", out.effective_bandwidth}}, out.memory_time,
           "Williams 2009");
    return;
  }
  w.note("It does not fit: the rest is held by the host.");
  w.step("spill", "footprint - capacity", {{"footprint", out.memory_footprint}, {"capacity", main.capacity}}, out.spill);
  if (in.spill_transfer == SpillTransfer::host_link) {
    w.step("spill_bandwidth", "min(eta_m * beta, link)",
           {{"eta_m", in.memory_efficiency}, {"beta", main.bandwidth}, {"link", f.device.spill_link(in.default_host_link)}},
           out.spill_bandwidth);
    w.step("memory_time", "traffic / beta_spill", {{"traffic", p.traffic}, {"beta_spill", out.spill_bandwidth}}, out.memory_time);
  } else {
    const bool streamed = in.spill_transfer == SpillTransfer::streamed;
    const auto times = equations::spill_times(in.spill_transfer, p.traffic, *out.spill, in.memory_efficiency * main.bandwidth,
                                              *out.spill_bandwidth);
    w.step("resident time", "max(traffic - spill, 0) / (eta_m * beta)",
           {{"traffic", p.traffic}, {"spill", out.spill}, {"eta_m", in.memory_efficiency}, {"beta", main.bandwidth}},
           times.resident);
    w.step("spill time", "spill / link", {{"spill", out.spill}, {"link", out.spill_bandwidth}}, times.spilled);
    w.step("memory_time", streamed ? "max(resident, spill)" : "resident + spill",
           {{"resident", times.resident}, {"spill", times.spilled}}, out.memory_time, "Rajbhandari 2021; Sheng 2023");
  }
  w.step("effective_bandwidth", "traffic / memory_time", {{"traffic", p.traffic}, {"memory_time", out.memory_time}},
         out.effective_bandwidth);
}

inline void SingleNode::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  Rare<double> none;
  const Pass p = pass(in, f, none);
  const Operations operations = f.multiple * p.forward;
  const FlopRate peak = f.device.peak;
  explain_pass(in, f, p, w);
  explain_footprint(in, f, out, p, w);
  w.step("achieved_peak_rate", "peak * eta", {{"peak", peak}, {"eta", in.efficiency}}, out.achieved_peak_rate);
  w.step("compute_time", "operations / (peak * eta)", {{"operations", operations}, {"peak", peak}, {"eta", in.efficiency}},
         out.compute_time, "Williams 2009");
  explain_memory(in, f, out, p, w);
  w.step("arithmetic_intensity", "operations / traffic", {{"operations", operations}, {"traffic", p.traffic}},
         out.arithmetic_intensity);
  w.step("ridge_point", "achieved_peak_rate / beta",
         {{"achieved_peak_rate", out.achieved_peak_rate}, {"beta", out.effective_bandwidth}}, out.ridge_point, "Williams 2009");
  w.step("overhead", "dispatch + k * launches * framework",
         {{"dispatch", f.device.dispatch_overhead},
          {"k", in.training ? 3 : 1},
          {"launches", p.demand.launches},
          {"framework", in.framework_overhead}},
         out.overhead);
  w.step("latency", "max(t_c, t_m) + (1 - overlap) * min(t_c, t_m) + overhead",
         {{"t_c", out.compute_time}, {"t_m", out.memory_time}, {"overlap", in.overlap}, {"overhead", out.overhead}}, out.latency,
         "Williams 2009; Yang 2020");
  w.step("throughput", "B / latency", {{"B", in.batch_size}, {"latency", out.latency}}, out.throughput);
  w.step("mfu", "k * forward / (latency * peak)",
         {{"k", in.training ? 3 : 1}, {"forward", p.forward}, {"latency", out.latency}, {"peak", peak}}, out.mfu,
         "Chowdhery 2022");
  w.step("hfu", "operations / (latency * peak)", {{"operations", operations}, {"latency", out.latency}, {"peak", peak}}, out.hfu,
         "Chowdhery 2022; Korthikanti 2022");
  if (const auto tdp = f.device.tdp) {
    w.step("energy", "tdp * (0.3 + 0.7 * hfu) * latency", {{"tdp", tdp}, {"hfu", out.hfu}, {"latency", out.latency}}, out.energy,
           "Barroso & Hoelzle 2007");
  }
}

}  // namespace ironlaw::roofline
