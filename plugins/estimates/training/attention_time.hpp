#pragma once
// Time of attention over one microbatch on one rank, by its kernel.
#include <algorithm>

#include "layout.hpp"
#include "pass_times.hpp"
#include "step_rates.hpp"
#include "trained_model.hpp"

namespace ironlaw::estimates {

template <class N>
struct BothPassesOf {
  OperatorCostOf<N> forward, backward;
};

template <class N>
struct AttentionClock {
  const TrainedModel& model;
  const StepLayoutOf<N>& layout;
  const StepRecipeOf<N>& recipe;
  const StepRatesOf<N>& rates;
  N tokens;  ///< of this rank, all its tensor group's

  /// `pair`: operations for each key that the queries of this rank see, of both products.
  [[nodiscard]] BothPassesOf<N> passes(const Block& b, const N& pair) const {
    return recipe.attention == AttentionKernel::unfused ? unfused(b) : fused(b, pair);
  }

 private:
  /// Dao 2022: 2.5 times the operations backward; the share falls for small heads.
  [[nodiscard]] BothPassesOf<N> fused(const Block& b, const N& pair) const {
    const TrainerCosts& c = rates.trainer;
    const N& s = layout.sequence;
    const double mean = (b.key_size + b.value_size) / 2;
    const double small = recipe.attention == AttentionKernel::first_fused
                             ? 1
                             : std::min(1.0, (1 + c.head_size_growth / 128) / (1 + c.head_size_growth / mean));
    const N half = (s + c.window_growth) / 2;
    const N seen = !model.causal ? N(2 * half) : b.seen(half);
    const Of<N, FlopRate> rate = rates.attention * recipe.power_share * small * rates.wide_peak;
    const Of<N, Information> bytes = attention_bytes(b);
    BothPassesOf<N> both;
    both.forward.operations = pair * seen * units::flop;
    both.forward.time = both.forward.operations / rate;
    both.forward.bytes = bytes;
    both.backward.operations = 2.5 * both.forward.operations;
    both.backward.time = both.backward.operations / (c.backward_attention * rate);
    both.backward.bytes = 2.0 * bytes;
    both.forward.at_peak = both.forward.operations / rates.wide_peak;
    both.backward.at_peak = both.backward.operations / rates.wide_peak;
    both.forward.basis = both.backward.basis = Basis::attention;
    return both;
  }
  [[nodiscard]] Of<N, Information> attention_bytes(const Block& b) const {
    return 2 * tokens * (b.width + b.heads * b.value_size) / layout.tensor * units::byte;
  }
  /// Two batched products over the whole square of scores, softmax and dropout as passes over it (Shoeybi 2019).
  [[nodiscard]] BothPassesOf<N> unfused(const Block& b) const {
    const TrainerCosts& c = rates.trainer;
    const N& s = layout.sequence;
    const N squares = layout.microbatch * (b.heads / layout.tensor) / layout.context;
    const double size = (b.key_size + b.value_size) / 2;
    const Of<N, Operations> operations = 2 * squares * s * s * size * units::flop;
    const Of<N, Information> bytes = squares * (s * s + 2 * s * size) * 2 * units::byte;
    const Of<N, Time> compute = operations / (rates.wide_share * recipe.power_share * c.unfused_share * rates.wide_peak);
    const Of<N, Time> time = larger(compute, Of<N, Time>(bytes / rates.memory));
    const Of<N, Time> at_peak = operations / rates.wide_peak;
    const Of<N, Information> scores = squares * s * s * units::byte;
    const auto passes = [&](double products, double traffic) {
      const Of<N, Information> softmax = traffic * scores;
      return OperatorCostOf<N>{products * time + softmax / rates.memory,
                               products * operations,
                               products * bytes + softmax,
                               Wall::memory,
                               products * at_peak,
                               Basis::memory};
    };
    return {passes(2.0, c.unfused_forward), passes(4.0, c.unfused_backward)};
  }
};

}  // namespace ironlaw::estimates
