#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::data {

/// Whether the host prepares a batch in the time that the accelerator takes for the one before.
struct Transformation {
  static constexpr auto about = Solver::About{"transformation", "Whether preprocessing on the host keeps up with the accelerator",
                                              "Murray 2021 (tf.data); Mohan 2021 (data stalls)"};

  struct Inputs {
    double batch_size = required;
    Time accelerator_step_time = required;
    Maybe<Information> sample_size = absent;
    Maybe<Bandwidth> cpu_throughput = absent;
    Maybe<Time> cpu_time_per_sample = absent;
    double workers = 1;
    Maybe<double> cores = absent;
    Maybe<Information> decoded_size = absent;
    Maybe<Bandwidth> transfer_bandwidth = absent;
  };

  struct Outputs {
    Time transform_time;
    Maybe<Time> transfer_time;
    Time preparation_time;
    bool is_bottleneck;
    double accelerator_utilization;
    Maybe<double> slowdown_factor;
    Maybe<double> workers_needed;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::batch_size>("samples of a step", non_negative).whole(),
            port<&Inputs::accelerator_step_time>("time that the accelerator takes for a step", non_negative),
            port<&Inputs::sample_size>("bytes of a stored sample", positive),
            port<&Inputs::cpu_throughput>("stored bytes that the whole host transforms in a time", positive).display("GB/s"),
            port<&Inputs::cpu_time_per_sample>("time that one worker takes for a sample", positive),
            port<&Inputs::workers>("workers, each on a core of its own", at_least_one).whole(),
            port<&Inputs::cores>("cores of the host; left out: one for each worker", at_least_one).whole(),
            port<&Inputs::decoded_size>("bytes of a sample ready for the accelerator; left out: as stored", positive),
            port<&Inputs::transfer_bandwidth>("link that prepared samples take to the accelerator", positive).display("GB/s"));

  static constexpr auto outputs =
      ports(port<&Outputs::transform_time>("time to transform a batch"),
            port<&Outputs::transfer_time>("time to copy a prepared batch; absent without transfer_bandwidth"),
            port<&Outputs::preparation_time>("the longer of the two: they work on different batches"),
            port<&Outputs::is_bottleneck>("whether the accelerator waits"),
            port<&Outputs::accelerator_utilization>("share of the time that the accelerator works", fraction),
            port<&Outputs::slowdown_factor>("time of a step over the accelerator's own; absent where that is zero"),
            port<&Outputs::workers_needed>("workers that keep the accelerator busy; absent without cpu_time_per_sample"));

  static constexpr auto limits = ironlaw::limits(soft<&Outputs::preparation_time, &Inputs::accelerator_step_time>(
      "transformation", "the host must prepare a batch within a step", "max(B * s / c, transfer) <= t_step"));

  static constexpr auto rules = ironlaw::rules(
      rule("takes either cpu_throughput or cpu_time_per_sample",
           [](const Inputs& in) { return in.cpu_throughput.has_value() != in.cpu_time_per_sample.has_value(); }),
      rule("cpu_throughput needs sample_size", [](const Inputs& in) { return !in.cpu_throughput || in.sample_size; }),
      rule("transfer_bandwidth needs sample_size or decoded_size",
           [](const Inputs& in) { return !in.transfer_bandwidth || in.sample_size || in.decoded_size; }));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.transform_time = in.cpu_throughput ? in.batch_size * *in.sample_size / *in.cpu_throughput
                                           : in.batch_size * *in.cpu_time_per_sample / busy(in);
    if (in.transfer_bandwidth) out.transfer_time = in.batch_size * copied(in) / *in.transfer_bandwidth;
    out.preparation_time = std::max(out.transform_time, out.transfer_time.value_or(Time{}));
    out.is_bottleneck = out.preparation_time > in.accelerator_step_time;
    const Time step = std::max(out.preparation_time, in.accelerator_step_time);
    if (step > Time{}) out.accelerator_utilization = in.accelerator_step_time / step;
    if (in.accelerator_step_time > Time{}) {
      out.slowdown_factor = static_cast<double>(step / in.accelerator_step_time);
      if (in.cpu_time_per_sample)
        out.workers_needed = std::max(1.0, std::ceil(in.batch_size * *in.cpu_time_per_sample / in.accelerator_step_time));
    }
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    if (in.cpu_throughput) {
      w.step("transform_time", "B * s / c", {{"B", in.batch_size}, {"s", in.sample_size}, {"c", in.cpu_throughput}},
             out.transform_time, "Mohan 2021");
    } else {
      w.step("transform_time", "B * tau / min(workers, cores)",
             {{"B", in.batch_size}, {"tau", in.cpu_time_per_sample}, {"min(workers, cores)", busy(in)}}, out.transform_time,
             "Murray 2021");
    }
    if (out.transfer_time)
      w.step("transfer_time", "B * s' / beta", {{"B", in.batch_size}, {"s'", copied(in)}, {"beta", in.transfer_bandwidth}},
             out.transfer_time);
    w.step("preparation_time", "max(transform, transfer)", {{"transform", out.transform_time}, {"transfer", out.transfer_time}},
           out.preparation_time, "Murray 2021");
    const Time step = std::max(out.preparation_time, in.accelerator_step_time);
    w.step("accelerator_utilization", "t_a / T", {{"t_a", in.accelerator_step_time}, {"T", step}}, out.accelerator_utilization);
    if (out.slowdown_factor)
      w.step("slowdown_factor", "T / t_a", {{"T", step}, {"t_a", in.accelerator_step_time}}, out.slowdown_factor);
    if (out.workers_needed)
      w.step("workers_needed", "max(1, ceil(B * tau / t_a))",
             {{"B", in.batch_size}, {"tau", in.cpu_time_per_sample}, {"t_a", in.accelerator_step_time}}, out.workers_needed);
  }

 private:
  /// Workers that have a core.
  static double busy(const Inputs& in) { return std::min(in.workers, in.cores.value_or(in.workers)); }
  static Information copied(const Inputs& in) { return in.decoded_size ? *in.decoded_size : *in.sample_size; }
};

}  // namespace ironlaw::data
