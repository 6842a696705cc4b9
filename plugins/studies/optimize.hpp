#pragma once
#include <ironlaw/study.hpp>

#include <array>

namespace ironlaw::studies {

/// The best designs over the config's axes. Where all have values and there are few enough rows, every row is evaluated; where
/// there are more and ports promise which way the goal goes, branch and bound passes over those that cannot win; where
/// all are continuous, DIRECT (Jones 1993, Gablonsky 2001) and then Subplex (Rowan 1990) of NLopt; else differential evolution
/// (Storn and Price 1997). With `least` or `most` the designs of the other axes are looked at, each at the first value of that
/// axis at which it is feasible and meets every condition: by bisection, so what fails at the near end and holds at the far end
/// is taken to hold from one value on. Rows that are infeasible, refused or break a condition cannot win; what took them out is
/// counted.
class Optimize : public Study {
 public:
  static constexpr About about{"optimize",
                               "The best designs over the axes, what took the others out, and the margins of the best"};
  static constexpr std::array<OptionInfo, 8> options{
      OptionInfo{
          .name = "goal", .doc = "what to make small or large: \"min cost.tco\"", .type = OptionType::goals, .required = true},
      OptionInfo{.name = "subject_to", .doc = "conditions that a design must meet", .type = OptionType::conditions},
      OptionInfo{.name = "outputs", .doc = "outputs to show beside", .type = OptionType::outputs},
      OptionInfo{
          .name = "least",
          .doc = "an axis of which only the least value at which a design meets every condition is looked at: \"replicas\"",
          .type = OptionType::inputs},
      OptionInfo{.name = "most", .doc = "the same of the largest value: \"users\"", .type = OptionType::inputs},
      OptionInfo{.name = "keep", .doc = "how many of the best to show", .type = OptionType::quantity, .number_fallback = 11},
      OptionInfo{.name = "method",
                 .doc = "auto, exhaustive, branch_and_bound, nlopt or evolution",
                 .type = OptionType::text,
                 .text_fallback = "auto"},
      OptionInfo{.name = "evaluations",
                 .doc = "rows that nlopt or evolution may take; the others need no bound",
                 .type = OptionType::quantity,
                 .number_fallback = 20000}};

 private:
  void do_run(Bench& bench, const Options& given) const override;
};

}  // namespace ironlaw::studies
