#pragma once
// A demand read off its form, and a workload asked once for what rows share.
#include <ironlaw/demand_form.hpp>
#include <ironlaw/equations/transformer.hpp>

#include <cmath>

namespace ironlaw {
namespace detail {

/// What a form's windows, and caches that layers share, change.
[[gnu::noinline]] inline void add_windows(const DemandForm& f, double batch, double n, double cached, Demand& d) {
  const bool every_pair = (f.flags & DemandForm::every_pair) != 0;
  double attention = 0, read = 0, kept = f.cache_kept_per_token * (batch * (cached + n));
  for (const DemandForm::Window& w : f.window) {
    if (w.size == 0) break;
    const equations::Visible visible{w.size, w.beyond};
    attention += w.attention_per_pair * (every_pair ? batch * n * std::min(n, w.size) : batch * visible.pairs(n, cached));
    read += w.cache_read_per_token * (batch * std::min(cached, w.size));
    kept += w.cache_kept_per_token * (batch * std::min(cached + n, w.size));
  }
  d.attention += attention * units::flop;
  d.cache_read += read * f.cache_bytes * units::byte;
  d.cache_resident = kept * f.cache_bytes * units::byte;
}

/// What the terms are that few models have.
inline void add_rare_terms(const DemandForm& f, double batch, double n, double cached, Demand& d) {
  if ((f.flags & DemandForm::routed) != 0) {
    const double touched = equations::experts_touched(f.experts, f.experts_per_token, batch * n);
    d.weights_read -= f.expert_elements * (1 - touched / f.experts) * f.expert_bytes * units::byte;
  }
  if ((f.flags & DemandForm::gathered) != 0)
    d.weights_read += std::min(batch * f.gathered_per_member, f.gathered_most) * units::byte;
  if ((f.flags & DemandForm::windows) != 0) add_windows(f, batch, n, cached, d);
}

}  // namespace detail

/// The demand of a batch whose members have `new_tokens` new and `cached` cached tokens each.
inline Demand demand_of(const DemandForm& f, double batch, double new_tokens, double cached) {
  constexpr std::uint32_t rest = DemandForm::rests | DemandForm::fixed_tokens;
  const bool common = f.flags == 0;
  double n = new_tokens;
  if (!common && (f.flags & rest) != 0 && (n <= 1 || (f.flags & DemandForm::fixed_tokens) != 0)) n = f.tokens_at_rest;
  const double tokens = batch * n, held = batch * cached;
  double pairs = batch * equations::pairs(n, cached);
  if (!common && (f.flags & DemandForm::every_pair) != 0) pairs = tokens * n;
  const Information cache_read = f.cache_read_per_token * held * f.cache_bytes * units::byte;
  const Information cache_write = f.cache_written_per_token * tokens * f.cache_bytes * units::byte;
  Demand d{.linear = f.linear_per_token * tokens * units::flop,
           .logits = (f.logits_per_member * batch + f.logits_per_token * tokens) * units::flop,
           .attention = (f.attention_per_pair * pairs + f.attention_per_token * tokens) * units::flop,
           .weights_resident = f.weights_resident * units::byte,
           .weights_read = f.weights_read * units::byte,
           .activations = Maybe<Information>::from_cell(f.activations_per_token * tokens * f.activation_bytes),
           .cache_read = cache_read,
           .cache_write = cache_write,
           .cache_resident = cache_read + cache_write,
           .state = f.state_per_member * batch * units::byte,
           .hidden_state = Maybe<Information>::from_cell(f.hidden_per_token * tokens * f.activation_bytes),
           .launches = f.launches};
  if (!common) detail::add_rare_terms(f, batch, n, cached, d);
  return d;
}

/// A workload under a phase and formats: its form where it has one, else a call a row.
class AskedWorkload {
 public:
  /// Throws as `demand` does. Only phase and formats of `conditions` are used.
  AskedWorkload(const Workload& workload, const Conditions& conditions) : workload_(&workload), conditions_(conditions) {
    const auto* forms = workload.facet<DemandForms>();
    has_form_ = forms != nullptr && forms->form(conditions, form_);
  }
  [[nodiscard]] Demand demand(double batch, double new_tokens, double cached_tokens) const {
    if (has_form_) [[likely]]
      return demand_of(form_, batch, new_tokens, cached_tokens);
    Conditions c = conditions_;
    c.batch = batch;
    c.new_tokens = new_tokens;
    c.cached_tokens = cached_tokens;
    return workload_->demand(c);
  }
  /// Cache and recurrent state that sequences of `tokens` tokens hold.
  [[nodiscard]] Information held(double sequences, double tokens) const {
    if (!has_form_) {
      const Demand d = demand(sequences, 1, tokens);
      return d.cache_read + d.state;
    }
    const Demand d = demand_of(form_, sequences, 0, tokens);
    return d.cache_resident + d.state;
  }
  [[nodiscard]] const Workload& workload() const { return *workload_; }
  [[nodiscard]] const Conditions& conditions() const { return conditions_; }

 private:
  const Workload* workload_;
  Conditions conditions_;
  DemandForm form_;
  bool has_form_ = false;
};

}  // namespace ironlaw
