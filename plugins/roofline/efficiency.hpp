#pragma once
#include <ironlaw/hardware.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>

namespace ironlaw::roofline {

/// The share of peak that a class of kernels achieves, from a calibrated table, and where the rest goes.
struct Efficiency {
  static constexpr auto about = Solver::About{"efficiency", "Share of the peak rate that a class of kernels achieves",
                                              "Chowdhery 2022 (MFU range); Dao 2022 (FlashAttention)"};

  enum class KernelClass { attention, ffn, conv, other };
  /// partition: the two shares sum to what is lost, occupancy first. independent: each by its own formula.
  enum class LossShares { partition, independent };

  struct Given {
    const Hardware* hardware;
    Precision precision = Precision::fp16;
  };
  struct Facts {
    FlopRate peak;
  };
  struct Inputs : Given {
    KernelClass workload_type = KernelClass::ffn;
    bool flash_attention = false;
    double efficiency = 0.5;
    LossShares loss_shares = LossShares::partition;
    Maybe<FlopRate> needed_rate = absent;
  };

  struct Outputs {
    double mfu;
    FlopRate achievable_rate;
    FlopRate peak_rate;
    double occupancy_loss;
    double memory_stall;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::hardware>("device that runs the kernels"), port<&Inputs::workload_type>("class of the kernels"),
      port<&Inputs::flash_attention>("attention in one fused kernel that never stores the scores"),
      port<&Inputs::precision>("number format of the arithmetic"),
      port<&Inputs::efficiency>("quality of the software; 0.5 gives the table as it is", positive_fraction).refinement(),
      port<&Inputs::loss_shares>("partition: the losses sum to 1 - mfu, occupancy first; independent: they need not").parity(),
      port<&Inputs::needed_rate>("arithmetic rate that the job needs", positive).display("TFLOP/s"));

  static constexpr auto outputs =
      ports(port<&Outputs::mfu>("share of the peak rate", fraction), port<&Outputs::achievable_rate>("peak rate times mfu"),
            port<&Outputs::peak_rate>("peak arithmetic rate of the device"),
            port<&Outputs::occupancy_loss>("share lost to idle units", fraction),
            port<&Outputs::memory_stall>("share lost to waiting for memory", fraction));

  static constexpr auto limits = ironlaw::limits(soft<&Inputs::needed_rate, &Outputs::achievable_rate>(
      "software", "kernels must achieve the rate that the job needs", "needed <= peak * mfu"));

  static Facts facts(const Given& given) { return {given.hardware->peak_rate(given.precision)}; }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& facts) {
    const double mfu = achieved(in);
    const FlopRate peak = facts.peak;
    const double unoccupied = 1 - std::min(headroom * in.efficiency, 1.0);
    const double occupancy = in.loss_shares == LossShares::partition ? std::min(unoccupied, 1 - mfu) : unoccupied;
    return {mfu, peak * mfu, peak, occupancy, std::max(0.0, 1 - mfu - occupancy)};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Row row = row_of(in);
    w.step("mfu", "min(value * eta / 0.5, cap)", {{"value", row.value}, {"eta", in.efficiency}, {"cap", row.cap}}, out.mfu,
           "Chowdhery 2022; Dao 2022");
    w.step("achievable_rate", "peak * mfu", {{"peak", out.peak_rate}, {"mfu", out.mfu}}, out.achievable_rate);
    const bool partition = in.loss_shares == LossShares::partition;
    w.step("occupancy_loss", partition ? "min(1 - min(1.1 * eta, 1), 1 - mfu)" : "1 - min(1.1 * eta, 1)",
           {{"eta", in.efficiency}, {"mfu", out.mfu}}, out.occupancy_loss);
    w.step("memory_stall", "max(0, 1 - mfu - occupancy_loss)", {{"mfu", out.mfu}, {"occupancy_loss", out.occupancy_loss}},
           out.memory_stall);
  }

 private:
  static constexpr double headroom = 1.1;   ///< occupancy that the efficiency leaves room for
  static constexpr double reference = 0.5;  ///< efficiency at which the table was taken
  static constexpr double low_mfu = 0.30;   ///< of large training runs
  static constexpr double high_mfu = 0.50;

  /// Share of peak at the reference efficiency, and the most that any software reaches.
  struct Row {
    double value;
    double cap;
  };

  static Row row_of(const Inputs& in) {
    switch (in.workload_type) {
      case KernelClass::attention:
        return in.flash_attention ? Row{0.75, 0.85} : Row{low_mfu, 1};
      case KernelClass::ffn:
        return {high_mfu, 0.60};
      case KernelClass::conv:
        return {(low_mfu + high_mfu) / 2, 0.55};
      case KernelClass::other:
        break;
    }
    return {low_mfu, 1};
  }

  static double achieved(const Inputs& in) {
    const Row row = row_of(in);
    return std::min(row.value * (in.efficiency / reference), row.cap);
  }
};

}  // namespace ironlaw::roofline
