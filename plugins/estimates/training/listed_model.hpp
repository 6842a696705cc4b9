#pragma once
// A model as a training step works through it, from the operators that the workload lists.
#include <ironlaw/sdk/operators.hpp>

#include "trained_model.hpp"

namespace ironlaw::estimates {

/// Reads the operators of a training step's forward pass into blocks.
class ListedModel {
 public:
  /// Throws Unsupported where the workload lists no operators, or more classes or products than a TrainedModel holds.
  static TrainedModel of(const Workload& workload) {
    OperatorTable<> table;
    table.ask(workload, {.phase = Phase::training});
    ListedModel read(workload);
    for (const LayerClass& layer : table.classes()) read.layer_class(layer, table.of(layer));
    read.finish();
    return read.model_;
  }

 private:
  explicit ListedModel(const Workload& workload) : workload_(workload) {}

  void layer_class(const LayerClass& layer, std::span<const Operator> operators) {
    if (layer.place == LayerPlace::outside) {
      for (const Operator& o : operators)
        if (o.role == OperatorRole::head) head(o);
      return;
    }
    if (model_.layer_count == TrainedModel::most_layers) throw Unsupported(workload_.name(), "it has too many classes of layers");
    TrainedLayer& l = model_.layers[static_cast<std::size_t>(model_.layer_count++)];
    l.count = layer.count;
    l.prediction = layer.place == LayerPlace::prediction;
    Block mixer;
    Block feed_forward;
    mixer.kind = layer.mixer == Mixer::recurrent ? BlockKind::recurrent : BlockKind::attention;
    feed_forward.kind = layer.feed_forward == FeedForward::experts ? BlockKind::experts : BlockKind::feed_forward;
    for (const Operator& o : operators) {
      if (o.role == OperatorRole::head || o.role == OperatorRole::logits) continue;
      (is_feed_forward(o.role) ? operator_of(o, feed_forward) : operator_of(o, mixer));
    }
    if (layer.mixer != Mixer::none) l.blocks[static_cast<std::size_t>(l.block_count++)] = mixer;
    if (layer.feed_forward != FeedForward::none) l.blocks[static_cast<std::size_t>(l.block_count++)] = feed_forward;
    model_.routed |= layer.feed_forward == FeedForward::experts;
  }

  static bool is_feed_forward(OperatorRole role) { return role >= OperatorRole::up && role <= OperatorRole::shared_down; }

  void head(const Operator& o) {
    model_.vocabulary_size = o.shape.product.n;
    model_.hidden_size = o.shape.product.k;
  }

