#pragma once
// What the ranks of a replica pass to each other in an iteration, once for the rows that share a layout.
#include <ironlaw/facets.hpp>

#include "iteration_terms.hpp"

namespace ironlaw::estimates::detail {

/// Reads a layout into the terms of its exchanges. Messages are activations of 16 bits whatever the formats of products.
class ExchangeCompiler {
 public:
  ExchangeCompiler(const IterationGiven& in, const RateSearch& search)
      : in_(in), search_(search), link_(inner_link(*in.hardware, in.link_bandwidth)) {}

  /// After the layers are counted.
  void compile(IterationFacts& to) const {
    const double group = in_.experts_over() * in_.expert_width_over();
    const bool routed = in_.attention_data_parallel > 1 && group > 1 && to.routed_layers > 0;
    if (in_.tensor_parallel <= 1 && !routed && in_.pipeline_parallel <= 1) return;
    const Information row = hidden_size() * 2.0 * units::byte;
    if (in_.tensor_parallel > 1) reductions(to, row);
    ExchangeTerms& x = to.exchange;
    if (routed) {
      x.routed_layers = to.routed_layers;
      x.routed_wire = 2 * (group - 1) / group * row / linked("gather_scatter");
    }
    if (in_.pipeline_parallel > 1) x.stage_wire = row / linked("stage_transfer");
  }

 private:
  void reductions(IterationFacts& to, Information row) const {
    ExchangeTerms& x = to.exchange;
    x.record = search_.need({.operation = "all_reduce", .kernel = "custom", .phase = "graph"});
    x.reductions = (in_.attention_data_parallel > 1 ? 1 : 2) * to.layers;  // experts have an exchange of their own then
    x.norm_share = x.norm_row / row;
    x.inner = std::min(in_.tensor_parallel, link_domain());
    x.form = equations::collective_form(collective_law(x.record), x.inner, link_ <= pcie_bandwidth);
    x.outer = in_.tensor_parallel / x.inner;
    x.wire = row * ring_share(ExchangeKind::all_reduce, x.inner) / link_;
    if (x.outer <= 1) return;
    const RateFound far = search_.need({.operation = "network_all_reduce"});
    x.network_latency = far->latency.value_or(Time{});
    x.network_wire =
        2 * (x.outer - 1) / x.outer * row / x.inner / (network() * constant(far, far->network_share, "network_share"));
  }
  /// What an operation reaches of the inner link.
  [[nodiscard]] Bandwidth linked(std::string_view operation) const {
    const RateFound record = search_.need({.operation = operation});
    return link_ * constant(record, record->link_share, "link_share");
  }
  [[nodiscard]] double link_domain() const {
    constexpr double usual = 8;
    const auto* platform = in_.hardware->facet<KernelPlatform>();
    return in_.link_domain.value_or(platform != nullptr ? platform->link_domain.value_or(usual) : usual);
  }
  /// Of a device that states none: its share of the network is then a guess, a card of 200 Gbit/s.
  [[nodiscard]] Bandwidth network() const {
    constexpr Bandwidth usual_network = 25.0 * units::gigabyte / units::second;
    if (in_.network_bandwidth) return *in_.network_bandwidth;
    const auto* platform = in_.hardware->facet<KernelPlatform>();
    return platform != nullptr ? platform->network_bandwidth.value_or(usual_network) : usual_network;
  }
  [[nodiscard]] double hidden_size() const {
    const auto* shape = in_.workload->facet<TransformerShape>();
    if (shape == nullptr)
      throw Unsupported(in_.workload->name(), "it states no transformer shape; one device alone can be asked for");
    return shape->hidden_size;
  }

  const IterationGiven& in_;
  const RateSearch& search_;
  Bandwidth link_;
};

}  // namespace ironlaw::estimates::detail
