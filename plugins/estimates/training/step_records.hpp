#pragma once
// Which records answer for a training step on a device, and how far: the device's, its generation's, wider ones, or none.
#include <ironlaw/error.hpp>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/sdk/ports.hpp>

#include <cmath>
#include <string>

#include "trainer.hpp"

namespace ironlaw::estimates {

/// Shares that a question states itself; what it leaves out comes from records.
struct StepShares {
  Maybe<double> product_share;
  Maybe<double> wide_product_share;
  Maybe<double> attention_share;
  Maybe<double> memory_share;
  Maybe<double> link_share;
  Maybe<double> network_share;
  Maybe<Time> collective_latency;
};
inline constexpr auto step_share_ports =
    ports(port<&StepShares::product_share>("share of the peak that products of the layers reach; absent: by records", positive_fraction),
          port<&StepShares::wide_product_share>("the same of products in 16 bits beside them: head and router", positive_fraction),
          port<&StepShares::attention_share>("share of the 16-bit peak that fused attention reaches", positive_fraction),
          port<&StepShares::memory_share>("share of the memory bandwidth that is reached", positive_fraction),
          port<&StepShares::link_share>("share of the link inside a domain that collectives reach", positive_fraction),
          port<&StepShares::network_share>("share of a device's network link that they reach", positive_fraction),
          port<&StepShares::collective_latency>("fixed time of a collective", non_negative).display("us"));

/// One constant with what it stands on, for a working. `record` is null where no record has it.
struct Constant {
  double value;
  const KernelRates* record = nullptr;
  const KernelRate* row = nullptr;
};

/// Constants of a step where no record of a device has any: the mean over four generations, 11 % on 140 products.
namespace over_all_devices {
inline constexpr double products_16_bit = 0.72;
inline constexpr double products_8_bit = 0.62;
inline constexpr double products_4_bit = 0.42;
inline constexpr double attention = 0.45;
inline constexpr double memory = 0.85;
inline constexpr double link = 0.62;
inline constexpr double network = 0.85;
inline constexpr double latency = 12e-6;
}  // namespace over_all_devices

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

/// Looks constants up in a chain of records.
class StepRecordFinder {
 public:
  explicit StepRecordFinder(const Hardware& device) {
    const auto* platform = device.facet<KernelPlatform>();
    if (platform != nullptr) chain_ = platform->generation;
  }

  template <class T>
  [[nodiscard]] Constant find(Maybe<T> KernelRate::*number, std::string_view operation, std::string_view format,
                              std::string_view kernel, double otherwise) const {
    for (const KernelRates* records = chain_; records != nullptr; records = records->otherwise)
      for (const KernelRate& r : records->rates)
        if (r.law == "step" && r.operation == operation && fits(r.format, format) && fits(r.kernel, kernel) && (r.*number))
          return {(r.*number).cell(), records, &r};
    return {otherwise};
  }

 private:
  static bool fits(std::string_view record, std::string_view asked) { return record.empty() || record == asked; }
  const KernelRates* chain_ = nullptr;
};

inline double products_over_all_devices(std::string_view format) {
  if (format == "bf16") return over_all_devices::products_16_bit;
  return format == "fp8" ? over_all_devices::products_8_bit : over_all_devices::products_4_bit;
}

inline StepRecords step_records(const Hardware& device, Precision precision, AttentionKernel kernel) {
  const StepRecordFinder f(device);
  const std::string_view format = record_format(precision);
  const std::string_view attention = kernel == AttentionKernel::first_fused ? "first_fused" : "fused";
  return {.product = f.find(&KernelRate::compute_share, "product", format, "", products_over_all_devices(format)),
          .wide_product = f.find(&KernelRate::compute_share, "product", "bf16", "", over_all_devices::products_16_bit),
          .attention = f.find(&KernelRate::compute_share, "attention", "bf16", attention, over_all_devices::attention),
          .memory = f.find(&KernelRate::memory_share, "elementwise", "", "", over_all_devices::memory),
          .link = f.find(&KernelRate::link_share, "exchange", "", "", over_all_devices::link),
          .network = f.find(&KernelRate::network_share, "exchange", "", "", over_all_devices::network),
          .latency = f.find(&KernelRate::latency, "exchange", "", "", over_all_devices::latency),
          .expert_link = f.find(&KernelRate::link_share, "expert_exchange", "", "", over_all_devices::link),
          .expert_network = f.find(&KernelRate::network_share, "expert_exchange", "", "", over_all_devices::network)};
}

}  // namespace ironlaw::estimates
