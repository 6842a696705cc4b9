#pragma once
// A measured row as a stage to run: what it states, and by source what it leaves open.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ironlaw::accuracy {

using Json = nlohmann::ordered_json;

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

/// Shares of a device's peaks that every prediction takes.
constexpr double efficiency = 0.5;
constexpr double memory_efficiency = 1;

/// A count that a row may hold as a number, as a text, or not at all.
inline long count_of(const Json& object, const char* key, long otherwise) {
  if (!object.contains(key)) return otherwise;
  if (object[key].is_number()) return object[key].get<long>();
  const long n = object[key].is_string() ? std::atol(object[key].get<std::string>().c_str()) : 0;
  return n > 0 ? n : otherwise;
}

/// The value of a metric, or 0 where the row lacks it.
inline double metric(const Json& row, const std::string& name, double scale = 1) {
  for (const Json& m : row["measured"])
    if (m["metric"] == name) return m["value"].get<double>() * (m["unit"] == "ms" ? 1e-3 : scale);
  return 0;
}

/// How the devices of a row share the work.
struct Layout {
  long tensor, pipeline, data, microbatch, global;

  explicit Layout(const Json& row)
      : tensor(count_of(row["parallelism"], "tp", 1)),
        pipeline(count_of(row["parallelism"], "pp", 1)),
        data(row["hardware"]["count"].get<long>() / (tensor * pipeline)) {
    const Json& batch = row["batch"];
    microbatch = count_of(batch, "micro", count_of(batch, "local", 1));
    global = count_of(batch, "global", microbatch * count_of(batch, "num_microbatches", 1) * data);
  }
  [[nodiscard]] long passes() const { return global / (data * microbatch); }
  [[nodiscard]] double tokens(const Json& row) const {
    return static_cast<double>(global) * row["model"]["seq_len"].get<double>();
  }
};

/// Parameters of a gated transformer with its own output head, from its shapes.
inline double parameters_from_shapes(const Json& m) {
  const double h = m["hidden"];
  const double kv = h / m["heads"].get<double>() * m["kv_heads"].get<double>();
  const double layer = 2 * h * h + 2 * h * kv + 3 * h * m["ffn"].get<double>();
  return m["layers"].get<double>() * layer + 2 * h * m["vocab"].get<double>();
}

inline Json workload_of(const Json& m) {
  const bool gated = m["gated_mlp"];
  Json w{{"kind", "transformer"},
         {"parameters", m.contains("note") ? parameters_from_shapes(m) : m["params_b"].get<double>() * 1e9},
         {"layers", m["layers"]},
         {"hidden_size", m["hidden"]},
         {"heads", m["heads"]},
         {"kv_heads", m["kv_heads"]},
         {"ffn_size", m["ffn"]},
         {"ffn_matrices", gated ? 3 : 2},
         {"vocabulary_size", m["vocab"]},
         {"tied_embedding", !gated}};
  if (m.contains("head_dim")) w["head_size"] = m["head_dim"];
  return w;
}

inline std::string precision_of(const std::string& stated) {
  if (contains(stated, "8") && (contains(stated, "fp8") || contains(stated, "FP8"))) return "fp8";
  if (stated == "fp4" || stated == "fp16") return stated;
  return "bf16";
}

/// The servers of a row's devices; where it states no network, that of the DGX of its generation.
inline Json fleet_of(const Json& hardware) {
  const std::string gpu = hardware["gpu"];
  const long count = hardware["count"];
  Json node = "DGX_H100";
  std::string fabric = "InfiniBand_NDR";
  if (contains(gpu, "A100")) {
    node = "DGX_A100";
    if (contains(gpu, "40GB")) node = {{"based_on", "DGX_A100"}, {"accelerator", "A100_40GB"}};
    fabric = "InfiniBand_HDR";
  } else if (contains(gpu, "B200")) {
    node = "DGX_B200";
  } else if (contains(gpu, "Grand Teton")) {
    const Json device{{"based_on", "H100"}, {"memory_capacity", "96 GiB"}, {"memory_bandwidth", "2.4 TB/s"}, {"tdp", "500 W"}};
    node = {{"based_on", "GrandTeton_H100"}, {"accelerator", device}};
  }
  return {{"kind", "cluster"}, {"node", node}, {"fabric", fabric}, {"nodes", (count + 7) / 8}};
}

