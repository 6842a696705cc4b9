#pragma once
#include <ironlaw/equations/queueing.hpp>

#include "passes.hpp"

namespace ironlaw::serving {

/// The largest batch that a latency target allows, and whether an arrival rate stays within it.
struct Batching {
  static constexpr auto about = Solver::About{"batching", "Largest batch that meets a 99th percentile latency at an arrival rate",
                                              "Kelly 1979; Yu 2022, 'Orca'; Erlang 1917"};

  /// continuous: requests join and leave at every step. fixed_batches: whole batches queue for a server, as if they arrived full.
  enum class Schedule { continuous, fixed_batches };

  using Given = ServedModel;
  using Facts = ServedFacts;
  struct Inputs : Given, DeploymentTerms {
    double sequence_length = required;
    Maybe<double> output_tokens = absent;
    Time latency_target = required;
    RequestRate arrival_rate = required;
    double replicas = 1;
    double max_search_batch = 256;
    Schedule schedule = Schedule::continuous;
    bool allow_idle = false;
    double minimum_batch_size = 1;
    double overload_allowed = 0.01;
  };

  struct Outputs {
    double best_batch_size;
    TokenRate throughput;
    TokenRate max_throughput;
    Maybe<Time> p99_latency;
    Maybe<Time> mean_latency;
    Maybe<double> slo_headroom_ratio;
    Maybe<double> mean_active_requests;
    double overload_probability;
    RequestRate highest_stable_rate;
    Time ttft;
    Time tpot;
    equations::TimeParts prompt;
    equations::TimeParts token;
  };

  static constexpr auto inputs = ports(
      deployment_ports, port<&Inputs::sequence_length>("tokens of each prompt", at_least_one).whole(),
      port<&Inputs::output_tokens>("tokens that each request generates; absent: as many as its prompt", at_least_one).whole(),
      port<&Inputs::latency_target>("99th percentile of a request's latency to stay below", positive),
      port<&Inputs::arrival_rate>("requests that arrive, at random, on all replicas together", non_negative),
      port<&Inputs::replicas>("replicas that share the arrivals", at_least_one).whole(),
      port<&Inputs::max_search_batch>("largest batch to try", between(1, 1e6)).refinement().whole(),
      port<&Inputs::schedule>(
          "continuous: requests join and leave at every step; fixed_batches: whole batches queue for a replica, "
          "as if they arrived full")
          .refinement(),
      port<&Inputs::allow_idle>("answer an arrival rate of 0 instead of refusing it").parity(),
      port<&Inputs::minimum_batch_size>("batch below which the target counts as missed", at_least_one).refinement().whole(),
      port<&Inputs::overload_allowed>("continuous: share of arrivals that may find the batch full", between(1e-9, 1))
          .refinement());

  static constexpr auto outputs = ports(
      port<&Outputs::best_batch_size>("largest batch that meets the target; 0: none does", non_negative).whole(),
      port<&Outputs::throughput>("tokens of the requests that arrive"),
      port<&Outputs::max_throughput>("continuous: tokens of all replicas at the largest batch; fixed_batches: of the requests "
                                     "that arrive; 0 where no batch meets the target"),
      port<&Outputs::p99_latency>("99th percentile of a request's latency; absent where none is known to meet the target"),
      port<&Outputs::mean_latency>("mean latency of a request; absent with fixed_batches, and where the queue never ends"),
      port<&Outputs::slo_headroom_ratio>("fixed_batches: 99th percentile of the wait over five service times"),
      port<&Outputs::mean_active_requests>("continuous: mean requests in flight at a replica; absent where the queue never ends"),
      port<&Outputs::overload_probability>("continuous: share of arrivals that find the batch full", fraction),
      port<&Outputs::highest_stable_rate>("arrivals below which the queue stays finite"),
      port<&Outputs::ttft>("time from prompt to first token, without a queue"),
      port<&Outputs::tpot>("mean time of an output token at the largest batch"),
      group<&Outputs::prompt>(equations::time_part_ports), group<&Outputs::token>(equations::time_part_ports));

  static constexpr auto limits =
      ironlaw::limits(hard<&Inputs::minimum_batch_size, &Outputs::best_batch_size>(
                          "batching", "a batch must fit the memory and meet the target", "needed <= largest batch"),
                      hard<&Outputs::overload_probability, &Inputs::overload_allowed>(
                          "tail latency", "arrivals must stay within the batch", "P(batch full) <= allowed"),
                      equations::part_limits<&Outputs::prompt, &Outputs::ttft>(equations::of_prompt),
                      equations::part_limits<&Outputs::token, &Outputs::tpot>());

  static constexpr auto rules = ironlaw::rules(
      rule("arrival_rate must be above 0", [](const Inputs& in) { return in.allow_idle || in.arrival_rate > RequestRate{}; }));

