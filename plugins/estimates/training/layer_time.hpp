#pragma once
// Time of a layer's forward and backward pass over one microbatch on one rank, operator by operator.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "attention_time.hpp"
#include "layout.hpp"
#include "step_rates.hpp"
#include "trained_model.hpp"

namespace ironlaw::estimates {

/// One microbatch of one rank, worked through layer by layer.
template <class Record = NoRecord>
class LayerClock {
 public:
  LayerClock(const TrainedModel& model, const StepLayout& layout, const StepRecipe& recipe, const StepRates& rates,
             const Record& record)
      : model_(model),
        layout_(layout),
        recipe_(recipe),
        rates_(rates),
        record_(record),
        tokens_(layout.microbatch * layout.sequence / layout.context),
        rank_tokens_(tokens_ / layout.tensor),
        quantised_(rates.operand_bytes < 2),
        passes_(rates.trainer.elementwise_factor * (recipe.eager ? rates.trainer.eager_factor : 1)) {}

  /// A layer with everything that belongs to it.
  [[nodiscard]] PassTimes layer(const TrainedLayer& l) {
    PassTimes sum;
    forward_products_ = {};
    forward_at_peak_ = {};
    repeated_ = {};
    exchange_ = {};
    double mixers = 0;
    const Block* routed = nullptr;
    for (int i = 0; i < l.block_count; ++i) {
      const Block& b = l.blocks[static_cast<std::size_t>(i)];
      block(b, sum);
      mixers += b.kind == BlockKind::experts ? 0.5 : 1;
      if (b.kind == BlockKind::experts) routed = &b;
    }
    expose_expert_exchange(sum);
    launches(sum);
    tensor_exchange(mixers, sum);
    recompute(sum);
    if (routed != nullptr) host_gap(*routed, sum);
    return sum;
  }

  /// The output head with its logits, and the loss.
  [[nodiscard]] PassTimes head() {
    PassTimes sum;
    const double v = model_.vocabulary_size / layout_.tensor;
    if (v == 0 || rates_.trainer.head_share == 0) return sum;
    const TrainedProduct p{.name = "head", .n = v, .k = model_.hidden_size, .wide = true, .split = Split::nothing};
    product(p, tokens_, 0, sum);
    pass("logits", Direction::backward, tokens_ * v * rates_.trainer.logit_traffic * units::byte, sum);
    return sum;
  }

  [[nodiscard]] double tokens() const { return tokens_; }

 private:
  // Blocks ------------------------------------------------------------------------------------------------------------------
  void block(const Block& b, PassTimes& sum) {
    const Time before = sum.forward;
    for (int i = 0; i < b.product_count; ++i) {
      const TrainedProduct p = of_rank(b.products[static_cast<std::size_t>(i)]);
      product(p, p.split == Split::tokens ? rank_tokens_ : tokens_, 0, sum);
      sum.parameters += p.count * p.n * p.k;
    }
    switch (b.kind) {
      case BlockKind::attention:
        attention(b, sum);
        break;
      case BlockKind::recurrent:
        recurrent(b, sum);
        break;
      case BlockKind::feed_forward:
        feed_forward(b, sum);
        if (recipe_.recomputed.feed_forward) repeated_ += sum.forward - before;
        break;
      case BlockKind::experts:
        experts(b, sum);
        if (recipe_.recomputed.experts) repeated_ += sum.forward - before;
        break;
    }
  }

  [[nodiscard]] TrainedProduct of_rank(TrainedProduct p) const {
    if (p.split == Split::outputs) p.n /= layout_.tensor;
    if (p.split == Split::inputs) p.k /= layout_.tensor;
    return p;
  }
  /// Forward product and the two of the backward pass: gradients of inputs and of weights. Frozen weights have no gradient.
  void product(const TrainedProduct& p, double rows, double fill, PassTimes& sum) {
    const OperatorCost forward = one_product(rows, p.n, p.k, fill, p);
    const OperatorCost inputs = one_product(rows, p.k, p.n, fill, p);
    note(p.name, Direction::forward, forward, sum);
    note(p.name, Direction::backward, inputs, sum);
    sum.products += forward.time + inputs.time;
    if (!recipe_.lora) {
      const OperatorCost weights = one_product(p.n, p.k, rows, fill, p);
      note(p.name, Direction::backward, weights, sum);
      sum.products += weights.time;
      sum.weight_gradients += weights.time;
    }
    sum.model += forward.operations;
    forward_products_ += forward.time;
    if (p.latent_up && recipe_.recomputed.latent_projections) repeated_ += forward.time;
    if (p.shared && recipe_.recomputed.shared_experts) repeated_ += forward.time;
  }
  /// Roofline of a product (Williams 2009).
  [[nodiscard]] OperatorCost one_product(double m, double n, double k, double fill, const TrainedProduct& p) const {
    if (m <= 0) return {};
    const FlopRate peak = p.wide ? rates_.wide_peak : rates_.peak;
    const double share = (p.wide ? rates_.wide_share : rates_.share) * recipe_.power_share;
    const double width = p.wide ? 2 : rates_.operand_bytes;
    OperatorCost c;
    c.operations = p.count * 2 * m * n * k * units::flop;
    c.bytes = p.count * (width * (m * k + n * k) + 2 * m * n) * units::byte;
    const Time compute = p.count * 2 * m * n * (k + fill) * units::flop / (share * peak);
    const Time memory = c.bytes / rates_.memory;
    c.time = std::max(compute, memory);
    c.wall = memory > compute ? Wall::memory : Wall::compute;
    c.at_peak = c.operations / peak;
    c.basis = memory > compute ? Basis::memory : p.wide ? Basis::wide_product : Basis::product;
    return c;
  }

