#pragma once
#include <ironlaw/callback.hpp>

#include <array>
#include <string>

namespace ironlaw::callbacks {

/// Watches one input of a stage: rows above the budget are vetoed before the stage runs, or the whole run is stopped.
class Budget final : public Guard {
 public:
  static constexpr GuardType::About about{"budget", "Vetoes rows, or stops the run, where an input of a stage exceeds a budget"};
  static constexpr std::array<OptionInfo, 4> options{
      OptionInfo{.name = "stage", .doc = "stage to watch", .type = OptionType::text, .required = true},
      OptionInfo{.name = "input", .doc = "its input to watch", .type = OptionType::text, .required = true},
      OptionInfo{.name = "at_most", .doc = "the budget", .type = OptionType::quantity, .required = true, .any_dimension = true},
      OptionInfo{.name = "action", .doc = "veto or stop", .type = OptionType::text, .text_fallback = "veto"}};

  explicit Budget(const Options& given)
      : stage_(given.text("stage")),
        input_(given.text("input")),
        at_most_(given.quantity("at_most")),
        stop_(given.text("action") == "stop") {
    if (!stop_ && given.text("action") != "veto")
      throw Error("budget: action takes veto or stop, not '" + std::string(given.text("action")) + "'");
  }

  void run_begin(const PlanView& plan, Amendments&) override {
    for (std::size_t s = 0; s < plan.stages(); ++s) {
      if (plan.stage_name(s) != stage_) continue;
      const auto ports = plan.stage_solver(s).inputs();
      for (std::size_t p = 0; p < ports.size(); ++p) {
        if (ports[p].name != input_) continue;
        if (ports[p].dimension != at_most_.dimension)
          throw Error("budget: at_most has another dimension than " + stage_ + "." + input_);
        port_ = p;
        return;
      }
      throw Error("budget: " + stage_ + " has no input '" + input_ + "'");
    }
    throw Error("budget: no stage is named '" + stage_ + "'");
  }
  void before(const StageView& stage, Verdict& verdict) const override {
    if (stage.name() != stage_) return;
    const Column column = stage.inputs()[port_];
    for (std::size_t row = 0; row < stage.rows(); ++row) {
      if (!(column[row].number > at_most_.number)) continue;
      const std::string reason = "budget: " + stage_ + "." + input_ + " exceeds the budget";
      if (stop_) {
        verdict.stop(reason);
        return;
      }
      verdict.veto(row, reason);
    }
  }

 private:
  std::string stage_;
  std::string input_;
  Value at_most_;
  bool stop_;
  std::size_t port_ = 0;
};

}  // namespace ironlaw::callbacks
