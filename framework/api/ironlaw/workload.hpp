#pragma once
#include <ironlaw/formats.hpp>
#include <ironlaw/object.hpp>

namespace ironlaw {

/// What a model is run for: a pass over samples, the prompt of a request, a step of one token a sequence, or forward and
/// backward.
enum class Phase { forward, prefill, decode, training };

/// What one unit of a workload's operations is.
enum class WorkUnit { sample, sequence, token };

/// The circumstances that a demand is asked for. `new_tokens` and `cached_tokens` are per member of the batch, may be fractions,
/// and mean nothing to a workload whose unit is `sample`. A demand is piecewise linear in `cached_tokens`; decoding with c tokens
/// cached reads the cache of c. The formats hold for what the model does not say of itself.
struct Conditions {
  Phase phase = Phase::forward;
  double batch = 1;
  double new_tokens = 1;
  double cached_tokens = 0;
  Formats formats{};
};

/// What one pass over the whole batch asks of the machine, component by component: solvers combine them, a workload never does.
/// Training is the forward pass of a training step; its solver adds the backward pass.
struct Demand {
  Operations linear{};     ///< products with weights
  Operations logits{};     ///< output head, not in `linear`: every new token, in prefill the last one of each sequence only
  Operations attention{};  ///< scores and weighted values, growing with the context
  Information weights_resident{};     ///< stored weights
  Information weights_read{};         ///< weights that the pass must read at least once
  Maybe<Information> activations{};   ///< activations written and read back; absent where the facts do not say
  Information cache_read{};           ///< key-value cache that the pass reads
  Information cache_write{};          ///< key-value cache that the pass adds
  Information cache_resident{};       ///< key-value cache held after the pass
  Information state{};                ///< recurrent state held from step to step
  Maybe<Information> hidden_state{};  ///< what passes from layer to layer: messages of tensor, pipeline and expert parallelism
  double launches = 1;                ///< groups of kernels in sequence (layers), each paying the framework's cost
};

/// A model: what it asks for under given conditions.
class IRONLAW_API Workload : public Object {
 public:
  static constexpr std::string_view interface = "workload";
  using Object::Object;
  ~Workload() override;

  /// Throws Unsupported for a phase that the model does not have, MissingData where a fact is lacking.
  [[nodiscard]] Demand demand(const Conditions& conditions) const { return do_demand(conditions); }
  [[nodiscard]] WorkUnit unit() const noexcept { return do_unit(); }
  /// Parameters in all, experts that rest included; absent where only a stored size is known.
  [[nodiscard]] Maybe<double> parameters() const noexcept { return do_parameters(); }

 private:
  virtual Demand do_demand(const Conditions& conditions) const = 0;
  virtual WorkUnit do_unit() const noexcept = 0;
  virtual Maybe<double> do_parameters() const noexcept = 0;
};

}  // namespace ironlaw
