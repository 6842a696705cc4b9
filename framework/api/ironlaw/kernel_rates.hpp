#pragma once
// What kernels sustain, as records: constants of closed-form laws with where each comes from.
#include <ironlaw/hardware.hpp>

#include <span>

namespace ironlaw {

/// The constants of one law for one operation, engine, format and kernel. A law reads those that it has; the others are absent.
/// Shares are of the data sheet's dense peak of the arithmetic format, of the memory bandwidth, or of the one-way link.
struct KernelRate {
  std::string_view operation;  ///< "product", "experts", "prompt_attention", "decode_attention", "all_reduce" ...
  std::string_view engine;     ///< key of an engine; empty: any
  std::string_view format;     ///< number format of the operands ("bf16", "fp8_block", "nvfp4" ...); empty: any
  std::string_view kernel;     ///< kernel family or library ("cutlass", "triton", "nccl" ...); empty: not said
  std::string_view phase;      ///< "dispatch", "combine", "graph", "eager"; empty: not said
  std::string_view law;        ///< "kernel", "iteration" or "step": see KernelRates
  std::string_view how;        ///< "measured", "fitted", "data sheet", "guess"
  std::string_view source;     ///< the rows or the document behind the numbers

  Maybe<double> compute_share;          ///< eta_c, eta_a
  Maybe<double> memory_share;           ///< eta_m, eta_kv; above 1 where the table was measured from a warm cache
  Maybe<double> link_share;             ///< eta
  Maybe<double> network_share;          ///< eta_net
  Maybe<Time> latency;                  ///< tau
  Maybe<Time> depth_latency;            ///< kappa: serial, of a thousand of K or of keys
  Maybe<Time> tile_latency;             ///< tile: of one tile a multiprocessor
  Maybe<Time> doubling_latency;         ///< alpha: of each doubling of the devices
  Maybe<Time> protocol_time;            ///< rho: sqrt(rho * wire time) is added between protocols
  Maybe<Information> quantize_traffic;  ///< q: an element of the activations
  Maybe<Information> permute_traffic;   ///< s: an element of all routed slots
  Maybe<double> touched_rows;           ///< r0: rows that a touched expert costs beside its own
  Maybe<double> distant_share;          ///< factor of eta beyond two devices on PCIe
  Maybe<double> lent_multiprocessors;   ///< s0: multiprocessors lent at which an exchange reaches half of eta

