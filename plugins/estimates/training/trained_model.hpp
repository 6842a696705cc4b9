#pragma once
// What a training step works through: layers in classes, each of one or two blocks, in sizes of the whole model.
#include <ironlaw/maybe.hpp>

#include <array>
#include <string_view>

namespace ironlaw::estimates {

/// What tensor-parallel ranks share of a product: its outputs, its inputs (partial sums are then added up), its tokens, or
/// nothing.
enum class Split { outputs, inputs, tokens, nothing };

/// A product with weights: rows x k times k x n, `count` of them in a block.
struct TrainedProduct {
  std::string_view name;
  double n = 0;
  double k = 0;
  double count = 1;
  bool wide = false;       ///< in 16 bits, whatever the format of the layers: routers
  bool latent_up = false;  ///< out of a latent rank (multi-head latent attention)
  bool shared = false;     ///< of a shared expert
  Split split = Split::outputs;
};

enum class BlockKind { attention, recurrent, feed_forward, experts };

/// A mixer or a feed-forward block of a layer.
struct Block {
  static constexpr int most_products = 8;
  BlockKind kind{};
  int product_count = 0;
  std::array<TrainedProduct, most_products> products{};

  // attention
  double heads = 0;
  double key_size = 0;
  double value_size = 0;
  double key_value_width = 0;  ///< keys and values of a token, all heads: what context-parallel ranks pass on
  double key_value_head = 0;   ///< the same of one head: a tensor rank holds one at least
  double width = 0;            ///< queries, keys and values of a token
  double window = 0;           ///< tokens that a query sees at most; 0: all before it
  double entry_tokens = 0;     ///< tokens of an entry that a query sees beside the window; 0: it sees none
  double entry_window = 0;     ///< tokens whose entries it sees at most; 0: all
  // recurrent
  double inner_size = 0;  ///< streams that the scan passes over
  // feed-forward, and a shared expert beside routed ones
  double up_size = 0;  ///< outputs of the first product: twice ffn_size where gated
  double ffn_size = 0;
  // routed experts
  double experts = 0;
  double per_token = 0;
  double expert_up_size = 0;
  double expert_ffn_size = 0;
  double expert_width = 0;  ///< what enters an expert: the hidden size, or a latent width

  /// Keys that a query sees of `tokens` before it.
  template <class N>
  [[nodiscard]] N seen(const N& tokens) const {
    const N keys = window > 0 ? smaller(N(window), tokens) : tokens;
    if (entry_tokens == 0) return keys;
    return keys + (entry_window > 0 ? smaller(N(entry_window), tokens) : tokens) / entry_tokens;
  }
  void add(const TrainedProduct& p) { products[static_cast<std::size_t>(product_count++)] = p; }
};

/// Layers that are alike.
struct TrainedLayer {
  double count = 0;
  bool prediction = false;  ///< of further tokens: on the last stage
  int block_count = 0;
  std::array<Block, 2> blocks{};
};

/// A model as a training step sees it.
struct TrainedModel {
  static constexpr int most_layers = 8;
  double hidden_size = 0;
  double vocabulary_size = 0;  ///< 0: no head
  bool tied_embedding = false;
  bool causal = true;
  bool layer_norm = false;  ///< ungated dense stacks of the GPT kind: norm, bias and dropout pass over one hidden width more
  bool routed = false;      ///< any layer has routed experts
  bool listed = true;       ///< by its operators; else by its demand, to first order
  int layer_count = 0;
  std::array<TrainedLayer, most_layers> layers{};
};

}  // namespace ironlaw::estimates