  void attention(const Block& b, PassTimes& sum) {
    const double s = layout_.sequence;
    const double pair = 2 * layout_.microbatch * (b.heads / layout_.tensor) * (b.key_size + b.value_size) * s / layout_.context;
    const double seen = !model_.causal ? s : b.window > 0 ? std::min(b.window, (s + 1) / 2) : (s + 1) / 2;
    sum.model += pair * seen * units::flop;
    const auto [forward, backward] = AttentionClock{model_, layout_, recipe_, rates_, tokens_}.passes(b, pair);
    note("attention", Direction::forward, forward, sum);
    note("attention", Direction::backward, backward, sum);
    sum.attention += forward.time + backward.time;
    context_exchange(b, forward.time, backward.time, sum);
    const double residual = residual_bytes();
    const double width = b.width / layout_.tensor;
    const double output = b.heads / layout_.tensor * b.value_size;
    const double forward_bytes = 4 * width + (quantised_ ? 4 * output : 0);
    const double backward_bytes = 4 * width + (quantised_ ? 4 * width : 0);
    const Time passes = passes_of_block("attention: norm, rotation, residual", residual, forward_bytes, backward_bytes, sum);
    if (recipe_.recomputed.core_attention ||
        (recipe_.recomputation == Recomputation::selective && recipe_.attention == AttentionKernel::unfused))
      repeated_ += forward.time;
    if (recipe_.recomputed.elementwise) repeated_ += 0.5 * passes;
  }
  /// A ring that passes keys and values on, and their gradients (Liu 2023).
  void context_exchange(const Block& b, Time forward, Time backward, PassTimes& sum) {
    const double c = layout_.context;
    if (c <= 1 || rates_.trainer.exchange_exposed == 0) return;
    const Bandwidth link = layout_.tensor * c <= rates_.domain ? rates_.inner : rates_.outer;
    const Information message = 2 * tokens_ * std::max(b.key_value_width / layout_.tensor, b.key_value_head) * units::byte;
    const Time one = (c - 1) * (message / link + rates_.latency);
    const double hidden = rates_.trainer.context_overlap;
    const Time f = std::max(Time{}, one - hidden * forward);
    const Time g = std::max(Time{}, 2.0 * one - hidden * backward);
    sum.forward += f;
    sum.backward += g;
    sum.context_exchange += f + g;
    record_("keys and values of context ranks", Direction::forward, {f, {}, (c - 1) * message, Wall::link, {}, Basis::link});
    record_("keys and values of context ranks", Direction::backward, {g, {}, 2 * (c - 1) * message, Wall::link, {}, Basis::link});
  }

  void recurrent(const Block& b, PassTimes& sum) {
    const double scan = rates_.trainer.recurrent_traffic * b.inner_size / layout_.tensor;
    const Time passes = passes_of_block("recurrent: norm, scan, residual", residual_bytes(), scan, 2 * scan, sum);
    if (recipe_.recomputed.elementwise) repeated_ += 0.5 * passes;
  }

  void feed_forward(const Block& b, PassTimes& sum) {
    const bool gated = b.up_size > b.ffn_size;
    const double forward = ((gated ? 6 : 4) + (quantised_ ? 4 : 0)) * b.ffn_size;
    const double backward = (gated ? 10 : 6) * b.ffn_size + (quantised_ ? 4 * b.up_size : 0);
    const double t = layout_.tensor;
    const Time passes =
        passes_of_block("feed-forward: norm, activation, residual", residual_bytes(), forward / t, backward / t, sum);
    if (recipe_.recomputed.elementwise) repeated_ += 0.5 * passes;
  }