  Maybe<double> from;    ///< smallest size behind the numbers: rows, tokens, context, or bytes of a message
  Maybe<double> to;      ///< largest
  Maybe<double> rows;    ///< measurements behind the numbers
  Maybe<double> low;     ///< 10 % quantile of ln(measured / predicted)
  Maybe<double> middle;  ///< 50 %
  Maybe<double> high;    ///< 90 %
};

/// Records of a device, of a generation of devices, or of all, each with the wider one that is asked next. A row's `law` says
/// what it is for: "kernel", one kernel at a time; "iteration", where iterations of serving engines need other constants of the
/// same law; "step", shares that whole training steps left over, launches included. Mixing the first and the last counts launches
/// twice.
class IRONLAW_API KernelRates : public Object {
 public:
  static constexpr std::string_view interface = "kernel_rates";
  using Object::Object;
  ~KernelRates() override;
  std::span<const KernelRate> rates;
  const KernelRates* otherwise = nullptr;  ///< null: the chain ends here
};

/// What an estimate needs of a device beside its peaks. The accelerator answers it.
struct KernelPlatform {
  static constexpr std::string_view facet_id = "kernel_platform/1";
  const KernelRates* generation = nullptr;  ///< null: not said
  Maybe<double> multiprocessors;
  Maybe<double> link_domain;           ///< devices that the inner link joins
  Maybe<Bandwidth> network_bandwidth;  ///< of the device's share of the network cards, one way
  bool in_band_ecc = false;            ///< error correction takes a sixteenth of the memory traffic
};

/// An inference engine or trainer, whose kernels records name by its key.
class IRONLAW_API Engine : public Object {
 public:
  static constexpr std::string_view interface = "engine";
  using Object::Object;
  ~Engine() override;
};

/// How the launches of an iteration that holds prompts meet the device's work: after it, or beside it.
enum class PromptLaunch { added, hidden };
/// How a kernel that reads narrow weights widens them for the arithmetic: while it waits for memory, in the longer of both, or
/// after.
enum class Dequantize { overlapped, longer, added };

/// Where a scheduler puts prompts (state of early 2026).
enum class PromptOrder {
  mixed,        ///< in chunks, beside decoding (vLLM v1, TensorRT-LLM)
  first,        ///< iterations of prompts in chunks go before those that decode (SGLang without mixed chunks)
  whole_first,  ///< iterations of whole prompts go before those that decode (vLLM v0)
};
/// When a scheduler gives a request a slot.
enum class Admission {
  held,      ///< memory for what it holds now is free; the last one is evicted where that was too bold (vLLM)
  reserved,  ///< memory for its prompt and whole output is free; none is ever evicted (TensorRT-LLM)
  ratio,     ///< as held, and a share of the output that runs still to come is kept free (SGLang)
};

/// What an engine costs beside its kernels, and how it schedules. Absent: no record; a solver then takes the law's own constant.
struct SoftwareStackFacts {
  const Engine* engine = nullptr;
  Maybe<Time> layer_latency;  ///< tau, a layer
  Maybe<Time> prompt_launch;  ///< eps, a layer of an iteration that holds prompts
  Maybe<PromptLaunch> prompt_launches;
  Maybe<Time> recurrent_layer_latency;  ///< a layer of linear attention
  Maybe<Time> expert_layer_latency;     ///< a layer of routed experts
  Maybe<Time> quantized_layer_latency;  ///< a layer whose activations are quantised as it runs
  Maybe<Time> barrier;                  ///< two a routed layer under attention-data parallelism
  Maybe<Time> host_time;                ///< an iteration
  Maybe<Time> sequence_time;            ///< a sequence and iteration
  Maybe<Time> stage_latency;            ///< a hop between pipeline stages
  Maybe<Dequantize> dequantize;
  Maybe<double> dequantize_operations;  ///< of the fp32 rate, a weight, in products of few rows
  Maybe<double> dequantize_rows;        ///< rows above which weights are first widened into a copy; absent: never
  Maybe<double> micro_batch;            ///< tokens of a prompt that pass together; absent: all
  Maybe<Accumulation> accumulation;     ///< width of the sums of its 16-bit products; absent: 32 bits
  Maybe<Time> first_call;               ///< before a prompt, where each is timed from its first call
  Maybe<PromptOrder> prompt_order;
  Maybe<Admission> admission;
  Maybe<double> token_budget;         ///< of an iteration and attention rank
  Maybe<double> most_sequences;       ///< in flight in an attention rank
  Maybe<double> memory_share;         ///< of the device's memory that the engine takes
  Maybe<double> routed_first_delay;   ///< iterations until a first token is seen, of models with routed experts
  Maybe<double> data_parallel_delay;  ///< iterations more under attention-data parallelism
  Maybe<Time> dense_first_delay;      ///< until a first token is seen, of other models
  Maybe<double> time_factor;          ///< of an iteration, over what the law and the constants above say
  Maybe<double> band_low;             ///< 10 % quantile of ln(measured / predicted) of this stack's own rows
  Maybe<double> band_high;            ///< 90 %
};

/// An engine or trainer in one version.
class IRONLAW_API SoftwareStack : public Object, public SoftwareStackFacts {
 public:
  static constexpr std::string_view interface = "software_stack";
  using Object::Object;
  ~SoftwareStack() override;
};

}  // namespace ironlaw
