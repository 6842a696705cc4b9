#pragma once
#include <ironlaw/equations/training_memory.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/sdk/demand_form.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::serving {

/// Whether a model fits a device, in which parts, and what fits beside it: the answer of a model's card.
struct MemoryFit {
  static constexpr auto about =
      Solver::About{"memory_fit", "Whether a model fits a device, for inference or training, and what fits beside it",
                    "Pope 2022, 'Efficiently scaling transformer inference'; Rajbhandari 2020, 'ZeRO', SC20"};

  struct Given {
    const Workload* workload;
    const Hardware* hardware;
    Precision precision = Precision::fp16;
    FormatInputs widths{};
    bool training = false;
    equations::Optimizer optimizer = equations::Optimizer::adamw;
    equations::MasterWeights master_weights = equations::MasterWeights::where_narrower;
    bool activation_recomputation = true;
  };
  struct Inputs : Given {
    double tokens = 4096;
    double requests = 1;
    Maybe<double> trainable_fraction = absent;
    double memory_reserve = 0.1;
  };
  struct Facts {
    AskedWorkload model;
    Information capacity;
    const TransformerShape* shape;  ///< null: none
    const Experts* experts;         ///< null: none
    Maybe<double> parameters;
    Maybe<double> context_length;
    bool caches;           ///< decodes token by token
    double adapter_share;  ///< that the model's adapter trains; 1: it has none
  };

  struct Outputs {
    Information memory_footprint;
    Information memory_capacity;
    double memory_utilization;
    Information weights;
    Information cache;
    Information recurrent_state;
    Information gradients;
    Information optimizer_state;
    Information activations;
    Information free_memory;
    Maybe<double> requests_that_fit;
    Maybe<double> tokens_that_fit;
    double least_devices;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model to hold"), port<&Inputs::hardware>("device to hold it"),
            port<&Inputs::precision>("number format of weights and cache where neither says another"),
            merge<&Inputs::widths>(format_ports), port<&Inputs::training>("a training step instead of inference"),
            port<&Inputs::optimizer>("training: what updates the parameters"),
            port<&Inputs::master_weights>("training: a copy of the weights in fp32 where they are narrower, always, or never")
                .refinement(),
            port<&Inputs::activation_recomputation>("training: keep the inputs of layers only and compute the rest again"),
            port<&Inputs::tokens>("tokens that a request holds, or of a training sample", at_least_one).whole(),
            port<&Inputs::requests>("requests held at once, or samples of a training step", at_least_one).whole(),
            port<&Inputs::trainable_fraction>(
                "training: share of the parameters that is trained, the rest is frozen; left out: what the model's adapter is of "
                "it, else all",
                fraction),
            port<&Inputs::memory_reserve>("share of the memory that runtime, buffers and fragmentation take", between(0, 0.9))
                .refinement());

