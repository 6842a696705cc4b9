#include <gtest/gtest.h>

#include "../../plugins/workloads/diffusion.hpp"
#include "../../plugins/workloads/sparse_transformer.hpp"
#include "../../plugins/workloads/state_space.hpp"
#include "stack_fixtures.hpp"

namespace {
using namespace ironlaw;
using namespace ironlaw::workloads;
using namespace ironlaw::testing;
using namespace ironlaw::stacks;

template <class K>
MadeObject<Workload> model_of(const Fields& fields) {
  return {kind_adapter<K>, fields, "M"};
}

struct Sums {
  double products = 0, pairs = 0, weights = 0, cache = 0, state = 0, exchanged = 0;
};
struct Numbers {
  double sequences, new_tokens, cached;
};
/// Totals of a list on all its ranks' shares.
Sums sums_of(const Workload& model, const OperatorConditions& c, const Numbers& at) {
  static OperatorTable<> table;
  table.ask(model, c);
  const OperatorRow row(at.sequences * at.new_tokens, at.sequences, at.cached);
  Sums s;
  for (const LayerClass& layer : table.classes()) {
    if (layer.place == LayerPlace::prediction) continue;
    for (const Operator& o : table.of(layer)) {
      const double n = layer.count * o.count;
      const bool scan = o.kind == OperatorKind::state_update;
      (scan ? s.pairs : s.products) += n * o.operations_per_row * row.rows(o);
      if (o.operations_per_pair != 0) s.pairs += n * o.operations_per_pair * row.pairs(o);
      double touched = 1;
      if (o.kind == OperatorKind::expert_product)
        touched = equations::experts_touched(o.shape.expert.all_experts, o.shape.expert.per_token, row.tokens()) /
                  o.shape.expert.all_experts;
      s.weights += n * o.bytes_fixed * touched;
      if (o.bytes_per_cached != 0) s.cache += n * o.bytes_per_cached * row.keys(o);
      s.state += n * o.bytes_per_sequence * at.sequences;
      s.exchanged += n * row.exchanged(o);
    }
  }
  return s;
}

/// Norms are no products: what a model has of them is below one in ten thousand.
void expect_sums(const Workload& model, Phase phase, const Numbers& at, double embedding) {
  const Demand d = model.demand(
      {.phase = phase, .batch = at.sequences, .new_tokens = at.new_tokens, .cached_tokens = at.cached, .formats = {}});
  const Sums s = sums_of(model, {.phase = phase}, at);
  const auto close = [&](double sum, double of, const char* what) {
    EXPECT_NEAR(sum, of, 1e-4 * of) << model.name() << " " << what << " in phase " << static_cast<int>(phase);
  };
  close(s.products, (d.linear + d.logits).value(), "products");
  EXPECT_DOUBLE_EQ(s.pairs, d.attention.value()) << static_cast<int>(phase);
  close(s.weights, d.weights_read.value() - embedding, "weights");
  if (phase == Phase::training) return;
  const double keeping = model.facet<TransformerShape>() != nullptr ? model.facet<TransformerShape>()->caching_share() : 1;
  EXPECT_DOUBLE_EQ(s.cache, (d.cache_read + d.cache_write / keeping).value());  // new tokens are read where they are not kept too
  EXPECT_DOUBLE_EQ(s.state, 2 * d.state.value());
}

struct Stack {
  const Kind& kind;
  const Fields& fields;
  double embedding;  ///< bytes of an input embedding, of which a pass gathers rows
};
const Stack stacks[]{{kind_adapter<Transformer>, llama_70b, 2.0 * 128256 * 8192},
                     {kind_adapter<SparseTransformer>, deepseek_v3, 2.0 * 129280 * 7168},
                     {kind_adapter<SparseTransformer>, gpt_oss, 2.0 * 201088 * 2880},
                     {kind_adapter<SparseTransformer>, hybrid, 2.0 * 151936 * 2048},
                     {kind_adapter<SparseTransformer>, chunked, 2.0 * 202048 * 5120},
                     {kind_adapter<SparseTransformer>, compressed, 2.0 * 129280 * 4096},
                     {kind_adapter<StateSpace>, mamba, 0}};

TEST(Operators, AddUpToTheDemand) {
  for (const Stack& stack : stacks) {
    const MadeObject<Workload> model(stack.kind, stack.fields, "M");
    for (const Phase phase : {Phase::decode, Phase::prefill, Phase::training})
      for (const Numbers& at : {Numbers{3, 1, 100}, Numbers{16, 1, 5000}, Numbers{2, 700, 0}, Numbers{1, 6000, 8000}}) {
        if (phase == Phase::training && at.cached != 0) continue;
        expect_sums(*model.get(), phase, at, stack.embedding);
      }
  }
}
TEST(Operators, SharedCachesAreReadButNotProjectedOrKept) {
  const auto model = model_of<Transformer>(sharing);
  for (const Numbers& at : {Numbers{3, 1, 100}, Numbers{4, 1, 5000}}) expect_sums(*model.get(), Phase::prefill, at, 0);
  const Demand d = model->demand({.phase = Phase::decode, .batch = 2, .new_tokens = 1, .cached_tokens = 9999});
  const double layer = 2 * 2 * 256 * 2;
  EXPECT_DOUBLE_EQ(d.cache_resident.value(), 2 * layer * (4 * 10000.0 + 16 * 512));
  EXPECT_DOUBLE_EQ(d.cache_read.value(), 2 * layer * (7 * 9999.0 + 28 * 512));
  EXPECT_DOUBLE_EQ(d.cache_write.value(), 2 * layer * 20);
}
TEST(Operators, AnIndexScoresEveryKeyAndPicksSome) {
  const auto model = model_of<SparseTransformer>(indexed);
  const Demand d = model->demand({.phase = Phase::decode, .batch = 4, .new_tokens = 1, .cached_tokens = 50000});
  EXPECT_DOUBLE_EQ(d.cache_resident.value(), 4 * 61 * 2 * (512.0 + 64 + 128) * 50001);
  EXPECT_DOUBLE_EQ(d.cache_read.value(), 4 * 61 * 2 * (576.0 * 2048 + 128 * 50000.0));
  EXPECT_DOUBLE_EQ(d.attention.value(), 4 * 61.0 * (2 * 64 * 128 * 50001.0 + 2 * 128 * 1088 * 2048.0));
  const Sums s = sums_of(*model.get(), {.phase = Phase::decode}, {4, 1, 50000});
  EXPECT_DOUBLE_EQ(s.pairs, d.attention.value());
}
TEST(Operators, WindowsBoundTheCacheOfALongContext) {
  const auto model = model_of<SparseTransformer>(gpt_oss);  // data sheets of hosts: 4,836,556,800 byte at 131,072 tokens
  const auto resident = [&](double tokens) {
    return model->demand({.phase = Phase::decode, .batch = 1, .new_tokens = 0, .cached_tokens = tokens}).cache_resident.value();
  };
  EXPECT_DOUBLE_EQ(resident(131072), 4836556800.0);
  EXPECT_DOUBLE_EQ(resident(1), 73728);
  EXPECT_DOUBLE_EQ(resident(128), 128 * 73728.0);
  EXPECT_DOUBLE_EQ(resident(129) - resident(128), 73728 / 2.0);
}
TEST(Operators, CompressedLayersKeepEntriesBesideTheirWindows) {
  const auto flash = model_of<SparseTransformer>(compressed);
  // DeepSeek-V4-Pro is 30 layers of ratio 4 and 31 of 128; 9.62 GiB at 1,048,576 tokens are told as "about 9.6 GiB".
  const auto pro = model_of<SparseTransformer>(with(compressed, {{"layers", 61},
                                                                 {"window_layers", 61},
                                                                 {"compressed.layers", 30},
                                                                 {"heavily_compressed.layers", 31},
                                                                 {"index.top_k", 1024}}));
  const auto resident = [](const auto& model, double tokens) {
    return model->demand({.phase = Phase::decode, .batch = 1, .new_tokens = 0, .cached_tokens = tokens}).cache_resident.value();
  };
  EXPECT_EQ(resident(pro, 1048576), 2 * (61 * 128 * 512.0 + 30 * 640 / 4 * 1048576.0 + 31 * 512 / 128 * 1048576.0));
  EXPECT_EQ(resident(pro, 1048576), 10334371840.0);
  EXPECT_EQ(resident(flash, 1048576), 7219838976.0);
  EXPECT_EQ(resident(flash, 64), 2 * (43 * 512 + 21 * 160 + 20 * 4) * 64.0);  // all of it is in the window
  for (double tokens = 1, before = 0; tokens < 4e6; tokens *= 1.7) {
    EXPECT_GT(resident(pro, tokens), before) << tokens;
    before = resident(pro, tokens);
  }
  const auto& shape = *pro->facet<TransformerShape>();
  for (const double tokens : {1.0, 127.0, 1e4, 1e6})
    EXPECT_DOUBLE_EQ(2 * equations::cache_elements(shape, tokens), resident(pro, tokens));
}
TEST(Operators, AStepReadsTheWindowTheIndexAndWhatItPicks) {
  const auto flash = model_of<SparseTransformer>(compressed);
  const auto at = [&](double cached) {
    return flash->demand({.phase = Phase::decode, .batch = 3, .new_tokens = 1, .cached_tokens = cached});
  };
  // 100,000 tokens are 25,000 entries, of which 512 are picked, and 781.25 entries of the other layers.
  EXPECT_DOUBLE_EQ(at(1e5).cache_read.value(), 3 * 2 * (43 * 128 * 512 + 21 * (25000.0 * 128 + 512 * 512) + 20 * 781.25 * 512));
  EXPECT_DOUBLE_EQ(at(1000).cache_read.value(), 3 * 2 * (43 * 128 * 512 + 21 * 250.0 * 640 + 20 * 7.8125 * 512));
  EXPECT_DOUBLE_EQ(at(1000).cache_write.value(), 3 * 2 * (43 * 512 + 21 * 160 + 20 * 4.0));
  const double pair = 4 * 64 * 512, scored = 2 * 64 * 128;
  EXPECT_DOUBLE_EQ(at(99999).attention.value(),
                   3 * (43 * pair * 128 + 21 * (pair * 512 + scored * 25000.0) + 20 * pair * 781.25));
}
TEST(Operators, EveryLayerIsInOneClass) {
  const auto counts = [](const Workload& model) {
    OperatorTable<> table;
    table.ask(model, {.phase = Phase::decode});
    std::vector<std::tuple<double, Mixer, FeedForward>> found;
    for (const LayerClass& layer : table.classes())
      if (layer.place == LayerPlace::stack) found.emplace_back(layer.count, layer.mixer, layer.feed_forward);
    return found;
  };
  using Found = std::vector<std::tuple<double, Mixer, FeedForward>>;
  EXPECT_EQ(counts(*model_of<SparseTransformer>(deepseek_v3).get()),
            (Found{{3, Mixer::latent, FeedForward::dense}, {58, Mixer::latent, FeedForward::experts}}));
  EXPECT_EQ(counts(*model_of<SparseTransformer>(gpt_oss).get()),
            (Found{{18, Mixer::full, FeedForward::experts}, {18, Mixer::window, FeedForward::experts}}));
  EXPECT_EQ(counts(*model_of<SparseTransformer>(hybrid).get()),
            (Found{{12, Mixer::full, FeedForward::experts}, {36, Mixer::recurrent, FeedForward::experts}}));
  EXPECT_EQ(counts(*model_of<SparseTransformer>(compressed).get()), (Found{{21, Mixer::window, FeedForward::experts},
                                                                           {20, Mixer::window, FeedForward::experts},
                                                                           {2, Mixer::window, FeedForward::experts}}));
  // One mixer a layer: 24 recurrent, 4 attending and 24 feed-forward layers of 52.
  const Fields single{{"parameters", 9e9},
                      {"layers", 52},
                      {"hidden_size", 4480},
                      {"heads", 40},
                      {"kv_heads", 8},
                      {"head_size", 128},
                      {"ffn_size", 15680},
                      {"ffn_matrices", 2},
                      {"attention_layers", 4},
                      {"ffn_layers", 24},
                      {"recurrent.layers", 24},
                      {"recurrent.form", "state_duality"},
                      {"recurrent.key_heads", 8},
                      {"recurrent.value_heads", 128},
                      {"recurrent.key_size", 128},
                      {"recurrent.value_size", 80}};
  EXPECT_EQ(counts(*model_of<Transformer>(single).get()), (Found{{4, Mixer::full, FeedForward::none},
                                                                 {24, Mixer::recurrent, FeedForward::none},
                                                                 {24, Mixer::none, FeedForward::dense}}));
}
TEST(Operators, LatentAttentionIsAbsorbedInDecodingOnly) {
  const auto model = model_of<SparseTransformer>(deepseek_v3);
  const auto has = [&](Phase phase, OperatorRole role) {
    OperatorTable<> table;
    table.ask(*model.get(), {.phase = phase, .tensor = 8});
    for (const Operator& o : table.of(table.classes()[1]))
      if (o.role == role) return o.count * o.shape.product.n * o.shape.product.k;
    return 0.0;
  };
  EXPECT_EQ(has(Phase::decode, OperatorRole::key_absorbed), 16.0 * 512 * 128);
  EXPECT_EQ(has(Phase::decode, OperatorRole::key_value_up), 0);
  EXPECT_EQ(has(Phase::prefill, OperatorRole::key_value_up), 16.0 * 256 * 512);
  EXPECT_EQ(has(Phase::decode, OperatorRole::query_key_value), (1536.0 + 512 + 64) * 7168);
  EXPECT_EQ(has(Phase::training, OperatorRole::query_key_value), 0);
  EXPECT_EQ(has(Phase::training, OperatorRole::key_value_down), 576.0 * 7168);
}
TEST(Operators, SplitsDealOutTheProducts) {
  const auto model = model_of<SparseTransformer>(deepseek_v3);
  const Numbers at{64, 1, 1000};
  const Sums whole = sums_of(*model.get(), {.phase = Phase::decode}, at);
  const Sums eighth = sums_of(*model.get(), {.phase = Phase::decode, .tensor = 8, .expert = 8}, at);
  EXPECT_EQ(whole.exchanged, 0);
  // Two sums of the hidden state a layer, and the logits.
  EXPECT_DOUBLE_EQ(eighth.exchanged, 64 * 2 * (61 * 2 * 7168.0 + 129280));
  // Each rank repeats the projections into the latents and the router.
  const double repeated = 64 * 2 * (61 * 2112.0 * 7168 + 58 * deepseek_router);
  EXPECT_DOUBLE_EQ(8 * eighth.products, whole.products + 7 * repeated);
  EXPECT_DOUBLE_EQ(8 * eighth.pairs, whole.pairs);
  // Attention on one rank each, experts over eight: tokens travel there and back.
  const Sums apart = sums_of(*model.get(), {.phase = Phase::decode, .expert = 8}, at);
  EXPECT_DOUBLE_EQ(apart.products, whole.products);
  EXPECT_DOUBLE_EQ(apart.exchanged, 64 * 2 * 58 * 2 * 8 * 7168.0);
}
TEST(Operators, FormatsByTensorClass) {
  const auto model = model_of<SparseTransformer>(with(gpt_oss, {{"stored_bits.experts", 4.25}}));
  OperatorTable<> table;
  table.ask(*model.get(),
            {.phase = Phase::decode, .formats = Formats::of(Precision::bf16).computed(TensorClass::experts, Precision::fp8)});
  int experts = 0;
  for (const LayerClass& layer : table.classes())
    for (const Operator& o : table.of(layer)) {
      const bool routed = o.kind == OperatorKind::expert_product;
      experts += routed ? 1 : 0;
      if (o.kind != OperatorKind::product && !routed) continue;
      EXPECT_EQ(o.weight_bytes, routed ? 4.25 / 8 : 2.0);
      EXPECT_EQ(o.arithmetic_format(), routed ? Precision::fp8 : Precision::bf16) << role_name(o.role);
    }
  EXPECT_EQ(experts, 4);
  const double parameters = *model->parameters(), routed = 36 * 128 * oss_expert;
  EXPECT_NEAR(model->demand({}).weights_resident.value(), 2 * (parameters - routed) + 4.25 / 8 * routed, 1);
  EXPECT_EQ(model->facet<StoredFormats>()->formats.bytes(TensorClass::experts), 4.25 / 8);
}
TEST(Operators, PredictionLayersAreForTraining) {
  const auto model = model_of<SparseTransformer>(with(deepseek_v3, {{"prediction_layers", 1}}));
  for (const Phase phase : {Phase::decode, Phase::training}) {
    OperatorTable<> table;
    table.ask(*model.get(), {.phase = phase});
    const LayerClass& last = table.classes().back();
    EXPECT_EQ(last.place == LayerPlace::prediction, phase == Phase::training);
    EXPECT_EQ(table.of(last).back().role == OperatorRole::logits, phase == Phase::training);
  }
}
TEST(Operators, ADenoiserIsKnownByItsTotals) {
  const auto model = model_of<Diffusion>(
      {{"parameters", 860e6}, {"operations_per_step", 20e9 * units::flop}, {"denoising_steps", 50}, {"guidance_passes", 2}});
  const Sums s = sums_of(*model.get(), {.phase = Phase::forward}, {3, 1, 0});
  const Demand d = model->demand({.batch = 3});
  EXPECT_DOUBLE_EQ(s.products, d.linear.value());
  EXPECT_DOUBLE_EQ(s.weights, d.weights_read.value());
}
TEST(Operators, AListBeyondTheRoomIsRefusedAndNothingIsWrittenPastIt) {
  const auto model = model_of<Transformer>(llama_70b);
  OperatorTable<4> small;
  EXPECT_EQ(refusal<Unsupported>([&] { small.ask(*model.get(), {}); }),
            "M is not supported: it has more operators than the solver has room for");
  Operator of[3];
  of[2].count = -1;
  LayerClass classes[2];
  OperatorList list{.operator_room = 2, .class_room = 2, .first = of, .first_class = classes};
  const OperatorConditions c;
  OperatorWriter w(c, list);
  w.layers({.count = 10});
  for (int k = 0; k < 3; ++k) w.product(OperatorRole::up, TensorClass::linear, 4096, 4096);
  EXPECT_EQ(list.operators, 3u);
  EXPECT_EQ(of[2].count, -1);
}
TEST(Operators, RecordsOfOtherLengthsAreRead) {
  struct Newer : Operator {
    double added;
  };
  Newer of[2];
  std::memset(static_cast<void*>(of), 0xff, sizeof of);
  LayerClass classes[1];
  OperatorList list{.operator_size = sizeof(Newer), .operator_room = 2, .class_room = 1, .first = of, .first_class = classes};
  const OperatorConditions c;
  OperatorWriter w(c, list);
  w.layers({.count = 1});
  w.product(OperatorRole::up, TensorClass::linear, 8192, 4096);
  w.product(OperatorRole::down, TensorClass::linear, 4096, 8192);
  EXPECT_EQ(of[1].shape.product.k, 8192);
  EXPECT_EQ(of[0].added, 0);
  EXPECT_EQ(of[1].added, 0);

  constexpr std::size_t without_shape = sizeof(Operator) - sizeof(Operator::Shape);
  alignas(8) char older[2 * without_shape];
  list = {.operator_size = without_shape, .operator_room = 2, .class_room = 1, .first = older, .first_class = classes};
  OperatorWriter again(c, list);
  again.layers({.count = 1});
  again.product(OperatorRole::up, TensorClass::linear, 8192, 4096);
  again.product(OperatorRole::down, TensorClass::linear, 4096, 8192);
  double operations = 0;
  std::memcpy(&operations, older + without_shape + offsetof(Operator, operations_per_row), sizeof operations);
  EXPECT_EQ(operations, 2.0 * 4096 * 8192);
  EXPECT_EQ(classes[0].size, 2u);
}
TEST(Operators, LayersThatContradictEachOtherAreRefused) {
  const auto why = [](const Fields& changes) {
    return refusal<DomainError>([&] { model_of<Transformer>(with(llama_70b, changes)); });
  };
  EXPECT_EQ(why({{"window_layers", 81}}), "window_layers: 81 is out of range; allowed: 0 to attention_layers 80");
  EXPECT_EQ(why({{"window_layers", 40}}), "window_size: is left out; window_layers = 40 needs it");
  EXPECT_EQ(why({{"chunked_layers", 40}}), "chunk_size: is left out; chunked_layers = 40 needs it");
  EXPECT_EQ(why({{"attention_layers", 40}, {"ffn_layers", 20}}),
            "ffn_layers: 20 is out of range; allowed: 40 and above: every layer attends, is recurrent or has a block");
  EXPECT_EQ(why({{"recurrent.layers", 40}}), "recurrent.value_heads: is left out; recurrent.layers = 40 needs it");
  EXPECT_EQ(why({{"nope_head_size", 64}}), "nope_head_size: is for latent attention; allowed with latent_kv_rank");
  EXPECT_EQ(why({{"compressed.layers", 4}}),
            "compressed.layers: 4 is out of range; allowed: 0 to the window_layers that are not compressed yet, 0");
  const Fields windows{{"window_layers", 40}, {"window_size", 128}, {"compressed.layers", 30}, {"compressed.ratio", 4}};
  const auto windowed = [&](const Fields& changes) { return why(with(windows, changes)); };
  EXPECT_EQ(windowed({{"heavily_compressed.layers", 11}}),
            "heavily_compressed.layers: 11 is out of range; allowed: 0 to the window_layers that are not compressed yet, 10");
  EXPECT_EQ(windowed({{"heavily_compressed.layers", 10}}),
            "heavily_compressed.ratio: is left out; heavily_compressed.layers = 10 needs it");
  EXPECT_EQ(windowed({{"compressed.indexed", 1}}), "index.top_k: is left out; compressed.indexed needs it");
  EXPECT_EQ(windowed({{"compressed.layers", 0.0}}), "compressed.layers: is left out; its ratio and index need it");
  EXPECT_EQ(why({{"output_groups", 8}}), "output_groups: 8 is out of range; allowed: 1, or give output_rank");
  EXPECT_EQ(why({{"output_groups", 7}, {"output_rank", 8}}), "output_groups: 7 is out of range; allowed: a divisor of heads 64");
  EXPECT_EQ(why({{"index.top_k", 2048}}), "index: a sparse index needs index.top_k, index.heads and index.head_size");
  EXPECT_EQ(why({{"shared_cache_layers", 81}}), "shared_cache_layers: 81 is out of range; allowed: 0 to attention_layers 80");
}

}  // namespace
