#pragma once
// Records of what kernels sustain and of what an engine costs beside them.
#include <ironlaw/engine_memory.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>

#include <string>
#include <vector>

namespace ironlaw::hardware {

inline constexpr auto kernel_rate_ports =
    ports(port<&KernelRate::operation>("what is done: product, experts, wide_experts, prompt_attention, decode_attention, "
                                       "encoder_attention, latent_prompt_attention, latent_decode_attention, absorbed_product, "
                                       "all_reduce, all_gather, reduce_scatter, all_to_all, expert_exchange, quantization"),
          port<&KernelRate::engine>("key of the engine whose kernels these are; left out: any"),
          port<&KernelRate::format>("number format of the operands; left out: any"),
          port<&KernelRate::kernel>("family or library; the first row that fits is an engine's default"),
          port<&KernelRate::phase>("dispatch or combine; graph or eager"),
          port<&KernelRate::law>("kernel: of single kernels; iteration: of iterations of serving engines, before kernel; step: "
                                 "shares that a training step "
                                 "left over, launches included"),
          port<&KernelRate::how>("how the numbers were got: fitted, measured, data sheet, guess"),
          port<&KernelRate::source>("the rows or the document behind the numbers"),
          port<&KernelRate::compute_share>("share of the dense peak that large operands reach", positive),
          port<&KernelRate::memory_share>("share of the memory bandwidth; above 1 where measured from a warm cache", positive),
          port<&KernelRate::link_share>("share of the link's one-way bandwidth", positive),
          port<&KernelRate::network_share>("share of the network's bandwidth", positive),
          port<&KernelRate::latency>("fixed time of a call", non_negative).display("us"),
          port<&KernelRate::depth_latency>("serial time of a thousand of K, or of keys", non_negative).display("us"),
          port<&KernelRate::tile_latency>("time of one tile a multiprocessor", non_negative).display("us"),
          port<&KernelRate::doubling_latency>("time of each doubling of the devices", non_negative).display("us"),
          port<&KernelRate::protocol_time>("rho: sqrt(rho * wire time) is lost between protocols", non_negative).display("us"),
          port<&KernelRate::quantize_traffic>("traffic of an element of the activations beside the operation", non_negative)
              .display("B"),
          port<&KernelRate::permute_traffic>("traffic of an element of all routed slots", non_negative).display("B"),
          port<&KernelRate::touched_rows>("rows that a touched expert costs beside its own", non_negative),
          port<&KernelRate::distant_share>("factor of link_share beyond two devices on PCIe", positive),
          port<&KernelRate::lent_multiprocessors>("multiprocessors lent at which the rate is half", non_negative),
          port<&KernelRate::from>("smallest size behind the numbers: rows, tokens, context, or bytes of a message", non_negative),
          port<&KernelRate::to>("largest size behind the numbers", non_negative),
          port<&KernelRate::rows>("measurements behind the numbers", non_negative),
          port<&KernelRate::low>("10 % quantile of ln(measured / predicted)"), port<&KernelRate::middle>("50 % quantile"),
          port<&KernelRate::high>("90 % quantile"));
inline constexpr auto kernel_rate_columns = columns_of<KernelRate>(kernel_rate_ports);

/// Constants of kernels, of a generation of devices or of one device.
struct KernelRatesKind {
  static constexpr auto about =
      Kind::About{"kernel_rates", "what kernels sustain on a generation of devices, by operation, engine, format and kernel"};
  using Interface = KernelRates;

  struct Fields {
    const RecordTable* rates = nullptr;
    const KernelRates* otherwise = nullptr;
  };
  static constexpr auto fields =
      ports(port<&Fields::rates>("one row a law, first the default of its kind").columns(kernel_rate_columns).optional(),
            port<&Fields::otherwise>("the wider records that are asked where no row fits").optional());

  class Made final : public KernelRates {
   public:
    Made(const Fields& f, std::string_view name) : KernelRates(name) {
      otherwise = f.otherwise;
      for (std::size_t row = 0; f.rates != nullptr && row < f.rates->rows; ++row) {
        own_.push_back(record_of<KernelRate>(*f.rates, row, kernel_rate_ports));
        check(own_.back(), row);
      }
      rates = own_;
    }

