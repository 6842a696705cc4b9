#pragma once
#include <ironlaw/equations/queueing.hpp>

#include "continuous_batching.hpp"

namespace ironlaw::serving {

/// The fewest replicas that carry an arrival rate within a 99th percentile.
struct ServingCapacity {
  static constexpr auto about =
      Solver::About{"serving_capacity", "Fewest replicas for an arrival rate and a 99th percentile latency",
                    "Kwon 2023; Erlang 1917; Pope 2022"};

  enum class Bottleneck { Feasible, Memory, Capacity, Tail_Latency, Base_Latency };

  using Given = ServedModel;
  using Facts = ServedFacts;
  struct Inputs : Given, DeploymentTerms {
    RequestRate arrival_rate = required;
    Time latency_target = required;
    double sequence_length = 2048;
    Maybe<double> mean_request_tokens = absent;
    double output_tokens = 128;
    double max_batch_size = 32;
    double page_size = 16;
    double memory_reserve = 0.1;
    PromptSchedule prompt_schedule = PromptSchedule::interleaved;
    double max_replicas = 1024;
    double service_time_cv = 1;
    bool name_base_latency = true;
    bool max_replicas_where_none = false;
  };

  struct Outputs {
    Maybe<double> required_replicas;
    RequestRate qps_capacity;
    RequestRate per_replica_qps_capacity;
    Maybe<double> utilization;
    Maybe<Time> estimated_p99_latency;
    Time base_request_latency;
    Maybe<Time> queue_wait_p99;
    Time ttft;
    Time tpot;
    equations::TimeParts parts;
    double active_batch_size;
    Bottleneck bottleneck;
    Information weights_per_device;
    Information memory_required;
    Information usable_memory;
    RequestRate highest_stable_rate;
  };

  static constexpr auto inputs = ports(
      deployment_ports, port<&Inputs::arrival_rate>("requests that arrive, at random", positive),
      port<&Inputs::latency_target>("99th percentile of a request's latency to stay below", positive),
      port<&Inputs::sequence_length>("most tokens of a request, prompt and output", at_least_one).whole(),
      port<&Inputs::mean_request_tokens>("mean tokens of a request, prompt and output; absent: all are longest", positive),
      port<&Inputs::output_tokens>("tokens that a request generates", at_least_one).whole(),
      port<&Inputs::max_batch_size>("most requests in flight at a replica", at_least_one).whole(),
      port<&Inputs::page_size>("tokens of a page of the cache", at_least_one).refinement().whole(),
      port<&Inputs::memory_reserve>("share of the memory that activations and the framework take", between(0, 0.99)).refinement(),
      port<&Inputs::prompt_schedule>("interleaved: prompts run one at a time and pause the batch; all_at_once: the first token "
                                     "waits for the prompts of a whole batch, each as long as a mean request")
          .refinement(),
      port<&Inputs::max_replicas>("most replicas to try", between(1, 1e6)).whole(),
      port<&Inputs::service_time_cv>("standard deviation of the service time over its mean", between(0, 1e6)).refinement(),
      port<&Inputs::name_base_latency>("say Base_Latency where a request alone misses the target; false: Tail_Latency").parity(),
      port<&Inputs::max_replicas_where_none>("required_replicas is max_replicas where no count carries the load; false: absent")
          .parity());

  static constexpr auto outputs = ports(
      port<&Outputs::required_replicas>("fewest replicas that carry the load; absent where no count up to max_replicas does",
                                        at_least_one)
          .whole(),
      port<&Outputs::qps_capacity>("requests that those replicas finish; of max_replicas where no count is enough"),
      port<&Outputs::per_replica_qps_capacity>("requests that a replica finishes"),
      port<&Outputs::utilization>("arrivals over capacity; absent where there is none"),
      port<&Outputs::estimated_p99_latency>("base latency and 99th percentile of the wait; absent where the queue never ends"),
      port<&Outputs::base_request_latency>("first token and output_tokens steps, without a queue"),
      port<&Outputs::queue_wait_p99>("99th percentile of the wait; absent where the queue never ends"),
      port<&Outputs::ttft>("time from prompt to first token, without a queue"),
      port<&Outputs::tpot>("mean time of an output token after the first"), merge<&Outputs::parts>(equations::time_part_ports),
      port<&Outputs::active_batch_size>("requests in flight at a replica", at_least_one).whole(),
      port<&Outputs::bottleneck>("what stands in the way"), port<&Outputs::weights_per_device>("weights that each device holds"),
      port<&Outputs::memory_required>("what each device holds: weights, and the pages of all requests in flight"),
      port<&Outputs::usable_memory>("memory of each device without the reserve"),
      port<&Outputs::highest_stable_rate>("arrivals below which the queue stays finite"));

  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::memory_required, &Outputs::usable_memory>("memory", "weights and cache must fit",
                                                                               "W / t + KV / s <= (1 - reserve) * capacity"),
                      hard<&Inputs::arrival_rate, &Outputs::highest_stable_rate>(
                          "tail latency: saturation", "the replicas must finish what arrives", "lambda < c * mu"),
                      hard<&Outputs::estimated_p99_latency, &Inputs::latency_target>(
                          "tail latency", "the 99th percentile must meet its target", "p99 <= target"),
                      equations::part_limits<&Outputs::parts, &Outputs::base_request_latency>());

