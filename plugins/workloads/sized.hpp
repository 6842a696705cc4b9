#pragma once
#include "phases.hpp"

namespace ironlaw::workloads {

/// What a model of known size answers when asked for another number format than it is stored in.
enum class OtherPrecisions { refuse, stored_size };

/// A model of which only the stored size is known.
struct Sized {
  static constexpr auto about = Kind::About{"sized", "model of which only the stored size is known"};
  using Interface = Workload;

  struct Fields {
    Information stored_size = required;
    Precision stored_precision = Precision::fp16;
    Maybe<Operations> operations;
    OtherPrecisions other_precisions = OtherPrecisions::refuse;
  };
  static constexpr auto fields =
      ports(port<&Fields::stored_size>("size of the stored model", positive).display("GB"),
            port<&Fields::stored_precision>("number format that it is stored in"),
            port<&Fields::operations>("operations of one sample; none if left out", positive).display("GFLOP"),
            port<&Fields::other_precisions>("answer for weights of another width: refuse, or the stored size").parity());

  class Made final : public FormWorkload {
   public:
    Made(const Fields& f, std::string_view name) : FormWorkload(name), f_(f) {}

   private:
    bool form(const Conditions& c, DemandForm& to) const override {
      require_whole_passes(c, name(), "sample");
      if (f_.other_precisions == OtherPrecisions::refuse) check_width(c.formats);
      take_samples(to);
      to.linear_per_token = in(f_.operations.value_or(Operations{}), units::flop);
      to.weights_resident = to.weights_read = in(f_.stored_size, units::byte);
      return true;
    }
    void check_width(const Formats& asked) const {
      if (asked.bytes(TensorClass::linear) == bytes_per_element(f_.stored_precision)) return;
      const auto text = [](Precision p) {
        return std::string(ironlaw::detail::enumerator_names<Precision>[static_cast<std::size_t>(p)]);
      };
      const auto& width = asked.bits[static_cast<std::size_t>(TensorClass::linear)];
      throw Unsupported(name(), "its size is known for " + text(f_.stored_precision) + " only, not for " +
                                    (width ? shown(*width) + " bits" : text(asked.precision)) +
                                    "; allowed: " + text(f_.stored_precision) + ", or other_precisions = stored_size");
    }
    const void* do_facet(const FacetKey& key) const override { return answer(key, static_cast<const DemandForms*>(this)); }
    WorkUnit do_unit() const noexcept override { return WorkUnit::sample; }
    Maybe<double> do_parameters() const noexcept override { return absent; }

    Fields f_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