  void operator_of(const Operator& o, Block& b) {
    switch (o.kind) {
      case OperatorKind::product:
        product(o, b);
        break;
      case OperatorKind::attention:
        attention(o, b);
        break;
      case OperatorKind::expert_product:
        expert_product(o, b);
        break;
      case OperatorKind::state_update:
        b.inner_size = o.shape.state.inner_size;
        break;
      default:
        break;  // what passes over activations, and what ranks send, follows from the blocks and their recipe
    }
  }
  void product(const Operator& o, Block& b) {
    if (b.product_count == Block::most_products) throw Unsupported(workload_.name(), "a layer of it has too many products");
    const auto [n, k] = o.shape.product;
    b.add({.name = role_name(o.role),
           .n = n,
           .k = k,
           .count = o.count,
           .wide = o.role == OperatorRole::router,
           .latent_up = o.role == OperatorRole::query_up || o.role == OperatorRole::key_value_up,
           .shared = o.role == OperatorRole::shared_up || o.role == OperatorRole::shared_down,
           .split = split_of(o.role)});
    if (o.role == OperatorRole::up || o.role == OperatorRole::shared_up) b.up_size = n;
    if (o.role == OperatorRole::down || o.role == OperatorRole::shared_down) b.ffn_size = k;
    if (o.role == OperatorRole::attention_output || o.role == OperatorRole::down || o.role == OperatorRole::recurrent_output)
      model_.hidden_size = n;
  }
  /// Megatron's splits (Shoeybi 2019): what a latent attention compresses is the same on every rank, and routing is by token.
  static Split split_of(OperatorRole role) {
    switch (role) {
      case OperatorRole::output_down:
      case OperatorRole::attention_output:
      case OperatorRole::down:
      case OperatorRole::shared_down:
      case OperatorRole::recurrent_output:
        return Split::inputs;
      case OperatorRole::query_down:
      case OperatorRole::key_value_down:
      case OperatorRole::index_query:
      case OperatorRole::index_key:
      case OperatorRole::compressor:
        return Split::nothing;
      case OperatorRole::router:
      case OperatorRole::expert_input:
      case OperatorRole::expert_output:
        return Split::tokens;
      default:
        return Split::outputs;
    }
  }
  void attention(const Operator& o, Block& b) {
    const AttentionShape& a = o.shape.attention;
    if (o.role == OperatorRole::compressed_attention) {
      b.entry_tokens = a.ratio;
      b.entry_window = a.window;
    }
    if (o.role != OperatorRole::attention) return;
    const bool latent = a.heads == a.kv_heads && a.key_size != a.value_size;
    b.heads = a.heads;
    b.key_size = a.key_size;
    b.value_size = a.value_size;
    b.window = a.window;
    b.key_value_head = a.key_size + a.value_size;
    b.key_value_width = a.kv_heads * b.key_value_head;
    b.width = latent ? a.heads * (2 * a.key_size + a.value_size) : (a.heads + 2 * a.kv_heads) * a.key_size;
    model_.causal = (o.flags & Operator::every_pair) == 0;
  }
  static void expert_product(const Operator& o, Block& b) {
    const ExpertShape& e = o.shape.expert;
    b.experts = e.experts;
    b.per_token = e.per_token;
    if (o.role == OperatorRole::expert_up) {
      b.expert_up_size = e.n;
      b.expert_width = e.k;
    } else {
      b.expert_ffn_size = e.k;
    }
  }

  /// What no single operator says.
  void finish() {
    bool gated = false;
    bool dense = false;
    bool recurrent = false;
    for (int i = 0; i < model_.layer_count; ++i) {
      const TrainedLayer& l = model_.layers[static_cast<std::size_t>(i)];
      for (int k = 0; k < l.block_count; ++k) {
        const Block& b = l.blocks[static_cast<std::size_t>(k)];
        dense |= b.kind == BlockKind::feed_forward;
        recurrent |= b.kind == BlockKind::recurrent;
        gated |= b.up_size > b.ffn_size || b.expert_up_size > b.expert_ffn_size;
      }
    }
    model_.layer_norm = dense && !gated && !recurrent && !model_.routed;
    model_.tied_embedding = tied();
  }
  /// The embedding and the head are one where the model's parameters leave room for one of them only.
  [[nodiscard]] bool tied() const {
    const auto all = workload_.parameters();
    if (!all) return false;
    double listed = 0;
    for (int i = 0; i < model_.layer_count; ++i) {
      const TrainedLayer& l = model_.layers[static_cast<std::size_t>(i)];
      for (int k = 0; k < l.block_count; ++k) listed += l.count * parameters(l.blocks[static_cast<std::size_t>(k)]);
    }
    return *all - listed < 1.5 * model_.vocabulary_size * model_.hidden_size;
  }
  [[nodiscard]] static double parameters(const Block& b) {
    double p = b.experts * b.expert_width * (b.expert_up_size + b.expert_ffn_size);
    for (int i = 0; i < b.product_count; ++i) {
      const TrainedProduct& x = b.products[static_cast<std::size_t>(i)];
      p += x.count * x.n * x.k;
    }
    return p;
  }

  const Workload& workload_;
  TrainedModel model_;
};

}  // namespace ironlaw::estimates
