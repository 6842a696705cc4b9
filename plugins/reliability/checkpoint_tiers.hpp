#pragma once
#include <ironlaw/equations/reliability.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::reliability {

/// Checkpoints of several costs, each against the failures that only it survives: a crash, a lost node, a lost rack.
struct CheckpointTiers {
  static constexpr auto about = Solver::About{
      "checkpoint_tiers", "Best intervals of checkpoints in memory, at a partner and in storage", "Moody 2010; Benoit 2017"};

  struct Tier {
    Maybe<Time> checkpoint_time = absent;
    Maybe<Time> mtbf = absent;
    [[nodiscard]] bool complete() const { return checkpoint_time.has_value() == mtbf.has_value(); }
  };
  static constexpr auto tier_ports =
      ports(port<&Tier::checkpoint_time>("time that work stands still for one checkpoint of this tier", positive).display("s"),
            port<&Tier::mtbf>("mean time between failures that this tier is the cheapest to survive", positive).display("hour"));

  struct Inputs {
    Tier local{};
    Tier partner{};
    Tier durable{};
  };

  struct Outputs {
    Maybe<Time> local_interval;
    Maybe<Time> partner_interval;
    Maybe<Time> durable_interval;
    double waste;
    double goodput;
  };

  static constexpr auto inputs =
      ports(group<&Inputs::local>(tier_ports), group<&Inputs::partner>(tier_ports), group<&Inputs::durable>(tier_ports));

  static constexpr auto outputs = ports(port<&Outputs::local_interval>("work between checkpoints in the node").display("s"),
                                        port<&Outputs::partner_interval>("work between copies to a partner node").display("s"),
                                        port<&Outputs::durable_interval>("work between checkpoints in storage").display("s"),
                                        port<&Outputs::waste>("share of the time lost to checkpoints and rework, to first order"),
                                        port<&Outputs::goodput>("share that is left", fraction));

  static constexpr auto rules =
      ironlaw::rules(rule("a tier takes both checkpoint_time and mtbf",
                          [](const Inputs& in) { return in.local.complete() && in.partner.complete() && in.durable.complete(); }),
                     rule("no tier is given: give at least durable.checkpoint_time and durable.mtbf", [](const Inputs& in) {
                       return in.local.mtbf.has_value() || in.partner.mtbf.has_value() || in.durable.mtbf.has_value();
                     }));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.local_interval = interval(in.local);
    out.partner_interval = interval(in.partner);
    out.durable_interval = interval(in.durable);
    out.waste = waste(in.local) + waste(in.partner) + waste(in.durable);
    out.goodput = std::max(0.0, 1 - out.waste);
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    explain_tier("local_interval", in.local, out.local_interval, w);
    explain_tier("partner_interval", in.partner, out.partner_interval, w);
    explain_tier("durable_interval", in.durable, out.durable_interval, w);
    w.step("waste", "sum of sqrt(2 * d / M)",
           {{"local", waste(in.local)}, {"partner", waste(in.partner)}, {"durable", waste(in.durable)}}, out.waste,
           "Benoit 2017");
    w.step("goodput", "max(0, 1 - waste)", {{"waste", out.waste}}, out.goodput);
  }

 private:
  static Maybe<Time> interval(const Tier& t) {
    if (!t.mtbf) return absent;
    return equations::young_interval(*t.checkpoint_time, *t.mtbf);
  }
  static double waste(const Tier& t) { return t.mtbf ? std::sqrt(2 * static_cast<double>(*t.checkpoint_time / *t.mtbf)) : 0; }
  static void explain_tier(std::string_view what, const Tier& t, const Maybe<Time>& result, Working& w) {
    if (result) w.step(what, "sqrt(2 * d * M)", {{"d", t.checkpoint_time}, {"M", t.mtbf}}, result, "Moody 2010; Benoit 2017");
  }
};

}  // namespace ironlaw::reliability
