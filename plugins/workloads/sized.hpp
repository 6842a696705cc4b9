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

  class Made final : public Workload {
   public:
    Made(const Fields& f, std::string_view name) : Workload(name), f_(f) {}

   private:
    Demand do_demand(const Conditions& c) const override {
      require_whole_passes(c, name(), "sample");
      if (f_.other_precisions == OtherPrecisions::refuse) check_width(c.weights);
      Demand d;
      d.linear = c.batch * f_.operations.value_or(Operations{});
      d.weights_resident = f_.stored_size;
      d.weights_read = f_.stored_size;
      return d;
    }
    void check_width(Precision asked) const {
      if (bytes_per_element(asked) == bytes_per_element(f_.stored_precision)) return;
      const auto text = [](Precision p) { return std::string(detail::enumerator_names<Precision>[static_cast<std::size_t>(p)]); };
      throw Unsupported(name(), "its size is known for " + text(f_.stored_precision) + " only, not for " + text(asked) +
                                    "; allowed: " + text(f_.stored_precision) + ", or other_precisions = stored_size");
    }
    WorkUnit do_unit() const noexcept override { return WorkUnit::sample; }
    Maybe<double> do_parameters() const noexcept override { return absent; }

    Fields f_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
