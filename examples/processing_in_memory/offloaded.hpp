#pragma once
#include <ironlaw/sdk.hpp>

/// What a measurement of a part says of the whole (Amdahl 1967): a table of speedups of kernels that ran in memory, and of the
/// applications that they are a part of.
struct Offloaded {
  static constexpr auto about = Solver::About{"offloaded", "Share of an application that ran in memory, from measured speedups",
                                              "Amdahl 1967; speedups: Kim et al. 2022, IEEE Micro"};

  struct Row {
    double kernel_speedup;
    double application_speedup;
  };
  static constexpr auto row_ports = ports(port<&Row::kernel_speedup>("of the part that ran in memory", at_least_one),
                                          port<&Row::application_speedup>("of the whole", at_least_one));
  static constexpr auto columns = columns_of<Row>(row_ports);

  struct Inputs {
    const RecordTable* measured;
    double share = 0.9;
  };
  struct Outputs {
    double measured_share;
    double kernel_speedup;
    double speedup;
    double most;
  };
  static constexpr auto inputs = ports(port<&Inputs::measured>("speedups of one system, a row an application").columns(columns),
                                       port<&Inputs::share>("of another application that could run in memory", fraction));
  static constexpr auto outputs =
      ports(port<&Outputs::measured_share>("of the measured applications that ran in memory, on average"),
            port<&Outputs::kernel_speedup>("mean speedup of the kernels"), port<&Outputs::speedup>("of the other application"),
            port<&Outputs::most>("of it where the part takes no time"));

  static Outputs solve(const Inputs& in) {
    if (in.measured->rows == 0) throw DomainError("measured", "has no row");
    double share = 0;
    double kernel = 0;
    for (std::size_t r = 0; r < in.measured->rows; ++r) {
      const Row row = record_of<Row>(*in.measured, r, row_ports);
      if (!(row.kernel_speedup > 1)) throw DomainError("measured", "has a kernel that is no faster in memory");
      share += (1 - 1 / row.application_speedup) / (1 - 1 / row.kernel_speedup) / static_cast<double>(in.measured->rows);
      kernel += row.kernel_speedup / static_cast<double>(in.measured->rows);
    }
    if (share > 1) throw DomainError("measured", "has an application that is faster than its kernel");
    const double most = in.share < 1 ? 1 / (1 - in.share) : 1e9;
    return {share, kernel, 1 / (1 - in.share + in.share / kernel), most};
  }
};