  static Facts facts(const Given& given) { return Facts(given); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& facts) {
    const Passes passes(in, facts);
    passes.check_context(in.sequence_length + output_tokens(in) - 1);
    return in.schedule == Schedule::continuous ? continuous(in, passes) : fixed_batches(in, passes);
  }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  /// A step with B requests in flight takes fixed + each * B; each holds a request's own prompt, spread over its tokens.
  struct Steps {
    Time fixed;
    Time each;
    Passes::Prompt prompt;
    double room;  ///< requests that the memory holds, at most max_search_batch
    [[nodiscard]] Time tpot(double batch) const { return fixed + each * batch; }
  };

  static double output_tokens(const Inputs& in) { return in.output_tokens.value_or(in.sequence_length); }
  static Rate arrivals_each(const Inputs& in) { return in.arrival_rate / units::request / in.replicas; }

  static Steps steps_of(const Inputs& in, const Passes& passes);
  static equations::TimeParts token_parts(const Inputs& in, const Passes& passes, const Steps& steps, double batch);
  static equations::SharedSteps in_flight(const Inputs& in, const Steps& steps) {
    return {arrivals_each(in) * output_tokens(in) * steps.each, 1 + static_cast<double>(steps.fixed / steps.each)};
  }
  /// From prompt to last token among `batch` requests throughout.
  static Time latency(const Inputs& in, const Steps& steps, double batch) { return output_tokens(in) * steps.tpot(batch); }
  static double largest_in_time(const Inputs& in, const Steps& steps);
  static Maybe<Time> p99_latency(const Inputs& in, const Steps& steps, const equations::SharedSteps& flight, double most);
  static Outputs continuous(const Inputs& in, const Passes& passes);
  static Outputs fixed_batches(const Inputs& in, const Passes& passes);
};

/// The straight line through the steps of one request and of as many as fit: for a dense model no step between them is longer.
inline Batching::Steps Batching::steps_of(const Inputs& in, const Passes& passes) {
  const double tokens = output_tokens(in);
  const Passes::Step one = passes.step(1, 1, in.sequence_length, tokens);
  const Information free = passes.memory().capacity - passes.on_each_device(one.weights, Information{});
  const double fitting = free / passes.on_each_device(Information{}, one.cache);
  Steps s{};
  s.room = std::clamp(std::floor(fitting), 0.0, in.max_search_batch);
  s.prompt = passes.prompt(1, in.sequence_length);
  const double most = std::max(2.0, s.room);
  const Time growth = (passes.step(most, 1, in.sequence_length, tokens).time - one.time) / (most - 1);
  s.fixed = one.time - growth;
  s.each = growth + s.prompt.time / tokens;
  return s;
}

/// Parts of the step itself, stretched as the line lies over it.
inline equations::TimeParts Batching::token_parts(const Inputs& in, const Passes& passes, const Steps& steps, double batch) {
  const double tokens = output_tokens(in);
  const Passes::Step step = passes.step(batch, 1, in.sequence_length, tokens);
  const double prompts = batch / tokens;
  const Time time = step.time + prompts * steps.prompt.time;
  return static_cast<double>(steps.tpot(batch) / time) * (passes.parts(step) + prompts * passes.parts(steps.prompt));
}

inline double Batching::largest_in_time(const Inputs& in, const Steps& steps) {
  const double batch =
      std::floor(static_cast<double>((in.latency_target - latency(in, steps, 0)) / (output_tokens(in) * steps.each)));
  return std::clamp(batch, 0.0, steps.room);
}

/// A request that always found as many others as 99 of 100 arrivals do at most.
inline Maybe<Time> Batching::p99_latency(const Inputs& in, const Steps& steps, const equations::SharedSteps& flight,
                                         double most) {
  if (flight.exceeds(most - 1) > 0.01) return absent;
  double low = -1;
  double high = most - 1;  // others in flight
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (flight.exceeds(middle) > 0.01 ? low : high) = middle;
  }
  return latency(in, steps, high + 1);
}

inline Batching::Outputs Batching::continuous(const Inputs& in, const Passes& passes) {
  const Steps steps = steps_of(in, passes);
  const auto flight = in_flight(in, steps);
  Outputs out{};
  out.best_batch_size = largest_in_time(in, steps);
  out.throughput = in.arrival_rate * output_tokens(in) * units::token / units::request;
  out.ttft = steps.prompt.time;
  out.tpot = steps.tpot(out.best_batch_size);
  out.prompt = passes.parts(steps.prompt);
  if (out.best_batch_size > 0) out.token = token_parts(in, passes, steps, out.best_batch_size);
  out.highest_stable_rate = in.replicas * units::request / (output_tokens(in) * steps.each);
  out.overload_probability = 1;
  if (out.best_batch_size > 0) out.max_throughput = in.replicas * out.best_batch_size * units::token / out.tpot;
  if (flight.load >= 1) return out;
  out.mean_active_requests = flight.mean();
  out.mean_latency = latency(in, steps, 1) / (1 - flight.load);
  if (out.best_batch_size == 0) return out;
  out.overload_probability = flight.exceeds(out.best_batch_size - 1);
  out.p99_latency = p99_latency(in, steps, flight, out.best_batch_size);
  return out;
}