  /// Grouped products of the tokens that reach this rank's experts, what surrounds them, and the exchange of tokens.
  void experts(const Block& b, PassTimes& sum) {
    const TrainerConstants& c = rates_.trainer;
    const double routed = rank_tokens_ * b.per_token * recipe_.expert_imbalance;
    const double own = b.experts / layout_.expert;
    const double rows = routed / own;
    const TrainedProduct up{
        .name = "experts: up", .n = b.expert_up_size, .k = b.expert_width, .count = own, .split = Split::nothing};
    const TrainedProduct down{
        .name = "experts: down", .n = b.expert_width, .k = b.expert_ffn_size, .count = own, .split = Split::nothing};
    product(up, rows, c.expert_fill, sum);
    product(down, rows, c.expert_fill, sum);
    sum.expert_parameters += own * (up.n * up.k + down.n * down.k);

    const bool gated = b.expert_up_size > b.expert_ffn_size;
    const double a = b.per_token * recipe_.expert_imbalance;
    const double h = model_.hidden_size;
    const double norm = c.residual_traffic * h + (quantised_ ? 4 * h : 0);
    double forward = a * ((gated ? 6 : 4) * b.expert_ffn_size + (quantised_ ? 4 * (b.expert_ffn_size + b.expert_width) : 0));
    double backward = a * ((gated ? 10 : 6) * b.expert_ffn_size + (quantised_ ? 4 * (b.expert_up_size + b.expert_width) : 0));
    forward +=
        (quantised_ ? 10 : 6) * b.ffn_size;  // of a shared expert; its ranks split the width, which is as much as the tokens
    backward += (quantised_ ? 14 : 10) * b.ffn_size;
    const Time f = pass("experts: norm, activation, residual", Direction::forward,
                        rank_tokens_ * passes_ * (norm + forward) * units::byte, sum);
    const Time g = pass("experts: norm, activation, residual", Direction::backward,
                        rank_tokens_ * passes_ * (norm + backward) * units::byte, sum);
    if (recipe_.recomputed.elementwise) repeated_ += 0.5 * (f + g);
    if (recipe_.recomputed.expert_activation && !recipe_.recomputed.experts)
      repeated_ += rank_tokens_ * passes_ * a * (gated ? 6 : 4) * b.expert_ffn_size * units::byte / rates_.memory;
    const Information logits = rank_tokens_ * b.experts * 16 * units::byte;
    const Information moved = c.permutation_passes * routed * b.expert_width * 2 * units::byte;
    for (const Direction d : {Direction::forward, Direction::backward}) {
      pass("router logits", d, logits, sum);
      pass("permutation of tokens", d, moved, sum);
    }
    exchange_ = expert_exchange(b);
  }
  /// Dispatch and combine of one direction: copies go to each device, or domain, that holds one of a token's experts.
  [[nodiscard]] Time expert_exchange(const Block& b) const {
    const double e = layout_.expert;
    if (e <= 1 || rates_.trainer.exchange_exposed == 0) return {};
    const double inside = std::min(e, rates_.domain);
    const double domains = std::ceil(e / rates_.domain);
    const double a = b.per_token;
    const bool once = recipe_.dispatcher == Dispatcher::deduplicated;
    const auto reached = [&](double places) { return once ? places * (1 - std::pow(1 - 1 / places, a)) : a; };
    const Information token = recipe_.expert_imbalance * rank_tokens_ * b.expert_width * 2 * units::byte;
    Time t = std::min(reached(e), a) * (inside - 1) / inside * token / rates_.expert_inner;
    if (domains > 1) t = std::max(t, reached(domains) * (domains - 1) / domains * token / rates_.expert_outer);
    return 2.0 * t;
  }

