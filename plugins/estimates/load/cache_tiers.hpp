#pragma once
// Cache that lies on the host or on disks: tokens of prompts that are read instead of worked out.
#include <ironlaw/sdk/limits.hpp>

#include "serving_inputs.hpp"

namespace ironlaw::estimates {

/// Tiers of cache behind that of the devices. Hit rates come from the traffic: a trace's, or a tracker of prefixes.
struct TierInputs {
  Maybe<Information> host_cache;
  Maybe<Information> disk_cache;
  double host_hit_rate = 0;
  double disk_hit_rate = 0;
  Maybe<Bandwidth> host_bandwidth;
  Maybe<Bandwidth> disk_bandwidth;
};
inline constexpr auto tier_ports =
    ports(port<&TierInputs::host_cache>("memory of the host for cache, a device", non_negative).refinement().display("GB"),
          port<&TierInputs::disk_cache>("of disks for cache, a device", non_negative).refinement().display("GB"),
          port<&TierInputs::host_hit_rate>("share of a prompt's tokens that only the host's cache holds", between(0, 0.99))
              .refinement(),
          port<&TierInputs::disk_hit_rate>("share of a prompt's tokens that only the disks' cache holds", between(0, 0.99))
              .refinement(),
          port<&TierInputs::host_bandwidth>("from the host to a device; left out: the device's host_link", positive)
              .refinement()
              .display("GB/s"),
          port<&TierInputs::disk_bandwidth>("from disks to a device", positive).refinement().display("GB/s"));

/// What tiers hold and what reading them takes. Absent where there is no tier.
struct TierOutputs {
  double cache_tokens = 0;
  Maybe<double> host_cache_tokens;
  Maybe<double> disk_cache_tokens;
  Maybe<Time> tier_load_time;
};
inline constexpr auto tier_outputs = ports(
    port<&TierOutputs::cache_tokens>("tokens that the devices of a replica hold"),
    port<&TierOutputs::host_cache_tokens>(
        "tokens that their hosts hold beside; absent without host_cache, or where none takes room"),
    port<&TierOutputs::disk_cache_tokens>("tokens that their disks hold beside; absent without disk_cache"),
    port<&TierOutputs::tier_load_time>("mean time until a prompt's cached tokens have come from host and disks; absent without")
        .display("ms"));

/// Reading of one prompt's tokens from the tiers, before its work begins. Devices of a rank read their own parts side by side.
struct TierRead {
  Information of_prompt{};  ///< to a device
  Time alone{};

  TierRead(const TierInputs& in, const ServingGiven& given, const ServingFacts& f, double prompt_tokens) {
    const Information token = f.memory.cache.a_token(prompt_tokens);
    const auto read = [&](double rate, const Maybe<Bandwidth>& bandwidth) {
      if (rate <= 0 || !bandwidth) return;
      const Information bytes = rate * prompt_tokens * token;
      of_prompt += bytes;
      alone += bytes / *bandwidth;
    };
    read(in.host_hit_rate, in.host_bandwidth ? in.host_bandwidth : given.hardware->host_link());
    read(in.disk_hit_rate, in.disk_bandwidth);
  }
  /// With those that come before it on the same link: M/G/1, lengths of squared variation v.
  [[nodiscard]] Time at(Rate requests, double v) const {
    const double busy = std::min(0.98, static_cast<double>(requests * alone));
    return alone * (1 + busy * (1 + v) / (2 * (1 - busy)));
  }
};

}  // namespace ironlaw::estimates
