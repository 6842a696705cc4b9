#pragma once
// The model that an engine serves, and the formats that it is held in.
#include <ironlaw/sdk/ports.hpp>
#include <ironlaw/workload.hpp>

#include "../formats.hpp"

namespace ironlaw::estimates {

/// Formats that a cache of keys and values is kept in.
enum class CacheFormat { bf16, fp8 };
constexpr OperandFormat operand_of(CacheFormat format) {
  return format == CacheFormat::fp8 ? OperandFormat::fp8 : OperandFormat::bf16;
}

struct ServedModel {
  const Workload* workload = nullptr;
  OperandFormat format = OperandFormat::bf16;
  Maybe<OperandFormat> expert_format;
  CacheFormat cache_format = CacheFormat::bf16;
  Maybe<double> weight_bits;
  Maybe<double> expert_weight_bits;

  [[nodiscard]] OperandFormat of_experts() const { return expert_format.value_or(format); }
};
inline constexpr auto served_model =
    ports(port<&ServedModel::workload>("model that is served: one that lists its operators"),
          port<&ServedModel::format>("number format of the dense products"),
          port<&ServedModel::expert_format>("number format of routed experts; left out: as format"),
          port<&ServedModel::cache_format>("number format of the cache"),
          port<&ServedModel::weight_bits>("stored bits of a weight of the dense products; left out: the format's", positive)
              .refinement(),
          port<&ServedModel::expert_weight_bits>("stored bits of a weight of routed experts; left out: the format's", positive)
              .refinement());

}  // namespace ironlaw::estimates