   private:
    static void check(const KernelRate& r, std::size_t row) {
      const std::string where = "rates/" + std::to_string(row);
      const auto refuse = [&](const std::string& what) { throw DomainError(where, what); };
      if (r.operation.empty()) refuse("names no operation");
      if (r.law != "kernel" && r.law != "iteration" && r.law != "step")
        refuse("law is '" + std::string(r.law) + "'; allowed: kernel, iteration, step");
      if (r.how.empty() || r.source.empty())
        refuse("does not say how its numbers were got and from what; allowed: how and source");
      if (r.from && r.to && *r.from > *r.to) refuse("from is above to");
      if (r.low && r.high && *r.low > *r.high) refuse("low is above high");
    }
    std::vector<KernelRate> own_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

/// An inference engine or trainer: a name that kernel_rates and software_stack refer to.
struct EngineKind {
  static constexpr auto about = Kind::About{"engine", "an inference engine or trainer, whose kernels records name by its key"};
  using Interface = Engine;
  struct Fields {};
  static constexpr auto fields = ports();
  struct Made final : Engine {
    using Engine::Engine;
  };
  static Made make(const Fields&, std::string_view name) { return Made(name); }
};

inline constexpr auto engine_memory_ports =
    ports(port<&EngineMemory::cache_rule>(
              "share_of_device: the cache gets that share of the memory less everything else; share_of_free: "
              "that share of what everything else leaves; set_aside: what is not set aside, less the weights"),
          port<&EngineMemory::cache_block_tokens>("tokens of a block of cache", at_least_one),
          port<&EngineMemory::graph_memory>("captured graphs of a device", non_negative).display("MiB"),
          port<&EngineMemory::set_aside>("under set_aside, whatever the layout", non_negative).display("MiB"),
          port<&EngineMemory::set_aside_per_token>("under set_aside, a token of the budget, of 2048 at least", non_negative)
              .display("MiB"),
          port<&EngineMemory::captured_sequences>("largest batch whose graph is captured", non_negative),
          port<&EngineMemory::set_aside_per_sequence>("under set_aside, a sequence of that batch", non_negative).display("MiB"),
          port<&EngineMemory::set_aside_per_group_sequence>(
              "under set_aside, a sequence of that batch and group under attention-data parallelism", non_negative)
              .display("MiB"),
          port<&EngineMemory::set_aside_per_device>("under set_aside, a device of the engine", non_negative).display("MiB"),
          port<&EngineMemory::least_set_aside>("under set_aside, on a device of more than 60 GiB at least", non_negative)
              .display("GiB"));

/// An engine or trainer in one version, and what it costs beside its kernels.
struct SoftwareStackKind {
  static constexpr auto about =
      Kind::About{"software_stack", "an engine or trainer in one version, and what it costs beside its kernels"};
  using Interface = SoftwareStack;
  struct Fields : SoftwareStackFacts {
    EngineMemory memory;
  };
  static constexpr auto fields = ports(
      port<&Fields::engine>("whose kernels it runs"),
      port<&Fields::layer_latency>("of a dense decoder's layer beside its kernels, of others by their operators", non_negative)
          .display("us"),
      port<&Fields::prompt_launch>("of a dense decoder's layer, of others by their operators, in an iteration that holds "
                                   "prompts: outside a captured graph",
                                   non_negative)
          .display("us"),
      port<&Fields::prompt_launches>("added to the device's work, or hidden behind it"),
      port<&Fields::recurrent_layer_latency>("of a layer of linear attention", non_negative).display("us"),
      port<&Fields::expert_layer_latency>("of a layer of routed experts", non_negative).display("us"),
      port<&Fields::quantized_layer_latency>("of a layer whose activations are quantised as it runs", non_negative).display("us"),
      port<&Fields::barrier>("of ranks waiting for each other, two a routed layer under attention-data parallelism", non_negative)
          .display("us"),
      port<&Fields::host_time>("of the host, an iteration", non_negative).display("us"),
      port<&Fields::sequence_time>("of the host, a sequence and iteration", non_negative).display("us"),
      port<&Fields::stage_latency>("of a hop between pipeline stages", non_negative).display("us"),
      port<&Fields::dequantize>("how narrow weights are widened: while memory is read, in the longer of both, or after"),
      port<&Fields::dequantize_operations>("of widening one weight, at the fp32 rate", non_negative),
      port<&Fields::dequantize_rows>("rows above which weights are first widened into a copy; left out: never", non_negative),
      port<&Fields::micro_batch>("tokens of a prompt that pass together; left out: all", at_least_one),
      port<&Fields::accumulation>(
          "width of the sums of 16-bit products: some devices run twice as fast with 16 bits; left out: 32"),
      port<&Fields::first_call>("before a prompt, where each is timed from its first call", non_negative).display("ms"),
      port<&Fields::prompt_order>("mixed: prompts in chunks beside decoding; first, whole_first: before it"),
      port<&Fields::admission>("what a request's slot needs: memory for what it holds, for all that it will hold, or a ratio"),
      port<&Fields::token_budget>("tokens of an iteration and attention rank", at_least_one),
      port<&Fields::most_sequences>("sequences in flight in an attention rank", at_least_one),
      port<&Fields::memory_share>("share of the device's memory that the engine takes", positive_fraction),
      port<&Fields::routed_first_delay>("iterations until a first token is seen, of models with routed experts", non_negative),
      port<&Fields::data_parallel_delay>("iterations more under attention-data parallelism", non_negative),
      port<&Fields::dense_first_delay>("until a first token is seen, of other models", non_negative).display("ms"),
      port<&Fields::time_factor>("measured time of an iteration over what the law and these constants say", positive),
      port<&Fields::band_low>("10 % quantile of ln(measured / predicted) of this stack's own rows; left out: by regime"),
      port<&Fields::band_high>("90 % quantile of it"), merge<&Fields::memory>(engine_memory_ports));
  struct Made final : SoftwareStack {
    Made(const Fields& f, std::string_view name) : SoftwareStack(name) {
      static_cast<SoftwareStackFacts&>(*this) = f;
      memory_ = f.memory;
      if (f.band_low && f.band_high && *f.band_low > *f.band_high) throw DomainError("band_low", "is above band_high");
    }

   private:
    const void* do_facet(const FacetKey& key) const override { return answer(key, &memory_); }
    EngineMemory memory_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::hardware
