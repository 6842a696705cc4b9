#pragma once
// What is asked of the solver `kernel`.
#include <ironlaw/sdk/band.hpp>
#include <ironlaw/sdk/ports.hpp>

#include "../formats.hpp"
#include "kernel_constants.hpp"
#include "routing.hpp"

namespace ironlaw::estimates {

/// The operations that a law of kernels.hpp describes.
enum class KernelOperation {
  product,
  experts,
  wide_experts,
  prompt_attention,
  encoder_attention,
  decode_attention,
  latent_prompt_attention,
  latent_decode_attention,
  absorbed_product,
  quantization
};

struct KernelInputs {
  KernelOperation operation = required;
  const Hardware* hardware = nullptr;
  const Engine* engine = nullptr;
  const KernelRates* kernel_rates = nullptr;
  OperandFormat format = OperandFormat::bf16;
  Maybe<KernelFamily> kernel;
  Maybe<double> weight_bits;
  bool warm_cache = false;
  LaunchMode launch = LaunchMode::graph;

  Maybe<double> rows;
  Maybe<double> n;
  Maybe<double> k;

  Maybe<double> hidden_size;
  Maybe<double> expert_size;
  Maybe<double> experts;
  Maybe<double> experts_per_token;
  double expert_tensor_parallel = 1;
  double expert_parallel = 1;
  bool gated = true;
  Routing routing = Routing::uniform;
  double routing_exponent = 1.2;

  Maybe<double> batch;
  Maybe<double> length;
  Maybe<double> heads;
  Maybe<double> kv_heads;
  double head_size = 128;
  Maybe<double> window;
  double latent_rank = 512;
  double rope_head_size = 64;
  KernelConstants constants{};
  Maybe<double> band_quantile;
};

inline constexpr auto kernel_inputs = ports(
    port<&KernelInputs::operation>("what the kernel does"), port<&KernelInputs::hardware>("device that runs it"),
    port<&KernelInputs::engine>("engine whose kernel it is; left out: any").optional(),
    port<&KernelInputs::kernel_rates>("records to use; left out: the device's").refinement().optional(),
    port<&KernelInputs::format>("number format of the operands; of attention, bf16 or fp8 of the cache"),
    port<&KernelInputs::kernel>("kernel family; left out: the engine's default, the first of the records"),
    port<&KernelInputs::weight_bits>("stored bits of a weight, scales included; left out: the format's", positive).refinement(),
    port<&KernelInputs::warm_cache>(
        "operands under 24 MB lie in a second-level cache of twice the bandwidth, as in benchmarks on "
        "cards with a large one; a planner leaves it false")
        .refinement(),
    port<&KernelInputs::launch>("inside a captured graph, or call by call, where the host may set the time").refinement(),
    port<&KernelInputs::rows>("M of a product: rows, or tokens of absorbed_product, experts and quantization", positive),
    port<&KernelInputs::n>("N of a product: columns of the weights", positive),
    port<&KernelInputs::k>("K of a product, and of quantization: the depth", positive),
    port<&KernelInputs::hidden_size>("width of the model, of experts", positive),
    port<&KernelInputs::expert_size>("width of a whole expert", positive),
    port<&KernelInputs::experts>("experts of the layer", at_least_one),
    port<&KernelInputs::experts_per_token>("experts that a token passes", positive),
    port<&KernelInputs::expert_tensor_parallel>("ranks that share an expert's width", at_least_one),
    port<&KernelInputs::expert_parallel>("ranks that the experts are dealt out to; rows are the tokens of them all",
                                         at_least_one),
    port<&KernelInputs::gated>("an expert has three matrices, not two"),
    port<&KernelInputs::routing>("how tokens fall on experts: balanced, at random, or by a power law").refinement(),
    port<&KernelInputs::routing_exponent>("exponent of that power law", positive).refinement(),
    port<&KernelInputs::batch>("sequences of attention", positive),
    port<&KernelInputs::length>("tokens of a prompt; in decoding, tokens cached and the new one", positive),
    port<&KernelInputs::heads>("query heads of this rank", positive),
    port<&KernelInputs::kv_heads>("key-value heads of this rank; left out: as many", positive),
    port<&KernelInputs::head_size>("width of a head", positive),
    port<&KernelInputs::window>("keys that a query sees at most; left out: all", positive),
    port<&KernelInputs::latent_rank>("width of the latent that keys and values are cached as", positive).refinement(),
    port<&KernelInputs::rope_head_size>("width of the position key beside it", positive).refinement(),
    merge<&KernelInputs::constants>(kernel_constant_ports), band_port<&KernelInputs::band_quantile>());

}  // namespace ironlaw::estimates
