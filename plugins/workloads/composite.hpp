#pragma once
#include <ironlaw/facets.hpp>

#include <array>
#include <cmath>

#include "phases.hpp"

namespace ironlaw::workloads {

/// When a part of a composite runs: in every pass of the network that answers, or once a request.
enum class PartRuns { every_pass, once };

/// Several networks in one memory: a decoder with its vision tower, an encoder and a decoder, a denoiser with its text encoder, a
/// target with its draft. One answers, and the whole has its unit and phases; the others run beside it.
struct Composite {
  static constexpr auto about = Kind::About{"composite", "several networks in one memory, of which one answers"};
  using Interface = Workload;

  struct Part {
    const Workload* network = nullptr;
    PartRuns runs = PartRuns::once;
    double passes = 1;
    bool reads_prompt = false;
  };
  static constexpr auto part_fields =
      ports(port<&Part::network>("a network beside it").optional(),
            port<&Part::runs>("once a request (with a prompt, a sample, a training step), or in every pass"),
            port<&Part::passes>("its passes each time: pictures of a request, drafts of a step", non_negative),
            port<&Part::reads_prompt>("whether its tokens are the request's; else its own reference length"));

  struct Fields {
    const Workload* network = nullptr;
    Part first, second, third, fourth;
    double passes = 1;
    Maybe<double> parameters;
  };
  static constexpr auto fields =
      ports(port<&Fields::network>("the network that answers"), group<&Fields::first>(part_fields),
            group<&Fields::second>(part_fields), group<&Fields::third>(part_fields), group<&Fields::fourth>(part_fields),
            port<&Fields::passes>("passes of the answering network for one of its own: beams, candidates", at_least_one),
            port<&Fields::parameters>("parameters of all networks; their sum if left out", positive));

  class Made final : public Workload {
   public:
    Made(const Fields& f, std::string_view name) : Workload(name), f_(f), parts_{f.first, f.second, f.third, f.fourth} {
      const Maybe<double> sum = sum_of_parameters();
      if (f.parameters && sum && std::abs(*f.parameters - *sum) > 0.5)
        throw DomainError("parameters", shown(*f.parameters) + " is not what the networks hold; allowed: " + shown(*sum));
    }

   private:
    [[nodiscard]] Maybe<double> sum_of_parameters() const {
      Maybe<double> sum = f_.network->parameters();
      for (const Part& part : parts_) {
        if (part.network == nullptr || !sum) continue;
        const auto more = part.network->parameters();
        sum = more ? Maybe<double>(*sum + *more) : absent;
      }
      return sum;
    }

    Demand do_demand(const Conditions& c) const override {
      Conditions own = c;
      own.batch *= f_.passes;
      Demand d = f_.network->demand(own);
      for (const Part& part : parts_)
        if (part.network != nullptr) add(part, c, d);
      return d;
    }
    static void add(const Part& part, const Conditions& c, Demand& d) {
      const bool idle = part.runs == PartRuns::once && c.phase == Phase::decode;
      const bool decodes = part.network->unit() == WorkUnit::token && part.runs == PartRuns::every_pass;
      Conditions own = c;
      own.batch = c.batch * (idle ? 1 : part.passes);
      if (!decodes) {
        if (c.phase != Phase::training) own.phase = Phase::forward;
        own.cached_tokens = 0;
        own.new_tokens = part.reads_prompt ? c.new_tokens : 1;
      }
      if (own.batch == 0) own.batch = c.batch;
      const Demand more = part.network->demand(own);
      d.weights_resident += more.weights_resident;
      d.cache_resident += decodes ? more.cache_resident : Information{};
      if (idle || part.passes == 0) return;
      d.linear += more.linear;
      d.logits += more.logits;
      d.attention += more.attention;
      d.weights_read += more.weights_read;
      if (d.activations && more.activations) d.activations = *d.activations + *more.activations;
      d.cache_read += more.cache_read;
      d.cache_write += more.cache_write;
      d.state += more.state;
      d.launches += more.launches;
    }
    WorkUnit do_unit() const noexcept override { return f_.network->unit(); }
    Maybe<double> do_parameters() const noexcept override { return sum_of_parameters(); }
    /// Shapes are those of the network that answers.
    const void* do_facet(const FacetKey& key) const override {
      return answer(key, f_.network->facet<TransformerShape>(), f_.network->facet<Experts>(),
                    f_.network->facet<RecurrentLayers>());
    }

    Fields f_;
    std::array<Part, 4> parts_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
