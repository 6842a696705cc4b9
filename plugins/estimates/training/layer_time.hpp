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

/// A product as one rank computes it.
template <class N>
struct RankProductOf {
  std::string_view name;
  N n;
  N k;
  N count;
  bool wide = false;
  bool latent_up = false;
  bool shared = false;
};

/// One microbatch of one rank, worked through layer by layer.
template <class N, class Record = NoRecord>
class LayerClock {
  using Seconds = Of<N, Time>;
  using Bytes = Of<N, Information>;
  using Cost = OperatorCostOf<N>;
  using Sum = PassTimesOf<N>;
  using Product = RankProductOf<N>;

 public:
  LayerClock(const TrainedModel& model, const StepLayoutOf<N>& layout, const StepRecipeOf<N>& recipe, const StepRatesOf<N>& rates,
             const Record& record)
      : model_(model),
        layout_(layout),
        recipe_(recipe),
        rates_(rates),
        record_(record),
        tokens_(layout.microbatch * layout.sequence / layout.context),
        rank_tokens_(tokens_ / layout.tensor),
        layer_rate_(rates.share * recipe.power_share * rates.peak),
        wide_rate_(rates.wide_share * recipe.power_share * rates.wide_peak),
        quantised_(rates.operand_bytes < 2),
        passes_(rates.trainer.elementwise_factor * (recipe.eager ? rates.trainer.eager_factor : 1)) {}