inline Json training_stage(const Json& row) {
  const Layout layout(row);
  const Json& p = row["parallelism"];
  const std::string notes = row.value("notes", "");
  Json stage{{"solver", "distributed"},
             {"workload", workload_of(row["model"])},
             {"fleet", fleet_of(row["hardware"])},
             {"efficiency", efficiency},
             {"batch_size", layout.global},
             {"sequence_length", row["model"]["seq_len"]},
             {"precision", precision_of(row["hardware"]["precision"])},
             {"tensor_parallel", layout.tensor},
             {"pipeline_parallel", layout.pipeline},
             {"virtual_stages", count_of(p, "interleave_chunks", count_of(p, "vp", 1))}};
  stage[layout.pipeline > 1 ? "microbatches" : "gradient_accumulation"] = layout.passes();
  if (p.contains("sequence_parallel")) stage["sequence_parallel"] = p["sequence_parallel"];
  if (p.value("async_tp", false)) stage["tensor_overlap"] = 1;
  if (count_of(p, "fsdp", 0) > 0) stage["zero_stage"] = 3;
  if (p.contains("zero")) stage["zero_stage"] = p["zero"];
  if (contains(notes, "activation checkpointing True") || contains(notes, "recompute: full") || contains(notes, "full AC"))
    stage["activation_recomputation"] = true;
  return stage;
}

/// `batch` requests at once.
inline Json serving_stage(const Json& row, const Json& batch) {
  const std::string gpu = row["hardware"]["gpu"];
  const Json devices{{"h100_sxm", "H100"}, {"h200_sxm", "H200"}, {"b200_sxm", "B200"}};
  return {{"solver", "serving"},
          {"workload", workload_of(row["model"])},
          {"hardware", devices.at(gpu)},
          {"efficiency", efficiency},
          {"memory_efficiency", memory_efficiency},
          {"tensor_parallel", row["parallelism"]["tp"]},
          {"precision", precision_of(row["hardware"]["precision"])},
          {"sequence_length", row["batch"]["isl"]},
          {"output_tokens", row["batch"]["osl"]},
          {"batch_size", batch}};
}

/// The stages that answer for a row.
inline Json stages_of(const Json& row) {
  if (row["category"] == "training") return {{"step", training_stage(row)}};
  return {{"all", serving_stage(row, row["batch"]["concurrency"])}, {"one", serving_stage(row, 1)}};
}

/// Time of a step as measured, from whichever metric the row has; 0 where it states a utilization only.
inline double measured_step(const Json& row) {
  const Layout layout(row);
  const double count = row["hardware"]["count"];
  if (const double t = metric(row, "iteration_time"); t > 0) return t;
  if (const double t = metric(row, "mean step time excluding eval (derived)"); t > 0) return t;
  if (const double rate = metric(row, "tokens_per_s_per_gpu"); rate > 0) return layout.tokens(row) / (rate * count);
  return metric(row, "training_time_300B_tokens", 86400) * layout.tokens(row) / 300e9;
}

/// One number of a row and the output that predicts it.
struct Comparison {
  std::string quantity;
  std::string output;
  double measured;
  bool inverse = false;  ///< a larger prediction is a shorter time
};

inline std::vector<Comparison> comparisons_of(const Json& row) {
  if (row["category"] == "inference")
    return {{"first token, where prompts come one by one", "one.ttft", metric(row, "TTFT")},
            {"first token, where they come all at once", "all.ttft", metric(row, "TTFT")},
            {"time per output token", "all.tpot", metric(row, "TPOT")}};
  std::vector<Comparison> all;
  if (const double step = measured_step(row); step > 0) {
    all.push_back({"training step", "step.step_time", step});
  } else {
    all.push_back({"training step", "step.mfu", metric(row, "MFU", 0.01), true});
  }
  constexpr double gib = 1024.0 * 1024 * 1024;
  for (const char* memory : {"peak_allocated_memory", "peak_memory"})
    if (const double used = metric(row, memory, gib); used > 0)
      all.push_back({"training memory", "step.node.memory_footprint", used});
  return all;
}

}  // namespace ironlaw::accuracy