  static constexpr auto rules = ironlaw::rules(
      rule("mean_request_tokens must not exceed sequence_length",
           [](const Inputs& in) { return in.mean_request_tokens.value_or(1) <= in.sequence_length; }),
      rule("output_tokens must be below mean_request_tokens (or sequence_length, where that is absent)", [](const Inputs& in) {
        return in.prompt_schedule == PromptSchedule::all_at_once ||
               in.output_tokens < in.mean_request_tokens.value_or(in.sequence_length);
      }));

  static Facts facts(const Given& given) { return Facts(given); }
  static Outputs solve(const Inputs& in, const Facts& facts);
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  static ContinuousBatching::Outputs replica(const Inputs& in, const Facts& facts);
  static void base_latency(const Inputs& in, const Facts& facts, const ContinuousBatching::Outputs& replica, Outputs& out);
  static Maybe<double> find_replicas(const Inputs& in, Outputs& out);
  static Bottleneck bottleneck_of(const Inputs& in, const Outputs& out, bool found);
};

inline ContinuousBatching::Outputs ServingCapacity::replica(const Inputs& in, const Facts& facts) {
  ContinuousBatching::Inputs r;
  static_cast<ServedModel&>(r) = in;
  static_cast<DeploymentTerms&>(r) = in;
  r.sequence_length = in.sequence_length;
  r.mean_request_tokens = in.mean_request_tokens;
  r.output_tokens = in.output_tokens;
  r.max_batch_size = in.max_batch_size;
  r.page_size = in.page_size;
  r.memory_reserve = in.memory_reserve;
  r.prompt_schedule = in.prompt_schedule;
  return ContinuousBatching::solve(r, facts);
}

inline void ServingCapacity::base_latency(const Inputs& in, const Facts& facts, const ContinuousBatching::Outputs& replica,
                                          Outputs& out) {
  out.active_batch_size = std::max(1.0, replica.max_active_requests);
  if (in.prompt_schedule == PromptSchedule::interleaved && replica.tpot) {
    out.ttft = replica.ttft;
    out.tpot = *replica.tpot;
    out.parts = replica.prompt + in.output_tokens * replica.token;
  } else {
    const Passes passes(in, facts);
    const double tokens = std::max(1.0, std::floor(in.mean_request_tokens.value_or(in.sequence_length)));
    const Passes::Prompt first = passes.prompt(out.active_batch_size, tokens);
    const Passes::Step step = passes.step(out.active_batch_size, 1, tokens, 1);
    out.ttft = first.time;
    out.tpot = step.time;
    out.parts = passes.parts(first) + in.output_tokens * passes.parts(step);
  }
  out.base_request_latency = out.ttft + in.output_tokens * out.tpot;
}

/// Counts replicas up: the waits of R + 1 servers follow from those of R.
inline Maybe<double> ServingCapacity::find_replicas(const Inputs& in, Outputs& out) {
  const RequestRate rate = out.per_replica_qps_capacity;
  const Time service = units::request / rate;
  const Rate arrivals = in.arrival_rate / units::request;
  const double load = arrivals * service;
  double blocking = 1;
  for (double replicas = 1; replicas <= in.max_replicas; ++replicas) {
    blocking = equations::erlang_b(blocking, load, replicas);
    if (in.arrival_rate >= replicas * rate) continue;
    const double waiting = equations::erlang_c(blocking, load, replicas);
    out.queue_wait_p99 =
        equations::wait_quantile(equations::queue_of(arrivals, service, replicas, in.service_time_cv, waiting), 0.99);
    out.estimated_p99_latency = out.base_request_latency + *out.queue_wait_p99;
    if (*out.estimated_p99_latency <= in.latency_target) return replicas;
  }
  return absent;
}

