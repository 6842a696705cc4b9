#pragma once
#include <ironlaw/equations/reliability.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw::reliability {

/// Size of a training checkpoint, time to write it and read it back, and what writing it costs training.
struct Checkpoint {
  static constexpr auto about =
      Solver::About{"checkpoint", "Size of a training checkpoint, time to write it and share of time lost",
                    "Eisenman 2022 (NSDI, Check-N-Run); Rajbhandari 2020; Daly 2006"};

  enum class Optimizer { adam, adamw, sgd };
  /// Time that training stands still over time it runs and stands still, or over the interval alone.
  enum class PenaltyForm { of_total, of_interval };

  struct Inputs {
    const Workload* workload;
    const Hardware* hardware = nullptr;
    const StorageSystem* storage = nullptr;
    Optimizer optimizer = Optimizer::adam;
    double adamw_bytes_per_parameter = 14;
    Maybe<double> bytes_per_parameter = absent;
    double writers = 1;
    Bandwidth filesystem_limit = 500e9 * units::byte_per_second;
    Maybe<Bandwidth> default_bandwidth = absent;
    Maybe<Bandwidth> snapshot_bandwidth = absent;
    Time checkpoint_interval = 4.0 * units::hour;
    Maybe<Time> mtbf = absent;
    PenaltyForm penalty_form = PenaltyForm::of_total;
    double readers_of_everything = 1;
    Time tolerated_write_time = 60.0 * units::second;
  };

  struct Outputs {
    Information checkpoint_size;
    Bandwidth storage_bandwidth;
    Time write_time;
    Time stall_time;
    Time restore_time;
    Time interval;
    double penalty;
    bool storage_bottleneck;
    Maybe<Time> drain_time;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::workload>("model that is trained"),
      port<&Inputs::hardware>("device whose local storage is written to, where no storage is given").optional(),
      port<&Inputs::storage>("storage that one writer writes to").optional(),
      port<&Inputs::optimizer>("adam and adamw store weights and three fp32 copies, 14 bytes a parameter; sgd 4 bytes"),
      port<&Inputs::adamw_bytes_per_parameter>("what adamw stores of a parameter", positive).refinement(),
      port<&Inputs::bytes_per_parameter>("what any other optimizer stores of a parameter", positive).refinement(),
      port<&Inputs::writers>("writers that each write their share at once", at_least_one).whole(),
      port<&Inputs::filesystem_limit>("most that all of them write together", positive).refinement().display("GB/s"),
      port<&Inputs::default_bandwidth>("storage of one writer where neither storage nor device states any", positive)
          .refinement()
          .display("GB/s"),
      port<&Inputs::snapshot_bandwidth>("copy of one writer's share to host memory, from which it is written while training "
                                        "goes on; training waits for the storage if left out",
                                        positive)
          .refinement()
          .display("GB/s"),
      port<&Inputs::checkpoint_interval>("training between two checkpoints", positive).display("hour"),
      port<&Inputs::mtbf>("mean time between failures: the interval is then the best one against it", positive).display("hour"),
      port<&Inputs::penalty_form>("what the time that training stands still is divided by").parity(),
      port<&Inputs::readers_of_everything>("replicas that each read the whole checkpoint on restart", at_least_one)
          .refinement()
          .whole(),
      port<&Inputs::tolerated_write_time>("a longer write is called a bottleneck", positive).refinement().display("s"));

  static constexpr auto outputs =
      ports(port<&Outputs::checkpoint_size>("bytes of one checkpoint"),
            port<&Outputs::storage_bandwidth>("writing, of one writer").display("GB/s"),
            port<&Outputs::write_time>("until the checkpoint is safe").display("s"),
            port<&Outputs::stall_time>("that training stands still for it").display("s"),
            port<&Outputs::restore_time>("reading it back, for recovery_time of reliability").display("s"),
            port<&Outputs::interval>("training between two checkpoints").display("hour"),
            port<&Outputs::penalty>("share of training time lost to writing"),
            port<&Outputs::storage_bottleneck>("whether writing takes longer than tolerated_write_time"),
            port<&Outputs::drain_time>("writing behind training, where there is a snapshot").display("s"));

