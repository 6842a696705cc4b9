#pragma once
#include <ironlaw/sdk.hpp>

/// A kind of model: fields in, an object out that says what a pass over a batch asks of the machine, component by component.
struct @Name@ {
  static constexpr auto about = ironlaw::Kind::About{"@name@", "a model that uses each parameter once a sample"};
  // What its objects are to a solver: every solver that takes a Workload takes them.
  using Interface = ironlaw::Workload;

  // A type says the dimension, the initialiser is the default; `= ironlaw::required` for none. An optional value is a Maybe.
  struct Fields {
    double parameters = ironlaw::required;
    int layers = 1;
    ironlaw::Maybe<double> activation_elements;
  };
  static constexpr auto fields = ironlaw::ports(
      ironlaw::port<&Fields::parameters>("parameters in all", ironlaw::positive),
      ironlaw::port<&Fields::layers>("layers in sequence", ironlaw::at_least_one),
      ironlaw::port<&Fields::activation_elements>("activations written and read back for a sample", ironlaw::positive));

  // Immutable, and asked on many threads at once.
  class Made final : public ironlaw::Workload {
   public:
    Made(const Fields& given, std::string_view name) : Workload(name), given_(given) {}

   private:
    // Solvers combine the components; a workload never does. Refuse a phase that the model does not have.
    ironlaw::Demand do_demand(const ironlaw::Conditions& asked) const override {
      if (asked.phase == ironlaw::Phase::prefill || asked.phase == ironlaw::Phase::decode)
        throw ironlaw::Unsupported(name(), "it works on whole samples, not token by token");
      ironlaw::Demand demand;
      demand.linear = 2 * asked.batch * given_.parameters * ironlaw::units::flop;
      demand.weights_resident = given_.parameters * asked.formats.bytes(ironlaw::TensorClass::linear) * ironlaw::units::byte;
      demand.weights_read = demand.weights_resident;
      if (given_.activation_elements)
        demand.activations =
            asked.batch * *given_.activation_elements * asked.formats.bytes(ironlaw::TensorClass::activations) * ironlaw::units::byte;
      demand.launches = given_.layers;
      return demand;
    }
    ironlaw::WorkUnit do_unit() const noexcept override { return ironlaw::WorkUnit::sample; }
    ironlaw::Maybe<double> do_parameters() const noexcept override { return given_.parameters; }

    Fields given_;
  };

  static Made make(const Fields& given, std::string_view name) { return Made(given, name); }
};