inline ServingCapacity::Bottleneck ServingCapacity::bottleneck_of(const Inputs& in, const Outputs& out, bool found) {
  if (found) return Bottleneck::Feasible;
  if (in.name_base_latency && out.base_request_latency > in.latency_target) return Bottleneck::Base_Latency;
  return out.estimated_p99_latency ? Bottleneck::Tail_Latency : Bottleneck::Capacity;
}

inline ServingCapacity::Outputs ServingCapacity::solve(const Inputs& in, const Facts& facts) {
  const auto one = replica(in, facts);
  Outputs out{};
  out.weights_per_device = one.weights_per_device;
  out.memory_required = one.memory_required;
  out.usable_memory = one.usable_memory;
  base_latency(in, facts, one, out);
  out.per_replica_qps_capacity = one.throughput / (in.output_tokens * units::token) * units::request;
  if (in.max_replicas_where_none) out.required_replicas = in.max_replicas;
  if (out.per_replica_qps_capacity == RequestRate{}) {
    out.bottleneck = Bottleneck::Memory;
    return out;
  }
  const Maybe<double> found = find_replicas(in, out);
  if (found) out.required_replicas = found;
  out.bottleneck = bottleneck_of(in, out, found.has_value());
  out.qps_capacity = found.value_or(in.max_replicas) * out.per_replica_qps_capacity;
  // Stability needs strictly less, so the wall stands just below capacity.
  out.highest_stable_rate = RequestRate::from_value(std::nextafter(out.qps_capacity.value(), 0.0));
  out.utilization = static_cast<double>(in.arrival_rate / out.qps_capacity);
  return out;
}

inline void ServingCapacity::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  const auto one = replica(in, f);
  w.step("weights_per_device", "W / t", {{"W", one.model_weights_size}, {"t", in.tensor_parallel}}, out.weights_per_device);
  w.step("memory_required", "as in continuous_batching", {{"W / t", out.weights_per_device}}, out.memory_required);
  w.step("usable_memory", "(1 - reserve) * C", {{"reserve", in.memory_reserve}, {"C", f.device.memory.capacity}},
         out.usable_memory);
  w.step("active_batch_size", "max(1, requests that paged memory holds)", {{"B_max", in.max_batch_size}}, out.active_batch_size,
         "Kwon 2023");
  w.step("ttft", "as in continuous_batching; all_at_once: as in serving", {{"B", out.active_batch_size}}, out.ttft, "Pope 2022");
  w.step("tpot", "as in continuous_batching; all_at_once: as in serving", {{"B", out.active_batch_size}}, out.tpot, "Pope 2022");
  w.step("base_request_latency", "ttft + O * tpot", {{"ttft", out.ttft}, {"O", in.output_tokens}, {"tpot", out.tpot}},
         out.base_request_latency);
  equations::explain_parts("", out.parts, w);
  w.step("per_replica_qps_capacity", "throughput / O", {{"throughput", one.throughput}, {"O", in.output_tokens}},
         out.per_replica_qps_capacity, "Little 1961");
  const double replicas = out.required_replicas.value_or(in.max_replicas);
  w.step("required_replicas", "least R with T_0 + w99(R) <= target, at most max_replicas",
         {{"T_0", out.base_request_latency}, {"target", in.latency_target}, {"max_replicas", in.max_replicas}},
         out.required_replicas, "Erlang 1917");
  w.step("qps_capacity", "R * x", {{"R", replicas}, {"x", out.per_replica_qps_capacity}}, out.qps_capacity);
  w.step("highest_stable_rate", "R * x", {{"R", replicas}, {"x", out.per_replica_qps_capacity}}, out.highest_stable_rate);
  w.step("utilization", "lambda / capacity", {{"lambda", in.arrival_rate}, {"capacity", out.qps_capacity}}, out.utilization);
  w.step("queue_wait_p99", "max(0, ln(C / 0.01) / r)", {{"lambda", in.arrival_rate}, {"R", replicas}}, out.queue_wait_p99,
         "Erlang 1917; Allen 1990");
  w.step("estimated_p99_latency", "T_0 + w99", {{"T_0", out.base_request_latency}, {"w99", out.queue_wait_p99}},
         out.estimated_p99_latency);
}

}  // namespace ironlaw::serving
