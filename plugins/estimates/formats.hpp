#pragma once
// Number formats of operands: how wide a weight and an activation are stored, and what the arithmetic runs in.
#include <ironlaw/hardware.hpp>
#include <ironlaw/sdk/reflection.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace ironlaw::estimates {

/// As engines name them: fp8 has one scale a tensor, fp8_block one a block of 128; w4a16 stores 4 bits and computes in 16.
enum class OperandFormat { bf16, fp8, fp8_block, int8, nvfp4, w8a16, w4a16, w4a16_mxfp4, w4a8_mxfp4_mxfp8, w4afp8, fp32 };

struct FormatFacts {
  Information weight;      ///< stored, scales included
  Information activation;  ///< as the product reads it
  Precision arithmetic;
};
constexpr FormatFacts facts_of(OperandFormat format) {
  constexpr std::array<FormatFacts, 11> facts{{{2.0 * units::byte, 2.0 * units::byte, Precision::fp16},
                                               {1.0 * units::byte, 1.0 * units::byte, Precision::fp8},
                                               {1.0 * units::byte, 1.0 * units::byte, Precision::fp8},
                                               {1.0 * units::byte, 1.0 * units::byte, Precision::int8},
                                               {0.5625 * units::byte, 0.5625 * units::byte, Precision::fp4},
                                               {1.0 * units::byte, 2.0 * units::byte, Precision::fp16},
                                               {0.52 * units::byte, 2.0 * units::byte, Precision::fp16},
                                               {0.53125 * units::byte, 2.0 * units::byte, Precision::fp16},
                                               {0.53125 * units::byte, 1.0 * units::byte, Precision::fp8},
                                               {0.52 * units::byte, 1.0 * units::byte, Precision::fp8},
                                               {4.0 * units::byte, 4.0 * units::byte, Precision::fp32}}};
  return facts[static_cast<std::size_t>(format)];
}
inline std::string_view name_of(OperandFormat format) {
  return detail::enumerator_names<OperandFormat>[static_cast<std::size_t>(format)];
}

/// Inside a captured graph, or call by call.
enum class LaunchMode { graph, eager };

/// Kernel families and libraries, as records name them.
enum class KernelFamily {
  cutlass,
  triton,
  deepgemm,
  trtllmgen,
  marlin,
  gemm,
  gemv,
  xpu,
  fa2,
  fa3,
  fa4,
  flash_attention,
  flashinfer,
  flashinfer_prefill,
  flashinfer_decode,
  trtllm_prefill,
  trtllm_decode,
  trtllm_mha,
  torch_flow,
  moe_context,
  moe_generation,
  wideep_moe,
  wideep_moe_eplb
};
inline std::string_view name_of(Maybe<KernelFamily> family) {
  return family ? detail::enumerator_names<KernelFamily>[static_cast<std::size_t>(*family)] : std::string_view();
}

}  // namespace ironlaw::estimates
