#pragma once
#include "phases.hpp"

namespace ironlaw::workloads {

/// What a feed-forward network comes down to.
struct NetworkNumbers {
  double parameters;
  Operations operations;
  Maybe<int> layers;
  Maybe<double> activation_elements;
};

/// A model that takes one sample in and gives one answer out, whatever its layers are.
class SampleNetwork final : public FormWorkload {
 public:
  SampleNetwork(const NetworkNumbers& numbers, std::string_view name) : FormWorkload(name), n_(numbers) {}

 private:
  bool form(const Conditions& c, DemandForm& to) const override {
    require_whole_passes(c, name(), "sample");
    take_samples(to);
    to.linear_per_token = in(n_.operations, units::flop);
    to.weights_resident = to.weights_read = n_.parameters * c.formats.bytes(TensorClass::linear);
    if (n_.activation_elements) to.activations_per_token = 2 * *n_.activation_elements;
    to.activation_bytes = c.formats.bytes(TensorClass::activations);
    to.launches = n_.layers.value_or(1);
    return true;
  }
  const void* do_facet(const FacetKey& key) const override { return answer(key, static_cast<const DemandForms*>(this)); }
  WorkUnit do_unit() const noexcept override { return WorkUnit::sample; }
  Maybe<double> do_parameters() const noexcept override { return n_.parameters; }

  NetworkNumbers n_;
};

/// Any network of which little more than the parameters is known.
struct Network {
  static constexpr auto about = Kind::About{"network", "any network, of which little more than the parameters may be known"};
  using Interface = Workload;

  struct Fields {
    double parameters = required;
    Maybe<Operations> operations;
    Maybe<int> layers;
    Maybe<double> activation_elements;
  };
  static constexpr auto fields =
      ports(port<&Fields::parameters>("parameters in all", positive),
            port<&Fields::operations>("operations of one sample; 2 a parameter if left out", positive).display("GFLOP"),
            port<&Fields::layers>("layers run one after another; 1 if left out", at_least_one),
            port<&Fields::activation_elements>("activations written and read back for one sample", positive));

  static SampleNetwork make(const Fields& f, std::string_view name) {
    return {{f.parameters, f.operations.value_or(2 * f.parameters * units::flop), f.layers, f.activation_elements}, name};
  }
};

/// A convolutional network. Its weights are used many times a sample, so its operations cannot be told from its parameters.
struct Convolutional {
  static constexpr auto about = Kind::About{"convolutional", "convolutional network"};
  using Interface = Workload;

  struct Fields {
    double parameters = required;
    Operations operations = required;
    Maybe<int> layers;
    Maybe<double> feature_map_elements;
  };
  static constexpr auto fields =
      ports(port<&Fields::parameters>("parameters in all", positive),
            port<&Fields::operations>("operations of one sample", positive).display("GFLOP"),
            port<&Fields::layers>("layers run one after another; 1 if left out", at_least_one),
            port<&Fields::feature_map_elements>("elements of all feature maps of one sample", positive));

  static SampleNetwork make(const Fields& f, std::string_view name) {
    return {{f.parameters, f.operations, f.layers, f.feature_map_elements}, name};
  }
};

}  // namespace ironlaw::workloads
