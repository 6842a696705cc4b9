#pragma once
#include <ironlaw/sdk.hpp>

#include <array>
#include <string>

/// A guard runs before each stage, on the worker that evaluates the rows. It may veto a row, stop the run, or amend an input that it
/// declared: reports then show what was used, with what was asked beside it. What it answers depends on the row alone.
class @Name@ final : public ironlaw::Guard {
 public:
  static constexpr auto about = ironlaw::GuardType::About{"@name@", "Lowers an input of a stage to what is allowed"};
  // What stands beside "use" in a config, checked before the guard is made.
  static constexpr std::array options{
      ironlaw::OptionInfo{.name = "stage", .doc = "stage to watch", .type = ironlaw::OptionType::text, .required = true},
      ironlaw::OptionInfo{.name = "input", .doc = "its input to lower", .type = ironlaw::OptionType::text, .required = true},
      ironlaw::OptionInfo{.name = "at_most",
                          .doc = "the largest value that is allowed",
                          .type = ironlaw::OptionType::quantity,
                          .required = true,
                          .any_dimension = true}};

  explicit @Name@(const ironlaw::Options& given)
      : stage_(given.text("stage")), input_(given.text("input")), at_most_(given.quantity("at_most").number) {}

  // Once, before the first row: which inputs it may amend. A stage or an input that is not there is refused here.
  void run_begin(const ironlaw::PlanView&, ironlaw::Amendments& amendments) override {
    amendment_ = amendments.declare(stage_, input_);
  }

  // `stage.input<ironlaw::Time>("target")[row]` would read an input by its dimension; `numbers` reads any, in SI.
  void before(const ironlaw::StageView& stage, ironlaw::Verdict& verdict) const override {
    if (stage.name() != stage_) return;
    const auto values = stage.numbers(input_);
    for (std::size_t row = 0; row < stage.rows(); ++row)
      if (values[row].number > at_most_) verdict.amend(amendment_, row, at_most_);
  }

 private:
  std::string stage_;
  std::string input_;
  double at_most_;
  std::size_t amendment_ = 0;
};
