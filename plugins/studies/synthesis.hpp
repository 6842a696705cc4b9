#pragma once
#include <ironlaw/study.hpp>

#include <array>

namespace ironlaw::studies {

/// The inverse of a pipeline: the least values of the unknowns (the config's axes) at which every target holds. Each unknown has
/// a range; the value found meets the targets and the one below it, the next number of the machine or the count before, misses
/// them. Whether the targets hold from some value on is checked over the range, and said where it is not so.
class Synthesis : public Study {
 public:
  static constexpr About about{"synthesis", "The least bandwidth, compute, memory, count ... at which targets are met"};
  static constexpr std::array<OptionInfo, 4> options{
      OptionInfo{
          .name = "targets", .doc = "conditions to meet: \"tpot <= 50 ms\"", .type = OptionType::conditions, .required = true},
      OptionInfo{
          .name = "largest", .doc = "unknowns to make as large as the targets allow, not as small", .type = OptionType::inputs},
      OptionInfo{.name = "outputs", .doc = "outputs to show beside", .type = OptionType::outputs},
      OptionInfo{.name = "steps",
                 .doc = "points of a continuous unknown that is not the last",
                 .type = OptionType::quantity,
                 .number_fallback = 33}};

 private:
  void do_run(Bench& bench, const Options& given) const override;
};

}  // namespace ironlaw::studies
