#pragma once
#include <ironlaw/study.hpp>

#include <array>

namespace ironlaw::studies {

/// Two designs side by side: what differs in the inputs, what in the outputs, how much of each output's change every changed
/// input explains alone, and which of the parts that add up to it moved.
class Compare : public Study {
 public:
  static constexpr About about{"compare", "What changed between two designs: inputs, outputs, causes and parts"};
  static constexpr std::array<OptionInfo, 2> options{
      OptionInfo{.name = "outputs", .doc = "outputs to look at; none: every number that differs", .type = OptionType::outputs},
      OptionInfo{
          .name = "least", .doc = "least relative change that is shown", .type = OptionType::quantity, .number_fallback = 1e-9}};

 private:
  void do_run(Bench& bench, const Options& given) const override;
};

}  // namespace ironlaw::studies
