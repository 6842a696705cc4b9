#pragma once
// Time of attention over one microbatch on one rank, by its kernel.
#include <algorithm>

#include "layout.hpp"
#include "pass_times.hpp"
#include "step_rates.hpp"
#include "trained_model.hpp"

namespace ironlaw::estimates {

struct BothPasses {
  OperatorCost forward, backward;
};

struct AttentionClock {
  const TrainedModel& model;
  const StepLayout& layout;
  const StepRecipe& recipe;
  const StepRates& rates;
  double tokens = 0;  ///< of this rank, all its tensor group's

  /// `pair`: operations for each key that the queries of this rank see, of both products.
  [[nodiscard]] BothPasses passes(const Block& b, double pair) const {
    return recipe.attention == AttentionKernel::unfused ? unfused(b) : fused(b, pair);
  }

 private:
  /// Dao 2022: 2.5 times the operations backward; the share falls for small heads.
  [[nodiscard]] BothPasses fused(const Block& b, double pair) const {
    const TrainerConstants& c = rates.trainer;
    const double s = layout.sequence;
    const double mean = (b.key_size + b.value_size) / 2;
    const double small = recipe.attention == AttentionKernel::first_fused
                             ? 1
                             : std::min(1.0, (1 + c.head_size_growth / 128) / (1 + c.head_size_growth / mean));
    const double half = (s + c.window_growth) / 2;
    const double seen = !model.causal ? 2 * half : b.window > 0 ? std::min(b.window, half) : half;
    const FlopRate rate = rates.attention * recipe.power_share * small * rates.wide_peak;
    BothPasses both;
    both.forward.operations = pair * seen * units::flop;
    both.forward.time = both.forward.operations / rate;
    both.forward.bytes = attention_bytes(b);
    both.backward.operations = 2.5 * both.forward.operations;
    both.backward.time = both.backward.operations / (c.backward_attention * rate);
    both.backward.bytes = 2.0 * attention_bytes(b);
    both.forward.at_peak = both.forward.operations / rates.wide_peak;
    both.backward.at_peak = both.backward.operations / rates.wide_peak;
    both.forward.basis = both.backward.basis = Basis::attention;
    return both;
  }
  [[nodiscard]] Information attention_bytes(const Block& b) const {
    return 2 * tokens * (b.width + b.heads * b.value_size) / layout.tensor * units::byte;
  }
  /// Two batched products over the whole square of scores, softmax and dropout as passes over it (Shoeybi 2019).
  [[nodiscard]] BothPasses unfused(const Block& b) const {
    const TrainerConstants& c = rates.trainer;
    const double s = layout.sequence;
    const double squares = layout.microbatch * (b.heads / layout.tensor) / layout.context;
    const double size = (b.key_size + b.value_size) / 2;
    OperatorCost one;
    one.operations = 2 * squares * s * s * size * units::flop;
    one.bytes = squares * (s * s + 2 * s * size) * 2 * units::byte;
    const Time compute = one.operations / (rates.wide_share * recipe.power_share * c.unfused_share * rates.wide_peak);
    one.time = std::max(compute, one.bytes / rates.memory);
    one.at_peak = one.operations / rates.wide_peak;
    const Information scores = squares * s * s * units::byte;
    BothPasses both;
    both.forward = {2.0 * one.time + c.unfused_forward * scores / rates.memory,
                    2.0 * one.operations,
                    2.0 * one.bytes + c.unfused_forward * scores,
                    Wall::memory,
                    2.0 * one.at_peak,
                    Basis::memory};
    both.backward = {4.0 * one.time + c.unfused_backward * scores / rates.memory,
                     4.0 * one.operations,
                     4.0 * one.bytes + c.unfused_backward * scores,
                     Wall::memory,
                     4.0 * one.at_peak,
                     Basis::memory};
    return both;
  }
};

}  // namespace ironlaw::estimates