inline Batching::Outputs Batching::fixed_batches(const Inputs& in, const Passes& passes) {
  Outputs out{};
  for (double batch = in.max_search_batch; batch >= 1; --batch) {
    const Passes::Step step = passes.step(batch, 1, in.sequence_length, 1);
    if (passes.on_each_device(step.weights, step.cache) > passes.memory().capacity) continue;
    const Passes::Prompt first = passes.prompt(batch, in.sequence_length);
    const Time service = first.time + output_tokens(in) * step.time;
    const Rate arrivals = in.arrival_rate / units::request / batch;
    if (arrivals >= in.replicas / service) continue;
    const Time wait = equations::wait_quantile(equations::queue_of(arrivals, service, in.replicas, 1), 0.99);
    if (wait + service > in.latency_target) continue;
    out.best_batch_size = batch;
    out.p99_latency = wait + service;
    out.slo_headroom_ratio = static_cast<double>(wait / (5.0 * service));
    out.throughput = out.max_throughput = in.arrival_rate * output_tokens(in) * units::token / units::request;
    out.ttft = first.time;
    out.tpot = step.time;
    out.prompt = passes.parts(first);
    out.token = passes.parts(step);
    out.highest_stable_rate = in.replicas * batch * units::request / service;
    break;
  }
  return out;
}

inline void Batching::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  const Passes passes(in, f);
  const double tokens = output_tokens(in);
  w.step("throughput", "lambda * O", {{"lambda", in.arrival_rate}, {"O", tokens}}, out.throughput);
  equations::explain_parts("prompt.", out.prompt, w);
  equations::explain_parts("token.", out.token, w);
  if (in.schedule == Schedule::fixed_batches) {
    w.step("best_batch_size", "largest b with w99(lambda / b, s) + s <= target, s = ttft + O * tpot",
           {{"ttft", out.ttft}, {"O", tokens}, {"tpot", out.tpot}, {"target", in.latency_target}}, out.best_batch_size,
           "Erlang 1917");
    if (out.p99_latency)
      w.step("p99_latency", "w99 + s",
             {{"w99", *out.p99_latency - out.ttft - tokens * out.tpot}, {"s", out.ttft + tokens * out.tpot}}, out.p99_latency);
    return;
  }
  const Steps steps = steps_of(in, passes);
  const auto flight = in_flight(in, steps);
  w.step("ttft", "prompt of one request", {{"S", in.sequence_length}}, out.ttft, "Pope 2022");
  w.step("best_batch_size", "min(floor((target - O * a) / (O * c)), room)",
         {{"target", in.latency_target}, {"O", tokens}, {"a", steps.fixed}, {"c", steps.each}, {"room", steps.room}},
         out.best_batch_size);
  w.step("tpot", "a + c * b", {{"a", steps.fixed}, {"c", steps.each}, {"b", out.best_batch_size}}, out.tpot, "Agrawal 2024");
  w.step("max_throughput", "replicas * b / tpot", {{"replicas", in.replicas}, {"b", out.best_batch_size}, {"tpot", out.tpot}},
         out.max_throughput);
  w.step("highest_stable_rate", "replicas / (O * c)", {{"replicas", in.replicas}, {"O", tokens}, {"c", steps.each}},
         out.highest_stable_rate);
  w.step("mean_active_requests", "r * z / (1 - z), z = lambda * O * c / replicas, r = 1 + a / c",
         {{"z", flight.load}, {"r", flight.shape}}, out.mean_active_requests, "Kelly 1979");
  w.step("mean_latency", "O * (a + c) / (1 - z)", {{"O", tokens}, {"a", steps.fixed}, {"c", steps.each}, {"z", flight.load}},
         out.mean_latency, "Bonald & Proutiere 2003");
  w.step("overload_probability", "P(in flight >= b), negative binomial",
         {{"b", out.best_batch_size}, {"z", flight.load}, {"r", flight.shape}}, out.overload_probability, "Kelly 1979");
  w.step("p99_latency", "O * (a + c * k99)", {{"O", tokens}, {"a", steps.fixed}, {"c", steps.each}}, out.p99_latency);
}

}  // namespace ironlaw::serving
