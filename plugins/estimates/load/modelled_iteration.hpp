#pragma once
// The iteration of `iteration`, as the equations of load ask for it: many times in one row, at sizes that lie close together.
#include <array>
#include <bit>
#include <cstdint>

#include "../serving/iteration_parts.hpp"
#include "engine.hpp"

namespace ironlaw::estimates {

/// A time over rows, worked out at four sizes a power of two when it is first asked for there, and straight between them: the
/// laws of kernels bend so little that this is within 0.2 %.
class RowTable {
 public:
  template <class TimeOf>
  Time operator()(double rows, TimeOf&& time_of) {
    if (!(rows > 0)) return time_of(rows);
    const std::uint64_t bin = std::bit_cast<std::uint64_t>(rows) >> shift;
    if (bin < first || bin - first + 1 >= times_.size()) return time_of(rows);
    const double low = rows_at(bin);
    const double high = rows_at(bin + 1);
    const double from = at(bin, time_of);
    return Time::from_value(from + (at(bin + 1, time_of) - from) * ((rows - low) / (high - low)));
  }

 private:
  static constexpr int shift = 52 - 2;
  static constexpr std::uint64_t first = std::bit_cast<std::uint64_t>(0x1p-6) >> shift;
  static constexpr std::size_t points = 4 * 26 + 1;
  static double rows_at(std::uint64_t bin) { return std::bit_cast<double>(bin << shift); }

  template <class TimeOf>
  double at(std::uint64_t bin, TimeOf& time_of) {
    double& kept = times_[bin - first];
    if (kept == 0) kept = time_of(rows_at(bin)).value();
    return kept;
  }
  std::array<double, points> times_{};
};

/// One replica's iterations. Not to be shared between threads.
class ModelledIteration final : public load::IterationTime {
 public:
  ModelledIteration(const IterationFacts& facts, double drafted_tokens, const Maybe<double>& band_quantile)
      : f_(facts), factor_((drafted_tokens > 0 ? facts.drafts : facts.plain).factor(band_quantile)) {
    in_.drafted_tokens = drafted_tokens;
  }

  Time operator()(const load::Batch& b) const override {
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
  RankRow row_of(const load::Batch& b) const {
    // Stages work on a group of the sequences each: while one group passes them all, every group does.
    const double groups = std::clamp(b.decoding, 1.0, f_.stages);
    in_.decoding_sequences = b.decoding / groups;
    in_.context = b.decoding > 0 ? b.context / b.decoding : 0;
    in_.prompt_tokens = b.prompt_tokens / groups;
    in_.prompt_on_one_rank = b.one_prompt;
    // Prompts of the length whose tokens see as much in the mean as these do.
    const double seen = b.prompt_tokens > 0 ? b.pairs / b.prompt_tokens : 0;
    in_.prompts = b.prompt_tokens > 0 ? std::max(in_.prompt_tokens / std::max(1.0, 2 * seen - 1), 1e-9) : 1;
    RankRow r(f_, in_);
    r.results = r.decoding * r.queries + b.ended_prompts / groups / f_.data;
    return r;
  }

  const IterationFacts& f_;
  double factor_;  ///< of the place in the band that is asked for
  mutable IterationInputs in_;
  mutable RowTable of_rows_, experts_;  ///< with what they exchange
};

}  // namespace ironlaw::estimates