  static constexpr auto outputs =
      ports(port<&Outputs::memory_footprint>("all parts together"),
            port<&Outputs::memory_capacity>("memory of the device, less the reserve"),
            port<&Outputs::memory_utilization>("footprint over capacity; above 1 it does not fit", non_negative),
            port<&Outputs::weights>("weights, in the widths that they are stored in"),
            port<&Outputs::cache>("key-value cache of all requests"),
            port<&Outputs::recurrent_state>("state of recurrent layers of all requests"),
            port<&Outputs::gradients>("gradients, when training"),
            port<&Outputs::optimizer_state>("moments and master weights, when training"),
            port<&Outputs::activations>("activations kept for the backward pass, when training"),
            port<&Outputs::free_memory>("capacity less all parts; negative where they do not fit"),
            port<&Outputs::requests_that_fit>("requests of that many tokens that fit beside the weights; absent without a cache",
                                              non_negative)
                .whole(),
            port<&Outputs::tokens_that_fit>("tokens of one request that fit, up to the longest context; absent without a cache",
                                            non_negative)
                .whole(),
            port<&Outputs::least_devices>("devices that hold it when weights and state are spread evenly", at_least_one).whole());

  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::memory_footprint, &Outputs::memory_capacity>("memory", "all parts must fit",
                                                                                  "parts <= (1 - reserve) * capacity")
                          .tightened_by<&Inputs::tokens, &Inputs::requests, &Inputs::memory_reserve>());

  static constexpr auto monotone = promises(
      rises<&Outputs::memory_footprint, &Inputs::tokens>, rises<&Outputs::memory_footprint, &Inputs::requests>,
      rises<&Outputs::memory_footprint, &Inputs::memory_reserve>, falls<&Outputs::memory_footprint, &Inputs::memory_reserve>,
      rises<&Outputs::memory_utilization, &Inputs::tokens>, rises<&Outputs::memory_utilization, &Inputs::requests>,
      rises<&Outputs::memory_utilization, &Inputs::memory_reserve>, falls<&Outputs::free_memory, &Inputs::tokens>,
      falls<&Outputs::free_memory, &Inputs::requests>, falls<&Outputs::free_memory, &Inputs::memory_reserve>);

  static Facts facts(const Given& given) {
    Formats formats = given.widths.formats(given.precision);
    const auto* shape = given.workload->facet<TransformerShape>();
    const bool caches = given.workload->unit() == WorkUnit::token;
    const Phase phase = given.training ? Phase::training : caches ? Phase::decode : Phase::forward;
    if (given.training && shape == nullptr)
      throw Unsupported(given.workload->name(),
                        "it is no transformer, whose activations alone are known; allowed: training = false");
    return {{*given.workload, {.phase = phase, .formats = formats}},
            given.hardware->memory().capacity,
            shape,
            given.workload->facet<Experts>(),
            given.workload->parameters(),
            shape != nullptr ? shape->context_length : Maybe<double>(absent),
            caches,
            equations::adapter_share(*given.workload).value_or(1)};
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    Outputs out{};
    out.memory_capacity = (1 - in.memory_reserve) * f.capacity;
    if (in.training) {
      train(in, f, out);
    } else {
      serve(in, f, out);
    }
    out.memory_footprint = out.weights + out.cache + out.recurrent_state + out.gradients + out.optimizer_state + out.activations;
    out.memory_utilization = out.memory_footprint / out.memory_capacity;
    out.free_memory = out.memory_capacity - out.memory_footprint;
    out.least_devices =
        std::max(1.0, std::ceil((out.memory_footprint - out.activations) / (out.memory_capacity - out.activations)));
    if (out.activations >= out.memory_capacity) out.least_devices = std::ceil(out.memory_footprint / out.memory_capacity);
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("memory_footprint", "weights + cache + state + gradients + optimizer + activations",
           {{"weights", out.weights},
            {"cache", out.cache},
            {"state", out.recurrent_state},
            {"gradients", out.gradients},
            {"optimizer", out.optimizer_state},
            {"activations", out.activations}},
           out.memory_footprint, "Pope 2022; Rajbhandari 2020");
    w.step("memory_capacity", "(1 - reserve) * capacity",
           {{"reserve", in.memory_reserve}, {"capacity", in.hardware->memory().capacity}}, out.memory_capacity);
    w.step("memory_utilization", "footprint / capacity", {{"footprint", out.memory_footprint}, {"capacity", out.memory_capacity}},
           out.memory_utilization);
    w.step("free_memory", "capacity - footprint", {{"capacity", out.memory_capacity}, {"footprint", out.memory_footprint}},
           out.free_memory);
    w.step("least_devices", "ceil((footprint - activations) / (capacity - activations))",
           {{"footprint", out.memory_footprint}, {"activations", out.activations}, {"capacity", out.memory_capacity}},
           out.least_devices);
  }

 private:
  /// What requests of so many tokens hold beside the weights.
  static Information held(const Facts& f, double requests, double tokens) {
    const Demand d = f.model.demand(requests, 1, std::max(0.0, tokens - 1));
    return d.cache_resident + d.state;
  }
  static void serve(const Inputs& in, const Facts& f, Outputs& out) {
    const Demand d = f.model.demand(in.requests, 1, f.caches ? in.tokens - 1 : 0);
    out.weights = d.weights_resident;
    if (!f.caches) return;
    out.cache = d.cache_resident;
    out.recurrent_state = d.state;
    const Information room = out.memory_capacity - out.weights;
    const Information one = held(f, 1, in.tokens);
    out.requests_that_fit = room <= Information{} ? 0 : one > Information{} ? std::floor(room / one) : in.requests;
    out.tokens_that_fit = tokens_in(f, room);
  }
  /// The cache grows with every token, by less once windows are full: bisection over whole tokens.
  static double tokens_in(const Facts& f, Information room) {
    constexpr double longest = 1e9;
    double most = f.context_length.value_or(longest);
    if (held(f, 1, most) <= room) return most;
    if (held(f, 1, 1) > room) return 0;
    double least = 1;
    while (most - least > 1) {
      const double middle = std::floor((least + most) / 2);
      (held(f, 1, middle) <= room ? least : most) = middle;
    }
    return least;
  }
  static void train(const Inputs& in, const Facts& f, Outputs& out) {
    if (!f.parameters) throw MissingData(in.workload->name(), "number of parameters");
    const double element = bytes_per_element(in.precision), trainable = in.trainable_fraction.value_or(f.adapter_share);
    const equations::RankLoad load{
        .layout = {1, 1, 1, 1},
        .sequence = in.tokens,
        .held_samples = in.requests,
        .microbatch = in.requests,
        .element_bytes = element,
        .gradient_bytes = element,
        .optimizer_bytes = equations::optimizer_bytes_per_parameter(in.optimizer, in.master_weights, element),
        .trainable = trainable,
        .zero_stage = 0,
        .buffer_fraction = 0,
        .strategy = in.activation_recomputation ? equations::ActivationStrategy::full : equations::ActivationStrategy::selective,
        .accounting = equations::ActivationAccounting::by_shape,
        .sequence_parallel = true,
        .count_logits = true,
        .shard_experts_only = false};
    const auto memory = equations::rank_memory(load, *f.shape, f.experts, *f.parameters);
    // Frozen weights stay in the widths that they are stored in (QLoRA: Dettmers 2023); trained ones are in the step's format.
    const Information stored = f.model.demand(1, in.tokens, 0).weights_resident;
    out.weights = trainable < 1 ? stored + trainable * memory.state.weights : memory.state.weights;
    out.gradients = memory.state.gradients;
    out.optimizer_state = memory.state.optimizer;
    out.activations = memory.activations;
  }
};

}  // namespace ironlaw::serving
