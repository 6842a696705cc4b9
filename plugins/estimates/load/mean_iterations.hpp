#pragma once
// The iterations that an engine runs under its load: with the prompts that arrive, and without any.
#include "../serving/iteration.hpp"
#include "serving_inputs.hpp"
#include "work.hpp"

namespace ironlaw::estimates {

/// What they hold in the mean. Those with prompts are a share of them all; where prompts go first, none decodes beside them.
struct MeanIterations {
  IterationInputs decoding;
  IterationInputs with_prompts;
  double prompt_share = 0;

  /// With `sequences` in a replica that decode, of which each brings its prompt once in its decode iterations. `measured_share`:
  /// of iterations that hold prompts, as the load's equations have it.
  MeanIterations(const ServingInputs& in, const IterationFacts& f, const load::Work& w, double sequences, double measured_share) {
    const double groups = std::clamp(sequences, 1.0, f.stages);  // that stages work on one after another
    static_cast<IterationGiven&>(decoding) = in;
    decoding.decoding_sequences = sequences / groups;
    decoding.context = w.context;
    decoding.drafted_tokens = in.drafted_tokens;
    with_prompts = decoding;
    const double tokens = sequences / groups * w.prompt.mean() / w.decodes;  // a decode iteration
    prompt_share = std::min(1.0, std::max(measured_share, tokens / w.budget));
    if (!(prompt_share > 0)) return;
    if (w.prompts_first) {
      prompt_share = std::min(prompt_share, 0.99);
      with_prompts.decoding_sequences = 0;
    }
    with_prompts.prompt_tokens = std::min(w.budget, tokens * (w.prompts_first ? 1 - prompt_share : 1) / prompt_share);
    with_prompts.prompts = with_prompts.prompt_tokens / w.prompt.mean();
    with_prompts.cached_tokens = std::max(0.0, in.prompt_tokens - w.prompt.mean());
  }

  /// How far rows or keys lie beyond what the records were fitted on; absent where they lie within.
  [[nodiscard]] Maybe<double> outside(const IterationFacts& f) const {
    const auto beyond = [&](const IterationInputs& at) { return Iteration::outside(f, RankRow(f, at)).value_or(0); };
    const double most =
        std::max(decoding.decoding_sequences > 0 ? beyond(decoding) : 0, prompt_share > 0 ? beyond(with_prompts) : 0);
    return most > 1 ? Maybe<double>(most) : Maybe<double>();
  }
};

}  // namespace ironlaw::estimates
