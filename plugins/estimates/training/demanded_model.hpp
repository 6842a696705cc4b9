#pragma once
// A model that lists no operators, as far as its demand goes: products and head by their operations, attention by its shape.
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/workload.hpp>

#include <cmath>

#include "trained_model.hpp"

namespace ironlaw::estimates {

/// Layers of one product each, as many as the demand says launches. Throws Unsupported for a model that does not work by tokens.
inline TrainedModel demanded_model(const Workload& workload) {
  if (workload.unit() != WorkUnit::token)
    throw Unsupported(workload.name(), "it lists no operators and does not work by tokens; `distributed` bounds its steps");
  const Demand one = workload.demand({.phase = Phase::training, .batch = 1, .new_tokens = 1});
  const double weights = in(one.linear, units::flop) / 2;
  const double layers = one.launches;
  const auto* shape = workload.facet<TransformerShape>();
  TrainedModel m;
  m.listed = false;
  m.hidden_size = shape != nullptr ? shape->hidden_size : std::sqrt(weights / layers);
  m.vocabulary_size = in(one.logits, units::flop) / 2 / m.hidden_size;
  m.layer_count = 1;
  TrainedLayer& layer = m.layers[0];
  layer.count = layers;
  layer.block_count = 1;
  Block& block = layer.blocks[0];
  block.kind = shape != nullptr ? BlockKind::attention : BlockKind::feed_forward;
  block.add({.name = "products", .n = weights / layers / m.hidden_size, .k = m.hidden_size});
  if (shape != nullptr) {
    block.heads = shape->heads;
    block.key_size = shape->key_size();
    block.value_size = shape->value_size();
    block.key_value_head = block.key_size + block.value_size;
    block.key_value_width = shape->kv_heads * block.key_value_head;
    block.width = (shape->heads + 2 * shape->kv_heads) * shape->head_size;
  }
  return m;
}

}  // namespace ironlaw::estimates
