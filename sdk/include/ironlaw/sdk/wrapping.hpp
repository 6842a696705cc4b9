#pragma once
// Devices and models around another one: what they do not say themselves, the one inside says.
#include <ironlaw/demand_form.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/operators.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw {

/// A device around another, which a kind takes as a field of type `const Hardware*`. Override what differs. Facets that
/// `do_facet` does not answer are those of the device inside, also those of other plugins: `return own_or_wrapped(key, &mine_);`
class WrappingHardware : public Hardware {
 public:
  WrappingHardware(std::string_view name, const Hardware& inside) : Hardware(name), inside_(inside) {}

 protected:
  [[nodiscard]] const Hardware& inside() const { return inside_; }
  /// The first of `facets` that `key` asks for, else what the device inside answers. A null one hides that of the device inside.
  template <class... F>
  [[nodiscard]] const void* own_or_wrapped(const FacetKey& key, const F*... facets) const {
    if ((asks_for<F>(key) || ...)) return answer(key, facets...);
    return inside_.facet_of(key);
  }

  FlopRate do_peak_rate(Precision precision) const override { return inside_.peak_rate(precision); }
  FlopRate do_narrow_rate(Precision precision) const override { return inside_.peak_rate(precision, Accumulation::fp16); }
  Memory do_memory() const override { return inside_.memory(); }
  Time do_dispatch_overhead() const override { return inside_.dispatch_overhead(); }
  Maybe<Bandwidth> do_host_link() const override { return inside_.host_link(); }
  Maybe<Power> do_tdp() const override { return inside_.tdp(); }
  Maybe<Money> do_price() const override { return inside_.price(); }
  Maybe<Carbon> do_embodied_carbon() const override { return inside_.embodied_carbon(); }
  const void* do_facet(const FacetKey& key) const override { return inside_.facet_of(key); }

 private:
  const Hardware& inside_;
};

/// A model around another, in the same way. One that changes the demand hides the facets that say the demand again, coefficients
/// and operators: solvers then ask it row by row.
class WrappingWorkload : public Workload {
 public:
  enum class Demands { kept, changed };
  WrappingWorkload(std::string_view name, const Workload& inside, Demands demands)
      : Workload(name), inside_(inside), demands_(demands) {}

 protected:
  [[nodiscard]] const Workload& inside() const { return inside_; }
  template <class... F>
  [[nodiscard]] const void* own_or_wrapped(const FacetKey& key, const F*... facets) const {
    if ((asks_for<F>(key) || ...)) return answer(key, facets...);
    if (demands_ == Demands::changed && (asks_for<DemandForms>(key) || asks_for<Operators>(key))) return nullptr;
    return inside_.facet_of(key);
  }

  Demand do_demand(const Conditions& conditions) const override { return inside_.demand(conditions); }
  WorkUnit do_unit() const noexcept override { return inside_.unit(); }
  Maybe<double> do_parameters() const noexcept override { return inside_.parameters(); }
  const void* do_facet(const FacetKey& key) const override { return own_or_wrapped(key); }

 private:
  const Workload& inside_;
  Demands demands_;
};

}  // namespace ironlaw
