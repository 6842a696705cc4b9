#pragma once
// A step over operators, as bare as it can be: each operator's roofline with whole tiles of rows, experts that are touched, and
// collectives by latency and bandwidth. Its constants are round numbers; it is there to be counted.
#include <ironlaw/sdk.hpp>
#include <ironlaw/sdk/operators.hpp>

#include <cmath>

namespace ironlaw::instructions {

struct DecodeStep {
  static constexpr auto about = Solver::About{"decode_step", "a decoding step, operator by operator", "Williams 2009"};

  struct Given {
    const Workload* workload;
    int tensor_parallel = 8;
    int expert_parallel = 8;
  };
  struct Inputs : Given {
    double batch_size = 1;
    double context_length = 1024;
  };
  struct Outputs {
    Time latency;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model that decodes"), port<&Inputs::tensor_parallel>("ranks of each layer", at_least_one),
            port<&Inputs::expert_parallel>("ranks of the experts", at_least_one),
            port<&Inputs::batch_size>("sequences", at_least_one), port<&Inputs::context_length>("tokens of each", non_negative));
  static constexpr auto outputs = ports(port<&Outputs::latency>("time of the step"));

  struct Facts {
    OperatorTable<> table;
  };
  static Facts facts(const Given& given) {
    Facts f;
    f.table.ask(*given.workload, {.phase = Phase::decode,
                                  .tensor = static_cast<std::uint32_t>(given.tensor_parallel),
                                  .expert = static_cast<std::uint32_t>(given.expert_parallel)});
    return f;
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const OperatorRow row(in.batch_size, in.batch_size, in.context_length);
    Touched touched;
    double total = 0;
    for (const LayerClass& layer : f.table.classes()) {
      double one = 0;
      for (const Operator& o : f.table.of(layer)) one += o.count * time_of(o, row, touched);
      total += layer.count * one;
    }
    return {total * units::second};
  }

 private:
  static constexpr double peak = 989e12 * 0.7, bandwidth = 3.35e12 * 0.85, link = 450e9, hop = 3e-6, launch = 2e-6, tile = 64;

  /// Share of the experts that a row's tokens touch: the same for all products of a layer.
  struct Touched {
    double all = 0, share = 1;
    double of(const ExpertShape& e, double tokens) {
      if (all != e.all_experts) {
        all = e.all_experts;
        share = equations::experts_touched(e.all_experts, e.per_token, tokens) / e.all_experts;
      }
      return share;
    }
  };
  static double time_of(const Operator& o, const OperatorRow& row, Touched& touched) {
    switch (o.kind) {
      case OperatorKind::product: {
        const double rows = row.rows(o);
        const double compute = std::ceil(rows / tile) * tile * o.operations_per_row / peak;
        return std::max(compute, (o.bytes_fixed + o.bytes_per_row * rows) / bandwidth) + launch;
      }
      case OperatorKind::expert_product: {
        const double share = touched.of(o.shape.expert, row.tokens());
        const double experts = std::max(1.0, o.shape.expert.experts * share), rows = row.rows(o);
        const double compute = experts * std::ceil(rows / experts / tile) * tile * o.operations_per_row / peak;
        return std::max(compute, (o.bytes_fixed * share + o.bytes_per_row * rows) / bandwidth) + launch;
      }
      case OperatorKind::exchange: {
        const double members = o.shape.exchange.members, steps = o.collective == CollectiveKind::all_reduce ? 2 : 1;
        return steps * hop + steps * ((members - 1) / members) * (row.exchanged(o) / link);
      }
      default: {
        const auto all = row.totals(o);
        return std::max(all.operations / peak, all.bytes / bandwidth) + launch;
      }
    }
  }
};

}  // namespace ironlaw::instructions
