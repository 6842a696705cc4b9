#pragma once
// The working that distributed shows; included by it.
#include "distributed.hpp"

namespace ironlaw::training {

inline void Distributed::explain_memory(const Inputs& in, const Outputs& out, const Step& s, Working& w) {
  const auto memory = rank_memory(in, s);
  w.step("node.memory_footprint", "weights + gradients + optimizer + activations + buffers",
         {{"weights", memory.state.weights},
          {"gradients", memory.state.gradients},
          {"optimizer", memory.state.optimizer},
          {"activations", memory.activations},
          {"buffers", memory.buffers}},
         out.node.memory_footprint, "Rajbhandari 2020; Korthikanti 2022; Hu 2022");
  if (s.shape == nullptr) w.note("Activations of a model that is no transformer are not counted.");
  w.step("node.memory_capacity", "(1 - reserve) * capacity",
         {{"reserve", in.memory_reserve}, {"capacity", s.facts->device.memory.capacity}}, out.node.memory_capacity);
  if (out.node.spill) {
    w.step("node.spill", "memory_footprint - memory_capacity",
           {{"memory_footprint", out.node.memory_footprint}, {"memory_capacity", out.node.memory_capacity}}, out.node.spill);
    w.step("node.spill_bandwidth", "the host link", {{"link", out.node.spill_bandwidth}}, out.node.spill_bandwidth,
           "Rajbhandari 2021");
  }
}

inline void Distributed::explain_replica(const Inputs& in, const Outputs& out, const Step& s, Working& w) {
  const Replica& node = out.node;
  const double ranks = s.layout.replica();
  const FlopRate peak = s.facts->device.peak;
  const Operations operations = s.multiple * s.forward;
  Rare<double> none;
  const Information traffic = rank_traffic(in, s, none);
  w.step("operations", "k * forward", {{"k", s.multiple}, {"forward", s.forward}}, operations,
         "Kaplan 2020; backward twice the forward");
  w.step("node.achieved_peak_rate", "peak * eta", {{"peak", peak}, {"eta", in.efficiency}}, node.achieved_peak_rate);
  w.step("node.compute_time", "operations / (achieved_peak_rate * ranks)",
         {{"operations", operations}, {"achieved_peak_rate", node.achieved_peak_rate}, {"ranks", ranks}}, node.compute_time,
         "Williams 2009");
  w.step("node.effective_bandwidth", "traffic / t_m", {{"traffic", traffic}, {"t_m", node.memory_time}},
         node.effective_bandwidth);
  w.step("node.memory_time", "traffic / bandwidth", {{"traffic", traffic}, {"bandwidth", node.effective_bandwidth}},
         node.memory_time, "Williams 2009");
  w.step("node.overhead", "dispatch + 3 * launches * framework",
         {{"dispatch", s.facts->device.dispatch_overhead}, {"launches", launches(in, s)}, {"framework", in.framework_overhead}},
         node.overhead);
  w.step("node.latency", "max(t_c, t_m) + overhead",
         {{"t_c", node.compute_time}, {"t_m", node.memory_time}, {"overhead", node.overhead}}, node.latency, "Williams 2009");
  w.step("node.throughput", "B_l / latency", {{"B_l", s.local_batch}, {"latency", node.latency}}, node.throughput);
  w.step("node.arithmetic_intensity", "operations / (ranks * traffic)",
         {{"operations", operations}, {"ranks", ranks}, {"traffic", traffic}}, node.arithmetic_intensity);
  w.step("node.ridge_point", "achieved_peak_rate / bandwidth",
         {{"achieved_peak_rate", node.achieved_peak_rate}, {"bandwidth", node.effective_bandwidth}}, node.ridge_point,
         "Williams 2009");
  w.step("node.mfu", "3 * forward / (latency * peak * ranks)",
         {{"forward", s.forward}, {"latency", node.latency}, {"peak", peak}, {"ranks", ranks}}, node.mfu, "Chowdhery 2022");
  w.step("node.hfu", "operations / (latency * peak * ranks)",
         {{"operations", operations}, {"latency", node.latency}, {"peak", peak}, {"ranks", ranks}}, node.hfu, "Chowdhery 2022");
  if (node.energy) {
    w.step("node.energy", "ranks * tdp * (0.3 + 0.7 * hfu) * latency",
           {{"ranks", ranks}, {"tdp", s.facts->device.tdp}, {"hfu", node.hfu}, {"latency", node.latency}}, node.energy,
           "Barroso & Hoelzle 2007");
  }
}

inline void Distributed::explain_data_parallel(const Inputs& in, const Outputs& out, const Step& s, Working& w) {
  const auto volume = gradient_volume(in, s);
  w.step("data_parallel", "N / (t * p * e)",
         {{"N", in.fleet->accelerators()}, {"t", s.layout.tensor}, {"p", s.layout.pipeline}, {"e", s.layout.expert}},
         out.data_parallel);
  if (gathers_weights(in))
    w.note("ZeRO stage 3 gathers the weights twice in every accumulation step and reduces the gradients once.");
  if (volume.apart) w.note("Dense gradients are reduced over replicas and expert ranks, those of routed experts over replicas.");
  w.step("data_parallel_time", "all-reduce of dense and routed gradients",
         {{"dense", volume.share * volume.dense}, {"routed", volume.share * volume.routed}, {"D", out.data_parallel}},
         out.data_parallel_time, "Patarasuk & Yuan 2009; Rajbhandari 2020");
  const bool windowed = in.overlap && in.overlap_window == OverlapWindow::backward_pass;
  w.step("exposed_data_parallel_time",
         windowed     ? "max(last bucket, exchange - window)"
         : in.overlap ? "(1 - overlap_efficiency) * exchange"
                      : "exchange",
         {{"exchange", out.data_parallel_time},
          {"window", windowed ? overlap_window(in, s, out.node) : Time{}},
          {"overlap_efficiency", in.overlap ? in.overlap_efficiency : 0}},
         out.exposed_data_parallel_time, "Li 2020");
}

inline void Distributed::explain_messages(const Inputs& in, const Outputs& out, const Step& s, Working& w) {
  const bool split = s.layout.replica() > 1;
  if (split && std::fmod(s.layers, s.layout.pipeline) != 0)
    w.note("Stages hold unequal numbers of layers; the fullest is priced.");
  Rare<double> none;
  w.step("tensor_parallel_time", "2 * passes * layers * all-reduce(message, t)",
         {{"passes", passes_of_messages(in)},
          {"layers", s.stage_layers},
          {"message", s.layout.tensor > 1 ? message(in, s, none) : Information{}},
          {"t", s.layout.tensor}},
         out.tensor_parallel_time, "Shoeybi 2019; Korthikanti 2022");
  w.step(
      "expert_parallel_time", "exchanges * all-to-all(k * i * message, e)",
      {{"exchanges", s.layout.expert > 1 ? expert_exchanges(in, s) : 0}, {"i", routing_imbalance(in, s)}, {"e", s.layout.expert}},
      out.expert_parallel_time, "Lepikhin 2021; Rajbhandari 2022");
  w.step("pipeline_transfer_time", "2 * ga * (v * m * (1 - overlap) + p - 1) * message time",
         {{"ga", in.gradient_accumulation},
          {"v", in.virtual_stages},
          {"m", in.microbatches},
          {"overlap", in.pipeline_overlap},
          {"p", s.layout.pipeline}},
         out.pipeline_transfer_time, "Narayanan 2021");
  w.step("communication_time", "data + tensor + expert + pipeline",
         {{"data", out.data_parallel_time},
          {"tensor", out.tensor_parallel_time},
          {"expert", out.expert_parallel_time},
          {"pipeline", out.pipeline_transfer_time}},
         out.communication_time);
}

inline void Distributed::explain_step(const Inputs& in, const Outputs& out, const Step& s, Working& w) {
  const double idle = bubble_over_work(in, s);
  w.step("bubble_fraction", "r / (1 + r)", {{"r", idle}}, out.bubble_fraction, "Huang 2019; Narayanan 2021");
  w.step("bubble_time", "r * work", {{"r", idle}, {"work", bubble_base(in, out)}}, out.bubble_time,
         in.schedule == equations::PipelineSchedule::zero_bubble ? "Qi 2023" : "Narayanan 2021");
  w.step("optimizer_time", "updated * bytes / bandwidth",
         {{"bytes", in.optimizer_traffic}, {"bandwidth", s.facts->device.memory.bandwidth}}, out.optimizer_time,
         "Rajbhandari 2020");
  w.step("step_time", "slowest * (replica + exposed + tensor + expert + pipeline + bubble + optimizer)",
         {{"slowest", slowest(in)},
          {"replica", out.node.latency},
          {"exposed", out.exposed_data_parallel_time},
          {"tensor", (1 - in.tensor_overlap) * out.tensor_parallel_time},
          {"expert", out.expert_parallel_time},
          {"pipeline", out.pipeline_transfer_time},
          {"bubble", out.bubble_time},
          {"optimizer", out.optimizer_time}},
         out.step_time, "Narayanan 2021; Dean & Barroso 2013");
  w.step("scaling_efficiency", "(replica + optimizer) / step_time",
         {{"replica", out.node.latency}, {"optimizer", out.optimizer_time}, {"step_time", out.step_time}},
         out.scaling_efficiency);
  w.step("mfu", "3 * forward / (step_time * peak * ranks)",
         {{"forward", s.forward}, {"step_time", out.step_time}, {"ranks", s.layout.replica()}}, out.mfu, "Chowdhery 2022");
  w.step("throughput", "D * B_l / step_time", {{"D", out.data_parallel}, {"B_l", s.local_batch}, {"step_time", out.step_time}},
         out.throughput);
  if (!out.device_power) return;
  w.step("device_power", "tdp * (0.3 + 0.7 * hfu)", {{"tdp", s.facts->device.tdp}, {"hfu", out.node.hfu}}, out.device_power,
         "Barroso & Hoelzle 2007");
  w.note("A rank that waits runs the kernel of its exchange, so it draws what it draws at work.");
  w.step("energy", "N * device_power * step_time",
         {{"N", in.fleet->accelerators()}, {"device_power", out.device_power}, {"step_time", out.step_time}}, out.energy);
}

inline void Distributed::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  Rare<double> none;
  const Step s = make_step(in, f, none);
  explain_memory(in, out, s, w);
  explain_replica(in, out, s, w);
  explain_data_parallel(in, out, s, w);
  explain_messages(in, out, s, w);
  explain_step(in, out, s, w);
}

}  // namespace ironlaw::training
