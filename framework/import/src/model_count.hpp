#pragma once
#include "model_config.hpp"

#include <string_view>
#include <vector>

namespace ironlaw::host {

/// Routed experts of a model.
struct ExpertCount {
  double experts = 0;
  double active = 0;
  double layers = 0;  ///< that route
};

/// A model as its weights add up, with the geometry that the kinds of workloads ask for.
struct ModelCount {
  double parameters = 0;
  double active_parameters = 0;  ///< of one token; as many as parameters without experts
  double layers = 0;
  double hidden_size = 0;
  double heads = 0;
  double kv_heads = 0;
  double head_size = 0;
  double ffn_size = 0;  ///< of one expert where there are some
  double ffn_matrices = 3;
  double vocabulary_size = 0;
  double context_length = 0;
  bool tied_embedding = false;
  double latent_kv_rank = 0;  ///< 0: keys and values are cached as they are
  double rope_head_size = 0;
  ExpertCount experts;
  double sequence_operations = 0;  ///< of an encoder, over context_length tokens; 0: a decoder
};

/// Throws InputError for an architecture that is not known, and where a size is left out or out of range.
[[nodiscard]] ModelCount count_model(const ModelConfig& config);

}  // namespace ironlaw::host
