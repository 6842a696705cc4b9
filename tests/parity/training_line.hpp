#pragma once
// Lines about training as configs: whose names are whose, and the settings that leave the plain published terms.
#include <map>
#include <set>

#include "peer_line.hpp"

namespace ironlaw::parity {

inline const Json neutral_memory{
    {"activation_accounting", "published"}, {"count_logits", false}, {"expert_sharding", "everything"}};
inline const Json neutral_step{{"uneven", "round"},
                               {"tensor_across_nodes", true},
                               {"sequence_models", "transformers"},
                               {"count_context_operations", false},
                               {"activation_weight_fraction", 0.1},
                               {"per_microbatch", false},
                               {"split_expert_batch", false},
                               {"held_microbatches", "pipeline_depth"},
                               {"spill_transfer", "host_link"},
                               {"default_hidden_size", 4096},
                               {"hierarchical_latency", "0.5 us"},
                               {"congestion_scope", "everything"},
                               {"lora_gradient_share", 0.01},
                               {"zero_traffic", false},
                               {"separate_expert_gradients", false},
                               {"gradient_reduction", "amortised"},
                               {"overlap_window", "unlimited"},
                               {"recomputed_messages", false},
                               {"pipeline_transfers", false},
                               {"expert_exchanges", "one"},
                               {"expert_placement", "apart"},
                               {"routing_imbalance", 1},
                               {"bubble_base", "whole_step"},
                               {"optimizer_traffic", "0 B"}};

inline const Renames training_arguments{{"B", "batch_size"},
                                        {"batch_size", "batch_size"},
                                        {"S", "sequence_length"},
                                        {"seq_len", "sequence_length"},
                                        {"prec", "precision"},
                                        {"precision", "precision"},
                                        {"eta", "efficiency"},
                                        {"efficiency", "efficiency"},
                                        {"tp", "tensor_parallel"},
                                        {"tp_size", "tensor_parallel"},
                                        {"pp", "pipeline_parallel"},
                                        {"pp_size", "pipeline_parallel"},
                                        {"ep", "expert_parallel"},
                                        {"ep_size", "expert_parallel"},
                                        {"dp", "data_parallel"},
                                        {"vs", "virtual_stages"},
                                        {"v_stages", "virtual_stages"},
                                        {"mb", "microbatches"},
                                        {"microbatch_count", "microbatches"},
                                        {"z", "zero_stage"},
                                        {"zero_stage", "zero_stage"},
                                        {"lora", "lora"},
                                        {"is_lora", "lora"},
                                        {"ar", "activation_recomputation"},
                                        {"activation_recomputation", "activation_recomputation"},
                                        {"overlap", "overlap"},
                                        {"overlap_comm", "overlap"},
                                        {"ov", "overlap_efficiency"},
                                        {"overlap_efficiency", "overlap_efficiency"},
                                        {"cong", "congestion"},
                                        {"congestion_factor", "congestion"},
                                        {"strag", "straggler"},
                                        {"straggler_factor", "straggler"},
                                        {"ga", "gradient_accumulation"},
                                        {"gradient_accumulation_steps", "gradient_accumulation"},
                                        {"imb", "routing_imbalance"},
                                        {"opt", "optimizer"},
                                        {"ckpt", "activations"},
                                        {"tf", "trainable_fraction"},
                                        {"sp", "sequence_parallel"},
                                        {"topology_override", "topology_override"}};

inline const Renames replica_outputs{{"latency_s", "node.latency"},
                                     {"latency", "node.latency"},
                                     {"compute_s", "node.compute_time"},
                                     {"latency_compute", "node.compute_time"},
                                     {"memory_s", "node.memory_time"},
                                     {"latency_memory", "node.memory_time"},
                                     {"overhead_s", "node.overhead"},
                                     {"latency_overhead", "node.overhead"},
                                     {"throughput_per_s", "node.throughput"},
                                     {"throughput", "node.throughput"},
                                     {"bottleneck", "node.bottleneck"},
                                     {"arithmetic_intensity_flop_per_byte", "node.arithmetic_intensity"},
                                     {"arithmetic_intensity", "node.arithmetic_intensity"},
                                     {"energy_j", "node.energy"},
                                     {"energy", "node.energy"},
                                     {"memory_footprint_bytes", "node.memory_footprint"},
                                     {"memory_footprint", "node.memory_footprint"},
                                     {"effective_flops_flop_per_s", "node.achieved_peak_rate"},
                                     {"peak_flops_actual", "node.achieved_peak_rate"},
                                     {"effective_bandwidth_bytes_per_s", "node.effective_bandwidth"},
                                     {"peak_bw_actual", "node.effective_bandwidth"},
                                     {"mfu", "node.mfu"},
                                     {"hfu", "node.hfu"},
                                     {"overhead_dominated", "node.overhead_dominated"},
                                     {"offload_spill_bytes", "node.spill"},
                                     {"offload_effective_bw", "node.spill_bandwidth"},
                                     {"offload_effective_bw_bytes_per_s", "node.spill_bandwidth"},
                                     {"feasible", "feasible"}};

inline const Renames solver_outputs{{"dp_communication_latency", "data_parallel_time"},
                                    {"dp_communication_latency_s", "data_parallel_time"},
                                    {"tp_communication_latency", "tensor_parallel_time"},
                                    {"tp_communication_latency_s", "tensor_parallel_time"},
                                    {"ep_communication_latency", "expert_parallel_time"},
                                    {"ep_communication_latency_s", "expert_parallel_time"},
                                    {"communication_latency", "communication_time"},
                                    {"communication_latency_s", "communication_time"},
                                    {"pipeline_bubble_latency", "bubble_time"},
                                    {"pipeline_bubble_latency_s", "bubble_time"},
                                    {"bubble_fraction", "bubble_fraction"},
                                    {"step_latency_total", "step_time"},
                                    {"step_latency_total_s", "step_time"},
                                    {"scaling_efficiency", "scaling_efficiency"},
                                    {"effective_throughput", "throughput"},
                                    {"effective_throughput_per_s", "throughput"},
                                    {"feasible", "feasible"},
                                    {"total_memory", "memory_footprint"},
                                    {"available_memory", "memory_capacity"},
                                    {"memory_utilization", "memory_utilization"},
                                    {"weights", "weights"},
                                    {"gradients", "gradients"},
                                    {"optimizer_state", "optimizer_state"},
                                    {"activations", "activations"},
                                    {"communication_buffers", "communication_buffers"},
                                    {"effective_active_experts", "effective_active_experts"},
                                    {"effective_active_parameters", "effective_active_parameters"},
                                    {"active_parameter_multiplier", "active_parameter_multiplier"},
                                    {"routing_imbalance_factor", "routing_imbalance"},
                                    {"token_dispatch_bytes", "token_dispatch"},
                                    {"all_to_all_latency", "all_to_all_time"},
                                    {"effective_bw", "effective_bandwidth"},
                                    {"effective_bw_bytes_per_s", "effective_bandwidth"},
                                    {"bisection_bw", "bisection_bandwidth"},
                                    {"bisection_bw_bytes_per_s", "bisection_bandwidth"},
                                    {"bisection_bw_fraction", "bisection_fraction"},
                                    {"hops_avg", "mean_hops"}};

/// A function of theirs: the solver of ours, its inputs, settings and outputs.
struct Formula {
  std::string solver;
  Renames inputs;
  Json settings;
  Renames outputs;
};
inline const Renames flat{{"message_bytes", "message_size", "B"},
                          {"n_gpus", "ranks"},
                          {"bandwidth_bytes_per_s", "bandwidth", "B/s"},
                          {"latency_s", "latency", "s"}};
inline const std::map<std::string, Formula> formulas{
    {"calc_ring_allreduce_time", {"collective", flat, {{"algorithm", "ring"}}, {{"time_s", "time"}}}},
    {"calc_tree_allreduce_time", {"collective", flat, {{"algorithm", "tree"}}, {{"time_s", "time"}}}},
    {"calc_all_to_all_time", {"collective", flat, {{"operation", "all_to_all"}}, {{"time_s", "time"}}}},
    {"calc_hierarchical_allreduce_time",
     {"hierarchical_collective",
      {{"message_bytes", "message_size", "B"},
       {"n_nodes", "nodes"},
       {"gpus_per_node", "ranks_per_node"},
       {"intra_node_bw_bytes_per_s", "node_bandwidth", "B/s"},
       {"inter_node_bw_bytes_per_s", "bandwidth", "B/s"}},
      Json::object(),
      {{"time_s", "time"}}}},
    {"calc_pipeline_bubble",
     {"pipeline_bubble",
      {{"n_stages", "stages"}, {"n_microbatches", "microbatches"}, {"v_stages", "virtual_stages"}},
      Json::object(),
      {{"bubble_fraction", "bubble_fraction"}}}},
    {"calc_activation_memory",
     {"activation_memory",
      {{"n_layers", "layers"},
       {"seq_len", "sequence_length"},
       {"batch_size", "batch_size"},
       {"hidden_dim", "hidden_size"},
       {"n_heads", "heads"},
       {"strategy", "strategy"}},
      Json::object(),
      {{"size_bytes", "size"}}}},
    {"calc_paged_kv_cache_size",
     {"paged_cache",
      {{"n_layers", "layers"},
       {"n_heads", "kv_heads"},
       {"head_dim", "head_size"},
       {"seq_len", "sequence_length"},
       {"batch_size", "batch_size"},
       {"page_size_tokens", "page_size"}},
      Json::object(),
      {{"size_bytes", "size"}, {"fragmentation_fraction", "fragmentation"}}}},
    {"calc_transformer_training_flops",
     {"training_operations",
      {{"n_params", "parameters"}, {"n_tokens", "tokens"}},
      Json::object(),
      {{"flops_flop", "operations"}}}},
    {"calc_effective_flops",
     {"compute_time",
      {{"peak_flops_flop_per_s", "peak_rate", "FLOP/s"},
       {"mfu", "efficiency"},
       {"scaling_eff", "scaling_efficiency"},
       {"goodput_ratio", "goodput"}},
      Json::object(),
      {{"effective_flops_flop_per_s", "delivered_rate"}}}},
    {"dTime",
     {"compute_time",
      {{"total_ops_flop", "operations", "FLOP"},
       {"num_devices", "devices"},
       {"peak_flops_per_device_flop_per_s", "peak_rate", "FLOP/s"},
       {"efficiency_eta", "efficiency"}},
      Json::object(),
      {{"time_s", "time"}}}}};

inline std::string solver_of(const Json& line) {
  const std::string theirs = line.contains("solver") ? line["solver"] : line["inputs"]["solver"];
  const std::map<std::string, std::string> names{{"DistributedModel", "distributed"},
                                                 {"dist", "distributed"},
                                                 {"tmem", "training_memory"},
                                                 {"moe", "moe_routing"},
                                                 {"TopologyModel", "topology"},
                                                 {"topo", "topology"},
                                                 {"ParallelismOptimizer", "parallel_layout"}};
  return theirs == "Formula" ? formulas.at(line["inputs"]["fn"]).solver : names.at(theirs);
}

/// Unknown names of a shape count as fat trees on their side; ours has only the four.
inline Json topology_stage(const Json& in) {
  Json fabric{{"kind", "fabric"}};
  if (in.contains("a")) {
    const Json& a = in["a"];
    fabric.update(renamed(a, {{"bw", "link_bandwidth", "B/s"}, {"osub", "oversubscription"}}));
    return {{"fabric", fabric}, {"topology", a["topo"]}, {"nodes", a["n"]}};
  }
  if (in["fabric"].is_string()) {
    fabric = last_part(in["fabric"]);
  } else {
    fabric.update(renamed(in["fabric"], {{"bandwidth_bytes_per_s", "link_bandwidth", "B/s"},
                                         {"oversubscription_ratio", "oversubscription"},
                                         {"latency_s", "latency", "s"}}));
  }
  return {{"fabric", fabric}, {"topology", in["topology"]}, {"nodes", in["num_nodes"]}};
}

inline Json stage_of(const Json& line) {
  const Json& in = line["inputs"];
  const std::string solver = solver_of(line);
  Json stage = Json::object();
  if (in.contains("fn")) {
    const Formula& formula = formulas.at(in["fn"]);
    stage = arguments_of(in, formula.inputs, {"fn"}, true);
    stage.update(formula.settings);
  } else if (solver == "topology") {
    stage = topology_stage(in);
    stage["figures"] = "rule_of_thumb";
    const std::set<std::string> shapes{"fat_tree", "dragonfly", "torus_3d", "ring"};
    if (!shapes.contains(stage["topology"])) stage["topology"] = "fat_tree";
  } else {
    if (solver == "distributed" || solver == "parallel_layout") stage.update(neutral_step);
    if (solver != "moe_routing") stage.update(neutral_memory);
    if (solver == "parallel_layout") stage["state_share"] = 0.9;
    if (solver == "moe_routing") stage.update(Json{{"imbalance_effect", "more_experts"}, {"expert_placement", "apart"}});
    if (solver == "moe_routing" || solver == "training_memory") stage["uneven"] = "round";
    const std::set<std::string_view> read_elsewhere{"model", "fleet", "max_tp", "max_pp"};
    stage.update(arguments_of(in.contains("a") ? in["a"] : in, training_arguments, read_elsewhere));
    stage["workload"] = object_of(in[in.contains("m") ? "m" : "model"], model_of);
    if (solver == "training_memory") {
      stage["hardware"] = device_of(in["hw"]);
    } else {
      stage["fleet"] = object_of(in[in.contains("fl") ? "fl" : "fleet"], fleet_of);
    }
  }
  stage["solver"] = solver;
  return stage;
}

inline Json expected_of(const Json& line) {
  const Json& theirs = line["outputs"];
  if (line["inputs"].contains("fn")) return renamed(theirs, formulas.at(line["inputs"]["fn"]).outputs);
  Json ours = renamed(theirs, solver_outputs, true);
  for (const char* key : {"node", "node_profile"}) {
    if (!theirs.contains(key)) continue;
    ours.update(renamed(theirs[key], replica_outputs));
    for (const char* spill : {"node.spill", "node.spill_bandwidth"})
      if (!ours.contains(spill)) ours[spill] = nullptr;
  }
  return ours;
}

}  // namespace ironlaw::parity