  /// A layer with everything that belongs to it.
  [[nodiscard]] Sum layer(const TrainedLayer& l) {
    Sum sum;
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
  [[nodiscard]] Sum head() {
    Sum sum;
    if (model_.vocabulary_size == 0 || rates_.trainer.head_share == 0) return sum;
    const N v = model_.vocabulary_size / layout_.tensor;
    const Product p{.name = "head", .n = v, .k = model_.hidden_size, .count = 1.0, .wide = true};
    product(p, tokens_, 0, sum);
    pass("logits", Direction::backward, tokens_ * v * rates_.trainer.logit_traffic * units::byte, sum);
    return sum;
  }

  [[nodiscard]] const N& tokens() const { return tokens_; }

 private:
  // Blocks ------------------------------------------------------------------------------------------------------------------
  void block(const Block& b, Sum& sum) {
    const Seconds before = sum.forward;
    for (int i = 0; i < b.product_count; ++i) {
      const TrainedProduct& whole = b.products[static_cast<std::size_t>(i)];
      const Product p = of_rank(whole);
      product(p, whole.split == Split::tokens ? rank_tokens_ : tokens_, 0, sum);
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

  [[nodiscard]] Product of_rank(const TrainedProduct& p) const {
    return {p.name,
            p.split == Split::outputs ? N(p.n / layout_.tensor) : N(p.n),
            p.split == Split::inputs ? N(p.k / layout_.tensor) : N(p.k),
            N(p.count),
            p.wide,
            p.latent_up,
            p.shared};
  }
  /// Forward product and the two of the backward pass: gradients of inputs and of weights. Frozen weights have no gradient.
  void product(const Product& p, const N& rows, double fill, Sum& sum) {
    const Cost forward = one_product(rows, p.n, p.k, fill, p);
    const Cost inputs = one_product(rows, p.k, p.n, fill, p);
    note(p.name, Direction::forward, forward, sum);
    note(p.name, Direction::backward, inputs, sum);
    sum.products += forward.time + inputs.time;
    if (!recipe_.lora) {
      const Cost weights = one_product(p.n, p.k, rows, fill, p);
      note(p.name, Direction::backward, weights, sum);
      sum.products += weights.time;
      sum.weight_gradients += weights.time;
    }
    sum.model += forward.operations;
    forward_products_ += forward.time;
    if (p.latent_up && recipe_.recomputed.latent_projections) repeated_ += forward.time;
    if (p.shared && recipe_.recomputed.shared_experts) repeated_ += forward.time;
  }
  /// Roofline of a product (Williams 2009). `fill`: elements of the inner dimension that it costs beside its own.
  [[nodiscard]] Cost one_product(const N& m, const N& n, const N& k, double fill, const Product& p) const {
    const double width = p.wide ? 2 : rates_.operand_bytes;
    const N pairs = p.count * 2 * m * n;
    Cost c;
    c.operations = pairs * k * units::flop;
    c.bytes = p.count * (width * (m * k + n * k) + 2 * m * n) * units::byte;
    const Of<N, Operations> filled = fill == 0 ? c.operations : Of<N, Operations>(pairs * (k + fill) * units::flop);
    const Seconds compute = filled / (p.wide ? wide_rate_ : layer_rate_);
    const Seconds memory = c.bytes / rates_.memory;
    const auto by_memory = memory > compute;
    c.time = larger(compute, memory);
    c.wall = select(by_memory, Wall::memory, Wall::compute);
    c.at_peak = c.operations / (p.wide ? rates_.wide_peak : rates_.peak);
    c.basis = select(by_memory, Basis::memory, p.wide ? Basis::wide_product : Basis::product);
    return c;
  }

  void attention(const Block& b, Sum& sum) {
    const N& s = layout_.sequence;
    const N pair = 2 * layout_.microbatch * (b.heads / layout_.tensor) * (b.key_size + b.value_size) * s / layout_.context;
    const N half = (s + 1) / 2;
    const N seen = !model_.causal ? s : b.seen(half);
    sum.model += pair * seen * units::flop;
    const auto [forward, backward] = AttentionClock<N>{model_, layout_, recipe_, rates_, tokens_}.passes(b, pair);
    note("attention", Direction::forward, forward, sum);
    note("attention", Direction::backward, backward, sum);
    sum.attention += forward.time + backward.time;
    context_exchange(b, forward.time, backward.time, sum);
    const N residual = residual_bytes();
    const N width = b.width / layout_.tensor;
    const N output = b.heads / layout_.tensor * b.value_size;
    const N forward_bytes = 4 * width + (quantised_ ? N(4 * output) : N(0.0));
    const N backward_bytes = 4 * width + (quantised_ ? N(4 * width) : N(0.0));
    const Seconds passes = passes_of_block("attention: norm, rotation, residual", residual, forward_bytes, backward_bytes, sum);
    if (recipe_.recomputed.core_attention ||
        (recipe_.recomputation == Recomputation::selective && recipe_.attention == AttentionKernel::unfused))
      repeated_ += forward.time;
    if (recipe_.recomputed.elementwise) repeated_ += 0.5 * passes;
  }
  /// A ring that passes keys and values on, and their gradients (Liu 2023).
  void context_exchange(const Block& b, const Seconds& forward, const Seconds& backward, Sum& sum) {
    const N& c = layout_.context;
    const Of<N, bool> split = c > 1.0;
    if (!any(split) || rates_.trainer.exchange_exposed == 0) return;
    const auto link = select(layout_.tensor * c <= rates_.domain, rates_.inner, rates_.outer);
    const Bytes message = 2 * tokens_ * larger(N(b.key_value_width / layout_.tensor), N(b.key_value_head)) * units::byte;
    const Seconds one = (c - 1) * (message / link + rates_.latency);
    const double hidden = rates_.trainer.context_overlap;
    const Seconds f = select(split, larger(Seconds{}, Seconds(one - hidden * forward)), Seconds{});
    const Seconds g = select(split, larger(Seconds{}, Seconds(2.0 * one - hidden * backward)), Seconds{});
    sum.forward += f;
    sum.backward += g;
    sum.context_exchange += f + g;
    record_("keys and values of context ranks", Direction::forward, Cost{f, {}, (c - 1) * message, Wall::link, {}, Basis::link});
    record_("keys and values of context ranks", Direction::backward,
            Cost{g, {}, 2 * (c - 1) * message, Wall::link, {}, Basis::link});
  }

  void recurrent(const Block& b, Sum& sum) {
    const N scan = rates_.trainer.recurrent_traffic * b.inner_size / layout_.tensor;
    const Seconds passes = passes_of_block("recurrent: norm, scan, residual", residual_bytes(), scan, N(2 * scan), sum);
    if (recipe_.recomputed.elementwise) repeated_ += 0.5 * passes;
  }

  void feed_forward(const Block& b, Sum& sum) {
    const bool gated = b.up_size > b.ffn_size;
    const double forward = ((gated ? 6 : 4) + (quantised_ ? 4 : 0)) * b.ffn_size;
    const double backward = (gated ? 10 : 6) * b.ffn_size + (quantised_ ? 4 * b.up_size : 0);
    const N& t = layout_.tensor;
    const Seconds passes =
        passes_of_block("feed-forward: norm, activation, residual", residual_bytes(), N(forward / t), N(backward / t), sum);
    if (recipe_.recomputed.elementwise) repeated_ += 0.5 * passes;
  }

  /// Grouped products of the tokens that reach this rank's experts, what surrounds them, and the exchange of tokens.
  void experts(const Block& b, Sum& sum) {
    const TrainerCosts& c = rates_.trainer;
    const N routed = rank_tokens_ * b.per_token * recipe_.expert_imbalance;
    const N own = b.experts / layout_.expert;
    const N rows = routed / own;
    const Product up{.name = "experts: up", .n = b.expert_up_size, .k = b.expert_width, .count = own};
    const Product down{.name = "experts: down", .n = b.expert_width, .k = b.expert_ffn_size, .count = own};
    product(up, rows, c.expert_fill, sum);
    product(down, rows, c.expert_fill, sum);
    sum.expert_parameters += own * (b.expert_up_size * b.expert_width + b.expert_width * b.expert_ffn_size);

    const bool gated = b.expert_up_size > b.expert_ffn_size;
    const N a = b.per_token * recipe_.expert_imbalance;
    const double h = model_.hidden_size;
    const double norm = c.residual_traffic * h + (quantised_ ? 4 * h : 0);
    N forward = a * ((gated ? 6 : 4) * b.expert_ffn_size + (quantised_ ? 4 * (b.expert_ffn_size + b.expert_width) : 0));
    N backward = a * ((gated ? 10 : 6) * b.expert_ffn_size + (quantised_ ? 4 * (b.expert_up_size + b.expert_width) : 0));
    forward +=
        (quantised_ ? 10 : 6) * b.ffn_size;  // of a shared expert; its ranks split the width, which is as much as the tokens
    backward += (quantised_ ? 14 : 10) * b.ffn_size;
    const Seconds f = pass("experts: norm, activation, residual", Direction::forward,
                           rank_tokens_ * passes_ * (norm + forward) * units::byte, sum);
    const Seconds g = pass("experts: norm, activation, residual", Direction::backward,
                           rank_tokens_ * passes_ * (norm + backward) * units::byte, sum);
    if (recipe_.recomputed.elementwise) repeated_ += 0.5 * (f + g);
    if (recipe_.recomputed.expert_activation && !recipe_.recomputed.experts)
      repeated_ += rank_tokens_ * passes_ * a * (gated ? 6 : 4) * b.expert_ffn_size * units::byte / rates_.memory;
    const Bytes logits = rank_tokens_ * b.experts * 16 * units::byte;
    const Bytes moved = c.permutation_passes * routed * b.expert_width * 2 * units::byte;
    for (const Direction d : {Direction::forward, Direction::backward}) {
      pass("router logits", d, logits, sum);
      pass("permutation of tokens", d, moved, sum);
    }
    exchange_ = expert_exchange(b);
  }
  /// Dispatch and combine of one direction: copies go to each device, or domain, that holds one of a token's experts.
  [[nodiscard]] Seconds expert_exchange(const Block& b) const {
    const N& e = layout_.expert;
    const Of<N, bool> spread_out = e > 1.0;
    if (!any(spread_out) || rates_.trainer.exchange_exposed == 0) return {};
    const N inside = smaller(e, N(rates_.domain));
    const N domains = rounded_up(N(e / rates_.domain));
    const double a = b.per_token;
    const bool once = recipe_.dispatcher == Dispatcher::deduplicated;
    const auto reached = [&](const N& places) -> N {
      return once ? N(places * (1 - each([a](double missed) { return std::pow(missed, a); }, N(1 - 1 / places)))) : N(a);
    };
    const Bytes token = recipe_.expert_imbalance * rank_tokens_ * b.expert_width * 2 * units::byte;
    Seconds t = smaller(reached(e), N(a)) * (inside - 1) / inside * token / rates_.expert_inner;
    if (const Of<N, bool> apart = domains > 1.0; any(apart))
      t = select(apart, larger(t, Seconds(reached(domains) * (domains - 1) / domains * token / rates_.expert_outer)), t);
    return select(spread_out, Seconds(2.0 * t), Seconds{});
  }

  // What surrounds the blocks of a layer
  // -----------------------------------------------------------------------------------------
  void expose_expert_exchange(Sum& sum) {
    if (!any(exchange_ > Seconds{})) return;
    const double hidden = recipe_.expert_overlap ? rates_.trainer.expert_overlap : 0;
    const Seconds f = larger(Seconds{}, Seconds(exchange_ - hidden * sum.forward));
    const Seconds g = larger(Seconds{}, Seconds(exchange_ - hidden * sum.backward));
    sum.forward += f;
    sum.backward += g;
    sum.expert_exchange += f + g;
    record_("exchange with experts", Direction::forward, Cost{f, {}, {}, Wall::link, {}, Basis::expert_link});
    record_("exchange with experts", Direction::backward, Cost{g, {}, {}, Wall::link, {}, Basis::expert_link});
  }
  /// Kernels of a dense layer that queue on the host; those of layers with experts are in their host gap. Adapters of low rank
  /// add passes over their inputs and kernels.
  void launches(Sum& sum) {
    if (model_.routed) return;
    const TrainerCosts& c = rates_.trainer;
    const Time own = c.layer_launches * c.launch;
    Seconds f = spread<N>(10.0 / 28 * own);
    Seconds g = spread<N>(18.0 / 28 * own);
    if (recipe_.lora) {
      f += tokens_ * 22 * model_.hidden_size * units::byte / rates_.memory + spread<N>(8.0 * c.launch);
      g += tokens_ * 44 * model_.hidden_size * units::byte / rates_.memory + spread<N>(16.0 * c.launch);
    }
    sum.forward += f;
    sum.backward += g;
    sum.launches += f + g;
    record_(recipe_.lora ? "launches, adapters" : "launches", Direction::forward, Cost{f, {}, {}, Wall::host});
    record_(recipe_.lora ? "launches, adapters" : "launches", Direction::backward, Cost{g, {}, {}, Wall::host});
  }
  /// An all-reduce a block, or a gather and a scatter of the same bytes; sequence parallelism gathers once more backward.
  void tensor_exchange(double mixers, Sum& sum) {
    const N& t = layout_.tensor;
    const Of<N, bool> split = t > 1.0;
    if (!any(split) || rates_.trainer.exchange_exposed == 0) return;
    const Bytes message = tokens_ * model_.hidden_size * 2 * units::byte;
    const Of<N, Bandwidth> link = select(t <= rates_.domain, Of<N, Bandwidth>(rates_.inner / rates_.axes), rates_.outer);
    const Seconds one = ring_time<N>(message, t, link, rates_.latency, 2);
    const Seconds f = mixers * (1 - rates_.trainer.tensor_overlap) * one;
    const Seconds g = (layout_.sequence_parallel ? 1.25 : 1.0) * f;
    sum.forward += f;
    sum.backward += g;
    sum.tensor_exchange += f + g;
    const Bytes bytes = mixers * 2 * (t - 1) / t * message;
    record_("exchange of tensor ranks", Direction::forward, Cost{f, {}, bytes, Wall::link, {}, Basis::link});
    record_("exchange of tensor ranks", Direction::backward, Cost{g, {}, bytes, Wall::link, {}, Basis::link});
  }
  void recompute(Sum& sum) {
    if (recipe_.recomputation == Recomputation::full) {
      repeated_ = sum.forward;
    } else if (recipe_.recomputation == Recomputation::alternate_products) {
      repeated_ += rates_.trainer.alternate_share * forward_products_;
    }
    const Of<N, bool> repeats = repeated_ > Seconds{};
    if (!any(repeats)) return;
    const Seconds more_at_peak = (repeated_ / sum.forward).value() * forward_at_peak_;
    sum.at_peak += select(repeats, more_at_peak, Seconds{});
    sum.backward += repeated_;
    sum.recomputation += repeated_;
    record_("recomputation", Direction::backward, Cost{repeated_, {}, {}, Wall::compute});
  }
  /// Time that the host needs to launch a layer with experts; it overlaps the device's work, both jittering: root of squares.
  void host_gap(const Block& routed, Sum& sum) {
    const TrainerCosts& c = rates_.trainer;
    if (recipe_.graphs == GraphCapture::whole_iteration) return;
    const Seconds host = (recipe_.graphs == GraphCapture::attention_and_router ? c.partly_graphed_gap : c.ungraphed_gap) +
                         routed.experts / layout_.expert * c.expert_gap;
    const N device = sum.total().value();
    const N both = each([](double a, double b) { return std::hypot(a, b); }, device, N(host.value()));
    const Seconds gap = Seconds::from_value(both - device);
    sum.backward += gap;
    sum.host_gap += gap;
    record_("host gap", Direction::backward, Cost{gap, {}, {}, Wall::host});
  }

  // Accounts
  // ------------------------------------------------------------------------------------------------------------------------
  [[nodiscard]] double residual_bytes() const {
    const TrainerCosts& c = rates_.trainer;
    return model_.hidden_size * (c.residual_traffic + (model_.layer_norm ? c.dropout_traffic : 0) + (quantised_ ? 4 : 0));
  }
  /// Passes over activations around a block: `residual` bytes a token whole, the others of this rank.
  Seconds passes_of_block(std::string_view name, const N& residual, const N& forward, const N& backward, Sum& sum) {
    const N own = layout_.sequence_parallel ? N(residual / layout_.tensor) : residual;
    const Seconds f = pass(name, Direction::forward, tokens_ * (own + forward) * passes_ * units::byte, sum);
    return f + pass(name, Direction::backward, tokens_ * (own + backward) * passes_ * units::byte, sum);
  }
  Seconds pass(std::string_view name, Direction direction, const Bytes& bytes, Sum& sum) {
    const Seconds t = bytes / rates_.memory;
    (direction == Direction::forward ? sum.forward : sum.backward) += t;
    sum.elementwise += t;
    record_(name, direction, Cost{t, {}, bytes, Wall::memory, {}, Basis::memory});
    return t;
  }
  void note(std::string_view name, Direction direction, const Cost& cost, Sum& sum) {
    (direction == Direction::forward ? sum.forward : sum.backward) += cost.time;
    sum.at_peak += cost.at_peak;
    if (direction == Direction::forward) forward_at_peak_ += cost.at_peak;
    record_(name, direction, cost);
  }

  const TrainedModel& model_;
  const StepLayoutOf<N>& layout_;
  const StepRecipeOf<N>& recipe_;
  const StepRatesOf<N>& rates_;
  const Record& record_;
  N tokens_;                    ///< of this rank, all its tensor group's
  N rank_tokens_;               ///< where the tensor group splits them
  Of<N, FlopRate> layer_rate_;  ///< that products of the layers reach
  Of<N, FlopRate> wide_rate_;   ///< that those in 16 bits reach
  bool quantised_;
  double passes_;
  Seconds forward_products_{};
  Seconds forward_at_peak_{};
  Seconds repeated_{};
  Seconds exchange_{};
};

}  // namespace ironlaw::estimates
