#pragma once
// A demand read off its form, and a workload asked once for what rows share; for one row, or for several in lanes.
#include <ironlaw/demand_form.hpp>
#include <ironlaw/equations/transformer.hpp>

#include <cmath>

namespace ironlaw {
namespace detail {

/// Demand, lane by lane: the fields are those of Demand, in order.
template <class N>
struct LaneDemand {
  Of<N, Operations> linear, logits, attention;
  Of<N, Information> weights_resident, weights_read;
  Of<N, Maybe<Information>> activations;
  Of<N, Information> cache_read, cache_write, cache_resident, state;
  Of<N, Maybe<Information>> hidden_state;
  N launches;
};

template <class N>
struct DemandOfType {
  using type = LaneDemand<N>;
};
template <>
struct DemandOfType<double> {
  using type = Demand;
};

}  // namespace detail

/// A demand in code over N: Demand, or as many.
template <class N>
using DemandOf = typename detail::DemandOfType<N>::type;

namespace detail {

/// What a form's windows, and caches that layers share, change.
template <class N>
[[gnu::noinline]] void add_windows(const DemandForm& f, const N& batch, const N& n, const N& cached, DemandOf<N>& d) {
  const bool every_pair = (f.flags & DemandForm::every_pair) != 0;
  N attention = 0.0, read = 0.0, kept = f.cache_kept_per_token * (batch * (cached + n));
  for (const DemandForm::Window& w : f.window) {
    if (w.size == 0) break;
    const equations::Visible visible{w.size, w.beyond};
    attention += w.attention_per_pair * (every_pair ? N(batch * n * smaller(n, N(w.size))) : N(batch * visible.pairs(n, cached)));
    read += w.cache_read_per_token * (batch * smaller(cached, N(w.size)));
    kept += w.cache_kept_per_token * (batch * smaller(N(cached + n), N(w.size)));
  }
  d.attention += attention * units::flop;
  d.cache_read += read * f.cache_bytes * units::byte;
  d.cache_resident = kept * f.cache_bytes * units::byte;
}

/// What the terms are that few models have.
template <class N>
void add_rare_terms(const DemandForm& f, const N& batch, const N& n, const N& cached, DemandOf<N>& d) {
  if ((f.flags & DemandForm::routed) != 0) {
    const N touched = equations::experts_touched(f.experts, f.experts_per_token, N(batch * n));
    d.weights_read -= f.expert_elements * (1 - touched / f.experts) * f.expert_bytes * units::byte;
  }
  if ((f.flags & DemandForm::gathered) != 0)
    d.weights_read += smaller(N(batch * f.gathered_per_member), N(f.gathered_most)) * units::byte;
  if ((f.flags & DemandForm::windows) != 0) add_windows(f, batch, n, cached, d);
}

}  // namespace detail

/// The demand of a batch whose members have `new_tokens` new and `cached` cached tokens each.
template <class N>
DemandOf<N> demand_of(const DemandForm& f, const N& batch, const std::type_identity_t<N>& new_tokens,
                      const std::type_identity_t<N>& cached) {
  static_assert(!std::is_integral_v<N>, "a batch may be a fraction");
  constexpr std::uint32_t rest = DemandForm::rests | DemandForm::fixed_tokens;
  const bool common = f.flags == 0;
  N n = new_tokens;
  if (!common && (f.flags & rest) != 0)
    n = select(either(n <= 1.0, (f.flags & DemandForm::fixed_tokens) != 0), N(f.tokens_at_rest), n);
  const N tokens = batch * n, held = batch * cached;
  N pairs = batch * equations::pairs(n, cached);
  if (!common && (f.flags & DemandForm::every_pair) != 0) pairs = tokens * n;
  using Bytes = Of<N, Maybe<Information>>;
  const Of<N, Information> cache_read = f.cache_read_per_token * held * f.cache_bytes * units::byte;
  const Of<N, Information> cache_write = f.cache_written_per_token * tokens * f.cache_bytes * units::byte;
  DemandOf<N> d{.linear = f.linear_per_token * tokens * units::flop,
                .logits = (f.logits_per_member * batch + f.logits_per_token * tokens) * units::flop,
                .attention = (f.attention_per_pair * pairs + f.attention_per_token * tokens) * units::flop,
                .weights_resident = spread<N>(f.weights_resident * units::byte),
                .weights_read = spread<N>(f.weights_read * units::byte),
                .activations = Bytes::from_cell(f.activations_per_token * tokens * f.activation_bytes),
                .cache_read = cache_read,
                .cache_write = cache_write,
                .cache_resident = cache_read + cache_write,
                .state = f.state_per_member * batch * units::byte,
                .hidden_state = Bytes::from_cell(f.hidden_per_token * tokens * f.activation_bytes),
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
    return has_form_ ? demand_of(form_, batch, new_tokens, cached_tokens) : called(batch, new_tokens, cached_tokens);
  }
  template <int W>
  [[nodiscard]] DemandOf<Lanes<W>> demand(const Lanes<W>& batch, const Lanes<W>& new_tokens,
                                          const Lanes<W>& cached_tokens) const {
    return has_form_ ? demand_of(form_, batch, new_tokens, cached_tokens) : row_by_row(batch, new_tokens, cached_tokens);
  }
  /// Cache and recurrent state that sequences of `tokens` tokens hold.
  template <class N>
  [[nodiscard]] Of<N, Information> held(const N& sequences, const std::type_identity_t<N>& tokens) const {
    static_assert(!std::is_integral_v<N>, "sequences may be a fraction");
    if (!has_form_) {
      const DemandOf<N> d = demand(sequences, N(1.0), tokens);
      return d.cache_read + d.state;
    }
    const DemandOf<N> d = demand_of(form_, sequences, N(0.0), tokens);
    return d.cache_resident + d.state;
  }
  [[nodiscard]] const Workload& workload() const { return *workload_; }
  [[nodiscard]] const Conditions& conditions() const { return conditions_; }

 private:
  [[nodiscard]] Demand called(double batch, double new_tokens, double cached_tokens) const {
    Conditions c = conditions_;
    c.batch = batch;
    c.new_tokens = new_tokens;
    c.cached_tokens = cached_tokens;
    return workload_->demand(c);
  }
  template <class N>
  [[nodiscard]] DemandOf<N> row_by_row(const N& batch, const N& new_tokens, const N& cached_tokens) const {
    constexpr std::size_t width = lanes_of<N>, fields = sizeof(Demand) / sizeof(double);
    double in[3][width], out[fields][width];
    batch.store(in[0]);
    new_tokens.store(in[1]);
    cached_tokens.store(in[2]);
    call_rows(in[0], out[0], width);
    DemandOf<N> d;
    static_assert(sizeof d == sizeof out, "field k of row r stands at k * width + r");
    std::memcpy(static_cast<void*>(&d), out, sizeof d);
    return d;
  }
  [[gnu::noinline]] void call_rows(const double* in, double* out, std::size_t width) const {
    for (std::size_t r = 0; r < width; ++r) {
      const Demand d = called(in[r], in[width + r], in[2 * width + r]);
      double fields[sizeof d / sizeof(double)];
      std::memcpy(fields, &d, sizeof d);
      for (std::size_t k = 0; k < sizeof d / sizeof(double); ++k) out[k * width + r] = fields[k];
    }
  }

  const Workload* workload_;
  Conditions conditions_;
  DemandForm form_;
  bool has_form_ = false;
};

}  // namespace ironlaw
