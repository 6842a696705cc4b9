#pragma once
// The iteration of `iteration`, as the equations of load ask for it: many times in one row, at sizes that lie close together.
#include "../serving/iteration_parts.hpp"
#include "tabulated_time.hpp"

namespace ironlaw::estimates {

/// One replica's iterations. Not to be shared between threads.
class ModelledIteration final : public load::IterationTime {
 public:
  ModelledIteration(const IterationFacts& facts, double drafted_tokens, const Maybe<double>& band_quantile)
      : f_(facts),
        queries_(1 + drafted_tokens),
        a_rank_(1 / facts.data),
        factor_((drafted_tokens > 0 ? facts.drafts : facts.plain).factor(band_quantile)) {}

  [[gnu::flatten]] Time operator()(const load::Batch& b) const override {
    const RankRow r = row_of(b);
    const Time of_rows = of_rows_(r.rows, [&](double rows) { return product_time(f_, rows) + row_exchange_time(f_, rows); });
    const Time experts = f_.experts.empty() ? Time{} : experts_(r.all_rows, [&](double rows) {
      return expert_time(f_, rows) + routed_exchange_time(f_, rows);
    });
    return factor_ * iteration_time(f_, r, of_rows, experts, Time{}).total;
  }
  /// What that time is spent on.
  [[nodiscard]] equations::TimeParts parts(const load::Batch& b) const {
    const RankRow r = row_of(b);
    const auto exact = iteration_time(f_, r, product_time(f_, r.rows), expert_time(f_, r.all_rows), exchange_time(f_, r));
    return static_cast<double>((*this)(b) / exact.total) * iteration_parts(f_, r, exact);
  }

 private:
  [[nodiscard]] RankRow row_of(const load::Batch& b) const {
    // Stages work on a group of the sequences each: while one group passes them all, every group does.
    const double a_group = f_.stages > 1 ? 1 / std::clamp(b.decoding, 1.0, f_.stages) : 1;
    const double sequences = b.decoding * a_group;
    const double tokens = b.prompt_tokens * a_group;
    RankRow r;
    r.decoding = sequences * a_rank_;
    r.context = b.decoding > 0 ? b.context / b.decoding : 0;
    r.queries = queries_;
    r.prompt_rows = tokens * a_rank_;
    if (b.one_prompt > 0) r.prompt_rows = std::max(r.prompt_rows, std::min(tokens, b.one_prompt));
    r.rows = r.decoding * queries_ + r.prompt_rows;
    r.all_rows = sequences * queries_ + tokens;
    // Prompts of the length whose tokens see as much in the mean as these do.
    r.prompt_length = tokens > 0 ? std::max(1.0, 2 * (b.pairs / b.prompt_tokens) - 1) : 0;
    r.prompt_before = 0;
    r.prompt_keys = r.prompt_length;
    r.results = r.decoding * queries_ + b.ended_prompts * a_group * a_rank_;
    return r;
  }

  const IterationFacts& f_;
  double queries_;                                 ///< of a decoding sequence: itself and what was drafted
  double a_rank_;                                  ///< one attention rank's share
  double factor_;                                  ///< of the place in the band that is asked for
  mutable load::TabulatedTime of_rows_, experts_;  ///< with what they exchange
};

}  // namespace ironlaw::estimates
