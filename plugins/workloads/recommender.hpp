#pragma once
#include <algorithm>

#include "phases.hpp"

namespace ironlaw::workloads {

/// A recommendation model (DLRM): large embedding tables of which a sample gathers a few rows, and a small dense part.
struct Recommender {
  static constexpr auto about =
      Kind::About{"recommender", "recommendation model (DLRM): gathered embedding rows and a dense part"};
  using Interface = Workload;

  struct Fields {
    Information embedding_size = required;
    double dense_parameters = required;
    int tables = required;
    int embedding_dimension = required;
    double lookups_per_table = 1;
    Precision stored_precision = Precision::fp32;
  };
  static constexpr auto fields = ports(port<&Fields::embedding_size>("size of all embedding tables", positive).display("GB"),
                                       port<&Fields::dense_parameters>("parameters of the dense part", positive),
                                       port<&Fields::tables>("embedding tables", at_least_one),
                                       port<&Fields::embedding_dimension>("elements of one embedding row", at_least_one),
                                       port<&Fields::lookups_per_table>("rows that one sample gathers from each table", positive),
                                       port<&Fields::stored_precision>("number format of the embedding tables"));

  class Made final : public FormWorkload {
   public:
    Made(const Fields& f, std::string_view name)
        : FormWorkload(name), f_(f), gathered_(stored(f.lookups_per_table * row_elements())) {
      if (stored(row_elements()) > f.embedding_size)
        throw DomainError("embedding_size", "is less than one row of every table; allowed: " +
                                                shown(in(stored(row_elements()), units::byte)) + " byte and above");
      const double features = f.tables + 1.0;  // one row a table and the dense features
      operations_ = (2 * f.dense_parameters + features * (features - 1) * f.embedding_dimension) * units::flop;
    }

   private:
    [[nodiscard]] double row_elements() const { return static_cast<double>(f_.tables) * f_.embedding_dimension; }

    [[nodiscard]] Information stored(double elements) const {
      return elements * bytes_per_element(f_.stored_precision) * units::byte;
    }
    bool form(const Conditions& c, DemandForm& to) const override {
      require_whole_passes(c, name(), "sample");
      take_samples(to);
      to.linear_per_token = in(operations_, units::flop);
      to.weights_read = f_.dense_parameters * c.formats.bytes(TensorClass::linear);
      to.weights_resident = in(f_.embedding_size, units::byte) + to.weights_read;
      to.flags |= DemandForm::gathered;
      to.gathered_per_member = in(gathered_, units::byte);
      to.gathered_most = in(f_.embedding_size, units::byte);
      return true;
    }
    const void* do_facet(const FacetKey& key) const override { return answer(key, static_cast<const DemandForms*>(this)); }
    WorkUnit do_unit() const noexcept override { return WorkUnit::sample; }
    Maybe<double> do_parameters() const noexcept override {
      return in(f_.embedding_size, units::byte) / bytes_per_element(f_.stored_precision) + f_.dense_parameters;
    }

    Fields f_;
    Information gathered_;
    Operations operations_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
