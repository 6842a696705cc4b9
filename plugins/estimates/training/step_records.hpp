#pragma once
// Which records answer for a training step on a device, and how far: the device's, its generation's, wider ones, or none.
#include <ironlaw/error.hpp>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/sdk/lanes.hpp>
#include <ironlaw/sdk/ports.hpp>

#include <string>

#include "../rate_search.hpp"
#include "trainer.hpp"

namespace ironlaw::estimates {

/// Shares that a question states itself; what it leaves out comes from records.
template <class N>
struct StepSharesOf {
  Of<N, Maybe<double>> product_share{};
  Of<N, Maybe<double>> wide_product_share{};
  Of<N, Maybe<double>> attention_share{};
  Of<N, Maybe<double>> memory_share{};
  Of<N, Maybe<double>> link_share{};
  Of<N, Maybe<double>> network_share{};
  Of<N, Maybe<Time>> collective_latency{};
};
using StepShares = StepSharesOf<double>;
template <class N>
inline constexpr auto step_share_ports_of = ports(
    port<&StepSharesOf<N>::product_share>("share of the peak that products of the layers reach; absent: by records",
                                          positive_fraction),
    port<&StepSharesOf<N>::wide_product_share>("the same of products in 16 bits beside them: head and router", positive_fraction),
    port<&StepSharesOf<N>::attention_share>("share of the 16-bit peak that fused attention reaches", positive_fraction),
    port<&StepSharesOf<N>::memory_share>("share of the memory bandwidth that is reached", positive_fraction),
    port<&StepSharesOf<N>::link_share>("share of the link inside a domain that collectives reach", positive_fraction),
    port<&StepSharesOf<N>::network_share>("share of a device's network link that they reach", positive_fraction),
    port<&StepSharesOf<N>::collective_latency>("fixed time of a collective", non_negative).display("us"));

/// A constant of a record, with the row that it stands in.
struct Constant {
  double value = 0;
  RateFound found{};
};

/// Constants of one question about one device.
struct StepRecords {
  Constant product;
  Constant wide_product;
  Constant attention;
  Constant memory;
  Constant link;
  Constant network;
  Constant latency;
  Constant expert_link;
  Constant expert_network;
};

/// The name under which records keep a format: every 16-bit format reaches the same share.
constexpr std::string_view record_format(Precision p) {
  const double bytes = bytes_per_element(p);
  return bytes >= 2 ? "bf16" : bytes >= 0.75 ? "fp8" : "fp4";
}
/// Bytes of an operand with its scales: 4-bit formats carry one of 8 bits for 16 elements.
constexpr double operand_bytes(Precision p) {
  const double bytes = bytes_per_element(p);
  return bytes == 0.5 ? 0.5625 : bytes;
}

/// Throws MissingData where the device names no generation, or no record has a constant.
inline StepRecords step_records(const RateSearch& search, Precision precision, AttentionKernel kernel) {
  const auto constant = [&]<class T>(Maybe<T> KernelRate::*number, const RateQuery& query, std::string_view name) {
    const RateFound found = search.need(query);
    const Maybe<T> value = (*found).*number;
    if (!value)
      throw MissingData(found.records->name(), name, "the record of " + std::string(query.operation) + " leaves it out");
    return Constant{value.cell(), found};
  };
  const RateQuery product{.operation = "product", .format = record_format(precision)};
  const RateQuery wide{.operation = "product", .format = "bf16"};
  const RateQuery attention{.operation = "attention", .kernel = kernel == AttentionKernel::first_fused ? "first_fused" : "fused"};
  const RateQuery elementwise{.operation = "elementwise"};
  const RateQuery exchange{.operation = "exchange"};
  const RateQuery experts{.operation = "expert_exchange"};
  return {.product = constant(&KernelRate::compute_share, product, "compute_share"),
          .wide_product = constant(&KernelRate::compute_share, wide, "compute_share"),
          .attention = constant(&KernelRate::compute_share, attention, "compute_share"),
          .memory = constant(&KernelRate::memory_share, elementwise, "memory_share"),
          .link = constant(&KernelRate::link_share, exchange, "link_share"),
          .network = constant(&KernelRate::network_share, exchange, "network_share"),
          .latency = constant(&KernelRate::latency, exchange, "latency"),
          .expert_link = constant(&KernelRate::link_share, experts, "link_share"),
          .expert_network = constant(&KernelRate::network_share, experts, "network_share")};
}

}  // namespace ironlaw::estimates
