#pragma once
// What kinds of workload have in common: which phases exist, and the shape of a message.
#include <ironlaw/error.hpp>
#include <ironlaw/sdk/demand_form.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>
#include <ironlaw/workload.hpp>

#include <cstdio>
#include <string>

namespace ironlaw::workloads {

/// Refuses the phases that only a model with a key-value cache or a recurrent state has.
inline void require_whole_passes(const Conditions& c, std::string_view workload, std::string_view unit) {
  if (c.phase != Phase::prefill && c.phase != Phase::decode) return;
  throw Unsupported(workload, "its work unit is a " + std::string(unit) + ", so it has no " +
                                  (c.phase == Phase::prefill ? "prefill" : "decode") + " phase; allowed: forward, training");
}

/// A sample is one token that takes neither new nor cached ones, `passes` times.
inline void take_samples(DemandForm& to, double passes = 1) {
  to.flags |= DemandForm::fixed_tokens;
  to.tokens_at_rest = passes;
}

inline std::string shown(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

/// A workload that states its demand as a form, and answers `demand` by it.
class FormWorkload : public Workload, public DemandForms {
 public:
  using Workload::Workload;

 private:
  Demand do_demand(const Conditions& c) const final {
    DemandForm f;
    form(c, f);
    return demand_of(f, c.batch, c.new_tokens, c.cached_tokens);
  }
};

}  // namespace ironlaw::workloads
