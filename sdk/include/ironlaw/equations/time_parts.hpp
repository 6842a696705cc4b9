#pragma once
// What a time is made of, as outputs and as limits: arithmetic, memory traffic, fixed costs, messages.
#include <ironlaw/sdk/lanes.hpp>
#include <ironlaw/sdk/limits.hpp>
#include <ironlaw/working.hpp>

#include <string>

namespace ironlaw::equations {

/// Where a time goes. Parts may overlap, so they may add up to more than the time; none exceeds it alone.
template <class N>
struct TimePartsOf {
  Of<N, Time> compute_time{};
  Of<N, Time> memory_time{};
  Of<N, Time> overhead{};
  Of<N, Time> communication_time{};

  friend TimePartsOf operator+(const TimePartsOf& a, const TimePartsOf& b) {
    return {a.compute_time + b.compute_time, a.memory_time + b.memory_time, a.overhead + b.overhead,
            a.communication_time + b.communication_time};
  }
  friend TimePartsOf operator*(const N& factor, const TimePartsOf& p) {
    return {factor * p.compute_time, factor * p.memory_time, factor * p.overhead, factor * p.communication_time};
  }
};
using TimeParts = TimePartsOf<double>;

template <class N>
inline constexpr auto time_part_ports_of =
    ports(port<&TimePartsOf<N>::compute_time>("arithmetic at the achieved rate").display("ms"),
          port<&TimePartsOf<N>::memory_time>("memory traffic at the achieved bandwidth").display("ms"),
          port<&TimePartsOf<N>::overhead>("fixed costs: launches, dispatch and host").display("ms"),
          port<&TimePartsOf<N>::communication_time>("messages between devices").display("ms"));
inline constexpr auto time_part_ports = time_part_ports_of<double>;

/// Names of the four limits, for solvers that split more than one time.
struct PartNames {
  std::string_view compute = "compute";
  std::string_view memory = "memory: traffic";
  std::string_view software = "software";
  std::string_view communication = "communication";
};

/// The share of each part in the whole, as soft limits: the one with the least margin is what the time is spent on.
template <auto Parts, auto Whole>
constexpr auto part_limits(const PartNames& names = {}) {
  using P = TimeParts;
  return limits(
      soft<at<Parts, &P::compute_time>, Whole>(names.compute, "arithmetic's share of the time", "operations / (peak * eta) <= T"),
      soft<at<Parts, &P::memory_time>, Whole>(names.memory, "memory traffic's share of the time", "traffic / beta <= T"),
      soft<at<Parts, &P::overhead>, Whole>(names.software, "share of the time that launches take",
                                           "t_dispatch + n * t_framework <= T"),
      soft<at<Parts, &P::communication_time>, Whole>(names.communication, "messages' share of the time", "sum of messages <= T"));
}

/// Steps of all four; `of` is the group that they stand in ("prompt."), or empty.
inline void explain_parts(const std::string& of, const TimeParts& parts, Working& w) {
  w.step(of + "compute_time", "sum of operations / (peak * eta)", {}, parts.compute_time, "Williams 2009");
  w.step(of + "memory_time", "sum of traffic / beta", {}, parts.memory_time, "Williams 2009");
  w.step(of + "overhead", "launches, dispatch and host", {}, parts.overhead);
  w.step(of + "communication_time", "sum of messages", {}, parts.communication_time);
}

/// Of the time to a first token.
inline constexpr PartNames of_prompt{"compute: prompt", "memory: prompt traffic", "software: prompt", "communication: prompt"};

}  // namespace ironlaw::equations
