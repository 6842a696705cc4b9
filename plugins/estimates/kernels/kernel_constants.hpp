#pragma once
// Constants of a kernel's law that a question may state itself; what it leaves out is its record's.
#include <ironlaw/sdk/ports.hpp>
#include <ironlaw/working.hpp>

#include "../rate_search.hpp"

namespace ironlaw::estimates {

struct KernelConstants {
  Maybe<double> compute_share;
  Maybe<double> memory_share;
  Maybe<Time> latency;
  Maybe<Time> depth_latency;
  Maybe<Time> tile_latency;
  Maybe<Information> quantize_traffic;
  Maybe<Information> permute_traffic;
  Maybe<double> touched_rows;
};
inline constexpr auto kernel_constant_ports = ports(
    port<&KernelConstants::compute_share>("share of the peak; left out: the record's", positive).refinement(),
    port<&KernelConstants::memory_share>("share of the memory bandwidth; left out: the record's", positive).refinement(),
    port<&KernelConstants::latency>("fixed time; left out: the record's", non_negative).refinement().display("us"),
    port<&KernelConstants::depth_latency>("serial time of a thousand of K, or of keys; left out: the record's", non_negative)
        .refinement()
        .display("us"),
    port<&KernelConstants::tile_latency>("time of one tile a multiprocessor; left out: the record's", non_negative)
        .refinement()
        .display("us"),
    port<&KernelConstants::quantize_traffic>(
        "traffic of an element of the activations beside the operation; left out: the record's", non_negative)
        .refinement()
        .display("B"),
    port<&KernelConstants::permute_traffic>("traffic of an element of all routed slots; left out: the record's", non_negative)
        .refinement()
        .display("B"),
    port<&KernelConstants::touched_rows>("rows that a touched expert costs beside its own; left out: the record's", non_negative)
        .refinement());

/// A record with the constants that a question states in the place of its own.
class StatedRate {
 public:
  StatedRate(const RateFound& found, const KernelConstants& stated) : record_(found), rate_(*found.rate) {
    const auto take = [](auto& own, const auto& given) {
      if (given) own = given;
    };
    take(rate_.compute_share, stated.compute_share);
    take(rate_.memory_share, stated.memory_share);
    take(rate_.latency, stated.latency);
    take(rate_.depth_latency, stated.depth_latency);
    take(rate_.tile_latency, stated.tile_latency);
    take(rate_.quantize_traffic, stated.quantize_traffic);
    take(rate_.permute_traffic, stated.permute_traffic);
    take(rate_.touched_rows, stated.touched_rows);
  }
  [[nodiscard]] RateFound found() const { return {&rate_, record_.records, record_.level}; }

  /// Says what the record has for each constant that its law uses and the question leaves out.
  void explain(const KernelConstants& stated, Working& w) const {
    const std::string source = std::string(rate_.how) + ", " + std::string(rate_.source);
    const auto say = [&](std::string_view name, const auto& given, const auto& recorded) {
      if (!given && recorded) w.step(name, "by record", {}, recorded, source);
    };
    const KernelRate& r = *record_.rate;
    say("compute_share", stated.compute_share, r.compute_share);
    say("memory_share", stated.memory_share, r.memory_share);
    say("latency", stated.latency, r.latency);
    say("depth_latency", stated.depth_latency, r.depth_latency);
    say("tile_latency", stated.tile_latency, r.tile_latency);
    say("quantize_traffic", stated.quantize_traffic, r.quantize_traffic);
    say("permute_traffic", stated.permute_traffic, r.permute_traffic);
    say("touched_rows", stated.touched_rows, r.touched_rows);
  }

 private:
  RateFound record_;
  KernelRate rate_;
};

}  // namespace ironlaw::estimates