  // What surrounds the blocks of a layer
  // -----------------------------------------------------------------------------------------
  void expose_expert_exchange(PassTimes& sum) {
    if (exchange_ == Time{}) return;
    const double hidden = recipe_.expert_overlap ? rates_.trainer.expert_overlap : 0;
    const Time f = std::max(Time{}, exchange_ - hidden * sum.forward);
    const Time g = std::max(Time{}, exchange_ - hidden * sum.backward);
    sum.forward += f;
    sum.backward += g;
    sum.expert_exchange += f + g;
    record_("exchange with experts", Direction::forward, {f, {}, {}, Wall::link, {}, Basis::expert_link});
    record_("exchange with experts", Direction::backward, {g, {}, {}, Wall::link, {}, Basis::expert_link});
  }
  /// Kernels of a dense layer that queue on the host; those of layers with experts are in their host gap. Adapters of low rank
  /// add passes over their inputs and kernels.
  void launches(PassTimes& sum) {
    if (model_.routed) return;
    const TrainerConstants& c = rates_.trainer;
    const Time own = c.layer_launches * c.launch;
    Time f = 10.0 / 28 * own;
    Time g = 18.0 / 28 * own;
    if (recipe_.lora) {
      f += tokens_ * 22 * model_.hidden_size * units::byte / rates_.memory + 8.0 * c.launch;
      g += tokens_ * 44 * model_.hidden_size * units::byte / rates_.memory + 16.0 * c.launch;
    }
    sum.forward += f;
    sum.backward += g;
    sum.launches += f + g;
    record_(recipe_.lora ? "launches, adapters" : "launches", Direction::forward, {f, {}, {}, Wall::host});
    record_(recipe_.lora ? "launches, adapters" : "launches", Direction::backward, {g, {}, {}, Wall::host});
  }
  /// An all-reduce a block, or a gather and a scatter of the same bytes; sequence parallelism gathers once more backward.
  void tensor_exchange(double mixers, PassTimes& sum) {
    const double t = layout_.tensor;
    if (t <= 1 || rates_.trainer.exchange_exposed == 0) return;
    const Information message = tokens_ * model_.hidden_size * 2 * units::byte;
    const Bandwidth link = t <= rates_.domain ? rates_.inner / rates_.axes : rates_.outer;
    const Time one = ring_time(message, t, link, rates_.latency, 2);
    const Time f = mixers * (1 - rates_.trainer.tensor_overlap) * one;
    const Time g = (layout_.sequence_parallel ? 1.25 : 1) * f;
    sum.forward += f;
    sum.backward += g;
    sum.tensor_exchange += f + g;
    record_("exchange of tensor ranks", Direction::forward,
            {f, {}, mixers * 2 * (t - 1) / t * message, Wall::link, {}, Basis::link});
    record_("exchange of tensor ranks", Direction::backward,
            {g, {}, mixers * 2 * (t - 1) / t * message, Wall::link, {}, Basis::link});
  }
  void recompute(PassTimes& sum) {
    if (recipe_.recomputation == Recomputation::full) {
      repeated_ = sum.forward;
    } else if (recipe_.recomputation == Recomputation::alternate_products) {
      repeated_ += rates_.trainer.alternate_share * forward_products_;
    }
    if (repeated_ == Time{}) return;
    sum.at_peak += static_cast<double>(repeated_ / sum.forward) * forward_at_peak_;
    sum.backward += repeated_;
    sum.recomputation += repeated_;
    record_("recomputation", Direction::backward, {repeated_, {}, {}, Wall::compute});
  }
  /// Time that the host needs to launch a layer with experts; it overlaps the device's work, both jittering: root of squares.
  void host_gap(const Block& routed, PassTimes& sum) {
    const TrainerConstants& c = rates_.trainer;
    if (recipe_.graphs == GraphCapture::whole_iteration) return;
    const Time host = (recipe_.graphs == GraphCapture::attention_and_router ? c.partly_graphed_gap : c.ungraphed_gap) +
                      routed.experts / layout_.expert * c.expert_gap;
    const double device = sum.total().value();
    const Time gap = Time::from_value(std::hypot(device, host.value()) - device);
    sum.backward += gap;
    sum.host_gap += gap;
    record_("host gap", Direction::backward, {gap, {}, {}, Wall::host});
  }

  // Accounts
  // ------------------------------------------------------------------------------------------------------------------------
  [[nodiscard]] double residual_bytes() const {
    const TrainerConstants& c = rates_.trainer;
    return model_.hidden_size * (c.residual_traffic + (model_.layer_norm ? c.dropout_traffic : 0) + (quantised_ ? 4 : 0));
  }
  /// Passes over activations around a block: `residual` bytes a token whole, the others of this rank.
  Time passes_of_block(std::string_view name, double residual, double forward, double backward, PassTimes& sum) {
    if (layout_.sequence_parallel) residual /= layout_.tensor;
    const Time f = pass(name, Direction::forward, tokens_ * (residual + forward) * passes_ * units::byte, sum);
    return f + pass(name, Direction::backward, tokens_ * (residual + backward) * passes_ * units::byte, sum);
  }
  Time pass(std::string_view name, Direction direction, Information bytes, PassTimes& sum) {
    const Time t = bytes / rates_.memory;
    (direction == Direction::forward ? sum.forward : sum.backward) += t;
    sum.elementwise += t;
    record_(name, direction, {t, {}, bytes, Wall::memory, {}, Basis::memory});
    return t;
  }
  void note(std::string_view name, Direction direction, const OperatorCost& cost, PassTimes& sum) {
    (direction == Direction::forward ? sum.forward : sum.backward) += cost.time;
    sum.at_peak += cost.at_peak;
    if (direction == Direction::forward) forward_at_peak_ += cost.at_peak;
    record_(name, direction, cost);
  }

  const TrainedModel& model_;
  const StepLayout& layout_;
  const StepRecipe& recipe_;
  const StepRates& rates_;
  const Record& record_;
  double tokens_;       ///< of this rank, all its tensor group's
  double rank_tokens_;  ///< where the tensor group splits them
  bool quantised_;
  double passes_;
  Time forward_products_{};
  Time forward_at_peak_{};
  Time repeated_{};
  Time exchange_{};
};

}  // namespace ironlaw::estimates
