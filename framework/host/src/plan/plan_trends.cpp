#include "plan/plan_trends.hpp"

#include <optional>

namespace ironlaw::host {
namespace {

/// What is promised of one stage, by its own outputs, limits and inputs.
class StagePromises {
 public:
  StagePromises(const PlanStage& stage, std::span<const InputSign> signs) {
    if (stage.maker || stage.arithmetic) return;
    if (stage.owned) {
      nested_.emplace(*stage.owned, signs);
      return;
    }
    const Solver& solver = *stage.solver;
    outputs_.assign(solver.outputs().size(), std::vector<Trend>(solver.inputs().size(), Trend::unknown));
    for (const MonotoneInfo& promise : solver.monotone()) promised(outputs_[promise.output][promise.input], promise.rises);
    for (const LimitInfo& limit : solver.limits()) {
      auto& excess = excess_.emplace_back(solver.inputs().size(), Trend::unknown);
      for (const std::size_t input : limit.tightens) promised(excess[input], true);
      for (const std::size_t input : limit.loosens) promised(excess[input], false);
      for (std::size_t input = 0; input < excess.size(); ++input)
        if (excess[input] == Trend::unknown)
          excess[input] = together(side(limit.used, input), opposite(side(limit.bound, input)));
    }
  }
  [[nodiscard]] Trend output(std::size_t output, std::size_t input) const {
    return nested_ ? nested_->output(output, input) : outputs_[output][input];
  }
  [[nodiscard]] Trend excess(std::size_t limit, std::size_t input) const {
    return nested_ ? nested_->excess(limit, input) : excess_[limit][input];
  }

 private:
  /// What neither grows nor falls stays.
  static void promised(Trend& trend, bool rises) {
    const Trend now = rises ? Trend::rises : Trend::falls;
    trend = trend == Trend::unknown || trend == now ? now : Trend::constant;
  }
  [[nodiscard]] Trend side(const PortReference& of, std::size_t input) const {
    if (of.side == PortReference::Side::output) return outputs_[of.index][input];
    return of.index == input ? Trend::rises : Trend::constant;
  }
  std::optional<PlanTrends> nested_;
  std::vector<std::vector<Trend>> outputs_;
  std::vector<std::vector<Trend>> excess_;
};

}  // namespace

InputSign sign_of(const Range& range) { return {range.low >= 0, range.low > 0 || (range.low >= 0 && range.above)}; }

/// The stages of a plan, each with what is promised of it.
class PlanTrends::Walk {
 public:
  Walk(const Plan& plan, std::span<const InputSign> signs) : plan_(plan), signs_(signs) {
    for (const PlanStage& stage : plan.stages()) {
      std::vector<InputSign> of_inputs;
      for (const PlanSource& source : stage.in) of_inputs.push_back(sign(source));
      promises_.emplace_back(stage, of_inputs);
    }
  }

  /// Trends of every output and limit where `input` of the plan grows.
  void follow(std::size_t input, PlanTrends& trends) {
    const auto& stages = plan_.stages();
    std::vector<std::vector<Trended>> made(stages.size());
    std::size_t output = 0;
    std::size_t limit = 0;
    for (std::size_t s = 0; s < stages.size(); ++s) {
      const auto of_port = [&](std::size_t port) -> Trended {
        const PlanSource& source = stages[s].in[port];
        if (source.from == PlanSource::From::stage) return made[source.index][source.port];
        const InputSign sign = signs_[source.index];
        return {source.index == input ? Trend::rises : Trend::constant, sign.non_negative, sign.positive};
      };
      made[s] = outputs_of(s, of_port);
      if (stages[s].maker) continue;
      for (const Trended& one : made[s]) trends.outputs_[output++][input] = one;
      for (std::size_t l = 0; l < stages[s].evaluated().limits().size(); ++l)
        trends.excess_[limit++][input] =
            combined(stages[s], of_port, [&](std::size_t port) { return promises_[s].excess(l, port); });
    }
  }

 private:
  [[nodiscard]] InputSign sign(const PlanSource& source) const {
    if (source.from == PlanSource::From::input) return signs_[source.index];
    const PlanStage& stage = plan_.stages()[source.index];
    return stage.maker ? InputSign{} : sign_of(stage.evaluated().outputs()[source.port].range);
  }

  /// Of what goes by `promise` with each port of a stage.
  template <class OfPort, class Promise>
  static Trend combined(const PlanStage& stage, const OfPort& of_port, const Promise& promise) {
    Trend all = Trend::constant;
    for (std::size_t port = 0; port < stage.in.size(); ++port)
      if (const Trend t = of_port(port).trend; t != Trend::constant) all = together(all, through(t, promise(port)));
    return all;
  }

  template <class OfPort>
  std::vector<Trended> outputs_of(std::size_t s, const OfPort& of_port) const {
    const PlanStage& stage = plan_.stages()[s];
    if (stage.arithmetic) return {stage.arithmetic->trend(of_port)};
    if (stage.maker) return {{combined(stage, of_port, [](std::size_t) { return Trend::unknown; })}};
    std::vector<Trended> made;
    const auto outputs = stage.evaluated().outputs();
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const InputSign sign = sign_of(outputs[o].range);
      made.push_back({combined(stage, of_port, [&](std::size_t port) { return promises_[s].output(o, port); }), sign.non_negative,
                      sign.positive});
    }
    return made;
  }

  const Plan& plan_;
  std::span<const InputSign> signs_;
  std::vector<StagePromises> promises_;
};

PlanTrends::PlanTrends(const Plan& plan, std::span<const InputSign> signs, const std::vector<bool>& grows)
    : outputs_(plan.outputs().size(), std::vector<Trended>(plan.inputs().size())),
      excess_(plan.limits().size(), std::vector<Trend>(plan.inputs().size(), Trend::unknown)) {
  Walk walk(plan, signs);
  for (std::size_t input = 0; input < plan.inputs().size(); ++input)
    if (grows.empty() || grows[input]) walk.follow(input, *this);
}

}  // namespace ironlaw::host