  static constexpr auto limits =
      ironlaw::limits(soft<&Outputs::write_time, &Outputs::interval>(
                          "checkpoint", "writing should take less than the time between checkpoints", "S / B <= interval"),
                      hard<&Outputs::drain_time, &Outputs::interval>(
                          "checkpoint: drain", "a snapshot must be written before the next one is taken", "S / B <= interval"));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.checkpoint_size = parameters(in) * bytes_of_parameter(in) * units::byte;
    out.storage_bandwidth = write_bandwidth(in);
    out.write_time = out.checkpoint_size / together(in, out.storage_bandwidth);
    out.stall_time = in.snapshot_bandwidth ? out.checkpoint_size / (in.writers * *in.snapshot_bandwidth) : out.write_time;
    if (in.snapshot_bandwidth) out.drain_time = out.write_time;
    out.restore_time = in.readers_of_everything * out.checkpoint_size / together(in, read_bandwidth(in));
    out.interval = in.mtbf ? equations::renewal_interval(out.stall_time, *in.mtbf) : in.checkpoint_interval;
    out.penalty = out.stall_time / total(in, out);
    out.storage_bottleneck = out.write_time > in.tolerated_write_time;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Value limit = in.filesystem_limit;
    w.step("checkpoint_size", "P * b", {{"P", parameters(in)}, {"b", bytes_of_parameter(in)}}, out.checkpoint_size,
           "Rajbhandari 2020");
    w.step("write_time", "size / min(n * beta, limit)",
           {{"size", out.checkpoint_size}, {"n", in.writers}, {"beta", out.storage_bandwidth}, {"limit", limit}}, out.write_time,
           "Eisenman 2022");
    if (in.snapshot_bandwidth) {
      w.step("stall_time", "size / (n * beta_snapshot)",
             {{"size", out.checkpoint_size}, {"n", in.writers}, {"beta_snapshot", in.snapshot_bandwidth}}, out.stall_time);
      w.step("drain_time", "write_time", {{"write_time", out.write_time}}, out.drain_time);
    } else {
      w.step("stall_time", "write_time", {{"write_time", out.write_time}}, out.stall_time);
    }
    w.step("restore_time", "r * size / min(n * beta_read, limit)",
           {{"r", in.readers_of_everything},
            {"size", out.checkpoint_size},
            {"n", in.writers},
            {"beta_read", read_bandwidth(in)},
            {"limit", limit}},
           out.restore_time);
    if (in.mtbf) {
      w.step("interval", "M * (1 + W0(-exp(-d / M - 1)))", {{"d", out.stall_time}, {"M", in.mtbf}}, out.interval,
             "Bougeret 2011; Herault & Robert 2015");
    }
    w.step("penalty", in.penalty_form == PenaltyForm::of_total ? "stall / (interval + stall)" : "stall / interval",
           {{"stall", out.stall_time}, {"interval", out.interval}}, out.penalty);
  }

 private:
  static double parameters(const Inputs& in) {
    const auto stated = in.workload->parameters();
    if (!stated) throw MissingData(in.workload->name(), "number of parameters");
    return *stated;
  }

  static double bytes_of_parameter(const Inputs& in) {
    if (in.bytes_per_parameter) return *in.bytes_per_parameter;
    if (in.optimizer == Optimizer::adamw) return in.adamw_bytes_per_parameter;
    return in.optimizer == Optimizer::adam ? 14 : 4;
  }

  static Bandwidth local_bandwidth(const Inputs& in) {
    const auto* local = in.hardware != nullptr ? in.hardware->facet<Storage>() : nullptr;
    if (local != nullptr) return local->bandwidth;
    if (in.default_bandwidth) return *in.default_bandwidth;
    if (in.hardware == nullptr)
      throw DomainError("storage", "is left out, and so is hardware; give one of them, or default_bandwidth");
    throw MissingData(in.hardware->name(), "storage_bandwidth", "give storage or default_bandwidth");
  }
  static Bandwidth read_bandwidth(const Inputs& in) {
    return in.storage != nullptr ? in.storage->bandwidth : local_bandwidth(in);
  }
  static Bandwidth write_bandwidth(const Inputs& in) {
    return in.storage != nullptr ? in.storage->write_bandwidth.value_or(in.storage->bandwidth) : local_bandwidth(in);
  }
  static Bandwidth together(const Inputs& in, Bandwidth each) {
    return std::min(Bandwidth(in.writers * each), in.filesystem_limit);
  }

  static Time total(const Inputs& in, const Outputs& out) {
    return in.penalty_form == PenaltyForm::of_total ? out.interval + out.stall_time : out.interval;
  }
};

}  // namespace ironlaw::reliability
